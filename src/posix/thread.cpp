// The calling thread: its record, its end, and whether it is inside a call.
#include "platform.h"
#include "posix/system_call.h"

#include <limits.h>
#include <pthread.h>
#include <signal.h>

namespace polite::platform {

__thread Record *polite_current_record = &nobody;

namespace {

Atomic<uint64_t> end_key;  // the key whose destructor ends attached threads, plus 1; 0: not made yet

// Both libcs run the destructors in rounds, in the order in which their keys were made, as long as values are left. Ours is likely
// the first: it sets its value again until the last round, so that the others' destructors find the thread attached.
void at_thread_end(void *value) {
  Record &record = *static_cast<Record *>(value);
  bool last_round = ++record.rounds >= PTHREAD_DESTRUCTOR_ITERATIONS;
  if (!thread_ending(record, last_round)) pthread_setspecific(pthread_key_t(end_key.load() - 1), value);
}

bool make_end_key() {
  if (end_key.load()) return true;
  pthread_key_t key;
  if (pthread_key_create(&key, at_thread_end) != 0) return false;
  uint64_t unset = 0;
  if (!end_key.compare_exchange(unset, uint64_t(key) + 1)) pthread_key_delete(key);
  return true;
}

// The least that the kernel leaves between a call's frame and a handler on the same stack: the red zone, the signal frame, and
// the smallest floating-point state.
constexpr uintptr_t SMALLEST_SIGNAL_FRAME = 128 + 440 + 512;

bool on_alternate_stack() {
  stack_t stack = {};
  return system_call(SYS_sigaltstack, 0, argument(&stack)) == 0 && stack.ss_flags & SS_ONSTACK;
}

}  // namespace

void set_self(Record &record) { polite_current_record = &record; }

uint64_t system_id() { return uint64_t(system_call(SYS_gettid)); }

bool arm_thread_end(Record &record) {
  return make_end_key() && pthread_setspecific(pthread_key_t(end_key.load() - 1), &record) == 0;
}

// The order of addresses alone is wrong both ways: a handler on an alternate stack may be above the call, and a thread that jumped out
// of a handler may go deeper than the call was. So the window leaves a cookie in the frame: whatever runs over it
// later overwrites it (or, a hole in its own frame, does not: polite_jumped is the sure way).
__attribute__((noinline, no_sanitize("address", "thread"))) bool inside_call(Record &record) {
  uintptr_t frame = record.frame.load(), here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  const uintptr_t *cookie = reinterpret_cast<const uintptr_t *>(frame);
  if (*cookie != reinterpret_cast<uintptr_t>(&record)) return false;
  if (here < frame) return frame - here > SMALLEST_SIGNAL_FRAME;
  return on_alternate_stack();
}

}  // namespace polite::platform

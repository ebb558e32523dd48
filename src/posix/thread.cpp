// The calling thread: its record and its end. Making threads.
#include "platform.h"
#include "posix/system_call.h"

#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

namespace polite::platform {

__thread Whereabouts polite_current(&nobody);

namespace {

Atomic<uint64_t> end_key;  // the key whose destructor ends attached threads, plus 1; 0: not made yet

// The last round that we use, one before the last: a thread that was attached by another's destructor in the first round begins to be
// counted in the second. (And TSan, where we are built with it, takes its thread apart in the very last.)
constexpr unsigned LAST_ROUND = PTHREAD_DESTRUCTOR_ITERATIONS - 1;

// Both libcs run the destructors in rounds, in the order in which their keys were made, as long as values are left. Ours is likely
// the first: it sets its value again until the last round, so that the others' destructors find the thread attached.
void at_thread_end(void *value) {
  Record &record = *static_cast<Record *>(value);
  if (record.rounds == 0) thread_begins_to_end(record);
  bool last_round = ++record.rounds >= LAST_ROUND;
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

}  // namespace

uint64_t system_thread() { return uint64_t(pthread_self()); }

uint32_t system_id() { return uint32_t(system_call(SYS_gettid)); }

bool arm_thread_end(Record &record) {
  return make_end_key() && pthread_setspecific(pthread_key_t(end_key.load() - 1), &record) == 0;
}

#if !defined __GLIBC__

// musl's list of such frames, from the latest on. What pthread_cleanup_push is made of, though not in a pair of blocks.
namespace {
void nothing(void *) {}
}  // namespace

void begin_frames(Jump &jump) { _pthread_cleanup_push(&jump.frames, nothing, nullptr); }

void end_frames(Jump &jump) { _pthread_cleanup_pop(&jump.frames, 0); }

void leave_frames(Jump &jump) {
  __ptcb here;
  _pthread_cleanup_push(&here, nothing, nullptr);
  for (__ptcb *frame = &here; frame && frame != &jump.frames;) {
    __ptcb *outer = frame->__next;
    _pthread_cleanup_pop(frame, 1);
    frame = outer;
  }
}

#endif

namespace {

// The attributes of a new thread: the program's own, or made of what polite knows.
class Attributes {
 public:
  explicit Attributes(const New_thread &thread) {
    if (thread.attributes) {
      given_ = static_cast<const pthread_attr_t *>(thread.attributes);
      return;
    }
    error_ = pthread_attr_init(&made_);
    if (error_) return;
    given_ = &made_;
    if (thread.stack_size) error_ = pthread_attr_setstacksize(&made_, thread.stack_size);
    if (!error_ && thread.detached) error_ = pthread_attr_setdetachstate(&made_, PTHREAD_CREATE_DETACHED);
  }
  ~Attributes() {
    if (given_ == &made_) pthread_attr_destroy(&made_);
  }
  Attributes(const Attributes &) = delete;
  Attributes &operator=(const Attributes &) = delete;
  int error() const { return error_; }
  const pthread_attr_t *get() const { return given_; }

 private:
  pthread_attr_t made_;
  const pthread_attr_t *given_ = nullptr;
  int error_ = 0;
};

}  // namespace

int make_thread(uint64_t *thread, const New_thread &wanted, uint64_t *signals, void *(*begin)(void *), void *argument) {
  Attributes attributes(wanted);
  if (attributes.error()) return -attributes.error();
#if defined PTHREAD_ATTR_NO_SIGMASK_NP
  sigset_t own;
  if (attributes.get() && pthread_attr_getsigmask_np(attributes.get(), &own) == 0) memcpy(signals, &own, sizeof *signals);
#else
  (void)signals;
#endif
  pthread_t made;
  int error = pthread_create(&made, attributes.get(), begin, argument);
  if (error == 0) *thread = uint64_t(made);
  return -error;
}

void name_thread(const char *name) { system_call(SYS_prctl, PR_SET_NAME, argument(name)); }

void *join_thread(uint64_t thread) {
  void *result;
  return pthread_join(pthread_t(thread), &result) == 0 ? result : nullptr;
}

void detach_thread(uint64_t thread) { pthread_detach(pthread_t(thread)); }

// In a destructor of thread-specific data the rounds begin anew, and what has no value then is not heard of again.
void end_thread(void *result) {
  Record &record = self();
  if (record.attached()) {
    pthread_setspecific(pthread_key_t(end_key.load() - 1), nullptr);  // musl takes the same value for no change
    arm_thread_end(record);
  }
  pthread_exit(result);
}

}  // namespace polite::platform

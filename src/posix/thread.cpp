// The calling thread: its record and its end.
#include "platform.h"
#include "posix/system_call.h"

#include <limits.h>
#include <pthread.h>

namespace polite::platform {

__thread Whereabouts polite_current(&nobody);

namespace {

Atomic<uint64_t> end_key;  // the key whose destructor ends attached threads, plus 1; 0: not made yet

// The last round that we may use: TSan, where we are built with it, takes its thread apart in the very last.
#if defined __has_feature
#define HAS_TSAN __has_feature(thread_sanitizer)
#elif defined __SANITIZE_THREAD__
#define HAS_TSAN 1
#else
#define HAS_TSAN 0
#endif
#if HAS_TSAN
constexpr unsigned LAST_ROUND = PTHREAD_DESTRUCTOR_ITERATIONS - 1;
#else
constexpr unsigned LAST_ROUND = PTHREAD_DESTRUCTOR_ITERATIONS;
#endif

// Both libcs run the destructors in rounds, in the order in which their keys were made, as long as values are left. Ours is likely
// the first: it sets its value again until the last round, so that the others' destructors find the thread attached.
void at_thread_end(void *value) {
  Record &record = *static_cast<Record *>(value);
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

uint64_t system_id() { return uint64_t(system_call(SYS_gettid)); }

bool arm_thread_end(Record &record) {
  return make_end_key() && pthread_setspecific(pthread_key_t(end_key.load() - 1), &record) == 0;
}

}  // namespace polite::platform

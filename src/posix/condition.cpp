// Condition variables for polite/pthread_cancel.h, in the memory of a pthread_cond_t. libc's own cannot be waited for
// interruptibly: nothing but a signal of the condition gets a thread out of there. So all of the family is ours, and a condition
// variable must be used through that header only. The mutex is libc's.
//
// `sequence` counts signals, and its lowest bit says that there may be a waiter. A waiter sets it and takes the number while it
// has the mutex, and sleeps until the number is another. A signal that comes in between changes the number, so it is not missed;
// one that finds several asleep wakes one of them, and the kernel tells that one so even if it is being interrupted as well:
// nobody takes another's signal with him (POSIX XSH pthread_cond_wait). Whoever has been woken does not touch the memory again, so
// it may be destroyed at once.
#include "polite.h"
#include "posix/cancel.h"
#include "posix/sleep.h"
#include "posix/system_call.h"
#include "posix/wait.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <time.h>

using namespace polite;

namespace {

// All zero is PTHREAD_COND_INITIALIZER.
struct Condition {
  static constexpr uint32_t WAITER = 1, SIGNAL = 2;
  Atomic<uint32_t> sequence;
  uint32_t shared;
  uint32_t monotonic;
};
static_assert(sizeof(Condition) <= sizeof(pthread_cond_t));

constexpr Call waiting = {"cond_wait", SYS_futex, false, true, 0};
constexpr Call waiting_until = {"cond_timedwait", SYS_futex, false, false, 0};

Condition &inside(pthread_cond_t *condition) { return *reinterpret_cast<Condition *>(condition); }

void wake(Condition &condition, int count) {
  system_call(SYS_futex, argument(&condition.sequence), condition.shared ? FUTEX_WAKE : FUTEX_WAKE_PRIVATE, count);
}

// 0 or a negative error; with the mutex, but for an error of its own.
int wait(const Call &call, Condition &condition, pthread_mutex_t *mutex, const Moment *until) {
  if (int interrupted = polite_checkpoint()) return interrupted;
  uint32_t seen = condition.sequence.fetch_or(Condition::WAITER) | Condition::WAITER;
  if (int error = pthread_mutex_unlock(mutex)) return -error;
  int answer = wait_for_word(call, &condition.sequence, seen, until, condition.shared);
  int error = pthread_mutex_lock(mutex);
  if (answer == POLITE_INTERRUPTED) return answer;
  if (error) return -error;
  return answer == POLITE_EINTR ? 0 : answer;  // POSIX has it so
}

int wait_until(pthread_cond_t *condition, pthread_mutex_t *mutex, const timespec *time, bool of_day) {
  if (!time || time->tv_nsec < 0 || time->tv_nsec >= SECOND) return EINVAL;
  Moment until = {time->tv_sec, time->tv_nsec, of_day};
  if (until.seconds < 0) until = {0, 0, of_day};  // long ago; the kernel takes it for a mistake
  return by_number_unless_canceled(wait(waiting_until, inside(condition), mutex, &until));
}

}  // namespace

extern "C" {

POLITE_API int polite_pthread_cond_init(pthread_cond_t *condition, const pthread_condattr_t *attributes) {
  int shared = PTHREAD_PROCESS_PRIVATE;
  clockid_t clock = CLOCK_REALTIME;
  if (attributes) {
    pthread_condattr_getpshared(attributes, &shared);
    pthread_condattr_getclock(attributes, &clock);
  }
  Condition &made = inside(condition);
  made.sequence.store(0);
  made.shared = shared == PTHREAD_PROCESS_SHARED;
  made.monotonic = clock == CLOCK_MONOTONIC;
  return 0;
}

POLITE_API int polite_pthread_cond_destroy(pthread_cond_t *) { return 0; }

POLITE_API int polite_pthread_cond_signal(pthread_cond_t *condition_) {
  Condition &condition = inside(condition_);
  if (!(condition.sequence.load() & Condition::WAITER)) return 0;
  condition.sequence.fetch_add(Condition::SIGNAL);
  wake(condition, 1);
  return 0;
}

POLITE_API int polite_pthread_cond_broadcast(pthread_cond_t *condition_) {
  Condition &condition = inside(condition_);
  uint32_t now = condition.sequence.load();
  do {
    if (!(now & Condition::WAITER)) return 0;
  } while (!condition.sequence.compare_exchange(now, (now + Condition::SIGNAL) & ~Condition::WAITER));
  wake(condition, INT_MAX);
  return 0;
}

POLITE_API int polite_pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex) {
  return by_number_unless_canceled(wait(waiting, inside(condition), mutex, nullptr));
}

POLITE_API int polite_pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex, const timespec *time) {
  return wait_until(condition, mutex, time, !inside(condition).monotonic);
}

POLITE_API int polite_pthread_cond_clockwait(pthread_cond_t *condition, pthread_mutex_t *mutex, clockid_t clock,
                                             const timespec *time) {
  if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC) return EINVAL;
  return wait_until(condition, mutex, time, clock == CLOCK_REALTIME);
}

}

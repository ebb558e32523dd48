// Condition variables for polite/pthread_cancel.h, in the memory of a pthread_cond_t. libc's own cannot be waited for
// interruptibly: nothing but a signal of the condition gets a thread out of there. So all of the family is ours, and a condition
// variable must be used through that header only. The mutex is libc's.
//
// `sequence` counts signals. A waiter takes the number while it has the mutex, and sleeps until it is another. A signal that comes
// in between changes the number, so it is not missed; one that finds several asleep wakes one of them, and the kernel tells that one
// so even if it is being interrupted as well: nobody takes another's signal with him (POSIX XSH pthread_cond_wait).
// A waiter may come back late, out of a signal handler, to look at the number once more: so destroying waits until all have left.
#include "posix/names/condition.h"

#include "polite.h"
#include "posix/names/cancel.h"
#include "posix/names/finally.h"
#include "posix/sleep.h"
#include "posix/system_call.h"
#include "posix/futex.h"

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <time.h>

using namespace polite;

namespace {

constexpr Call waiting = {"cond_wait", SYS_futex, false, true, 0};
constexpr Call waiting_until = {"cond_timedwait", SYS_futex, false, false, 0};

// The last that a waiter does with it.
void leave(void *condition_) {
  Condition &condition = *static_cast<Condition *>(condition_);
  bool shared = condition.shared;
  if (condition.waiters.fetch_sub(1) == (Condition::DESTROYING | 1))
    system_call(SYS_futex, argument(&condition.waiters), shared ? FUTEX_WAKE : FUTEX_WAKE_PRIVATE, 1);
}

// Gives the mutex free, and waits. 0 or a negative error; `unlocked` says whether the mutex is to be taken again.
int unlock_and_wait(Condition &condition, const Mutex &mutex, const Moment *until, bool &unlocked) {
  condition.waiters.fetch_add(1);
  Finally left(leave, &condition);
  uint32_t seen = condition.sequence.load();
  int error = mutex.unlock(mutex.mutex);
  unlocked = error == 0;
  return error ? -error : wait_for_word(until ? waiting_until : waiting, &condition.sequence, seen, until, condition.shared);
}

}  // namespace

namespace polite {

void make_condition(Condition &condition, bool shared, bool monotonic) {
  condition.sequence.store(0);
  condition.waiters.store(0);
  condition.shared = shared;
  condition.monotonic = monotonic;
}

void destroy_condition(Condition &condition) {
  uint32_t now = condition.waiters.fetch_or(Condition::DESTROYING) | Condition::DESTROYING;
  for (; now != Condition::DESTROYING; now = condition.waiters.load())
    system_call(SYS_futex, argument(&condition.waiters), condition.shared ? FUTEX_WAIT : FUTEX_WAIT_PRIVATE, long(now), 0);
  condition.waiters.store(0);
}

// The kernel changes the number and wakes in one, so that nobody who comes in between is woken in the place of one who waited
// before. (The comparison, which it wants as well, is to fail: else it wakes one more.) From then on the memory may be somebody else's.
void signal_condition(Condition &condition, int count) {
  if (!condition.waiters.load()) return;  // who waits was counted before it gave the mutex free: whoever had the mutex since sees that
  constexpr long plus_one = FUTEX_OP(FUTEX_OP_ADD, 1, FUTEX_OP_CMP_EQ, 0xfff);
  long word = argument(&condition.sequence);
  system_call(SYS_futex, word, condition.shared ? FUTEX_WAKE_OP : FUTEX_WAKE_OP_PRIVATE, count, 0, word, plus_one);
}

int wait_for_condition(Condition &condition, const Mutex &mutex, const Moment *until) {
  if (int interrupted = polite_checkpoint()) return interrupted;
  bool unlocked;
  int answer = unlock_and_wait(condition, mutex, until, unlocked);
  int error = unlocked ? mutex.lock(mutex.mutex) : 0;
  if (answer == POLITE_INTERRUPTED) return answer;
  if (error) return -error;
  return answer == POLITE_EINTR ? 0 : answer;  // POSIX has it so
}

int wait_for_condition_until(Condition &condition, const Mutex &mutex, const timespec *time, bool of_day) {
  if (!time || time->tv_nsec < 0 || time->tv_nsec >= SECOND) return POLITE_EINVAL;
  Moment until = {time->tv_sec, time->tv_nsec, of_day};
  if (until.seconds < 0) until = {0, 0, of_day};  // long ago; the kernel takes it for a mistake
  return wait_for_condition(condition, mutex, &until);
}

}  // namespace polite

namespace {

static_assert(sizeof(Condition) <= sizeof(pthread_cond_t));

Condition &inside(pthread_cond_t *condition) { return *reinterpret_cast<Condition *>(condition); }

Mutex mutex_of(pthread_mutex_t *mutex) {
  return {mutex, [](void *it) { return pthread_mutex_lock(static_cast<pthread_mutex_t *>(it)); },
          [](void *it) { return pthread_mutex_unlock(static_cast<pthread_mutex_t *>(it)); }};
}

int wait_until(pthread_cond_t *condition, pthread_mutex_t *mutex, const timespec *time, bool of_day) {
  return by_number_unless_canceled(wait_for_condition_until(inside(condition), mutex_of(mutex), time, of_day));
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
  make_condition(inside(condition), shared == PTHREAD_PROCESS_SHARED, clock == CLOCK_MONOTONIC);
  return 0;
}

POLITE_API int polite_pthread_cond_destroy(pthread_cond_t *condition) {
  destroy_condition(inside(condition));
  return 0;
}

POLITE_API int polite_pthread_cond_signal(pthread_cond_t *condition) {
  signal_condition(inside(condition), 1);
  return 0;
}

POLITE_API int polite_pthread_cond_broadcast(pthread_cond_t *condition) {
  signal_condition(inside(condition), EVERYBODY);
  return 0;
}

POLITE_API int polite_pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex) {
  return by_number_unless_canceled(wait_for_condition(inside(condition), mutex_of(mutex), nullptr));
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

// The condition (polite/lock.h): nothing but a queue. A waiter is in it before it unlocks the mutex; who signals takes him out, and
// then it is signalled and nothing else (rule 2); who has withdrawn himself has taken nobody's signal.
#include "condition.h"

#include "mutex.h"
#include "polite/error.h"
#include "polite/interrupt.h"
#include "polite/lock.h"

namespace polite {

namespace {

constexpr Call waiting = {"condition_wait", Call::WAIT, false, false, 0};

int wait(polite_condition_t *condition, polite_mutex_t *mutex_, int64_t deadline, bool interruptible) {
  if (interruptible)
    if (int interrupted = polite_checkpoint()) return interrupted;
  Waitable &mutex = inside(mutex_);
  if (!is_owner(mutex)) return POLITE_EPERM;
  Waiter waiter(inside(condition));
  begin_waiting(waiter);
  uint32_t depth = mutex.depth.load_relaxed();
  mutex.depth.store_relaxed(0);
  unlock_mutex(mutex);
  int answer = wait_for_signal(waiter, deadline, interruptible);
  lock_mutex(mutex);
  mutex.depth.store_relaxed(depth);
  return answer;
}

int wake(polite_condition_t *condition_, bool all) {
  Waitable &condition = inside(condition_);
  // Who was here before the caller had the mutex was in the queue before he gave it free: that is seen.
  if (!(condition.word.load() & Waitable::WAITERS)) return 0;
  Guarded guarded(condition);
  while (condition.first) {
    guarded.release(*condition.first, true);
    if (!all) break;
  }
  return 0;
}

}  // namespace

void begin_waiting(Waiter &waiter) { Guarded(waiter.waited_for).put(waiter); }

int wait_for_signal(Waiter &waiter, int64_t deadline, bool interruptible) {
  switch (park(waiter, {waiting, &waiter.waited_for, deadline, interruptible}, withdraw)) {
    case Parked::interrupted: return POLITE_INTERRUPTED;
    case Parked::timed_out: return POLITE_ETIMEDOUT;
    default: return 0;  // without a signal if the interrupt is gone: its place in the queue is, too
  }
}

}  // namespace polite

using namespace polite;

extern "C" {

int polite_condition_destroy(polite_condition_t *condition) { return destroy(inside(condition), 0); }

int polite_condition_wait(polite_condition_t *condition, polite_mutex_t *mutex) {
  return wait(condition, mutex, platform::NEVER, true);
}

int polite_condition_wait_until(polite_condition_t *condition, polite_mutex_t *mutex, int64_t deadline) {
  return wait(condition, mutex, deadline, true);
}

int polite_condition_wait_uninterruptible(polite_condition_t *condition, polite_mutex_t *mutex) {
  return wait(condition, mutex, platform::NEVER, false);
}

int polite_condition_signal(polite_condition_t *condition) { return wake(condition, false); }

int polite_condition_broadcast(polite_condition_t *condition) { return wake(condition, true); }

}  // extern "C"

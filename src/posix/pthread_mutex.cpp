// Waiting for a condition of polite's with a mutex of libc's (polite/lock.h).
#include "condition.h"
#include "polite/error.h"
#include "polite/interrupt.h"
#include "polite/lock.h"

using namespace polite;

namespace {

// The mutex was not the caller's to give free. A signal that has come meanwhile is somebody else's.
int give_up(polite_condition_t *condition, Waiter &waiter, int error) {
  if (wait_for_signal(waiter, 0, false) == 0) polite_condition_signal(condition);
  return -error;
}

}  // namespace

extern "C" {

int polite_condition_wait_pthread(polite_condition_t *condition, pthread_mutex_t *mutex) {
  return polite_condition_wait_pthread_until(condition, mutex, platform::NEVER);
}

int polite_condition_wait_pthread_until(polite_condition_t *condition, pthread_mutex_t *mutex, int64_t deadline) {
  if (int interrupted = polite_checkpoint()) return interrupted;
  Waiter waiter(inside(condition));
  begin_waiting(waiter);
  if (int error = pthread_mutex_unlock(mutex)) return give_up(condition, waiter, error);
  int answer = wait_for_signal(waiter, deadline, true);
  int error = pthread_mutex_lock(mutex);
  return error && answer != POLITE_INTERRUPTED ? -error : answer;
}

}

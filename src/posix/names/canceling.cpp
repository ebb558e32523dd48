// The calls behind polite/pthread_cancel.h: cancellation points by the plain names of POSIX, with the conventions of errno.
#include "polite.h"
#include "polite/dropin_functions.h"
#include "posix/names/cancel.h"
#include "posix/names/by_errno.h"
#include "posix/names/sleep.h"
#include "posix/sleep.h"

#include <signal.h>
#include <stdarg.h>
#include <time.h>

using namespace polite;

namespace polite {

int by_errno_unless_canceled(long error) {
  if (error == POLITE_INTERRUPTED) cancel();
  return by_errno(error);
}

}  // namespace polite

// Those that are not here are in the table of calls.
extern "C" {

POLITE_API int polite_pthread_fcntl(int fd, int command, ...) {
  va_list rest;
  va_start(rest, command);
  void *argument = va_arg(rest, void *);
  va_end(rest);
  return fcntl_by(by_errno_unless_canceled, fd, command, argument);
}

POLITE_API int polite_pthread_sigwait(const sigset_t *set, int *signal) {
  return by_number_unless_canceled(polite_sigwait(set, signal));
}

POLITE_API unsigned polite_pthread_sleep(unsigned seconds) {
  timespec left;
  if (sleep_for(seconds, 0, &left) == POLITE_INTERRUPTED) cancel();
  return rounded(left);
}

POLITE_API int polite_pthread_usleep(unsigned microseconds) {
  timespec left;
  int answer = sleep_for(microseconds / 1000000, microseconds % 1000000 * 1000, &left);
  return answer == 0 ? 0 : by_errno_unless_canceled(answer);
}

POLITE_API int polite_pthread_nanosleep(const timespec *time, timespec *left) {
  int answer = sleep_by_clock(CLOCK_MONOTONIC, 0, time, left);
  return answer == 0 ? 0 : by_errno_unless_canceled(answer);
}

POLITE_API int polite_pthread_clock_nanosleep(clockid_t clock, int flags, const timespec *time, timespec *left) {
  return by_number_unless_canceled(sleep_by_clock(clock, flags, time, left));
}

}

// The calls behind polite/pthread_cancel.h: cancellation points by the plain names of POSIX, with the conventions of errno.
#include "polite.h"
#include "polite/dropin_functions.h"
#include "posix/cancel.h"
#include "posix/by_errno.h"
#include "posix/sleep.h"
#include "posix/system_call.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

using namespace polite;

namespace polite {

POLITE_COLD int by_errno_unless_canceled(long error) {
  if (error == POLITE_INTERRUPTED) cancel();
  return by_errno(error);
}

}  // namespace polite

// Those that are not here are in the table of calls.
extern "C" {

// The commands that do not wait are libc's.
POLITE_API int polite_pthread_fcntl(int fd, int command, ...) {
  va_list rest;
  va_start(rest, command);
  void *argument = va_arg(rest, void *);
  va_end(rest);
  if (command != F_SETLKW && command != F_OFD_SETLKW) return fcntl(fd, command, argument);
  int answer = polite_lock(fd, command, static_cast<struct flock *>(argument));
  return likely(answer >= 0) ? answer : by_errno_unless_canceled(answer);
}

POLITE_API int polite_pthread_sigwait(const sigset_t *set, int *signal) {
  return by_number_unless_canceled(polite_sigwait(set, signal));
}

POLITE_API unsigned polite_pthread_sleep(unsigned seconds) {
  int64_t left;
  if (sleep_for(seconds * SECOND, &left) == POLITE_INTERRUPTED) cancel();
  return unsigned((left + SECOND / 2) / SECOND);
}

POLITE_API int polite_pthread_usleep(unsigned microseconds) {
  int64_t left;
  int answer = sleep_for(int64_t(microseconds) * 1000, &left);
  return answer == 0 ? 0 : by_errno_unless_canceled(answer);
}

POLITE_API int polite_pthread_nanosleep(const timespec *time, timespec *left) {
  int answer = polite_dropin_nanosleep(time, left);
  if (unlikely(answer != 0) && errno == ECANCELED) cancel();
  return answer;
}

POLITE_API int polite_pthread_clock_nanosleep(clockid_t clock, int flags, const timespec *time, timespec *left) {
  return by_number_unless_canceled(sleep_by_clock(clock, flags, time, left));
}

}

// The functions behind polite/dropin.h.
#include "polite.h"
#include "polite/dropin_functions.h"
#include "posix/by_errno.h"
#include "platform.h"
#include "posix/sleep.h"
#include "posix/system_call.h"

#include <errno.h>
#include <fcntl.h>
#include <time.h>

namespace polite {

// ECANCELED on an interrupt, which the usual loop around EINTR does not take for its business.
POLITE_COLD int by_number(long error) {
  Record &record = platform::self();
  bool interrupted = error == POLITE_INTERRUPTED;
  if (record.attached() && (interrupted || error == POLITE_ECANCELED)) record.canceled_by_us = interrupted;
  return interrupted ? ECANCELED : int(-error);
}

POLITE_COLD int by_errno(long error) {
  errno = by_number(error);
  return -1;
}

}  // namespace polite

using namespace polite;

// Those that are not here are in the table of calls.
extern "C" {

// nanosleep(2), which does not carry on after a handler.
int polite_dropin_nanosleep(const timespec *time, timespec *left) {
  if (!time) return by_errno(-EFAULT);
  if (time->tv_sec < 0 || time->tv_nsec < 0 || time->tv_nsec >= SECOND) return by_errno(-EINVAL);
  int64_t deadline = deadline_after(time->tv_sec > INT64_MAX / SECOND - 1 ? INT64_MAX : time->tv_sec * SECOND + time->tv_nsec);
  int answer = sleep_until(deadline);
  if (answer == 0) return 0;
  int64_t rest = time_until(deadline);
  if (left) *left = {time_t(rest / SECOND), long(rest % SECOND)};
  return by_errno(answer);
}

int polite_dropin_clock_nanosleep(clockid_t clock, int flags, const timespec *time, timespec *left) {
  int answer = sleep_by_clock(clock, flags, time, left);
  return answer == 0 ? 0 : by_number(answer);
}

int polite_dropin_sigwait(const sigset_t *set, int *signal) {
  int answer = polite_sigwait(set, signal);
  return answer == 0 ? 0 : by_number(answer);
}

// What is left is all that it says; so something is, if it was interrupted.
unsigned polite_dropin_sleep(unsigned seconds) {
  int64_t left;
  int answer = sleep_for(seconds * SECOND, &left);
  unsigned rest = unsigned((left + SECOND / 2) / SECOND);
  if (answer != POLITE_INTERRUPTED) return rest;
  by_errno(answer);
  return rest ? rest : 1;
}

int polite_dropin_usleep(unsigned microseconds) {
  int64_t left;
  int answer = sleep_for(int64_t(microseconds) * 1000, &left);
  return answer == 0 ? 0 : by_errno(answer);
}

// The commands that do not wait are libc's.
int polite_dropin_fcntl(polite_fd fd, int command, void *argument) {
  if (command != F_SETLKW && command != F_OFD_SETLKW) return fcntl(fd, command, argument);
  int answer = polite_lock(fd, command, static_cast<struct flock *>(argument));
  return answer == 0 ? 0 : by_errno(answer);
}

int polite_dropin_interrupted(void) { return platform::self().canceled_by_us ? 1 : 0; }
}

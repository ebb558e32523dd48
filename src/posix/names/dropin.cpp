// The functions behind polite/dropin.h.
#include "polite.h"
#include "polite/dropin_functions.h"
#include "posix/names/by_errno.h"
#include "posix/names/sleep.h"
#include "posix/sleep.h"

#include <errno.h>
#include <fcntl.h>
#include <time.h>

namespace polite {

namespace {

__thread bool canceled_by_us;  // whether the calling thread's last ECANCELED was an interrupt

}  // namespace

// ECANCELED on an interrupt, which the usual loop around EINTR does not take for its business.
int by_number(long error) {
  bool interrupted = error == POLITE_INTERRUPTED;
  if (interrupted || error == POLITE_ECANCELED) canceled_by_us = interrupted;
  return interrupted ? ECANCELED : int(-error);
}

int by_errno(long error) {
  errno = by_number(error);
  return -1;
}

int fcntl_by(int (*convention)(long error), int fd, int command, void *argument) {
  if (command != F_SETLKW && command != F_OFD_SETLKW) return fcntl(fd, command, argument);
  int answer = polite_lock(fd, command, static_cast<struct flock *>(argument));
  return answer == 0 ? 0 : convention(answer);
}

}  // namespace polite

using namespace polite;

// Those that are not here are in the table of calls.
extern "C" {

// What the table has, and what has no name but the plain one.
int polite_wait(int *status) { return polite_waitpid(-1, status, 0); }
int polite_wait3(int *status, int options, rusage *usage) { return polite_wait4(-1, status, options, usage); }
int polite_creat(const char *path, unsigned mode) { return polite_open(path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

// nanosleep(2), which does not carry on after a handler.
int polite_dropin_nanosleep(const timespec *time, timespec *left) {
  int answer = sleep_by_clock(CLOCK_MONOTONIC, 0, time, left);
  return answer == 0 ? 0 : by_errno(answer);
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
  timespec left;
  int answer = sleep_for(seconds, 0, &left);
  if (answer != POLITE_INTERRUPTED) return rounded(left);
  by_errno(answer);
  unsigned rest = rounded(left);
  return rest ? rest : 1;
}

int polite_dropin_usleep(unsigned microseconds) {
  timespec left;
  int answer = sleep_for(microseconds / 1000000, microseconds % 1000000 * 1000, &left);
  return answer == 0 ? 0 : by_errno(answer);
}

int polite_dropin_fcntl(polite_fd fd, int command, void *argument) { return fcntl_by(by_errno, fd, command, argument); }

int polite_dropin_interrupted(void) { return canceled_by_us ? 1 : 0; }
}

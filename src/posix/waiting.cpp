// Waiting for time to pass, for signals and for children.
#include "polite.h"
#include "posix/parts.h"
#include "posix/sleep.h"
#include "posix/system_call.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

using namespace polite;

namespace polite {

int64_t deadline_after(int64_t nanoseconds) {
  int64_t now = platform::monotonic_ns();
  return nanoseconds > INT64_MAX - now ? INT64_MAX : now + nanoseconds;
}

int64_t time_until(int64_t deadline) {
  int64_t left = deadline - platform::monotonic_ns();
  return left > 0 ? left : 0;
}

int sleep_until(int64_t deadline) {
  __kernel_timespec until = {deadline / SECOND, deadline % SECOND};
  return int(polite_part_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr));
}

long interruptible_for(const Call &call, const Arguments &arguments, __kernel_timespec *time) {
  bool counted = time && time->tv_sec >= 0 && uint64_t(time->tv_nsec) < SECOND && time->tv_sec < INT64_MAX / SECOND;
  int64_t deadline = counted ? deadline_after(time->tv_sec * SECOND + time->tv_nsec) : 0;
  for (;;) {
    long answer = attempt(call, arguments);
    if (answer != AGAIN) return answer;
    if (!counted) continue;
    int64_t left = time_until(deadline);
    *time = {left / SECOND, left % SECOND};
  }
}

namespace {

constexpr Call waiting_for_a_signal = {"sigtimedwait", SYS_rt_sigtimedwait, false, false, UNLIMITED};

// The moment of a clock at which a duration that begins now ends.
int end_of(clockid_t clock, const timespec &duration, __kernel_timespec *until) {
  timespec now;
  if (duration.tv_sec < 0 || duration.tv_nsec < 0 || duration.tv_nsec >= SECOND) return POLITE_EINVAL;
  if (clock_gettime(clock, &now) != 0) return POLITE_EINVAL;
  int64_t nanoseconds = now.tv_nsec + duration.tv_nsec;
  int64_t seconds = now.tv_sec + nanoseconds / SECOND;
  bool too_long = duration.tv_sec > INT64_MAX - seconds;
  *until = {too_long ? INT64_MAX : seconds + duration.tv_sec, nanoseconds % SECOND};
  return 0;
}

void write_what_is_left(clockid_t clock, const __kernel_timespec &until, timespec *left) {
  timespec now;
  clock_gettime(clock, &now);
  int64_t seconds = until.tv_sec - now.tv_sec, nanoseconds = until.tv_nsec - now.tv_nsec;
  if (nanoseconds < 0) --seconds, nanoseconds += SECOND;
  *left = seconds < 0 ? timespec{0, 0} : timespec{time_t(seconds), long(nanoseconds)};
}

}  // namespace

// A duration becomes one until a moment (sleep.h). Setting the time of day does not touch the durations of its clock.
int sleep_by_clock(clockid_t clock, int flags, const timespec *time, timespec *left) {
  if (clock == CLOCK_THREAD_CPUTIME_ID) return POLITE_EINVAL;
  if (!time) return POLITE_EFAULT;
  __kernel_timespec until = {time->tv_sec, time->tv_nsec};
  if (flags & TIMER_ABSTIME) return int(polite_part_nanosleep(clock, flags, &until, nullptr));
  if (clock == CLOCK_REALTIME) clock = CLOCK_MONOTONIC;
  if (int error = end_of(clock, *time, &until)) return error;
  int answer = int(polite_part_nanosleep(clock, TIMER_ABSTIME, &until, nullptr));
  if (left && (answer == -EINTR || answer == POLITE_INTERRUPTED)) write_what_is_left(clock, until, left);
  return answer;
}

}  // namespace polite

extern "C" {

int64_t polite_now(void) { return platform::monotonic_ns(); }

int polite_nanosleep(int64_t nanoseconds, int64_t *left) {
  if (nanoseconds < 0) return POLITE_EINVAL;
  int64_t deadline = deadline_after(nanoseconds);
  int answer;
  do answer = sleep_until(deadline);
  while (answer == -EINTR);
  if (left) *left = answer == 0 ? 0 : time_until(deadline);
  return answer;
}

int polite_clock_nanosleep(clockid_t clock, int flags, const timespec *time, timespec *left) {
  timespec rest;
  if (flags & TIMER_ABSTIME) left = nullptr;
  for (;;) {
    int answer = sleep_by_clock(clock, flags, time, &rest);
    if (left && answer == POLITE_INTERRUPTED) *left = rest;
    if (answer != -EINTR) return answer;
    if (!(flags & TIMER_ABSTIME)) time = &rest;
  }
}

int polite_waitpid(int process, int *status, int options) { return int(polite_part_waitpid(process, status, options, nullptr)); }

// Times are in two longs each in the kernel's.
int polite_wait4(int process, int *status, int options, rusage *usage) {
  struct {
    long user[2], system[2], rest[14];
  } kernels;
  if (sizeof(timeval) == 2 * sizeof(long) || !usage) return int(polite_part_wait4(process, status, options, usage));
  int answer = int(polite_part_wait4(process, status, options, &kernels));
  if (answer <= 0) return answer;
  usage->ru_utime = {time_t(kernels.user[0]), suseconds_t(kernels.user[1])};
  usage->ru_stime = {time_t(kernels.system[0]), suseconds_t(kernels.system[1])};
  memcpy(&usage->ru_maxrss, kernels.rest, sizeof kernels.rest);
  return answer;
}

int polite_pause(void) { return int(polite_part_pause(nullptr, 0, nullptr, nullptr, 0)); }

int polite_sigwait(const sigset_t *set, int *signal) {
  if (!set || !signal) return POLITE_EFAULT;
  uint64_t kernels = without_wake(set);
  long answer;
  do answer = polite_part_sigwait(&kernels, nullptr, nullptr, SIGNAL_SET_SIZE);
  while (answer == -EINTR);
  if (answer < 0) return int(answer);
  *signal = int(answer);
  return 0;
}

int polite_sigsuspend(const sigset_t *mask) {
  if (!mask) return POLITE_EFAULT;
  uint64_t kernels = without_wake(mask);
  return int(polite_part_sigsuspend(&kernels, SIGNAL_SET_SIZE));
}

int polite_sigwaitinfo(const sigset_t *set, void *info) { return polite_sigtimedwait(set, info, nullptr); }

int polite_sigtimedwait(const sigset_t *set, void *info, const timespec *timeout) {
  if (!set) return POLITE_EFAULT;
  uint64_t kernels = without_wake(set);
  __kernel_timespec time = {};
  if (timeout) time = {timeout->tv_sec, timeout->tv_nsec};
  Arguments arguments = {argument(&kernels), argument(info), timeout ? argument(&time) : 0, long(SIGNAL_SET_SIZE)};
  int answer = int(interruptible_for(waiting_for_a_signal, arguments, timeout ? &time : nullptr));
#if defined __GLIBC__
  siginfo_t *about = static_cast<siginfo_t *>(info);
  if (answer > 0 && about && about->si_code == SI_TKILL) about->si_code = SI_USER;  // as glibc has it
#endif
  return answer;
}

int polite_waitid(int kind, unsigned id, void *info, int options) {
  return int(polite_part_waitid(kind, id, info, options, nullptr));
}

}  // extern "C"

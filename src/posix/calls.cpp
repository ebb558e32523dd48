// What the calls of the table are, and those few that are written out because libc does more there than the kernel.
#include "polite.h"
#include "polite/dropin_functions.h"
#include "posix/message.h"
#include "posix/system_call.h"
#include "posix/time_limit.h"
#include "posix/wake_signal.h"
#include "posix/window.h"

#include <errno.h>
#include <linux/time_types.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

using namespace polite;

static_assert(sizeof(polite_iovec_t) == sizeof(iovec) && offsetof(polite_iovec_t, base) == offsetof(iovec, iov_base) &&
              offsetof(polite_iovec_t, len) == offsetof(iovec, iov_len));
static_assert(sizeof(socklen_t) == sizeof(uint32_t) && sizeof(nfds_t) == sizeof(unsigned long));

extern "C" {
#define DESCRIBED(name, number, has_descriptor, restarts, limit)              \
  __attribute__((visibility("hidden"))) extern const Call polite_call_##name; \
  const Call polite_call_##name = {#name, number, has_descriptor, restarts, limit};
#define CALL(result, name, number, limit, parameters, arguments) DESCRIBED(name, number, true, true, limit)
#define PART(name, number, has_descriptor, limit, parameters)    \
  DESCRIBED(name, number, has_descriptor, has_descriptor, limit) \
  __attribute__((visibility("hidden"))) long polite_part_##name parameters;
#define BY_HAND(...)
#include "posix/calls.def"
#undef CALL
#undef PART
#undef BY_HAND
}

namespace {

constexpr int64_t SECOND = 1000000000;

// Sleeping is until a moment: the kernel says what is left of a duration with its timer's slack added, so a sleep that was woken for
// nothing often enough would never end.
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

}  // namespace

extern "C" {

int polite_poll(pollfd *fds, unsigned long count, int timeout) {
  __kernel_timespec time = {timeout / 1000, timeout % 1000 * 1000000};
  return int(polite_part_poll(fds, count, timeout < 0 ? nullptr : &time, nullptr, 0));
}

int polite_ppoll(pollfd *fds, unsigned long count, const timespec *timeout, const sigset_t *mask) {
  __kernel_timespec time = {};
  if (timeout) time = {timeout->tv_sec, timeout->tv_nsec};  // the kernel writes what is left into it
  uint64_t without_wake = 0;
  if (mask) without_wake = *reinterpret_cast<const uint64_t *>(mask) & ~signal_bit(wake_signal());
  return int(polite_part_ppoll(fds, count, timeout ? &time : nullptr, mask ? &without_wake : nullptr, SIGNAL_SET_SIZE));
}

// The kernel has no recv and send of its own.
polite_ssize_t polite_recv(polite_sock sock, void *buf, size_t len, int flags) {
  return polite_part_recv(sock, buf, len, flags, nullptr, nullptr);
}

polite_ssize_t polite_send(polite_sock sock, const void *buf, size_t len, int flags) {
  return polite_part_send(sock, buf, len, flags, nullptr, 0);
}

polite_ssize_t polite_recvmsg(polite_sock sock, msghdr *message, int flags) {
  if constexpr (SAME_AS_THE_KERNELS) return polite_part_recvmsg(sock, reinterpret_cast<Kernel_message *>(message), flags);
  if (!message) return POLITE_EFAULT;
  Kernel_message kernel = kernel_message(*message);
  long n = polite_part_recvmsg(sock, &kernel, flags);
  if (n < 0) return n;
  message->msg_namelen = kernel.name_len;
  message->msg_controllen = socklen_t(kernel.control_len);
  message->msg_flags = int(kernel.flags);
  return n;
}

polite_ssize_t polite_sendmsg(polite_sock sock, const msghdr *message, int flags) {
  if constexpr (SAME_AS_THE_KERNELS)
    return polite_part_sendmsg(sock, reinterpret_cast<const Kernel_message *>(message), flags);
  if (!message) return POLITE_EFAULT;
  Kernel_message kernel = kernel_message(*message);
  Control_copy control;
  if (long error = control.take(kernel)) return error;
  return polite_part_sendmsg(sock, &kernel, flags);
}

// Linux has given the descriptor up before anything that a signal can interrupt (close(2)), so -EINTR is no reason to call again.
int polite_close(polite_fd fd) {
  long answer = system_call(SYS_close, fd);
  return answer == -EINTR ? 0 : int(answer);
}

int polite_nanosleep(int64_t nanoseconds, int64_t *left) {
  if (nanoseconds < 0) return POLITE_EINVAL;
  int64_t deadline = deadline_after(nanoseconds);
  int answer;
  do answer = sleep_until(deadline);
  while (answer == -EINTR);
  if (left) *left = answer == 0 ? 0 : time_until(deadline);
  return answer;
}

}  // extern "C"

// --- The drop-in's names ----------------------------------------------------------------------------------------------------

namespace {

// The conventions of errno. -1 and ECANCELED on an interrupt, which the usual loop around EINTR does not take for its business.
POLITE_COLD int by_errno(long error) {
  Record &record = platform::self();
  bool interrupted = error == POLITE_INTERRUPTED;
  if (interrupted || error == POLITE_ECANCELED) record.canceled_by_us = interrupted;
  errno = interrupted ? ECANCELED : int(-error);
  return -1;
}

}  // namespace

#define DROPIN(result, name, parameters, arguments)     \
  result polite_dropin_##name parameters {              \
    result answer = polite_##name arguments;            \
    return likely(answer >= 0) ? answer : by_errno(answer); \
  }
#define CALL(result, name, number, limit, parameters, arguments) DROPIN(result, name, parameters, arguments)
#define PART(...)
#define BY_HAND(result, name, parameters, arguments) DROPIN(result, name, parameters, arguments)

extern "C" {
#include "posix/calls.def"

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

int polite_dropin_interrupted(void) { return int(platform::self().canceled_by_us); }
}

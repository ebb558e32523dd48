// What only Linux has.
#include "polite.h"
#include "posix/parts.h"
#include "posix/sleep.h"
#include "posix/system_call.h"

#include <errno.h>
#include <linux/io_uring.h>
#include <sys/epoll.h>
#include <sys/socket.h>

using namespace polite;

namespace {

// The mask of a wait as the kernel wants it.
class Mask {
 public:
  explicit Mask(const sigset_t *mask) : kernels_(mask ? without_wake(mask) : 0), given_(mask) {}
  const uint64_t *get() const { return given_ ? &kernels_ : nullptr; }

 private:
  uint64_t kernels_;
  bool given_;
};

// The kernel does not say what is left.
long wait_for_milliseconds(polite_fd epoll, epoll_event *events, int max, int timeout, const uint64_t *mask) {
  int64_t deadline = deadline_after(timeout * int64_t(1000000));
  Arguments arguments = {epoll, argument(events), max, timeout, argument(mask), long(SIGNAL_SET_SIZE)};
  long answer;
  while ((answer = attempt(polite_call_epoll_wait, arguments)) == AGAIN) arguments.d = (time_until(deadline) + 999999) / 1000000;
  return answer;
}

#if defined IORING_ENTER_EXT_ARG
constexpr unsigned EXTENDED = IORING_ENTER_EXT_ARG, UNTIL_MOMENT = 1u << 5, REGISTERED = 1u << 6;

long enter_extended(Arguments &arguments) {
  if (arguments.f != sizeof(io_uring_getevents_arg) || !arguments.e) return interruptible(polite_call_io_uring_enter, arguments);
  io_uring_getevents_arg extension = *reinterpret_cast<const io_uring_getevents_arg *>(arguments.e);
  __kernel_timespec *given = reinterpret_cast<__kernel_timespec *>(uintptr_t(extension.ts)), time;
  Mask mask(reinterpret_cast<const sigset_t *>(uintptr_t(extension.sigmask)));
  if (extension.sigmask) extension.sigmask = reinterpret_cast<uintptr_t>(mask.get());
  if (given) time = *given, extension.ts = reinterpret_cast<uintptr_t>(&time);
  arguments.e = argument(&extension);
  bool shortens = given && !(arguments.d & UNTIL_MOMENT);
  return interruptible_for(polite_call_io_uring_enter, arguments, shortens ? &time : nullptr);
}
#endif

#if !defined __GLIBC__
// musl's structures have padding where the kernel's have whole words. As its own recvmmsg does, but for control messages, too.
void clear_padding(mmsghdr *messages, unsigned count) {
  for (unsigned i = 0; i < count; ++i) {
    msghdr &message = messages[i].msg_hdr;
    Kernel_message kernel = kernel_message(message);
    memcpy(&message, &kernel, sizeof kernel);
  }
}

void clear_control_padding(mmsghdr *messages, unsigned count) {
  for (unsigned i = 0; i < count; ++i)
    for (cmsghdr *control = CMSG_FIRSTHDR(&messages[i].msg_hdr); control; control = CMSG_NXTHDR(&messages[i].msg_hdr, control)) {
      size_t len = control->cmsg_len;
      memcpy(control, &len, sizeof len);
    }
}
#else
void clear_padding(mmsghdr *, unsigned) {}
void clear_control_padding(mmsghdr *, unsigned) {}
#endif

}  // namespace

extern "C" {

int polite_epoll_wait(polite_fd epoll, epoll_event *events, int max, int timeout) {
  return polite_epoll_pwait(epoll, events, max, timeout, nullptr);
}

int polite_epoll_pwait(polite_fd epoll, epoll_event *events, int max, int timeout, const sigset_t *mask_) {
  Mask mask(mask_);
  if (timeout > 0) return int(wait_for_milliseconds(epoll, events, max, timeout, mask.get()));
  return int(polite_part_epoll_wait(epoll, events, max, timeout, mask.get(), SIGNAL_SET_SIZE));
}

int polite_epoll_pwait2(polite_fd epoll, epoll_event *events, int max, const timespec *timeout, const sigset_t *mask_) {
  Mask mask(mask_);
  __kernel_timespec time = {};
  if (timeout) time = {timeout->tv_sec, timeout->tv_nsec};
  Arguments arguments = {epoll, argument(events), max, timeout ? argument(&time) : 0, argument(mask.get()), long(SIGNAL_SET_SIZE)};
  return int(interruptible_for(polite_call_epoll_pwait2, arguments, timeout ? &time : nullptr));
}

// Woken after the first message, the kernel would leave its code for "to be made again" in the socket, and give it to the next call.
// With MSG_WAITFORONE it does not wait any more then.
int polite_recvmmsg(polite_sock sock, mmsghdr *messages, unsigned count, int flags, timespec *timeout) {
  clear_padding(messages, count);
  return int(polite_part_recvmmsg(sock, messages, count, flags | MSG_WAITFORONE, timeout));
}

int polite_sendmmsg(polite_sock sock, mmsghdr *messages, unsigned count, int flags) {
  clear_padding(messages, count);
  clear_control_padding(messages, count);
  return int(polite_part_sendmmsg(sock, messages, count, flags));
}

int polite_io_uring_enter(polite_fd ring, unsigned submit, unsigned complete, unsigned flags, const void *argument_, size_t size) {
  Arguments arguments = {ring, long(submit), long(complete), long(flags), argument(argument_), long(size)};
  uint64_t mask;
#if defined IORING_ENTER_EXT_ARG
  if (flags & REGISTERED) return int(interruptible(polite_call_io_uring_enter, arguments));
  if (flags & EXTENDED) return int(enter_extended(arguments));
#endif
  if (argument_ && size == sizeof mask) {
    mask = without_wake(static_cast<const sigset_t *>(argument_));
    arguments.e = argument(&mask);
  }
  return int(interruptible(polite_call_io_uring_enter, arguments));
}

}  // extern "C"

// What an interruption point does when it may have been interrupted.
#include "posix/interruptible.h"

#include <linux/time_types.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

namespace polite {

namespace {

Ending ending_of(long answer) {
  return answer == WOKEN ? Ending::woken : answer == -EINTR ? Ending::nothing : Ending::result;
}

// The time limit of a socket, counted from the moment at which a call was woken for nothing. (How long it had waited by then nobody
// knows: calls read no clock.) Until it has passed the call waits for the socket to be ready, so that the kernel's own limit
// begins only when there is something to do.
class Time_limit {
 public:
  Time_limit(const Call &call, long fd) : call_(call), fd_(fd) {
    if (call.limit == UNLIMITED) return;
    timeval limit = {};
    socklen_t size = sizeof limit;
    long option = call.limit == RECEIVE ? SO_RCVTIMEO : SO_SNDTIMEO;
    if (system_call(SYS_getsockopt, fd, SOL_SOCKET, option, argument(&limit), argument(&size)) < 0) return;
    int64_t ns = int64_t(limit.tv_sec) * 1000000000 + int64_t(limit.tv_usec) * 1000;
    if (ns > 0) deadline_ = platform::monotonic_ns() + ns;
  }

  bool exists() const { return deadline_ != 0; }

  // Waits in the window: more than 0 if the socket is ready, 0 if the limit has passed, or as the window says.
  long wait(Record &record) const {
    int64_t left = deadline_ - platform::monotonic_ns();
    if (left <= 0) return 0;
    __kernel_timespec time = {left / 1000000000, left % 1000000000};
    pollfd ready = {int(fd_), short(call_.limit == RECEIVE ? POLLIN : POLLOUT), 0};
    return window(record, call_, SYS_ppoll, argument(&ready), 1, argument(&time), 0, 0);
  }

  long passed() const { return call_.limit == CONNECT ? -EINPROGRESS : -EAGAIN; }

 private:
  const Call &call_;
  long fd_;
  int64_t deadline_ = 0;
};

long call_again(Record &record, const Call &call, const Arguments &arg, const Time_limit &limit) {
  if (limit.exists()) {
    long ready = limit.wait(record);
    if (ready == 0) return limit.passed();
    if (ready < 0 || ready == WOKEN) return ready;
  }
  return window(record, call, arg.number, arg.a, arg.b, arg.c, arg.d, arg.e, arg.f);
}

// Woken, but the request is gone. The kernel has written the time that is left over the time that was given (ppoll, nanosleep), so the
// same arguments go on with it.
POLITE_COLD long go_on(const Call &call, const Arguments &arguments) {
  Time_limit limit(call, arguments.a);
  for (;;) {
    long answer = call_again(platform::self(), call, arguments, limit);
    switch (conclude(ending_of(answer))) {
      case Next::give_back: return answer;
      case Next::interrupted: return POLITE_INTERRUPTED;
      case Next::again: break;
    }
  }
}

}  // namespace

POLITE_COLD long conclude_call(const Call &call, const Arguments &arguments, long answer) {
  switch (conclude(ending_of(answer))) {
    case Next::give_back: return answer;
    case Next::interrupted: return POLITE_INTERRUPTED;
    case Next::again: return go_on(call, arguments);
  }
  __builtin_unreachable();
}

}  // namespace polite

#include "posix/time_limit.h"

#include "posix/sleep.h"
#include "posix/system_call.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/time.h>

namespace polite {

Time_limit::Time_limit(const Call &call, long fd) : call_(call) {
  if (call.limit == UNLIMITED) return;
  timeval limit = {};
  socklen_t size = sizeof limit;
  long option = call.limit == RECEIVE ? SO_RCVTIMEO : SO_SNDTIMEO;
  if (system_call(SYS_getsockopt, fd, SOL_SOCKET, option, argument(&limit), argument(&size)) < 0) return;
  int64_t ns = int64_t(limit.tv_sec) * SECOND + int64_t(limit.tv_usec) * 1000;
  if (ns > 0) deadline_ = platform::monotonic_ns() + ns;
}

long Time_limit::passed() const { return call_.limit == CONNECT ? -EINPROGRESS : -EAGAIN; }

}  // namespace polite

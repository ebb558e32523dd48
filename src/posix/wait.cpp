#include "posix/wait.h"

#include "polite/error.h"
#include "polite/time.h"
#include "posix/sleep.h"
#include "posix/system_call.h"

#include <linux/futex.h>
#include <linux/time_types.h>

namespace polite {

int wait_for_word(const Call &call, const void *word, uint32_t expected, const Moment *until, bool shared) {
  __kernel_timespec time = {};
  long operation = FUTEX_WAIT_BITSET;  // with an absolute time, so that what is left need not be kept
  if (!shared) operation |= FUTEX_PRIVATE_FLAG;
  if (until) {
    time = {until->seconds, until->nanoseconds};
    if (until->of_day) operation |= FUTEX_CLOCK_REALTIME;
  }
  Arguments arguments = {argument(word), operation, long(expected), until ? argument(&time) : 0, 0, long(FUTEX_BITSET_MATCH_ANY)};
  long answer = interruptible(call, arguments);
  return answer == POLITE_EAGAIN ? 0 : int(answer);
}

namespace platform {

int wait_interruptibly(Purpose purpose, const Atomic<uint32_t> &word, uint32_t expected, int64_t deadline) {
  static constexpr Call purposes[] = {{"join", SYS_futex, false, false, 0},
                                      {"getaddrinfo", SYS_futex, false, false, 0},
                                      {"getnameinfo", SYS_futex, false, false, 0}};
  int64_t moment = deadline < 0 ? 0 : deadline;
  Moment until = {moment / SECOND, moment % SECOND, false};
  int answer = wait_for_word(purposes[int(purpose)], &word, expected, deadline == NEVER ? nullptr : &until, false);
  return answer == POLITE_EINTR ? 0 : answer;
}

}  // namespace platform

}  // namespace polite

extern "C" int64_t polite_now(void) { return polite::platform::monotonic_ns(); }

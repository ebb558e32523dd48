#include "posix/futex.h"

#include "polite/error.h"
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

}  // namespace polite

#include "posix/names/sleep.h"

#include "posix/sleep.h"

namespace polite {

int sleep_for(int64_t seconds, int64_t nanoseconds, timespec *left) {
  timespec time = {time_t(seconds), long(nanoseconds)};
  *left = {};
  return sleep_by_clock(CLOCK_MONOTONIC, 0, &time, left);
}

unsigned rounded(const timespec &left) { return unsigned(left.tv_sec + (left.tv_nsec >= SECOND / 2)); }

}  // namespace polite

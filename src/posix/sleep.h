// Sleeping is until a moment: the kernel says what is left of a duration with its timer's slack added, so a sleep that was woken for
// nothing often enough would never end.
#pragma once

#include "private.h"

#include <stdint.h>
#include <time.h>

namespace polite {

constexpr int64_t SECOND = 1000000000;

int64_t deadline_after(int64_t nanoseconds);
int64_t time_until(int64_t deadline);  // 0 when it has passed
int sleep_until(int64_t deadline);     // an interruption point: 0, POLITE_INTERRUPTED or POLITE_EINTR

// clock_nanosleep(2), an interruption point; a negative error. After POLITE_INTERRUPTED, too, it says what is left.
int sleep_by_clock(clockid_t clock, int flags, const timespec *time, timespec *left) POLITE_PRIVATE(sleep_by_clock);

}  // namespace polite

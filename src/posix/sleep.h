// Sleeping is until a moment: the kernel says what is left of a duration with its timer's slack added, so a sleep that was woken for
// nothing often enough would never end.
#pragma once

#include <stdint.h>

namespace polite {

constexpr int64_t SECOND = 1000000000;

int64_t deadline_after(int64_t nanoseconds);
int64_t time_until(int64_t deadline);  // 0 when it has passed
int sleep_until(int64_t deadline);     // an interruption point: 0, POLITE_INTERRUPTED or POLITE_EINTR

}  // namespace polite

// Sleeping by the plain names that take a number.
#pragma once

#include <stdint.h>
#include <time.h>

namespace polite {

// An interruption point: 0, POLITE_INTERRUPTED or POLITE_EINTR; and what is left of it, which is nothing after 0.
int sleep_for(int64_t seconds, int64_t nanoseconds, timespec *left);

// What is left, in whole seconds.
unsigned rounded(const timespec &left);

}  // namespace polite

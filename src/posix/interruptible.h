// System calls as interruption points, whatever way there is to wake a thread: through the window (conclude.cpp) or the self-pipe.
#pragma once

#include "platform.h"

#include <limits.h>
#include <linux/time_types.h>
#include <stdint.h>

namespace polite {

// The arguments of a system call.
struct Arguments {
  long a = 0, b = 0, c = 0, d = 0, e = 0, f = 0;
};

// An interruption point of any call, for those that are not worth a copy of the window of their own.
long interruptible(const Call &call, const Arguments &arguments) __asm__("polite_interruptible");

// For calls that wait for a duration which the kernel does not shorten: the same once. AGAIN, which is no call's result: it was woken, but
// the request is gone; the caller goes on with what is left.
constexpr long AGAIN = LONG_MIN;
long attempt(const Call &call, const Arguments &arguments);

// For those whose duration is `time`, which is among the arguments (null: for ever).
long interruptible_for(const Call &call, const Arguments &arguments, __kernel_timespec *time);

}  // namespace polite

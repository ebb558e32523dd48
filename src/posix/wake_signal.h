// The wake signal: which one it is.
#pragma once

#include "atomic.h"
#include "private.h"

#include <stdint.h>

namespace polite {

// The signal, or what it will be if nobody chooses another. Async-signal-safe.
int wake_signal();

// Decides for good which signal it is: from here on it cannot be set.
void fix_wake_signal();

// Whether it has polite's handler. Async-signal-safe.
bool wake_signal_is_handled() POLITE_PRIVATE(wake_signal_is_handled);

constexpr uint64_t signal_bit(int signal) { return uint64_t(1) << (signal - 1); }

// Those that libc keeps to itself: setuid sends one to all threads and waits for them, with a lock that making a thread takes.
#if defined __GLIBC__
constexpr uint64_t LIBCS_SIGNALS = signal_bit(32) | signal_bit(33);
#else
constexpr uint64_t LIBCS_SIGNALS = signal_bit(32) | signal_bit(33) | signal_bit(34);
#endif

constexpr unsigned long SIGNAL_SET_SIZE = 8;  // the kernel's, not libc's

}  // namespace polite

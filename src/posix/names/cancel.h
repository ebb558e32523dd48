// Cancellation: what the functions behind polite/pthread_cancel.h do at a cancellation point.
#pragma once

#include "polite/error.h"

namespace polite {

// Acts on a cancel that has been delivered: unwinds to the innermost boundary, or out of the thread.
[[noreturn]] void cancel();

// -1 and errno for an error. An interrupt is acted on.
int by_errno_unless_canceled(long error) __asm__("polite_by_errno_unless_canceled");

// The error number for an error, 0 for success. An interrupt is acted on.
inline int by_number_unless_canceled(int answer) {
  if (answer == POLITE_INTERRUPTED) cancel();
  return -answer;
}

}  // namespace polite

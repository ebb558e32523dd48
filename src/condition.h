// Waiting for a condition, whatever lock goes with it.
#pragma once

#include "waitable.h"

namespace polite {

// Takes a place in the queue; before the lock is given free.
void begin_waiting(Waiter &);

// 0, POLITE_INTERRUPTED or POLITE_ETIMEDOUT; the waiter is not in the queue any more.
int wait_for_signal(Waiter &, int64_t deadline, bool interruptible);

}  // namespace polite

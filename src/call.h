// Boundaries, and unwinding to them (polite/call.h).
#pragma once

#include "cleanup.h"
#include "private.h"

namespace polite {

// On the stack of handlers, and on the frame of the call that set it.
struct Boundary : Node {
  platform::Jump jump;
  void *result;
  uintptr_t frame;      // the blocked call on top of which the boundary was set, in a handler; or 0
  int how;              // POLITE_RETURNED …
  int depth;            // of shields
  bool state_disabled;  // Record
  bool of_thread;       // around all of a thread that polite made
};

// polite_call, and the same around a whole thread.
int call_within_boundary(void *(*fn)(void *), void *arg, void **result, bool of_thread);

// Leaves the calling thread altogether, past all boundaries but that of a thread that polite made. Everything is run.
[[noreturn]] void leave_thread(int how, void *result) POLITE_PRIVATE(leave_thread);

}  // namespace polite

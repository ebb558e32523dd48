// Whether a call of the window is beneath us: between a blocked call and a handler on top of it there is what the kernel saved of the
// call.
#include "posix/inside_window.h"

#include "posix/context.h"

#define NOT_INSTRUMENTED __attribute__((noinline, no_sanitize("address", "thread")))

namespace polite {

namespace {

// Only above us: beneath may lie what is left of a handler that has been jumped out of, or no memory at all.
NOT_INSTRUMENTED bool saved_between(uintptr_t here, uintptr_t top, uintptr_t frame) {
  constexpr uintptr_t SAVED_REGISTERS = 32 * sizeof(uintptr_t);
  if (here + SAVED_REGISTERS >= top) return false;
  uintptr_t bottom = top - here > SIGNAL_FRAME ? top - SIGNAL_FRAME : here;
  for (uintptr_t at = (top - SAVED_REGISTERS) & ~uintptr_t(7); at > bottom; at -= sizeof(uintptr_t))
    if (is_interrupted_call(reinterpret_cast<const uintptr_t *>(at), frame, top)) return true;
  return false;
}

}  // namespace

NOT_INSTRUMENTED bool inside_window(const Record &record, uintptr_t frame, uintptr_t here) {
  if (*reinterpret_cast<const uintptr_t *>(frame) != reinterpret_cast<uintptr_t>(&record)) return false;
  if (saved_between(here, frame - RED_ZONE, frame)) return true;
  uintptr_t top = alternate_stack_top();
  return top && saved_between(here, top, frame);
}

}  // namespace polite

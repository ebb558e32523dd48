// Whether a call of the calling thread is still beneath us, or was left by a jump (platform.h). Asked only where a call is entered by a
// thread that seems to be inside one already.
//
// The order of addresses alone is wrong both ways: a handler on an alternate stack may be above the call, and a thread that has jumped out
// of a handler may go deeper than the call was. Between a blocked call and a handler on top of it there is what the kernel
// saved of the call, and the call's own frame begins with a cookie. Whoever goes there after a jump writes over it, unless all of it
// falls into a hole of his own frame: polite_jumped is the sure way.
#include "posix/context.h"
#include "posix/system_call.h"
#include "region.h"

#include <signal.h>

#define NOT_INSTRUMENTED __attribute__((noinline, no_sanitize("address", "thread")))

namespace polite::platform {

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

// The end of the alternate stack, if we are on it.
uintptr_t alternate_stack_top() {
  stack_t stack = {};
  if (system_call(SYS_sigaltstack, 0, argument(&stack)) < 0 || !(stack.ss_flags & SS_ONSTACK)) return 0;
  return reinterpret_cast<uintptr_t>(stack.ss_sp) + stack.ss_size;
}

}  // namespace

namespace {

// A region with a waker: what is on top need not be a signal handler, and nothing is saved of it.
NOT_INSTRUMENTED bool on_top_of(const Waker &waker, const Record &record, uintptr_t here) {
  return waker.belongs_to(record) && (here < reinterpret_cast<uintptr_t>(&waker) || alternate_stack_top());
}

}  // namespace

NOT_INSTRUMENTED bool inside_call(Record &record) {
  uintptr_t frame = record.owner()->frame.load(), here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  if (Whereabouts::is_waker(frame)) return on_top_of(Waker::at(frame), record, here);
  if (*reinterpret_cast<const uintptr_t *>(frame) != reinterpret_cast<uintptr_t>(&record)) return false;
  if (saved_between(here, frame - RED_ZONE, frame)) return true;
  uintptr_t top = alternate_stack_top();
  return top && saved_between(here, top, frame);
}

}  // namespace polite::platform

// Whether a call of the calling thread is still beneath us, or was left by a jump (platform.h). Asked only where a call is entered by a
// thread that seems to be inside one already.
//
// The order of addresses alone is wrong both ways: a handler on an alternate stack may be above the call, and a thread that has jumped out
// of a handler may go deeper than the call was. So the frame begins with a cookie. Whoever goes there after a jump writes over it, unless
// all of it falls into a hole of his own frame: polite_jumped is the sure way.
#include "posix/inside_window.h"
#include "posix/system_call.h"
#include "region.h"

#include <signal.h>

#define NOT_INSTRUMENTED __attribute__((noinline, no_sanitize("address", "thread", "undefined")))

namespace polite {

uintptr_t alternate_stack_top() {
  stack_t stack = {};
  if (system_call(SYS_sigaltstack, 0, argument(&stack)) < 0 || !(stack.ss_flags & SS_ONSTACK)) return 0;
  return reinterpret_cast<uintptr_t>(stack.ss_sp) + stack.ss_size;
}

namespace {

// A region with a waker: what is on top need not be a signal handler. Where it is, there is at least what the kernel saves between them:
// who is nearer has jumped, and makes the same call again from the same place, where the cookie still is.
NOT_INSTRUMENTED bool on_top_of(const Waker &waker, const Record &record, uintptr_t here) {
  constexpr uintptr_t LEAST_SIGNAL_FRAME = 640;
  if (!waker.belongs_to(record)) return false;
  uintptr_t between = waker.runs_functions() ? 0 : LEAST_SIGNAL_FRAME;
  return here + between < reinterpret_cast<uintptr_t>(&waker) || alternate_stack_top();
}

}  // namespace

NOT_INSTRUMENTED bool platform::inside_call(Record &record) {
  uintptr_t frame = record.owner()->frame.load(), here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  return Whereabouts::is_waker(frame) ? on_top_of(Waker::at(frame), record, here) : inside_window(record, frame, here);
}

}  // namespace polite

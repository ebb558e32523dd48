#include "call.h"

#include "broken.h"
#include "delivery.h"
#include "polite/call.h"
#include "polite/error.h"
#include "polite/thread.h"
#include "process.h"
#include "shield.h"

namespace polite {

namespace {

uintptr_t present_frame(const Whereabouts &here) {
  uintptr_t frame = here.frame.load_relaxed();
  return frame == Whereabouts::INSIDE || frame == Whereabouts::SELF_PIPE ? 0 : frame;
}

void restore(Whereabouts &here, const Boundary &boundary) {
  set_shield_depth(boundary.depth);
  if (here.record->attached()) here.record->state_disabled = boundary.state_disabled;
}

POLITE_COLD void drop_above(Whereabouts &here, Boundary &boundary) {
  here.cleanup = &boundary;
  broken("polite: a function returned to polite_call, or a thread ended, with cleanup handlers that it had not popped");
}

[[noreturn]] void jump(Boundary &boundary, int how, void *result) {
  boundary.how = how;
  boundary.result = result;
  platform::jump_to(boundary.jump);
}

// Whether a blocked call of the calling thread lies between a signal handler, where we are, and the boundary.
bool is_in_the_way(Whereabouts &here, const Boundary &boundary) {
  uintptr_t frame = present_frame(here);
  return frame && frame != boundary.frame && outside(present());
}

Boundary *innermost_boundary(Whereabouts &here) {
  return static_cast<Boundary *>(find_beneath(here, [](const Node &at) { return at.is_boundary(); }));
}

int leave(int how, void *result) {
  Whereabouts &here = platform::whereabouts();
  Boundary *boundary = innermost_boundary(here);
  if (!boundary) return POLITE_UNBOUNDED;
  if (is_in_the_way(here, *boundary)) return POLITE_INSIDE;
  run_down_to(here, boundary);
  jump(*boundary, how, result);
}

}  // namespace

int call_within_boundary(void *(*fn)(void *), void *arg, void **result, bool of_thread) {
  Whereabouts &here = platform::whereabouts();
  Boundary boundary;
  boundary.fn = nullptr;
  boundary.frame = present_frame(here);
  boundary.how = POLITE_RETURNED;
  boundary.depth = shield_depth();
  boundary.state_disabled = here.record->state_disabled;
  boundary.of_thread = of_thread;
  push_node(here, boundary);
  platform::begin_frames(boundary.jump);
  if (POLITE_SET_JUMP(boundary.jump) == 0) boundary.result = fn(arg);
  if (unlikely(here.cleanup != &boundary)) drop_above(here, boundary);
  unlink_node(here, boundary);
  platform::end_frames(boundary.jump);
  restore(here, boundary);
  if (result) *result = boundary.result;
  return boundary.how;
}

void leave_thread(int how, void *result) {
  Whereabouts &here = platform::whereabouts();
  if (present_frame(here)) polite_jumped();
  shield_the_end();
  while (Boundary *boundary = innermost_boundary(here)) {
    run_down_to(here, boundary);
    if (boundary->of_thread) jump(*boundary, how, result);
    unlink_node(here, *boundary);
  }
  run_down_to(here, nullptr);
  platform::end_thread(result);
}

}  // namespace polite

using namespace polite;

extern "C" {

int polite_call(void *(*fn)(void *), void *arg, void **result) {
  if (!fn) return POLITE_EINVAL;
  return platform::is_own(platform::whereabouts()) ? call_within_boundary(fn, arg, result, false) : POLITE_UNATTACHED;
}

int polite_unwind(void) { return leave(POLITE_UNWOUND, POLITE_CANCELED); }

int polite_exit(void *result) { return leave(POLITE_EXITED, result); }

}  // extern "C"

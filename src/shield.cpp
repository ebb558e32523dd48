// Shields: stretches in which nothing is delivered (rule 5). A depth, and a mask of 0 for as long as it is not 0.
//
// The depth is stored before the mask, both ways: a signal handler between the two stores that enters and leaves a shield of its own
// restores the mask that goes with the depth it found.
#include "shield.h"

#include "polite/error.h"
#include "process.h"

using namespace polite;

namespace {

constexpr int DEEPEST = INT32_MAX - 1;  // one below what the unattached have

POLITE_INLINE void set_depth(Whereabouts &here, int depth, uint64_t mask) {
  here.depth.store_relaxed(depth);
  order_for_handlers();
  here.mask.store_relaxed(mask);
}

constexpr uint64_t mask_at(int depth) { return depth ? 0 : word::UNSHIELDED; }

POLITE_COLD int enter_slowly() {
  if (platform::self().attached()) return POLITE_EOVERFLOW;
  return attached_self().attached() ? polite_shield_enter() : POLITE_UNATTACHED;
}

}  // namespace

namespace polite {

int shield_depth() {
  Whereabouts &here = platform::whereabouts();
  return here.record->attached() ? here.depth.load_relaxed() : 0;
}

void set_shield_depth(int depth) {
  Whereabouts &here = platform::whereabouts();
  if (here.record->attached()) set_depth(here, depth, mask_at(depth));
}

void shield_the_end() {
  Record &record = platform::self();
  if (!record.attached()) return;
  set_shield_depth(shield_depth() + (record.state_disabled ? 1 : 2));  // pthread_setcancelstate does not get the last one off
  record.state_disabled = true;
}

bool disable_cancel_state(bool disable) {
  Record &record = attached_self();
  bool disabled = record.state_disabled;
  if (disable == disabled || !record.attached()) return disabled;
  if (disable) polite_shield_enter();  // first: a signal handler that finds the state disabled must find the shield
  record.state_disabled = disable;
  order_for_handlers();
  if (!disable) polite_shield_leave();
  return disabled;
}

}  // namespace polite

extern "C" {

int polite_shield_enter(void) {
  Whereabouts &here = platform::whereabouts();
  int before = here.depth.load_relaxed();
  if (unlikely(before >= DEEPEST)) return enter_slowly();
  set_depth(here, before + 1, 0);
  return before;
}

int polite_shield_leave(void) {
  Whereabouts &here = platform::whereabouts();
  int before = here.depth.load_relaxed();
  if (unlikely(unsigned(before - 1) >= unsigned(DEEPEST))) return POLITE_UNBALANCED;
  set_depth(here, before - 1, mask_at(before - 1));
  return before;
}

int polite_shield_restore(int depth) {
  if (depth < 0) return POLITE_EINVAL;
  if (!attached_self().attached()) return POLITE_UNATTACHED;
  Whereabouts &here = platform::whereabouts();
  int before = here.depth.load_relaxed();
  if (depth > before) return POLITE_UNBALANCED;
  set_depth(here, depth, mask_at(depth));
  return before;
}

}  // extern "C"

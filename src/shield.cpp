// Shields: stretches in which nothing is delivered (rule 5). A depth, and a mask of 0 for as long as it is not 0.
//
// The depth is stored before the mask, both ways: a signal handler between the two stores that enters and leaves a shield of its own
// restores the mask that goes with the depth it found.
#include "platform.h"
#include "polite/error.h"
#include "process.h"

using namespace polite;

namespace {

void set_depth(Record &record, int depth) {
  record.depth.store_relaxed(uint32_t(depth));
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
  record.mask.store_relaxed(depth ? 0 : word::UNSHIELDED);
}

int depth_of(const Record &record) { return int(record.depth.load_relaxed()); }

}  // namespace

extern "C" {

int polite_shield_enter(void) {
  Record &record = attached_self();
  if (unlikely(!record.attached())) return POLITE_UNATTACHED;
  int before = depth_of(record);
  if (unlikely(before == INT32_MAX)) return POLITE_EOVERFLOW;
  set_depth(record, before + 1);
  return before;
}

int polite_shield_leave(void) {
  Record &record = platform::self();
  int before = depth_of(record);
  if (unlikely(before == 0)) return POLITE_UNBALANCED;
  set_depth(record, before - 1);
  return before;
}

int polite_shield_restore(int depth) {
  if (depth < 0) return POLITE_EINVAL;
  Record &record = attached_self();
  if (!record.attached()) return POLITE_UNATTACHED;
  int before = depth_of(record);
  if (depth > before) return POLITE_UNBALANCED;
  set_depth(record, depth);
  return before;
}

}  // extern "C"

#include "region.h"

#include "hooks.h"

namespace polite {

Region::Region(Record &record, Waker &waker, const Call &call, uint64_t object, bool interruptible) : record_(record) {
  Whereabouts &here = *record.owner();
  waker.record_ = &record;
  here.call.store_relaxed(&call);
  here.object.store_relaxed(object);
  here.calls.store_relaxed(here.calls.load_relaxed() + 1);
  here.frame.store(reinterpret_cast<uintptr_t>(&waker) | Whereabouts::WAKER);
  here.region.store(interruptible ? here.mask.load_relaxed() : 0);
}

// After the store of region: pairs with request bit, order, region in wake().
bool Region::requested() const { return record_.word.load() & ends_region(*record_.owner()); }

Next Region::leave(Ending ending) {
  Whereabouts &here = *record_.owner();
  here.region.store(0);
  here.frame.store(record_.idle_frame());
  reach(Hook::region_left);
  return conclude_region(ending);
}

}  // namespace polite

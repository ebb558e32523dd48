#include "delivery.h"

#include "hooks.h"
#include "polite/error.h"
#include "process.h"
#include "request.h"

namespace polite {

namespace {

// After it, no wake of ours is on its way to the calling thread (rule 7). `region` is 0, so nobody begins one: an interrupter that
// counted itself in before the owner looked is waited for; one that came later sees that there is no region.
void settle(Record &record) {
  reach(Hook::before_settling);
  wait_for_interrupters(record);
  platform::drain();
}

}  // namespace

void wait_for_interrupters(Record &record) {
  for (int spins = 0; spins < 64; ++spins) {
    if (!(record.inflight.load() & inflight::COUNT)) return;
    __builtin_ia32_pause();
  }
  // Sleeping, not spinning: an interrupter of lower priority must be able to run.
  while (record.inflight.load() & inflight::COUNT) {
    uint32_t now = record.inflight.fetch_or(inflight::SETTLING) | inflight::SETTLING;
    if (now & inflight::COUNT) platform::wait_on(&record.inflight, now);
  }
  record.inflight.fetch_and(~inflight::SETTLING);
}

Next conclude(Ending ending) {
  Record &record = present();
  if (record.word.load() & word::FENCED) {
    platform::fence();  // between the region that was left and the look at `word`
    bool quiet = record.word.load() == word::FENCED && record.inflight.load() == 0;
    if (quiet && ending == Ending::result) return Next::give_back;
  }
  bool shielded = record.mask.load() == 0;
  // A shielded call had no region: nobody wakes it, except before the order of memory could be known (platform.h).
  if (!shielded || record.word.load() & word::WAKING) settle(record);
  if (ending == Ending::result) return Next::give_back;
  reach(Hook::before_taking);
  if (!shielded && take(record)) return Next::interrupted;
  return ending == Ending::woken ? Next::again : Next::give_back;
}

bool take(Record &record) {
  uint64_t now = record.word.load();
  for (;;) {
    uint64_t due = now & record.mask.load() & word::REQUESTS;
    if (!due) return false;
    int reason = first_reason(record, now, due);
    if (record.word.compare_exchange(now, now & ~consumed(record, now, due))) {
      record.reason = reason;
      return true;
    }
  }
}

void leave_abandoned_call(Record &record) {
  record.region.store(0);
  record.frame.store(0);
  settle(record);
}

POLITE_COLD bool outside(Record &record) {
  if (!record.attached() || platform::inside_call(record)) return true;
  leave_abandoned_call(record);
  return false;
}

}  // namespace polite

using namespace polite;

#if defined POLITE_HOOKS
void (*polite_hook)(int);
#endif

namespace {

POLITE_COLD int checkpoint_slowly() {
  Record &record = present();
  if (record.frame.load() && outside(record)) return 0;
  return take(record) ? POLITE_INTERRUPTED : 0;
}

}  // namespace

extern "C" int polite_checkpoint(void) {
  Record &record = platform::self();
  if (likely(!(record.word.load_relaxed() & record.mask.load_relaxed()))) return 0;
  return checkpoint_slowly();
}

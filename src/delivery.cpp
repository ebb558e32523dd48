#include "delivery.h"

#include "hooks.h"
#include "polite/error.h"
#include "process.h"
#include "request.h"

namespace polite {

// Sleeping, not spinning for long: an interrupter of lower priority must be able to run.
void wait_until_zero(Atomic<uint32_t> &count) {
  for (int spins = 0; spins < 64 && count.load(); ++spins) platform::pause();
  while (count.load() & ~count::AWAITED) {
    uint32_t now = count.fetch_or(count::AWAITED) | count::AWAITED;
    if (now & ~count::AWAITED) platform::wait_on(&count, now);
  }
  count.fetch_and(~count::AWAITED);
}

namespace {

// After it, no wake of ours is on its way to the calling thread (rule 7). `region` is 0, so nobody begins one: an interrupter that
// counted itself in before the owner looked is waited for; one that came later sees that there is no region. One that has begun has
// set WAKING, which is cleared when its wake arrives: it is not waited for any longer than that, for it may be we
// who keep it from running. If WAKING was cleared by a signal that was not surely its own, it is waited for after all.
// Others' signals are held back: the child of a fork in a handler would wait for interrupters that it does not have.
void settle(Record &record) {
  platform::Signals_held held(platform::Signals_held::ALL_BUT_WAKES);
  present();
  wait_until_zero(record.inflight);
  platform::drain();
  while (uint64_t now = record.word.load() & (word::WAKING | word::UNSURE)) {
    if (now & word::UNSURE) {
      wait_until_zero(record.kicking);
      platform::drain();
      record.word.fetch_and(~word::UNSURE);
    } else {
      platform::wait_for_wake(record.word);
    }
  }
}

// The same after a region with a waker: when nobody is sending a wake any more they have all arrived. (But for a kick whose sender could
// not know that there was no region for it.)
void settle_region(Record &record) {
  platform::Signals_held held(platform::Signals_held::ALL_BUT_WAKES);
  present();
  wait_for_interrupters(record);
  if (!(record.word.load() & word::SELF_PIPE)) platform::drain();
  record.word.fetch_and(~(word::WAKING | word::UNSURE));
}

}  // namespace

void wait_for_interrupters(Record &record) {
  wait_until_zero(record.inflight);
  wait_until_zero(record.kicking);
}

namespace {

Next decide(Record &record, Ending ending) {
  if (ending == Ending::result) return Next::give_back;
  reach(Hook::before_taking);
  if (record.owner()->mask.load() && take(record)) return Next::interrupted;
  return ending == Ending::woken ? Next::again : Next::give_back;
}

}  // namespace

Next conclude(Ending ending) {
  Record &record = present();
  // As the window has it, but for a permit (permit.cpp): the look at `inflight` comes before that at `word`.
  if (ending == Ending::result && record.inflight.load() == 0 && record.word.load() == word::PERMIT) return Next::give_back;
  if (record.word.load() & word::FENCED) {
    platform::fence();  // between the region that was left and the look at `word`
    bool quiet = record.inflight.load() == 0 && (record.word.load() & ~word::PERMIT) == word::FENCED;
    if (quiet && ending == Ending::result) return Next::give_back;
  }
  bool shielded = record.owner()->mask.load() == 0;
  // A shielded call had no region: nobody wakes it, except before the order of memory could be known (platform.h).
  if (!shielded || record.word.load() & (word::WAKING | word::UNSURE)) settle(record);
  return decide(record, ending);
}

Next conclude_region(Ending ending) {
  Record &record = present();
  bool quiet = record.inflight.load() == 0 && record.kicking.load() == 0 && !(record.word.load() & ~(word::LASTING | word::PERMIT));
  if (!quiet) settle_region(record);
  return decide(record, ending);
}

namespace {

bool take_deliverable(Record &record) {
  uint64_t now = record.word.load();
  for (;;) {
    uint64_t due = now & record.owner()->mask.load() & word::REQUESTS;
    if (!due) return false;
    int reason = first_reason(record, now, due);
    if (record.word.compare_exchange(now, now & ~consumed(now, due))) {
      record.reason = reason;
      return true;
    }
  }
}

}  // namespace

bool take(Record &record) {
  uint8_t outer = record.taking.load();
  record.taking.store(1);  // before the look at `word`: pairs with give_up_slots
  bool taken = take_deliverable(record);
  record.taking.store(outer);
  if (record.given_up.load()) give_up_slots(record);
  return taken;
}

void leave_abandoned_call(Record &record) {
  bool has_waker = record.owner()->frame.load() & Whereabouts::WAKER;
  record.owner()->region.store(0);
  record.owner()->frame.store(record.idle_frame());
  has_waker ? settle_region(record) : settle(record);
}

POLITE_COLD bool outside(Record &record) {
  if (!record.attached()) return true;
  if (record.owner()->in_no_call()) return false;
  if (platform::inside_call(record)) return true;
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
  if (record.owner()->frame.load() && outside(record)) return 0;
  return take(record) ? POLITE_INTERRUPTED : 0;
}

}  // namespace

extern "C" int polite_checkpoint(void) {
  const Whereabouts &here = platform::whereabouts();
  if (likely(!(here.record->word.load_relaxed() & here.mask.load_relaxed()))) return 0;
  return checkpoint_slowly();
}

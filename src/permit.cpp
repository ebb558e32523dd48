// polite_park and polite_unpark: one permit for each thread, in its record. Who parks sleeps on the record's word, where both the permit
// and an interrupt appear; records are never unmapped, so nothing has to be found, or taken back.
#include "delivery.h"
#include "park.h"
#include "polite/error.h"
#include "polite/interrupt.h"
#include "polite/park.h"
#include "process.h"
#include "target.h"

namespace polite {

namespace {

constexpr Call parking = {"park", Call::WAIT, false, false, 0};

void wake_sleeper(Record &record) { platform::Bed(record).wake(&record.word); }

class Sleeper : public Waker {
 public:
  explicit Sleeper(Record &record) : Waker(wake), record_(record) {}

 private:
  static bool wake(Waker &waker) {
    wake_sleeper(static_cast<Sleeper &>(waker).record_);
    return true;
  }
  Record &record_;
};

bool take_permit(Record &record) { return record.word.fetch_and(~word::PERMIT) & word::PERMIT; }

// Until there is a permit, or one of `bits`, or it is too late: false.
bool sleep(const Record &record, uint64_t bits, int64_t deadline) {
  static_assert(LEAST_BYTE_FIRST, "permit and requests are in the lower half, which the system looks at");
  for (uint64_t now; !((now = record.word.load()) & (word::PERMIT | bits));)
    if (!platform::Bed().sleep(&record.word, uint32_t(now), deadline)) return false;
  return true;
}

int park_on_top(Record &record, int64_t deadline) {
  sleep(record, 0, deadline);
  return take_permit(record) ? 0 : POLITE_ETIMEDOUT;
}

int park(int64_t deadline, bool interruptible) {
  Record &record = attached_self();
  if (!record.attached()) return POLITE_UNATTACHED;
  if (interruptible)
    if (int interrupted = polite_checkpoint()) return interrupted;
  if (outside(record)) return park_on_top(record, deadline);
  for (;;) {
    Sleeper sleeper(record);
    Region region(record, sleeper, parking, 0, interruptible);
    bool in_time = sleep(record, ends_region(*record.owner()), deadline);
    bool permitted = take_permit(record);
    Next next = region.leave(permitted || !interruptible ? Ending::result : in_time ? Ending::woken : Ending::nothing);
    if (permitted) return 0;
    if (next == Next::interrupted) return POLITE_INTERRUPTED;
    if (!in_time) return POLITE_ETIMEDOUT;
  }
}

}  // namespace

}  // namespace polite

using namespace polite;

extern "C" {

int polite_park(void) { return park(platform::NEVER, true); }
int polite_park_until(int64_t deadline) { return park(deadline, true); }
int polite_park_uninterruptible(void) { return park(platform::NEVER, false); }

// Between the permit and the look whether there is anybody to be woken there is the other's entry into its region, before its look at the
// permit.
int polite_unpark(polite_thread_t thread) {
  platform::Signals_held held;
  present();
  Target target(thread, held);
  if (!target) return POLITE_ESRCH;
  Record &record = target.record();
  if (record.word.fetch_or(word::PERMIT) & word::PERMIT) return 1;
  if (!record.owner()->in_no_call()) wake_sleeper(record);
  return 0;
}

}  // extern "C"

#include "park.h"

#include "process.h"

namespace polite {

void Parker::post() {
  platform::Bed waiters = *this;
  word_.fetch_or(POSTED);
  waiters.wake(&word_);
}

bool Parker::disturb(Waker &waker) {
  Parker &parker = static_cast<Parker &>(waker);
  parker.word_.fetch_or(DISTURBED);
  parker.Bed::wake(&parker.word_);
  return true;
}

// The steps of one wait.
class Parking {
 public:
  Parking(Parker &parker, const Manner &manner) : bed_(parker), word_(parker.word_), deadline_(manner.deadline) {}

  // Until it is posted, disturbed, or too late.
  void sleep() {
    while (!word_.load() && bed_.sleep(&word_, 0, deadline_)) {
    }
  }

  void await_post() {
    for (uint32_t now; !((now = word_.load()) & Parker::POSTED);) bed_.sleep(&word_, now, platform::NEVER);
  }

  bool posted() const { return word_.load() & Parker::POSTED; }
  bool disturbed() const { return word_.load() & Parker::DISTURBED; }

 private:
  const platform::Bed &bed_;
  Atomic<uint32_t> &word_;
  int64_t deadline_;
};

namespace {

// Whether the wait ended with a post.
bool settled_by_post(Parking &parking, Parker &parker, bool (*withdraw)(Parker &)) {
  if (parking.posted()) return true;
  if (withdraw(parker)) return false;
  parking.await_post();
  return true;
}

}  // namespace

Parked park(Parker &parker, const Manner &manner, bool (*withdraw)(Parker &)) {
  Parking parking(parker, manner);
  Record &record = present();
  if (outside(record)) {
    parking.sleep();
    return settled_by_post(parking, parker, withdraw) ? Parked::posted : Parked::timed_out;
  }
  Region region(record, parker, manner.call, reinterpret_cast<uintptr_t>(manner.object), manner.interruptible);
  bool requested = region.requested();
  if (!requested) parking.sleep();
  bool posted = settled_by_post(parking, parker, withdraw);
  bool woken = requested || parking.disturbed();
  bool deliverable = manner.interruptible && !posted;
  switch (region.leave(!deliverable ? Ending::result : woken ? Ending::woken : Ending::nothing)) {
    case Next::interrupted: return Parked::interrupted;
    case Next::again: return Parked::again;
    case Next::give_back: return posted ? Parked::posted : woken ? Parked::again : Parked::timed_out;
  }
  POLITE_UNREACHABLE();
}

}  // namespace polite

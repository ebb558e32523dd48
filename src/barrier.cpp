// The barrier (polite/semaphore.h): a queue of those who have arrived. The last one releases all of them in one step, so an arrival that is
// withdrawn was either not counted, or is not withdrawn any more.
#include "polite/error.h"
#include "polite/interrupt.h"
#include "polite/semaphore.h"
#include "waitable.h"

namespace polite {

namespace {

constexpr Call waiting = {"barrier_wait", Call::WAIT, false, false, 0};

// True for the last.
bool arrive(Waitable &barrier, Waiter &waiter) {
  Guarded guarded(barrier);
  if (barrier.waiting + 1 < barrier.kind) {
    guarded.put(waiter);
    return false;
  }
  while (barrier.first) guarded.release(*barrier.first, true);
  return true;
}

int wait(polite_barrier_t *barrier_, int64_t deadline, bool interruptible) {
  if (interruptible)
    if (int interrupted = polite_checkpoint()) return interrupted;
  Waitable &barrier = inside(barrier_);
  for (;;) {
    Waiter waiter(barrier);
    if (arrive(barrier, waiter)) return POLITE_BARRIER_LAST;
    switch (park(waiter, {waiting, barrier_, deadline, interruptible}, withdraw)) {
      case Parked::posted: return 0;
      case Parked::interrupted: return POLITE_INTERRUPTED;
      case Parked::timed_out: return POLITE_ETIMEDOUT;
      case Parked::again: break;
    }
  }
}

}  // namespace

}  // namespace polite

using namespace polite;

extern "C" {

int polite_barrier_init(polite_barrier_t *barrier, uint32_t count) {
  if (count == 0) return POLITE_EINVAL;
  *barrier = {};
  inside(barrier).kind = count;
  return 0;
}

int polite_barrier_destroy(polite_barrier_t *barrier) { return destroy(inside(barrier), 0); }
int polite_barrier_wait(polite_barrier_t *barrier) { return wait(barrier, platform::NEVER, true); }
int polite_barrier_wait_until(polite_barrier_t *barrier, int64_t deadline) { return wait(barrier, deadline, true); }
int polite_barrier_wait_uninterruptible(polite_barrier_t *barrier) { return wait(barrier, platform::NEVER, false); }

}  // extern "C"

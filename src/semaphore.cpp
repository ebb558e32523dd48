// The semaphore and the event (polite/semaphore.h): their words count units, or say whether it is set. A unit that is posted
// while somebody waits is his, in order.
#include "polite/error.h"
#include "polite/semaphore.h"
#include "waitable.h"

namespace polite {

namespace {

constexpr uint64_t ONE = Waitable::ONE;
constexpr uint64_t FULL = uint64_t(POLITE_SEMAPHORE_MAX) << Waitable::VALUE_SHIFT;

constexpr Call waiting = {"semaphore_wait", Call::WAIT, false, false, 0};
constexpr Call waiting_for_event = {"event_wait", Call::WAIT, false, false, 0};

bool claim_unit(uint64_t &word, uint64_t, bool) {
  if (!word) return false;
  word -= ONE;
  return true;
}

int add_unit(uint64_t &word, uint64_t) {
  if (word == FULL) return POLITE_EOVERFLOW;
  word += ONE;
  return 0;
}

bool claim_lasting(uint64_t &word, uint64_t, bool) { return word; }

int set(uint64_t &word, uint64_t) {
  word = ONE;
  return 0;
}

int reset(uint64_t &word, uint64_t) {
  word = 0;
  return 0;
}

int wait(polite_semaphore_t *semaphore, int64_t deadline, bool interruptible) {
  return wait_for(inside(semaphore), claim_unit, {waiting, semaphore, deadline, interruptible});
}

Claim claim_of(const Waitable &event) { return event.kind == POLITE_EVENT_AUTO ? claim_unit : claim_lasting; }

int wait(polite_event_t *event, int64_t deadline, bool interruptible) {
  Waitable &at = inside(event);
  return wait_for(at, claim_of(at), {waiting_for_event, event, deadline, interruptible});
}

}  // namespace

}  // namespace polite

using namespace polite;

extern "C" {

int polite_semaphore_init(polite_semaphore_t *semaphore, uint32_t value) {
  if (value > POLITE_SEMAPHORE_MAX) return POLITE_EINVAL;
  *semaphore = {};
  inside(semaphore).word.store(value * ONE);
  return 0;
}

int polite_semaphore_destroy(polite_semaphore_t *semaphore) { return destroy(inside(semaphore), 0); }
int polite_semaphore_wait(polite_semaphore_t *semaphore) { return wait(semaphore, platform::NEVER, true); }
int polite_semaphore_wait_until(polite_semaphore_t *semaphore, int64_t deadline) { return wait(semaphore, deadline, true); }
int polite_semaphore_wait_uninterruptible(polite_semaphore_t *semaphore) { return wait(semaphore, platform::NEVER, false); }
int polite_semaphore_trywait(polite_semaphore_t *semaphore) { return try_to_claim(inside(semaphore), claim_unit) ? 0 : POLITE_EAGAIN; }
int polite_semaphore_post(polite_semaphore_t *semaphore) { return change(inside(semaphore), add_unit); }

int polite_event_init(polite_event_t *event, int kind) {
  if (kind != POLITE_EVENT_MANUAL && kind != POLITE_EVENT_AUTO) return POLITE_EINVAL;
  *event = {};
  inside(event).kind = uint32_t(kind);
  return 0;
}

int polite_event_destroy(polite_event_t *event) { return destroy(inside(event), 0); }
int polite_event_wait(polite_event_t *event) { return wait(event, platform::NEVER, true); }
int polite_event_wait_until(polite_event_t *event, int64_t deadline) { return wait(event, deadline, true); }
int polite_event_wait_uninterruptible(polite_event_t *event) { return wait(event, platform::NEVER, false); }
int polite_event_trywait(polite_event_t *event) { return try_to_claim(inside(event), claim_of(inside(event))) ? 0 : POLITE_EAGAIN; }
int polite_event_set(polite_event_t *event) { return change(inside(event), set); }
int polite_event_reset(polite_event_t *event) { return change(inside(event), reset); }

}  // extern "C"

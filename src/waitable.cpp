#include "waitable.h"

#include "hooks.h"
#include "polite/error.h"
#include "polite/interrupt.h"
#include "process.h"
#include "target.h"

namespace polite {

namespace {

constexpr uint32_t UP_TO_DATE = 0, UPDATING = 1;

uint32_t in_this_process(uint32_t state) { return forks() << 1 | state; }

// After a fork: who waited, and who had the guard, is not there any more. Whoever holds it, holds it still (rule 12).
POLITE_COLD void bring_up_to_date(Waitable &at) {
  for (uint32_t seen; (seen = at.process.load()) != in_this_process(UP_TO_DATE);) {
    if (seen == in_this_process(UPDATING)) {
      platform::wait_on(&at.process, seen);
    } else if (at.process.compare_exchange(seen, in_this_process(UPDATING))) {
      at.word.fetch_and(~Waitable::FLAGS);
      at.first = nullptr;
      at.waiting = 0;
      at.late.store(0);
      at.process.store(in_this_process(UP_TO_DATE));
      platform::wake_waiters(&at.process);
    }
  }
}

// Sleeping, not spinning for long: whoever has it, being of lower priority, must be able to run.
void take_guard(Atomic<uint64_t> &word) {
  uint64_t now = word.load();
  for (int spins = 0;;) {
    if (!(now & Waitable::GUARDED)) {
      if (word.compare_exchange(now, now | Waitable::GUARDED)) return;
    } else if (++spins < 64) {
      platform::pause();
      now = word.load();
    } else if (word.compare_exchange(now, now | Waitable::AWAITED)) {
      platform::wait_on(&word, uint32_t(now | Waitable::AWAITED));
      now = word.load();
    }
  }
}

}  // namespace

Guarded::Guarded(Waitable &at) : at_(at) {
  present();
  if (unlikely(at.process.load() != in_this_process(UP_TO_DATE))) bring_up_to_date(at);
  take_guard(at.word);
  reach(Hook::guarded);
  word = at.word.load() & ~Waitable::FLAGS;
}

// From the exchange on the object may be gone; and each waiter, from its post on.
Guarded::~Guarded() {
  Atomic<uint64_t> &there = at_.word;
  if (there.exchange(at_.first ? word | Waitable::WAITERS : word) & Waitable::AWAITED) platform::wake_waiters(&there);
  if (released_) reach(Hook::before_post);
  for (Waiter *waiter = released_, *next; waiter; waiter = next) {
    next = waiter->next;
    waiter->post();
  }
}

void Guarded::put(Waiter &waiter) {
  waiter.process = forks();
  ++at_.waiting;
  Waiter *first = at_.first;
  if (!first) {
    at_.first = waiter.next = waiter.previous = &waiter;
    return;
  }
  waiter.next = first;
  waiter.previous = first->previous;
  first->previous = waiter.previous->next = &waiter;
  if (waiter.senior) at_.first = &waiter;
}

void Guarded::take_out(Waiter &waiter) {
  if (waiter.process != forks()) return;
  --at_.waiting;
  if (at_.first == &waiter) at_.first = waiter.next == &waiter ? nullptr : waiter.next;
  waiter.next->previous = waiter.previous;
  waiter.previous->next = waiter.next;
}

// Who is LEAVING already will come for the guard; who leaves later will not look at the object any more (withdraw).
void Guarded::release(Waiter &waiter, bool given) {
  take_out(waiter);
  waiter.given = given;
  if (!given) at_.late.fetch_add(1);
  if (waiter.fate.fetch_or(Waiter::RELEASED) & Waiter::LEAVING) at_.late.fetch_add(1);
  waiter.next = released_;
  released_ = &waiter;
}

void Guarded::serve() {
  while (Waiter *waiter = at_.first) {
    if (!waiter->claim || !waiter->claim(word, waiter->thread, true)) return;
    release(*waiter, true);
  }
}

bool withdraw(Parker &parker) {
  Waiter &waiter = static_cast<Waiter &>(parker);
  Waitable &at = waiter.waited_for;
  if (waiter.fate.fetch_or(Waiter::LEAVING) & Waiter::RELEASED) return false;
  reach(Hook::leaving);
  {
    Guarded guarded(at);
    if (!(waiter.fate.load() & Waiter::RELEASED)) {
      guarded.take_out(waiter);
      guarded.serve();  // it may have been in the way
      return true;
    }
  }
  Counted_in::count_down(at.late);
  return false;
}

bool try_to_claim(Waitable &at, Claim claim) {
  uint64_t thread = present_thread(), now = at.word.load();
  for (;;) {
    if (now & Waitable::FLAGS) break;
    uint64_t claimed = now;
    if (!claim(claimed, thread, true)) return false;
    if (at.word.compare_exchange(now, claimed)) return true;
  }
  Guarded guarded(at);
  return claim(guarded.word, thread, !at.first);
}

int queue_for(Waitable &at, Claim claim, const Manner &manner) {
  for (bool senior = false, late = false;; senior = true) {
    Waiter waiter(at, claim, present_thread());
    waiter.senior = senior;
    bool claimed;
    {
      Guarded guarded(at);
      claimed = claim(guarded.word, waiter.thread, senior || !at.first);
      if (!claimed) guarded.put(waiter);
    }
    if (late) Counted_in::count_down(at.late);
    if (claimed) return 0;
    switch (park(waiter, manner, withdraw)) {
      case Parked::posted: break;
      case Parked::interrupted: return POLITE_INTERRUPTED;
      case Parked::timed_out: return POLITE_ETIMEDOUT;
      case Parked::again: late = false; continue;
    }
    if (waiter.given) return 0;
    late = true;
  }
}

int wait_for(Waitable &at, Claim claim, const Manner &manner) {
  if (manner.interruptible)
    if (int interrupted = polite_checkpoint()) return interrupted;
  return try_to_claim(at, claim) ? 0 : queue_for(at, claim, manner);
}

int change(Waitable &at, Change make) {
  uint64_t thread = present_thread(), now = at.word.load();
  while (!(now & Waitable::FLAGS)) {
    uint64_t changed = now;
    if (int error = make(changed, thread)) return error;
    if (at.word.compare_exchange(now, changed)) return 0;
  }
  Guarded guarded(at);
  if (int error = make(guarded.word, thread)) return error;
  guarded.serve();
  return 0;
}

int destroy(Waitable &at, uint64_t held) {
  for (;;) {
    {
      Guarded guarded(at);
      if (at.first || guarded.word & held) return POLITE_EBUSY;
      if (!at.late.load()) {
        guarded.word = 0;
        at.kind = 0;
        at.depth.store(0);
        return 0;
      }
    }
    wait_until_zero(at.late);
  }
}

}  // namespace polite

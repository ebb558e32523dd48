// A thread that cannot end for as long as this exists, to be interrupted or looked at.
//
// The thread waits for its Targets at its end and when it settles, so they are short, wait for nobody, and exist only
// while signals are held back.
#pragma once

#include "hooks.h"
#include "platform.h"
#include "process.h"
#include "region.h"

namespace polite {

// Counted into a record, which may be anybody's: it is not given to another thread meanwhile.
class Counted_in {
 public:
  Counted_in(Record &record, const platform::Signals_held &) : record_(record) { count_in(record); }
  ~Counted_in() { count_down(record_.inflight); }
  Counted_in(const Counted_in &) = delete;
  Counted_in &operator=(const Counted_in &) = delete;

  static void count_in(Record &record) { record.inflight.fetch_add(1); }
  static void count_down(Atomic<uint32_t> &count) {
    if (count.fetch_sub(1) == (count::AWAITED | 1)) platform::wake_waiters(&count);
  }

 private:
  Record &record_;
};

class Target {
 public:
  Target(polite_thread_t thread, const platform::Signals_held &) : record_(find_record(thread)) {
    if (!record_) return;
    Counted_in::count_in(*record_);  // before the look at the handle: pairs with thread_ending
    reach(Hook::counted);
    if (record_->handle.load() == thread && record_->born.load() == forks()) return;
    let_go();
  }
  ~Target() {
    if (record_) let_go();
  }
  Target(const Target &) = delete;
  Target &operator=(const Target &) = delete;

  // Sends the wake, WAKING having just been set. The count is given up for that of `kicking` first: the owner need not wait for us
  // any more once the wake has arrived, and it may arrive, and the owner preempt us, before kick() returns.
  // (Or calls the region's own waker: that is looked for before the count is given up, for the owner may be in no other region until then.)
  enum Kicked {
    WOKEN,     // it is on its way out, or has been already
    SIGNALED,  // unless it is deaf to that
    FAILED     // it cannot be woken now
  };
  Kicked kick() {
    Record &record = *record_;
    record.kicking.fetch_add(1);
    uintptr_t frame = record.owner()->frame.load();
    if (Whereabouts::is_waker(frame)) {
      return wake_region(Waker::at(frame));
    }
    if (record.word.load() & word::SELF_PIPE) {
      let_go();  // it has left its region, and settles; no signal is for it
      Counted_in::count_down(record.kicking);
      return WOKEN;
    }
    platform::Kick kick(record);
    let_go();
    reach(Hook::before_kick);
    bool sent = kick.send();
    if (!sent) not_waking(record);
    Counted_in::count_down(record.kicking);
    return sent ? SIGNALED : FAILED;
  }

  explicit operator bool() const { return record_; }
  Record &record() const { return *record_; }

 private:
  void let_go() {
    Counted_in::count_down(record_->inflight);
    record_ = nullptr;
  }

  Kicked wake_region(Waker &waker) {
    Record &record = *record_;
    let_go();
    reach(Hook::before_kick);
    bool woken = !waker.belongs_to(record) || waker.wake();  // unless the region was left by a jump (polite_jumped)
    if (!woken) not_waking(record);
    Counted_in::count_down(record.kicking);
    return woken ? WOKEN : FAILED;
  }

  // So that the next one tries again.
  static void not_waking(Record &record) {
    record.word.fetch_and(~word::WAKING);
    platform::wake_waiters(&record.word);
  }

  Record *record_;
};

}  // namespace polite

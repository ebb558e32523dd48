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
  // True if that is something to which it may be deaf: a signal, or a waker that may fail.
  bool kick() {
    Record &record = *record_;
    record.kicking.fetch_add(1);
    uintptr_t frame = record.owner()->frame.load();
    if (Whereabouts::is_waker(frame)) {
      return wake_region(Waker::at(frame));
    }
    if (record.word.load() & word::SELF_PIPE) {
      let_go();  // it has left its region, and settles; no signal is for it
      Counted_in::count_down(record.kicking);
      return false;
    }
    platform::Kick kick(record);
    let_go();
    reach(Hook::before_kick);
    if (!kick.send()) {
      record.word.fetch_and(~word::WAKING);
      platform::wake_waiters(&record.word);
    }
    Counted_in::count_down(record.kicking);
    return true;
  }

  explicit operator bool() const { return record_; }
  Record &record() const { return *record_; }

 private:
  void let_go() {
    Counted_in::count_down(record_->inflight);
    record_ = nullptr;
  }

  bool wake_region(Waker &waker) {
    Record &record = *record_;
    let_go();
    reach(Hook::before_kick);
    bool there = waker.belongs_to(record);  // unless the region was left by a jump (polite_jumped)
    bool may_fail = there && waker.may_fail();
    if (there) waker.wake();
    Counted_in::count_down(record.kicking);
    return may_fail;
  }

  Record *record_;
};

}  // namespace polite

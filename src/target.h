// A thread that cannot end for as long as this exists, to be interrupted or looked at.
//
// The thread waits for its Targets at its end and when it settles, so they are short, wait for nobody, and exist only
// while signals are held back.
#pragma once

#include "hooks.h"
#include "platform.h"
#include "process.h"

namespace polite {

class Target {
 public:
  Target(polite_thread_t thread, const platform::Signals_held &) : record_(find_record(thread)) {
    if (!record_) return;
    record_->inflight.fetch_add(1);  // before the look at the handle: pairs with thread_ending
    reach(Hook::counted);
    if (record_->handle.load() == thread && record_->born.load() == forks()) return;
    let_go();
  }
  ~Target() {
    if (record_) let_go();
  }
  Target(const Target &) = delete;
  Target &operator=(const Target &) = delete;

  explicit operator bool() const { return record_; }
  Record &record() const { return *record_; }

 private:
  void let_go() {
    uint32_t before = record_->inflight.fetch_sub(1);
    if (before == (inflight::SETTLING | 1)) platform::wake_waiters(&record_->inflight);
    record_ = nullptr;
  }

  Record *record_;
};

}  // namespace polite

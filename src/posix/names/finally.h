// What a wait of the calling thread's has to have done at its end, also if a handler on top of the wait ends the thread.
#pragma once

#include "polite/cleanup.h"

namespace polite {

class Finally {
 public:
  Finally(void (*fn)(void *), void *arg) : fn_(fn), arg_(arg) { polite_cleanup_push(&node_, fn, arg); }
  ~Finally() {
    polite_cleanup_pop(&node_, 0);  // not to run it: in a shield it need not be
    fn_(arg_);
  }
  Finally(const Finally &) = delete;
  Finally &operator=(const Finally &) = delete;

 private:
  polite_cleanup_t node_ = {};
  void (*fn_)(void *);
  void *arg_;
};

}  // namespace polite

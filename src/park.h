// Parking: a thread waits until another one posts to it, or it is interrupted, or a moment has come. All waiting that is not a system call
// of the program's is made of this (locks, conditions, semaphores …), in portable code.
//
// A Parker lies on the waiter's stack, and others find it where the waiter has put it (a queue of a lock). Posting is the last that is
// done with it: the waiter may be gone by then. Whoever wakes it for an interrupt is waited for (region.h).
#pragma once

#include "region.h"

namespace polite {

class Parker : public Waker, private platform::Bed {
 public:
  Parker() : Waker(disturb) {}

  // Ends the wait with Parked::posted. Async-signal-safe.
  void post();

 private:
  friend class Parking;
  static constexpr uint32_t POSTED = 1, DISTURBED = 2;
  static bool disturb(Waker &);
  Atomic<uint32_t> word_;
};

// One that others find in a place of its own, where they put something else when what is waited for has come.
class Placed_parker : public Parker {
 public:
  explicit Placed_parker(Atomic<Parker *> &place) : place_(place) {}

  // False if the place is not empty any more.
  bool put() {
    Parker *nobody = nullptr;
    return place_.compare_exchange(nobody, this);
  }

  // For park().
  static bool withdraw(Parker &parker) {
    Parker *here = &parker;
    return static_cast<Placed_parker &>(parker).place_.compare_exchange(here, nullptr);
  }

 private:
  Atomic<Parker *> &place_;
};

enum class Parked {
  posted,
  interrupted,  // an interrupt has been delivered
  timed_out,
  again         // it was woken for an interrupt, but that is gone: look whether to wait any more
};

// What a wait is like.
struct Manner {
  const Call &call;            // what inspectors are told …
  const void *object;          // … and what it is about
  int64_t deadline = platform::NEVER;
  bool interruptible = true;
};

// Parks the calling thread. Whenever it wakes for another reason than a post, it calls `withdraw` before it decides anything: that is to take
// the parker from where others find it. False from it: there it is no more, a post has been made or is being made; then that is
// waited for, and is the result (rule 2). A wait that is made where nothing can be delivered is plain; one that is not interruptible is as
// good as shielded.
Parked park(Parker &, const Manner &, bool (*withdraw)(Parker &));

}  // namespace polite

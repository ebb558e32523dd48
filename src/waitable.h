// What all objects that threads wait for are made of (mutex.cpp, condition.cpp, semaphore.cpp …): a word, and a queue of those who wait.
//
// What an object is (who owns it, how many units it has) is in its word, and changes by a compare-and-exchange as long as nobody waits.
// Flags at the bottom of the word say otherwise: then it changes under a guard, which is one of them. So what frees an object
// gives up the guard in the very same step, and has not touched it since when somebody else finds it free, and destroys it.
//
// The guard is held for a few instructions, and with signals held back: no handler comes upon a guard of its own thread's. So what
// releases may be called by a handler.
//
// A waiter is on its thread's stack. It is in the queue until it is released, by another, who has no more to do with it once he has
// posted it; or until it withdraws. Both under the guard, so one of them happens (rule 2).
#pragma once

#include "park.h"

namespace polite {

struct Waitable;

// Tries to get what is waited for, for that thread, out of an object's word. `next` says that nobody has waited for longer.
using Claim = bool (*)(uint64_t &word, uint64_t thread, bool next);

struct Waiter : Parker {
  explicit Waiter(Waitable &waited_for, Claim claim = nullptr, uint64_t thread = 0) : waited_for(waited_for), claim(claim), thread(thread) {}

  Waitable &waited_for;
  Claim claim;      // of what it waits for; null where it waits for being released
  uint64_t thread;  // who waits (present_thread)

  Waiter *next, *previous;  // a ring
  uint32_t process;         // in which it was put into the queue: after a fork there is no such queue (process.h)
  bool senior = false;      // it has waited before, in vain: it is first in the queue, and is given what it waits for
  bool given = false;       // it has got what it waited for, or else is to try again

  static constexpr uint32_t LEAVING = 1, RELEASED = 2;
  Atomic<uint32_t> fate;
};

// All zero: free, nobody waits.
struct Waitable {
  static constexpr uint64_t GUARDED = 1, AWAITED = 2, WAITERS = 4, FLAGS = 7;  // AWAITED: somebody sleeps until it is not guarded
  static constexpr int VALUE_SHIFT = 6;                                        // what is above is the object's
  static constexpr uint64_t ONE = uint64_t(1) << VALUE_SHIFT;

  Atomic<uint64_t> word;
  Waiter *first;
  Atomic<uint32_t> process;  // for which process this is up to date, and whether it is being brought up to date (bit 0)
  Atomic<uint32_t> late;     // how many are not in the queue any more, but will look here once more
  uint32_t waiting;          // how many are in the queue
  uint32_t kind;             // the object's own
  Atomic<uint32_t> depth;    // how often a recursive mutex is locked, beyond the first
};

template <class Public>
Waitable &inside(Public *object) {
  static_assert(sizeof(Waitable) <= sizeof(Public) && alignof(Waitable) <= alignof(Public));
  return *reinterpret_cast<Waitable *>(object);
}

// What the calling thread is called in words. It need not be attached.
using platform::present_thread;
static_assert(alignof(Whereabouts) >= Waitable::ONE);

// The guard. What has been released is posted when it is given up.
class Guarded {
 public:
  explicit Guarded(Waitable &);
  ~Guarded();
  Guarded(const Guarded &) = delete;
  Guarded &operator=(const Guarded &) = delete;

  uint64_t word;  // the object's, without flags

  void put(Waiter &);
  void take_out(Waiter &);

  // Takes it out for good: it has got what it waited for, or is to try again.
  void release(Waiter &, bool given);

  // Gives what there is to those who wait for it, until the first one that it is not enough for.
  void serve();

 private:
  platform::Signals_held held_;
  Waitable &at_;
  Waiter *released_ = nullptr;
};

// Takes a waiter out of its queue, as park() wants it.
bool withdraw(Parker &);

// Tries to get it, without waiting.
bool try_to_claim(Waitable &, Claim);

// Gets it, having waited if need be. 0, POLITE_INTERRUPTED or POLITE_ETIMEDOUT.
int queue_for(Waitable &, Claim, const Manner &);

// The same with what goes before: an interrupt that is pending is delivered first (rule 3), and it is tried without the queue.
int wait_for(Waitable &, Claim, const Manner &);

// Changes the word, as `change` does unless it returns an error, and serves those who wait. Async-signal-safe.
using Change = int (*)(uint64_t &word, uint64_t thread);
int change(Waitable &, Change);

// Makes it as new, once nobody looks at it any more. POLITE_EBUSY if somebody waits, or one of those bits of the word is set.
int destroy(Waitable &, uint64_t held);

}  // namespace polite

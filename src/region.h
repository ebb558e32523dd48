// A region of C++ code, in which the thread is woken by a function that the region brings along, and not by the platform's kick: parking,
// a call that polite does not know, a wait for the self-pipe.
//
// The owner fences by itself: `frame`, then `region`, then the look at `word`, each sequentially consistent; the interrupter sets its
// bit before it looks at `region`, and looks at `frame` after that (Target::kick). WAKING stays set until the owner has left: so a
// region that was woken is left, and begun anew if the request is gone. (Unless the waker clears it, to be called again.)
#pragma once

#include "delivery.h"

namespace polite {

// What gets a thread out of such a region. It lies in the frame of whoever is in the region, and begins with a cookie by which a
// region that was left by a jump is told (inside_call).
class Waker {
 public:
  // `wake` is called by an interrupter, and has returned before the region has been left. Async-signal-safe. It may be called again.
  // Where a region RUNS_FUNCTIONS of the program's, those are on top of it, too, and not signal handlers alone. One that MAY_FAIL to wake
  // has the platform know of it (observe).
  enum Kind : uint8_t { ORDINARY, RUNS_FUNCTIONS, MAY_FAIL, KINDS };
  explicit Waker(void (*wake)(Waker &), Kind kind = ORDINARY) : record_(nullptr), wake_(wake), kind_(kind) {}
  Waker(const Waker &) = delete;
  Waker &operator=(const Waker &) = delete;
  ~Waker() { record_ = nullptr; }

  void wake() { wake_(*this); }

  // Inline, so that those who look at a waker that may be gone are not seen by a sanitizer.
  POLITE_INLINE static Waker &at(uintptr_t frame) { return *reinterpret_cast<Waker *>(frame & ~Whereabouts::WAKER); }
  POLITE_INLINE bool belongs_to(const Record &record) const { return record_ == &record && kind_ < KINDS; }
  POLITE_INLINE bool runs_functions() const { return kind_ == RUNS_FUNCTIONS; }
  bool may_fail() const { return kind_ == MAY_FAIL; }

 private:
  friend class Region;
  const Record *volatile record_;
  void (*wake_)(Waker &);
  uint8_t kind_;  // a Kind, unless something else lies here by now
};

class Region {
 public:
  // Enters. The thread, whose record it is, must not be inside of a call (outside()). `object` is what inspectors are told. One that is not
  // interruptible is left with Ending::result.
  Region(Record &, Waker &, const Call &, uint64_t object = 0, bool interruptible = true);

  // Whether to leave: looked at after the region was entered, and before the owner goes to sleep.
  bool requested() const;

  // Leaves, settles, and decides: as conclude().
  Next leave(Ending);

  Region(const Region &) = delete;
  Region &operator=(const Region &) = delete;

 private:
  Record &record_;
};

}  // namespace polite

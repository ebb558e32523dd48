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
  // `wake` is called by an interrupter, and has returned before the region has been left. Async-signal-safe. It may be called again. False
  // from it: it cannot wake the thread now.
  // Where a region runs functions of the program's, those are on top of it, too, and not signal handlers alone.
  explicit Waker(bool (*wake)(Waker &), bool runs_functions = false) : record_(nullptr), wake_(wake), runs_functions_(runs_functions ? 1 : 0) {}
  Waker(const Waker &) = delete;
  Waker &operator=(const Waker &) = delete;
  ~Waker() { record_ = nullptr; }

  bool wake() { return wake_(*this); }

  // Inline, so that those who look at a waker that may be gone are not seen by a sanitizer.
  POLITE_INLINE static Waker &at(uintptr_t frame) { return *reinterpret_cast<Waker *>(frame & ~Whereabouts::WAKER); }
  POLITE_INLINE bool belongs_to(const Record &record) const { return record_ == &record && runs_functions_ <= 1; }
  POLITE_INLINE bool runs_functions() const { return runs_functions_ != 0; }

 private:
  friend class Region;
  const Record *volatile record_;
  bool (*wake_)(Waker &);
  uint8_t runs_functions_;  // 0 or 1, unless something else lies here by now
};

// The bits of `word` for which the owner of a region with a waker is to leave it.
inline uint64_t ends_region(const Whereabouts &here) { return (here.region.load_relaxed() & word::REQUESTS) | word::WAKING; }

class Region {
 public:
  // Enters. The thread, whose record it is, must not be inside of a call (outside()). `object` is what inspectors are told. One that is not
  // interruptible is left with Ending::result.
  Region(Record &, Waker &, const Call &, uint64_t object = 0, bool interruptible = true);

  // Whether to leave: looked at after the region was entered, and before the owner goes to sleep. Also if it was woken and the request
  // is gone: who stayed would not be woken again.
  bool requested() const;

  // Leaves, settles, and decides: as conclude().
  Next leave(Ending);

  Region(const Region &) = delete;
  Region &operator=(const Region &) = delete;

 private:
  Record &record_;
};

}  // namespace polite

// An interruption point on Unix: one system call, made in the window. The fast path is all in interruptible(); what is
// behind a call of another function happens when something happened.
#pragma once

#include "delivery.h"
#include "polite/error.h"
#include "posix/window.h"

#include <errno.h>

namespace polite {

// Which of a socket's time limits a call obeys (Call::limit). The kernel counts it anew at every call, so a call that is made again has
// to see to it itself.
enum Limit : uint8_t { UNLIMITED, RECEIVE, SEND, CONNECT };

struct Arguments {
  long number;
  long a = 0, b = 0, c = 0, d = 0, e = 0, f = 0;
};

// After a call in the window that came back as it does when something happened: decides, and goes on if need be.
long conclude_call(const Call &call, const Arguments &arguments, long answer);

template <class... Args>
POLITE_INLINE long interruptible(const Call &call, long number, Args... args) {
  Record &record = platform::self();
  if (unlikely(record.frame.load_relaxed() != 0) && outside(record)) return system_call(number, argument(args)...);
  long answer = window(record, call, number, argument(args)...);
  // `word` and `inflight` after the region has been left: pairs with wake() as the loads in the window do.
  bool quiet = !(record.word.load_relaxed() | record.inflight.load_relaxed());
  if (likely(quiet && int(answer) != -EINTR)) return answer;
  return conclude_call(call, {number, argument(args)...}, answer);
}

}  // namespace polite

// Waiting on a word of memory, interruptibly: the futex.
#pragma once

#include "posix/interruptible.h"
#include "private.h"

namespace polite {

// Until when: a moment of one of the system's clocks.
struct Moment {
  int64_t seconds, nanoseconds;
  bool of_day;  // CLOCK_REALTIME; else CLOCK_MONOTONIC
};

// An interruption point, described by `call`: sleeps until `word` is not `expected`, or somebody wakes it, or for no reason: 0. Or
// POLITE_INTERRUPTED, POLITE_EINTR, POLITE_ETIMEDOUT. `until` may be null; if it is the kernel restarts the call. `shared`: among
// processes. A thread that was woken by FUTEX_WAKE is not interrupted as well: the kernel looks first whether it was woken. So
// nobody's wake is lost.
int wait_for_word(const Call &call, const void *word, uint32_t expected, const Moment *until, bool shared)
    POLITE_PRIVATE(wait_for_word);

}  // namespace polite

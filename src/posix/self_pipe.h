// The self-pipe: how threads are woken that get no signal. They block only in poll, on what their call waits for and on a descriptor
// of their own, which the interrupter writes to. For processors without a window, for programs under instruments that do not let one
// work, and for threads that must not be signalled. Rule 11's descriptors and system calls do not hold here; all else does,
// but for the calls that can block in no other way (ABI.md lists them): there the interrupt is found at the next call.
#pragma once

#include "posix/interruptible.h"

#include <poll.h>

namespace polite {

// Makes the call, as an interruption point of the calling thread, which is on the self-pipe and in no call. In self_pipe_calls.cpp.
long through_self_pipe(const Call &call, const Arguments &arguments);

// What a wait in poll is like.
struct Poll {
  const Call &call;
  long object;                        // for inspectors
  int64_t deadline = platform::NEVER;
  const uint64_t *mask = nullptr;     // the signals to hold back meanwhile
  bool keeps_requests = false;        // something has been done already: nothing is delivered
  bool restarts = false;              // as the plain call does after a signal handler that asks for that; no mask then
};

// Waits until one of the descriptors is ready: how many are. Or 0: the moment has come; POLITE_INTERRUPTED; -EINTR; another error. If
// it keeps requests it comes back for one with STOPPED. `fds` has room for MORE.
constexpr long STOPPED = LONG_MIN + 1;
constexpr unsigned MORE = 2;
long poll_or_wake(const Poll &poll, pollfd *fds, unsigned count);

// Sleeps as futex(2) does with these arguments.
long wait_on_futex(const Call &call, const Arguments &arguments);

}  // namespace polite

// What the table of calls makes for calls that are written out: the parts of them that are interruption points, and their descriptions.
#pragma once

#include "polite.h"
#include "posix/message.h"
#include "posix/time_limit.h"
#include "posix/wake_signal.h"
#include "posix/interruptible.h"

#include <linux/time_types.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/select.h>
#include <sys/uio.h>

struct epoll_event;
struct mmsghdr;
struct sembuf;
struct termios;

extern "C" {
using namespace polite;
#define DESCRIBED(name) __attribute__((visibility("hidden"))) extern const Call polite_call_##name;
#define CALL(name, number, has_descriptor, restarts, limit, names) DESCRIBED(name)
#define SHARED CALL
#define PART(name, number, has_descriptor, restarts, limit, parameters) \
  DESCRIBED(name) __attribute__((visibility("hidden"))) long polite_part_##name parameters;
#define SHARED_PART PART
#define NAMED(name, names)
#include "posix/calls.def"
#undef DESCRIBED
#undef CALL
#undef SHARED
#undef PART
#undef SHARED_PART
#undef NAMED
}

namespace polite {

// A set of signals as the kernel wants it, and without the wake: a thread must neither hold that back nor take it (rule 7).
inline uint64_t without_wake(const sigset_t *set) {
  uint64_t kernels;
  memcpy(&kernels, set, sizeof kernels);
  return kernels & ~signal_bit(wake_signal());
}

}  // namespace polite

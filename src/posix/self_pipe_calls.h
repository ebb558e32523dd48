// What the wrapped calls on the self-pipe are made of, by subject: transfers, connections and waits. Each is tried first without blocking, and
// blocks only in poll. What has no way to be tried waits in poll until it should not block, and is made then: if another thread takes
// what it waited for in between, it blocks, and is not woken.
#pragma once

#include "posix/message.h"
#include "posix/self_pipe.h"
#include "posix/sleep.h"
#include "posix/system_call.h"
#include "posix/time_limit.h"

#include <poll.h>
#include <sys/uio.h>

namespace polite {

inline long plain(const Call &call, const Arguments &a) { return system_call(call.number, a.a, a.b, a.c, a.d, a.e, a.f); }

// What can block, and cannot be woken.
long not_to_be_woken(const Call &call, const Arguments &a);

// --- What is known of a descriptor ------------------------------------------------------------------------------------------

bool does_not_block(long fd);
unsigned kind_of(long fd);  // S_IFREG …

// The kernel wakes nobody who waits for these, and poll says that they are ready.
bool is_file(unsigned kind);

// --- Waiting for a descriptor -----------------------------------------------------------------------------------------------

// A call that waits for its descriptor, within its time limit. `restarts`: as in Poll, but for the limit.
class Descriptor {
 public:
  Descriptor(const Call &call, long fd, short events, bool restarts) : call_(call), fd_(fd), events_(events), restarts_(restarts), limit_(call, fd) {}
  Descriptor(const Call &call, long fd, short events) : Descriptor(call, fd, events, call.restarts) {}

  // More than 0 if it is ready; otherwise what the call returns. See Poll for `keeps_requests`.
  long wait(bool keeps_requests = false) const;

 private:
  bool has_ended(short revents) const;

  const Call &call_;
  long fd_;
  short events_;
  bool restarts_;
  Time_limit limit_;
};

// Once it is ready; for calls that cannot be tried.
long when_ready(const Call &call, const Arguments &a, long fd, short events);

// --- Transfers, in self_pipe_transfers.cpp. `events`: POLLIN or POLLOUT ------------------------------------------------------

long by_pieces(const Call &call, const Arguments &a, long fd, short events, const iovec *pieces, size_t count, int flags);
long by_buffer(const Call &call, const Arguments &a, short events);
long by_message(const Call &call, const Arguments &a, short events, const Kernel_message *given, int flags);
long by_messages(const Call &call, const Arguments &a, short events);
long by_sendfile(const Call &call, const Arguments &a);
long by_splice(const Call &call, const Arguments &a);

// --- Waits, in self_pipe_waits.cpp ------------------------------------------------------------------------------------------

long poll_several(const Call &call, const Arguments &a);
long select_several(const Call &call, const Arguments &a);
long wait_for_events(const Call &call, const Arguments &a);
long sleep_until_moment(const Call &call, const Arguments &a);
long suspend(const Call &call, const Arguments &a);
long wait_for_signal(const Call &call, const Arguments &a);
long wait_for_child(const Call &call, const Arguments &a);
long wait_for_child_by_id(const Call &call, const Arguments &a);
long wait_for_queue(const Call &call, const Arguments &a, short events);

}  // namespace polite

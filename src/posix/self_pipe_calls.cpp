// The wrapped calls on the self-pipe: each is tried first without blocking, and blocks only in poll. What has no way to be tried waits in
// poll until it should not block, and is made then: if another thread takes what it waited for in between, it blocks, and is not woken.
#include "delivery.h"
#include "polite.h"
#include "posix/message.h"
#include "posix/self_pipe.h"
#include "posix/sleep.h"
#include "posix/system_call.h"
#include "posix/time_limit.h"
#include "posix/wake_signal.h"
#include "region.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <linux/time_types.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <termios.h>

#if !defined RWF_NOWAIT
#define RWF_NOWAIT 8 /* linux/fs.h, which musl does not bring along */
#endif

namespace polite {

namespace {

long plain(const Call &call, const Arguments &a) { return system_call(call.number, a.a, a.b, a.c, a.d, a.e, a.f); }

// What can block, and cannot be woken.
long not_to_be_woken(const Call &call, const Arguments &a) {
  Waker none([](Waker &) {});
  Region region(platform::self(), none, call, uint64_t(a.a), false);
  long answer = plain(call, a);
  region.leave(Ending::result);
  return answer;
}

// --- What is known of a descriptor ------------------------------------------------------------------------------------------

bool does_not_block(long fd) {
  long flags = system_call(SYS_fcntl, fd, F_GETFL);
  return flags < 0 || flags & O_NONBLOCK;
}

unsigned kind_of(long fd) {
  struct stat about;
  return fstat(int(fd), &about) == 0 ? about.st_mode & S_IFMT : 0;
}

// The kernel wakes nobody who waits for these, and poll says that they are ready.
bool is_file(unsigned kind) { return kind == S_IFREG || kind == S_IFBLK || kind == S_IFDIR; }

bool is_terminal(long fd) {
  termios settings;
  return system_call(SYS_ioctl, fd, TCGETS, argument(&settings)) == 0;
}

// --- Waiting for a descriptor -----------------------------------------------------------------------------------------------

// A call that waits for its descriptor, within its time limit.
class Descriptor {
 public:
  Descriptor(const Call &call, long fd, short events) : call_(call), fd_(fd), events_(events), limit_(call, fd) {}

  // More than 0 if it is ready; otherwise what the call returns. See Poll for `keeps_requests`.
  long wait(bool keeps_requests = false) const {
    pollfd fds[1 + MORE] = {{int(fd_), events_, 0}};
    bool restarts = call_.restarts && !limit_.exists();
    long ready = poll_or_wake({call_, fd_, limit_.deadline(), nullptr, keeps_requests, restarts}, fds, 1);
    if (keeps_requests && ready > 0 && has_ended(fds[0].revents)) return STOPPED;
    return ready == 0 ? limit_.passed() : ready;
  }

 private:
  // What follows is an error, which is the next call's: this one has done something.
  bool has_ended(short revents) const { return revents & POLLHUP && (events_ == POLLOUT || revents & POLLERR); }

  const Call &call_;
  long fd_;
  short events_;
  Time_limit limit_;
};

// Once it is ready; for calls that cannot be tried.
long when_ready(const Call &call, const Arguments &a, long fd, short events) {
  if (does_not_block(fd)) return plain(call, a);
  long ready = Descriptor(call, fd, events).wait();
  return ready < 0 ? ready : plain(call, a);
}

// --- Transfers --------------------------------------------------------------------------------------------------------------

// What is left of a transfer.
class Pieces {
 public:
  Pieces(const iovec *pieces, size_t count) : at_(pieces), count_(count) {}

  bool empty() const { return count_ == 0; }

  // In a row; `rest` is where a piece that was begun can be put down.
  const iovec *row(iovec &rest, size_t &count) const {
    count = count_;
    if (begun_ == 0) return at_;
    rest = {static_cast<char *>(at_->iov_base) + begun_, at_->iov_len - begun_};
    count = 1;
    return &rest;
  }

  void advance(size_t moved) {
    begun_ += moved;
    while (count_ && begun_ >= at_->iov_len) begun_ -= at_++->iov_len, --count_;
  }

 private:
  const iovec *at_;
  size_t count_, begun_ = 0;
};

// A transfer in the making. `try_once` moves a row of pieces without blocking: the number of bytes, or an error, -EAGAIN among them.
struct Transfer {
  const Call &call;
  long fd;
  short events;
  bool all;  // as the plain call does, it goes on until all has been moved
  long (*try_once)(Transfer &, const iovec *, size_t);
  int flags = 0;
  Kernel_message *message = nullptr;
  const Kernel_message *given = nullptr;
  bool room_is_elsewhere = false;  // at the receiver of a message, for which poll cannot wait: it blocks, and is not woken
  bool polls_first = false;  // it cannot be tried: to be made once the descriptor is ready
  long moved = 0;            // or an error
};

// True if that is all.
bool has_moved(Transfer &transfer, Pieces &pieces) {
  iovec rest;
  size_t count;
  const iovec *row = pieces.row(rest, count);
  long n = transfer.try_once(transfer, row, count);
  if (n > 0) {
    transfer.moved += n;
    pieces.advance(size_t(n));
    return !transfer.all || pieces.empty() || does_not_block(transfer.fd);
  }
  if (n == -EAGAIN && !does_not_block(transfer.fd)) return false;
  if (!transfer.moved) transfer.moved = n;
  return true;
}

// It is not tried again before poll says that there is something, and no error, which the next call is to find.
long carry_out(Transfer &transfer, Pieces pieces) {
  if (has_moved(transfer, pieces)) return transfer.moved;
  const Descriptor descriptor(transfer.call, transfer.fd, transfer.events);
  do {
    long ready = descriptor.wait(transfer.moved > 0);
    if (ready <= 0 || ready == STOPPED) return transfer.moved ? transfer.moved : ready;
    if (transfer.room_is_elsewhere) transfer.flags &= ~MSG_DONTWAIT;
  } while (!has_moved(transfer, pieces));
  return transfer.moved;
}

// How much can be written at a time once the descriptor is ready.
size_t room_of(long fd) { return kind_of(fd) == S_IFIFO ? PIPE_BUF : is_terminal(fd) ? 256 : SIZE_MAX; }

// As many pieces as there is room for, together, for a pipe takes them as one; or a part of one.
long write_when_ready(Transfer &transfer, const iovec *row, size_t count) {
  size_t room = room_of(transfer.fd), total = 0, n = 0;
  while (n < count && row[n].iov_len <= room - total) total += row[n++].iov_len;
  iovec part = {n < count ? row[n].iov_base : nullptr, room};
  if (total == 0 && n < count) row = &part, n = 1;
  return system_call(SYS_writev, transfer.fd, argument(row), long(n));
}

long move_now(Transfer &transfer, const iovec *row, size_t count) {
  bool reads = transfer.events == POLLIN;
  if (transfer.polls_first) {
    if (int(transfer.fd) < 0) return -EBADF;  // poll passes over it
    pollfd ready = {int(transfer.fd), transfer.events, 0};
    __kernel_timespec now = {};
    if (system_call(SYS_ppoll, argument(&ready), 1, argument(&now), 0, 0) == 0) return -EAGAIN;
    return reads ? system_call(SYS_readv, transfer.fd, argument(row), long(count)) : write_when_ready(transfer, row, count);
  }
  long number = reads ? SYS_preadv2 : SYS_pwritev2;
  long n = system_call(number, transfer.fd, argument(row), long(count), -1, -1, transfer.flags | RWF_NOWAIT);
  if (n != -EOPNOTSUPP && n != -ENOSYS) return n;
  if (transfer.flags) return system_call(number, transfer.fd, argument(row), long(count), -1, -1, transfer.flags);  // is it those?
  transfer.polls_first = true;
  return move_now(transfer, row, count);
}

// A terminal may be content with no byte at all, after a time (termios(3), VMIN and VTIME), and poll does not tell: that time, or NEVER.
int64_t patience_of_terminal(long fd) {
  constexpr int64_t UNIT = SECOND / 10;
  termios settings;
  if (system_call(SYS_ioctl, fd, TCGETS, argument(&settings)) != 0 || settings.c_lflag & ICANON || settings.c_cc[VMIN]) return platform::NEVER;
  return settings.c_cc[VTIME] * UNIT;
}

long read_terminal(const Call &call, const Arguments &a, long fd, int64_t patience) {
  pollfd fds[1 + MORE] = {{int(fd), POLLIN, 0}};
  long ready = poll_or_wake({call, fd, deadline_after(patience)}, fds, 1);
  return ready > 0 ? plain(call, a) : ready;
}

long by_pieces(const Call &call, const Arguments &a, long fd, short events, const iovec *pieces, size_t count, int flags) {
  unsigned kind = kind_of(fd);
  if (count == 0 || is_file(kind) || flags & RWF_NOWAIT) return plain(call, a);
  if (kind == S_IFCHR) {
    if (does_not_block(fd)) return plain(call, a);
    int64_t patience = events == POLLIN ? patience_of_terminal(fd) : platform::NEVER;
    if (patience != platform::NEVER) return read_terminal(call, a, fd, patience);
  }
  Transfer transfer = {call, fd, events, events == POLLOUT, move_now, flags};
  return carry_out(transfer, {pieces, count});
}

// Whether descriptors have come with it: they are in the one place for control messages, and must not be written over.
bool has_descriptors(const Kernel_message &message) {
  struct Header {
    size_t size;
    int level, type;
  };
  constexpr int RIGHTS = 1, PROCESS = 4;  // SCM_RIGHTS, SCM_PIDFD
  const char *at = static_cast<const char *>(message.control), *end = at + message.control_len;
  while (size_t(end - at) >= sizeof(Header)) {
    Header header;
    memcpy(&header, at, sizeof header);
    if (header.level == SOL_SOCKET && (header.type == RIGHTS || header.type == PROCESS)) return true;
    size_t step = (header.size + sizeof(size_t) - 1) & ~(sizeof(size_t) - 1);
    if (step < sizeof header || step > size_t(end - at)) break;
    at += step;
  }
  return false;
}

long send_now(Transfer &transfer, const iovec *row, size_t count) {
  Kernel_message &message = *transfer.message;
  message.pieces = const_cast<iovec *>(row);
  message.count = count;
  long n = system_call(SYS_sendmsg, transfer.fd, argument(&message), transfer.flags);
  if (n > 0) message.control_len = 0;  // that has been sent
  return n;
}

// What comes with the bytes is told as of the latest that something came with.
long receive_now(Transfer &transfer, const iovec *row, size_t count) {
  Kernel_message &told = *transfer.message, message = *transfer.given;
  message.pieces = const_cast<iovec *>(row);
  message.count = count;
  long n = system_call(SYS_recvmsg, transfer.fd, argument(&message), transfer.flags);
  if (n < 0 || (n == 0 && transfer.moved)) return n;
  if (transfer.moved && !message.control_len) message.control_len = told.control_len;
  told = message;
  if (message.flags & MSG_CTRUNC || has_descriptors(message)) transfer.all = false;
  return n;
}

bool is_stream(long sock) {
  int type = 0;
  socklen_t size = sizeof type;
  return system_call(SYS_getsockopt, sock, SOL_SOCKET, SO_TYPE, argument(&type), argument(&size)) == 0 && type == SOCK_STREAM;
}

long by_message(const Call &call, const Arguments &a, short events, const Kernel_message *given, int flags) {
  if (flags & (MSG_DONTWAIT | MSG_ERRQUEUE) || !given) return plain(call, a);  // what is not there is not waited for
  if (given->count == 0) return when_ready(call, a, a.a, events);
  Kernel_message message = *given;
  bool receives = events == POLLIN, all = !receives || (flags & (MSG_WAITALL | MSG_PEEK)) == MSG_WAITALL;
  if (receives && all) all = is_stream(a.a);
  Transfer transfer = {call, a.a, events, all, receives ? receive_now : send_now, (flags & ~MSG_WAITALL) | MSG_DONTWAIT, &message, given};
  transfer.room_is_elsewhere = !receives && given->name && !is_stream(a.a);
  long n = carry_out(transfer, {given->pieces, given->count});
  if (n >= 0 && receives) {
    Kernel_message &to = *const_cast<Kernel_message *>(given);
    to.name_len = message.name_len;
    to.control_len = message.control_len;
    to.flags = message.flags;
  }
  return n;
}

long by_buffer(const Call &call, const Arguments &a, short events) {
  iovec piece = {reinterpret_cast<void *>(a.b), size_t(a.c)};
  uint32_t *from_len = events == POLLIN ? reinterpret_cast<uint32_t *>(a.f) : nullptr;
  if (events == POLLIN && (!a.e != !from_len)) return plain(call, a);
  uint32_t name_len = events == POLLIN ? (from_len ? *from_len : 0) : uint32_t(a.f);
  Kernel_message message = {reinterpret_cast<void *>(a.e), name_len, &piece, 1, nullptr, 0, 0};
  long n = by_message(call, a, events, &message, int(a.d));
  if (n >= 0 && from_len) *from_len = message.name_len;
  return n;
}

// Several messages at a time: as many as go at once, if any do.
long by_messages(const Call &call, const Arguments &a, short events) {
  Arguments now = a;
  now.d |= MSG_DONTWAIT;
  long n;
  while ((n = plain(call, now)) == -EAGAIN && !(a.d & (MSG_DONTWAIT | MSG_ERRQUEUE)) && !does_not_block(a.a)) {
    n = Descriptor(call, a.a, events).wait();
    if (n < 0) break;
    if (events == POLLOUT && !is_stream(a.a)) return plain(call, a);  // as in Transfer::room_is_elsewhere
  }
  return n;
}

// Between descriptors: little enough that it does not block where there is room.
long in_small_pieces(const Call &call, Arguments a, long out, long Arguments::*length) {
  if (does_not_block(out) || is_file(kind_of(out))) return plain(call, a);
  long ready = Descriptor(call, out, POLLOUT).wait();
  if (ready < 0) return ready;
  if (size_t(a.*length) > PIPE_BUF) a.*length = PIPE_BUF;
  return plain(call, a);
}

bool waits(long fd) { return !does_not_block(fd) && !is_file(kind_of(fd)); }

// Sockets do not heed the flag that should keep it from blocking: they must be ready first.
long by_splice(const Call &call, const Arguments &a) {
  constexpr long NOW = 2;  // SPLICE_F_NONBLOCK
  bool waits_for_input = waits(a.a), waits_for_room = waits(a.c);
  if (a.f & NOW || !(waits_for_input || waits_for_room)) return plain(call, a);
  Arguments now = a;
  now.f |= NOW;
  if (kind_of(a.a) != S_IFSOCK && kind_of(a.c) != S_IFSOCK) {
    long n = plain(call, now);
    if (n != -EAGAIN) return n;
  }
  if (size_t(now.e) > PIPE_BUF) now.e = PIPE_BUF;
  for (;;) {
    long ready = waits_for_input ? Descriptor(call, a.a, POLLIN).wait() : 1;
    if (ready > 0 && waits_for_room) ready = Descriptor(call, a.c, POLLOUT).wait();
    if (ready < 0) return ready;
    long n = plain(call, now);
    if (n != -EAGAIN || !waits_for_input || !waits_for_room) return n;
  }
}

// --- Connections ------------------------------------------------------------------------------------------------------------

// It goes on in the kernel, also after an interrupt, and calling again takes it up. For a moment the socket does not block, to others either.
long connect(const Call &call, const Arguments &a) {
  const sockaddr *to = reinterpret_cast<const sockaddr *>(a.b);
  long flags = system_call(SYS_fcntl, a.a, F_GETFL);
  if (flags < 0 || flags & O_NONBLOCK || !to || size_t(a.c) < sizeof to->sa_family || to->sa_family == AF_UNIX) return not_to_be_woken(call, a);
  for (;;) {
    system_call(SYS_fcntl, a.a, F_SETFL, flags | O_NONBLOCK);
    long answer = plain(call, a);
    system_call(SYS_fcntl, a.a, F_SETFL, flags);
    if (answer != -EINPROGRESS && answer != -EALREADY) return answer;
    long ready = Descriptor(call, a.a, POLLOUT).wait();
    if (ready < 0) return ready;
  }
}

// --- Waiting for time, descriptors, signals, children -----------------------------------------------------------------------

bool is_time(const __kernel_timespec &time) { return time.tv_sec >= 0 && uint64_t(time.tv_nsec) < SECOND; }

int64_t deadline_of(const __kernel_timespec *time) {
  if (!time || time->tv_sec >= INT64_MAX / SECOND) return platform::NEVER;
  return deadline_after(time->tv_sec * SECOND + time->tv_nsec);
}

void write_what_is_left(__kernel_timespec *time, int64_t deadline) {
  if (!time || deadline == platform::NEVER) return;
  int64_t left = time_until(deadline);
  *time = {left / SECOND, left % SECOND};
}

// Room for the descriptors of a poll, and MORE: on the stack, or mapped.
class Descriptors {
 public:
  explicit Descriptors(size_t count) : size_((count + MORE) * sizeof(pollfd)) {
    fds_ = count < FEW ? few_ : static_cast<pollfd *>(platform::map(size_));
  }
  ~Descriptors() {
    if (fds_ != few_ && fds_) platform::unmap(fds_, size_);
  }
  Descriptors(const Descriptors &) = delete;
  Descriptors &operator=(const Descriptors &) = delete;
  pollfd *get() { return fds_; }

 private:
  static constexpr size_t FEW = 32;
  pollfd few_[FEW + MORE];
  pollfd *fds_;
  size_t size_;
};

// Tries with no time at all; waits until that should find something; tries again.
template <class Try>
long try_and_wait(const Poll &poll, pollfd *fds, unsigned count, Try try_now, long nothing) {
  for (;;) {
    long answer = try_now();
    if (answer != nothing) return answer;
    answer = poll_or_wake(poll, fds, count);
    if (answer <= 0) return answer == 0 ? nothing : answer;
  }
}

long poll_several(const Call &call, const Arguments &a) {
  __kernel_timespec *time = reinterpret_cast<__kernel_timespec *>(a.c);
  if (time && !is_time(*time)) return plain(call, a);
  Arguments now = a;
  __kernel_timespec none = {};
  now.c = argument(&none);
  auto try_now = [&] { return none = {}, plain(call, now); };
  if (long answer = a.b ? try_now() : 0) return answer;
  Descriptors fds{size_t(a.b)};
  if (!fds.get()) return -ENOMEM;
  const pollfd *given = reinterpret_cast<const pollfd *>(a.a);
  for (long i = 0; i < a.b; ++i) fds.get()[i] = given[i];
  Poll poll = {call, 0, deadline_of(time), reinterpret_cast<const uint64_t *>(a.d)};
  long answer = try_and_wait(poll, fds.get(), unsigned(a.b), [&] { return a.b ? try_now() : 0; }, 0);
  write_what_is_left(time, poll.deadline);
  return answer;
}

// The sets of a select, which the kernel writes over.
struct Sets {
  fd_set *given[3];
  fd_set kept[3];

  explicit Sets(const Arguments &a)
      : given{reinterpret_cast<fd_set *>(a.b), reinterpret_cast<fd_set *>(a.c), reinterpret_cast<fd_set *>(a.d)} {
    for (int i = 0; i < 3; ++i)
      if (given[i]) kept[i] = *given[i];
  }
  // What select tells of such a descriptor. Poll tells more: that it is hung up, again and again.
  static short reported(short events) {
    short told = POLLNVAL | events;
    if (events & POLLIN) told |= POLLHUP | POLLERR;
    if (events & POLLOUT) told |= POLLERR;
    return told;
  }
  void restore() const {
    for (int i = 0; i < 3; ++i)
      if (given[i]) *given[i] = kept[i];
  }
  short events_of(int fd) const {
    constexpr short of[] = {POLLIN, POLLOUT, POLLPRI};
    short events = 0;
    for (int i = 0; i < 3; ++i)
      if (given[i] && FD_ISSET(fd, &kept[i])) events |= of[i];
    return events;
  }
};

long select_several(const Call &call, const Arguments &a) {
  struct Sized_mask {
    const uint64_t *mask;
    size_t size;
  };
  __kernel_timespec *time = reinterpret_cast<__kernel_timespec *>(a.e);
  if (a.a < 0 || a.a > FD_SETSIZE || (time && !is_time(*time))) return plain(call, a);
  Sets sets(a);
  Descriptors fds{size_t(a.a)};
  if (!fds.get()) return -ENOMEM;
  unsigned count = 0;
  for (int fd = 0; fd < a.a; ++fd)
    if (short events = sets.events_of(fd)) fds.get()[count++] = {fd, events, 0};
  Arguments now = a;
  __kernel_timespec none;
  now.e = argument(&none);
  auto try_now = [&] {
    for (pollfd *at = fds.get(); at < fds.get() + count; ++at)
      if (at->revents && !(at->revents & Sets::reported(at->events))) at->fd = -1;  // nothing more will come of it
    return sets.restore(), none = {}, plain(call, now);
  };
  Poll poll = {call, 0, deadline_of(time), a.f ? reinterpret_cast<const Sized_mask *>(a.f)->mask : nullptr};
  long answer = try_and_wait(poll, fds.get(), count, try_now, 0);
  if (answer < 0) sets.restore();
  write_what_is_left(time, poll.deadline);
  return answer;
}

long epoll(const Call &call, const Arguments &a, int64_t deadline) {
  const __kernel_timespec *time = reinterpret_cast<const __kernel_timespec *>(a.d);
  bool by_time = call.number == SYS_epoll_pwait2;
  if (by_time && time && !is_time(*time)) return plain(call, a);
  __kernel_timespec none = {};
  Arguments now = a;
  now.d = by_time ? argument(&none) : 0;
  pollfd fds[1 + MORE] = {{int(a.a), POLLIN, 0}};
  Poll poll = {call, a.a, deadline, reinterpret_cast<const uint64_t *>(a.e)};
  return try_and_wait(poll, fds, 1, [&] { return plain(call, now); }, 0);
}

// Until a moment. Of a clock that can be set, as the clock has it.
long sleep(const Call &call, const Arguments &a) {
  const __kernel_timespec &until = *reinterpret_cast<const __kernel_timespec *>(a.c);
  if (a.b != TIMER_ABSTIME || !is_time(until)) return plain(call, a);
  pollfd fds[1 + MORE] = {};
  if (a.a == CLOCK_MONOTONIC) {
    int64_t deadline = until.tv_sec >= INT64_MAX / SECOND ? platform::NEVER : until.tv_sec * SECOND + until.tv_nsec;
    return poll_or_wake({call, 0, deadline}, fds, 0);
  }
  long timer = timerfd_create(int(a.a), TFD_CLOEXEC);
  if (timer < 0) return not_to_be_woken(call, a);
  itimerspec once = {{}, {time_t(until.tv_sec), long(until.tv_nsec)}};
  if (!until.tv_sec && !until.tv_nsec) once.it_value.tv_nsec = 1;  // 0 would be never
  timerfd_settime(int(timer), TFD_TIMER_ABSTIME, &once, nullptr);
  fds[0] = {int(timer), POLLIN, 0};
  long answer = poll_or_wake({call, 0}, fds, 1);
  system_call(SYS_close, timer);
  return answer > 0 ? 0 : answer;
}

long suspend(const Call &call, const Arguments &a) {
  pollfd fds[MORE];
  return poll_or_wake({call, 0, platform::NEVER, reinterpret_cast<const uint64_t *>(a.a)}, fds, 0);
}

long wait_for_signal(const Call &call, const Arguments &a) {
  const __kernel_timespec *time = reinterpret_cast<const __kernel_timespec *>(a.c);
  if (time && !is_time(*time)) return plain(call, a);
  long pending = system_call(SYS_signalfd4, -1, a.a, a.d, SFD_CLOEXEC | SFD_NONBLOCK);
  if (pending < 0) return pending;
  __kernel_timespec none = {};
  Arguments now = a;
  now.c = argument(&none);
  pollfd fds[1 + MORE] = {{int(pending), POLLIN, 0}};
  long answer = try_and_wait({call, 0, deadline_of(time)}, fds, 1, [&] { return plain(call, now); }, -EAGAIN);
  system_call(SYS_close, pending);
  return answer;
}

constexpr long PIDFD_OPEN = 434;

// A child by its number, and its end: other changes of it have no descriptor, nor has "any child".
long wait_for_child(const Call &call, const Arguments &a) {
  if (int(a.a) <= 0 || a.c) return not_to_be_woken(call, a);
  long child = system_call(PIDFD_OPEN, a.a, 0);
  if (child < 0) return not_to_be_woken(call, a);
  Arguments now = a;
  now.c |= WNOHANG;
  pollfd fds[1 + MORE] = {{int(child), POLLIN, 0}};
  long answer = try_and_wait({call, 0, platform::NEVER, nullptr, false, true}, fds, 1, [&] { return plain(call, now); }, 0);
  system_call(SYS_close, child);
  return answer;
}

long wait_for_child_by_id(const Call &call, const Arguments &a) {
  constexpr long BY_DESCRIPTOR = 3;  // P_PIDFD
  bool by_descriptor = a.a == BY_DESCRIPTOR;
  if ((a.a != P_PID && !by_descriptor) || (a.d & ~long(WNOWAIT)) != WEXITED) return not_to_be_woken(call, a);
  long child = by_descriptor ? a.b : system_call(PIDFD_OPEN, a.b, 0);
  if (child < 0) return not_to_be_woken(call, a);
  siginfo_t own, *info = a.c ? reinterpret_cast<siginfo_t *>(a.c) : &own;
  Arguments now = a;
  now.c = argument(info);
  now.d |= WNOHANG;
  constexpr long NONE = STOPPED;
  auto try_now = [&] {
    info->si_pid = 0;
    long answer = plain(call, now);
    return answer == 0 && info->si_pid == 0 ? NONE : answer;
  };
  pollfd fds[1 + MORE] = {{int(child), POLLIN, 0}};
  long answer = try_and_wait({call, 0, platform::NEVER, nullptr, false, true}, fds, 1, try_now, NONE);
  if (!by_descriptor) system_call(SYS_close, child);
  return answer;
}

// With a moment that has passed the kernel tries once.
long queue_of_messages(const Call &call, const Arguments &a, short events) {
  const __kernel_timespec *until = reinterpret_cast<const __kernel_timespec *>(a.e);
  if ((until && !is_time(*until)) || does_not_block(a.a)) return plain(call, a);
  int64_t deadline = platform::NEVER;
  if (until) {
    timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t seconds = until->tv_sec - now.tv_sec;
    if (seconds < INT64_MAX / SECOND - 1) deadline = deadline_after(seconds * SECOND + until->tv_nsec - now.tv_nsec);
  }
  __kernel_timespec past = {};
  Arguments now = a;
  now.e = argument(&past);
  pollfd fds[1 + MORE] = {{int(a.a), events, 0}};
  Poll poll = {call, a.a, deadline, nullptr, false, call.restarts};
  return try_and_wait(poll, fds, 1, [&] { return plain(call, now); }, -ETIMEDOUT);
}

}  // namespace

// --- The table --------------------------------------------------------------------------------------------------------------

namespace {

// The waits on a futex whose time, if they have one, is a moment.
bool waits_until(const Arguments &a) {
  long operation = a.b & ~long(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME);
  return (operation == FUTEX_WAIT && !a.d) || (operation == FUTEX_WAIT_BITSET && uint32_t(a.f) == FUTEX_BITSET_MATCH_ANY);
}

long make(const Call &call, const Arguments &a) {
  bool requested = platform::self().word.load() & platform::whereabouts().mask.load_relaxed() & word::REQUESTS;
  if (requested && conclude_region(Ending::woken) == Next::interrupted) return POLITE_INTERRUPTED;
  const iovec piece = {reinterpret_cast<void *>(a.b), size_t(a.c)}, *pieces = reinterpret_cast<const iovec *>(a.b);
  Kernel_message *message = reinterpret_cast<Kernel_message *>(a.b);
  if (call.number == SYS_accept) return when_ready(call, a, a.a, POLLIN);  // which may be the same as accept4
  switch (call.number) {
    case SYS_read: return by_pieces(call, a, a.a, POLLIN, &piece, 1, 0);
    case SYS_readv: return by_pieces(call, a, a.a, POLLIN, pieces, size_t(a.c), 0);
    case SYS_preadv2: return a.d != -1 ? plain(call, a) : by_pieces(call, a, a.a, POLLIN, pieces, size_t(a.c), int(a.f));
    case SYS_write: return a.c == 0 ? plain(call, a) : by_pieces(call, a, a.a, POLLOUT, &piece, 1, 0);
    case SYS_writev: return by_pieces(call, a, a.a, POLLOUT, pieces, size_t(a.c), 0);
    case SYS_pwritev2: return a.d != -1 ? plain(call, a) : by_pieces(call, a, a.a, POLLOUT, pieces, size_t(a.c), int(a.f));
    case SYS_recvfrom: return by_buffer(call, a, POLLIN);
    case SYS_sendto: return by_buffer(call, a, POLLOUT);
    case SYS_recvmsg: return by_message(call, a, POLLIN, message, int(a.c));
    case SYS_sendmsg: return by_message(call, a, POLLOUT, message, int(a.c));
    case SYS_recvmmsg: return by_messages(call, a, POLLIN);
    case SYS_sendmmsg: return by_messages(call, a, POLLOUT);
    case SYS_sendfile: return in_small_pieces(call, a, a.a, &Arguments::d);
    case SYS_splice: return by_splice(call, a);
    case SYS_accept4: return when_ready(call, a, a.a, POLLIN);
    case SYS_connect: return connect(call, a);
    case SYS_ppoll: return poll_several(call, a);
    case SYS_pselect6: return select_several(call, a);
    case SYS_epoll_pwait: return epoll(call, a, int(a.d) < 0 ? platform::NEVER : deadline_after(a.d * int64_t(1000000)));
    case SYS_epoll_pwait2: return epoll(call, a, deadline_of(reinterpret_cast<const __kernel_timespec *>(a.d)));
    case SYS_clock_nanosleep: return sleep(call, a);
    case SYS_rt_sigsuspend: return suspend(call, a);
    case SYS_rt_sigtimedwait: return wait_for_signal(call, a);
    case SYS_wait4: return wait_for_child(call, a);
    case SYS_waitid: return wait_for_child_by_id(call, a);
    case SYS_mq_timedreceive: return queue_of_messages(call, a, POLLIN);
    case SYS_mq_timedsend: return queue_of_messages(call, a, POLLOUT);
    case SYS_futex: return waits_until(a) ? wait_on_futex(call, a) : not_to_be_woken(call, a);
    default: return not_to_be_woken(call, a);  // files, locks of files, message queues and semaphores of System V
  }
}

}  // namespace

// Some of libc's functions are used here, and errno is the program's.
long through_self_pipe(const Call &call, const Arguments &arguments) {
  int before = errno;
  long answer = make(call, arguments);
  errno = before;
  return answer;
}

}  // namespace polite

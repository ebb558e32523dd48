// Transfers on the self-pipe: what the plain call would have moved is moved, however many tries that takes.
#include "posix/self_pipe_calls.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>

#if !defined RWF_NOWAIT
#define RWF_NOWAIT 8 /* linux/fs.h, which musl does not bring along */
#endif

namespace polite {

namespace {

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

// A transfer in the making. `try_once` moves a row of pieces without blocking: the number of bytes, or an error, -EAGAIN among them. `flags` are what
// the call that it makes knows.
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

bool is_terminal(long fd) {
  termios settings;
  return system_call(SYS_ioctl, fd, TCGETS, argument(&settings)) == 0;
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

int type_of(long sock) {
  int type = 0;
  socklen_t size = sizeof type;
  system_call(SYS_getsockopt, sock, SOL_SOCKET, SO_TYPE, argument(&type), argument(&size));
  return type;
}

// What cannot be tried.
long move_when_ready(Transfer &transfer, const iovec *row, size_t count) {
  if (int(transfer.fd) < 0) return -EBADF;  // poll passes over it
  pollfd ready = {int(transfer.fd), transfer.events, 0};
  __kernel_timespec now = {};
  if (system_call(SYS_ppoll, argument(&ready), 1, argument(&now), 0, 0) <= 0) return -EAGAIN;  // a signal may have kept it from looking
  if (transfer.events == POLLOUT) return write_when_ready(transfer, row, count);
  return system_call(SYS_readv, transfer.fd, argument(row), long(count));
}

long move_now(Transfer &transfer, const iovec *row, size_t count) {
  bool reads = transfer.events == POLLIN;
  long number = reads ? SYS_preadv2 : SYS_pwritev2;
  long n = system_call(number, transfer.fd, argument(row), long(count), -1, -1, transfer.flags | RWF_NOWAIT);
  if (n != -EOPNOTSUPP && n != -ENOSYS) return n;
  if (transfer.flags) return system_call(number, transfer.fd, argument(row), long(count), -1, -1, transfer.flags);  // is it those?
  transfer.try_once = move_when_ready;
  if (kind_of(transfer.fd) == S_IFSOCK) {
    transfer.flags = MSG_DONTWAIT | (!reads && type_of(transfer.fd) == SOCK_SEQPACKET ? MSG_EOR : 0);  // as the kernel has it
    transfer.try_once = reads ? receive_now : send_now;
  }
  return transfer.try_once(transfer, row, count);
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

}  // namespace

long by_pieces(const Call &call, const Arguments &a, long fd, short events, const iovec *pieces, size_t count, int flags) {
  unsigned kind = kind_of(fd);
  if (count == 0 || is_file(kind) || flags & RWF_NOWAIT) return plain(call, a);
  if (kind == S_IFCHR) {
    if (does_not_block(fd)) return plain(call, a);
    int64_t patience = events == POLLIN ? patience_of_terminal(fd) : platform::NEVER;
    if (patience != platform::NEVER) return read_terminal(call, a, fd, patience);
  }
  Kernel_message message = {};  // which a socket makes of it
  Transfer transfer = {call, fd, events, events == POLLOUT, move_now, flags, &message, &message};
  return carry_out(transfer, {pieces, count});
}

long by_message(const Call &call, const Arguments &a, short events, const Kernel_message *given, int flags) {
  if (flags & (MSG_DONTWAIT | MSG_ERRQUEUE) || !given) return plain(call, a);  // what is not there is not waited for
  if (given->count == 0) return when_ready(call, a, a.a, events);
  Kernel_message message = *given;
  bool receives = events == POLLIN, all = !receives || (flags & (MSG_WAITALL | MSG_PEEK)) == MSG_WAITALL;
  if (receives && all) all = type_of(a.a) == SOCK_STREAM;
  Transfer transfer = {call, a.a, events, all, receives ? receive_now : send_now, (flags & ~MSG_WAITALL) | MSG_DONTWAIT, &message, given};
  transfer.room_is_elsewhere = !receives && given->name && type_of(a.a) != SOCK_STREAM;
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
    if (events == POLLOUT && type_of(a.a) != SOCK_STREAM) return plain(call, a);  // as in Transfer::room_is_elsewhere
  }
  return n;
}

namespace {

// Between descriptors. The kernel makes these calls again after a signal handler that asks for that, as far as they wait here.
Descriptor one_side(const Call &call, long fd, short events) { return Descriptor(call, fd, events, true); }

// Little enough that it does not block where there is room.
long in_small_pieces(const Call &call, Arguments a, long out, long Arguments::*length) {
  if (does_not_block(out) || is_file(kind_of(out))) return plain(call, a);
  long ready = one_side(call, out, POLLOUT).wait();
  if (ready < 0) return ready;
  if (size_t(a.*length) > PIPE_BUF) a.*length = PIPE_BUF;
  return plain(call, a);
}

bool waits(long fd) { return !does_not_block(fd) && !is_file(kind_of(fd)); }

}  // namespace

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
    long ready = waits_for_input ? one_side(call, a.a, POLLIN).wait() : 1;
    if (ready > 0 && waits_for_room) ready = one_side(call, a.c, POLLOUT).wait();
    if (ready < 0) return ready;
    long n = plain(call, now);
    if (n != -EAGAIN || does_not_block(a.a) || does_not_block(a.c)) return n;  // or somebody else was quicker
  }
}

long by_sendfile(const Call &call, const Arguments &a) { return in_small_pieces(call, a, a.a, &Arguments::d); }

}  // namespace polite

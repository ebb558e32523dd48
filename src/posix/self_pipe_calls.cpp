// The wrapped calls on the self-pipe: which is made how.
#include "posix/self_pipe_calls.h"

#include "delivery.h"
#include "polite.h"
#include "region.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sys/socket.h>
#include <sys/stat.h>

namespace polite {

long not_to_be_woken(const Call &call, const Arguments &a) {
  Waker none([](Waker &) { return true; });
  Region region(platform::self(), none, call, uint64_t(a.a), false);
  long answer = plain(call, a);
  region.leave(Ending::result);
  return answer;
}

bool does_not_block(long fd) {
  long flags = system_call(SYS_fcntl, fd, F_GETFL);
  return flags < 0 || flags & O_NONBLOCK;
}

unsigned kind_of(long fd) {
  struct stat about;
  return fstat(int(fd), &about) == 0 ? about.st_mode & S_IFMT : 0;
}

bool is_file(unsigned kind) { return kind == S_IFREG || kind == S_IFBLK || kind == S_IFDIR; }

// What follows is an error, which is the next call's: this one has done something.
bool Descriptor::has_ended(short revents) const { return revents & POLLHUP && (events_ == POLLOUT || revents & POLLERR); }

long Descriptor::wait(bool keeps_requests) const {
  pollfd fds[1 + MORE] = {{int(fd_), events_, 0}};
  bool restarts = restarts_ && !limit_.exists();
  long ready = poll_or_wake({call_, fd_, limit_.deadline(), nullptr, keeps_requests, restarts}, fds, 1);
  if (keeps_requests && ready > 0 && has_ended(fds[0].revents)) return STOPPED;
  return ready == 0 ? limit_.passed() : ready;
}

long when_ready(const Call &call, const Arguments &a, long fd, short events) {
  if (does_not_block(fd)) return plain(call, a);
  long ready = Descriptor(call, fd, events).wait();
  return ready < 0 ? ready : plain(call, a);
}

namespace {

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
    case SYS_read: return a.c == 0 ? plain(call, a) : by_pieces(call, a, a.a, POLLIN, &piece, 1, 0);
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
    case SYS_sendfile: return by_sendfile(call, a);
    case SYS_splice: return by_splice(call, a);
    case SYS_accept4: return when_ready(call, a, a.a, POLLIN);
    case SYS_connect: return connect(call, a);
    case SYS_ppoll: return poll_several(call, a);
    case SYS_pselect6: return select_several(call, a);
    case SYS_epoll_pwait: return wait_for_events(call, a);
    case SYS_epoll_pwait2: return wait_for_events(call, a);
    case SYS_clock_nanosleep: return sleep_until_moment(call, a);
    case SYS_rt_sigsuspend: return suspend(call, a);
    case SYS_rt_sigtimedwait: return wait_for_signal(call, a);
    case SYS_wait4: return wait_for_child(call, a);
    case SYS_waitid: return wait_for_child_by_id(call, a);
    case SYS_mq_timedreceive: return wait_for_queue(call, a, POLLIN);
    case SYS_mq_timedsend: return wait_for_queue(call, a, POLLOUT);
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

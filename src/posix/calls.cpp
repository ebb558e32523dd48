// What the calls of the table are, and those few that are written out because libc does more there than the kernel.
#include "polite.h"
#include "posix/parts.h"
#include "posix/sleep.h"
#include "posix/system_call.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <termios.h>
#include <unistd.h>

using namespace polite;

static_assert(sizeof(polite_iovec_t) == sizeof(iovec) && offsetof(polite_iovec_t, base) == offsetof(iovec, iov_base) &&
              offsetof(polite_iovec_t, len) == offsetof(iovec, iov_len));
static_assert(sizeof(socklen_t) == sizeof(uint32_t) && sizeof(nfds_t) == sizeof(unsigned long));

extern "C" {
#define CALL(name, number, has_descriptor, restarts, limit, names_or_parameters) \
  const Call polite_call_##name = {#name, number, has_descriptor, restarts, limit};
#define SHARED CALL
#define PART CALL
#define SHARED_PART CALL
#define NAMED(name, names)
#include "posix/calls.def"
}

extern "C" {

int polite_poll(pollfd *fds, unsigned long count, int timeout) {
  __kernel_timespec time = {timeout / 1000, timeout % 1000 * 1000000};
  return int(polite_part_poll(fds, count, timeout < 0 ? nullptr : &time, nullptr, 0));
}

int polite_ppoll(pollfd *fds, unsigned long count, const timespec *timeout, const sigset_t *mask) {
  __kernel_timespec time = {};
  if (timeout) time = {timeout->tv_sec, timeout->tv_nsec};  // the kernel writes what is left into it
  uint64_t kernels = mask ? without_wake(mask) : 0;
  return int(polite_part_ppoll(fds, count, timeout ? &time : nullptr, mask ? &kernels : nullptr, SIGNAL_SET_SIZE));
}

int polite_select(int count, fd_set *readable, fd_set *writable, fd_set *exceptional, timeval *timeout) {
  if (!timeout) return int(polite_part_select(count, readable, writable, exceptional, nullptr, nullptr));
  if (timeout->tv_sec < 0 || timeout->tv_usec < 0) return POLITE_EINVAL;
  __kernel_timespec time = {timeout->tv_sec + timeout->tv_usec / 1000000, timeout->tv_usec % 1000000 * 1000};
  int answer = int(polite_part_select(count, readable, writable, exceptional, &time, nullptr));
  *timeout = {time_t(time.tv_sec), suseconds_t(time.tv_nsec / 1000)};
  return answer;
}

polite_fd polite_openat(polite_fd directory, const char *path, int flags, unsigned mode) {
  return polite_fd(polite_part_open(directory, path, flags | O_LARGEFILE, mode));
}

polite_fd polite_open(const char *path, int flags, unsigned mode) { return polite_openat(AT_FDCWD, path, flags, mode); }

int polite_pselect(int count, fd_set *readable, fd_set *writable, fd_set *exceptional, const timespec *timeout, const sigset_t *mask) {
  __kernel_timespec time = {};
  if (timeout) time = {timeout->tv_sec, timeout->tv_nsec};
  uint64_t kernels = mask ? without_wake(mask) : 0;
  struct {
    const uint64_t *mask;
    size_t size;
  } sized = {mask ? &kernels : nullptr, SIGNAL_SET_SIZE};
  return int(polite_part_select(count, readable, writable, exceptional, timeout ? &time : nullptr, &sized));
}

polite_ssize_t polite_preadv2(polite_fd fd, const polite_iovec_t *pieces, int count, int64_t offset, int flags) {
  return polite_part_preadv2(fd, pieces, count, long(offset), long(offset >> 32), flags);
}

polite_ssize_t polite_pwritev2(polite_fd fd, const polite_iovec_t *pieces, int count, int64_t offset, int flags) {
  return polite_part_pwritev2(fd, pieces, count, long(offset), long(offset >> 32), flags);
}

int polite_tcdrain(polite_fd fd) { return int(polite_part_tcdrain(fd, TCSBRK, 1)); }

// The settings begin as the kernel's do. What waits is what has to wait for output; the rest is done at once.
int polite_tcsetattr(polite_fd fd, int when, const termios *settings) {
  if (!settings) return POLITE_EFAULT;
  termios kernels = *settings;
#if defined __GLIBC__
  kernels.c_iflag &= ~tcflag_t(020000000000);  // where glibc keeps that the speed of input is that of output
#endif
  switch (when) {
    case TCSANOW: return int(system_call(SYS_ioctl, fd, TCSETS, argument(&kernels)));
    case TCSADRAIN: return int(polite_part_tcsetattr(fd, TCSETSW, &kernels));
    case TCSAFLUSH: return int(polite_part_tcsetattr(fd, TCSETSF, &kernels));
    default: return POLITE_EINVAL;
  }
}

int polite_flock(polite_fd fd, int operation) {
  if ((operation & ~LOCK_NB) == LOCK_UN) return int(system_call(SYS_flock, fd, operation));  // it releases (rule 3)
  return int(polite_part_flock(fd, operation));
}

int polite_lockf(polite_fd fd, int command, int64_t length) {
  struct flock lock = {F_WRLCK, SEEK_CUR, 0, length, 0};
  switch (command) {
    case F_LOCK: return int(polite_part_fcntl(fd, F_SETLKW, argument(&lock)));
    case F_TLOCK: return int(system_call(SYS_fcntl, fd, F_SETLK, argument(&lock)));
    case F_ULOCK:
      lock.l_type = F_UNLCK;
      return int(system_call(SYS_fcntl, fd, F_SETLK, argument(&lock)));
    case F_TEST: {
      int answer = int(system_call(SYS_fcntl, fd, F_GETLK, argument(&lock)));
      return answer < 0 || lock.l_type == F_UNLCK ? answer : POLITE_EACCES;
    }
    default: return POLITE_EINVAL;
  }
}

int polite_lock(polite_fd fd, int command, struct flock *lock) {
  if (command != F_SETLKW && command != F_OFD_SETLKW) return POLITE_EINVAL;
  if (!lock) return POLITE_EFAULT;
  if (lock->l_type == F_UNLCK) return int(system_call(SYS_fcntl, fd, command, argument(lock)));  // it releases (rule 3)
  return int(polite_part_fcntl(fd, command, argument(lock)));
}

// Not every processor has the plain one.
polite_sock polite_accept(polite_sock sock, sockaddr *from, uint32_t *from_len) {
  return polite_sock(polite_part_accept(sock, from, from_len, 0));
}

// The kernel has no recv and send of its own.
polite_ssize_t polite_recv(polite_sock sock, void *buf, size_t len, int flags) {
  return polite_part_recv(sock, buf, len, flags, nullptr, nullptr);
}

polite_ssize_t polite_send(polite_sock sock, const void *buf, size_t len, int flags) {
  return polite_part_send(sock, buf, len, flags, nullptr, 0);
}

polite_ssize_t polite_recvmsg(polite_sock sock, msghdr *message, int flags) {
  if constexpr (SAME_AS_THE_KERNELS) return polite_part_recvmsg(sock, reinterpret_cast<Kernel_message *>(message), flags);
  if (!message) return POLITE_EFAULT;
  Kernel_message kernel = kernel_message(*message);
  long n = polite_part_recvmsg(sock, &kernel, flags);
  if (n < 0) return n;
  message->msg_namelen = kernel.name_len;
  message->msg_controllen = socklen_t(kernel.control_len);
  message->msg_flags = int(kernel.flags);
  return n;
}

polite_ssize_t polite_sendmsg(polite_sock sock, const msghdr *message, int flags) {
  if constexpr (SAME_AS_THE_KERNELS)
    return polite_part_sendmsg(sock, reinterpret_cast<const Kernel_message *>(message), flags);
  if (!message) return POLITE_EFAULT;
  Kernel_message kernel = kernel_message(*message);
  Control_copy control;
  if (long error = control.take(kernel)) return error;
  return polite_part_sendmsg(sock, &kernel, flags);
}

// Linux has given the descriptor up before anything that a signal can interrupt (close(2)), so -EINTR is no reason to call again.
int polite_close(polite_fd fd) {
  long answer = system_call(SYS_close, fd);
  return answer == -EINTR ? 0 : int(answer);
}

}  // extern "C"

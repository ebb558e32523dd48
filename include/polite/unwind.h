/* Calls that unwind by themselves: polite_read_or_unwind and so on, for C code that wants pthread_cancel's way everywhere.
 *
 * Each is the call of that name in polite/io.h, polite/socket.h, polite/process.h, polite/signal.h, polite/time.h,
 * polite/thread.h or polite/interrupt.h. When an interrupt is delivered it does not return POLITE_INTERRUPTED but leaves the
 * innermost boundary, as polite_unwind does (polite/call.h). Only where there is none it returns POLITE_INTERRUPTED after all.
 * Functions that were written for error returns stay as they are: who includes this header, and uses these names, has chosen.
 *
 * polite_or_unwind does so for the result of any other function, also of the program's own: polite_or_unwind(polite_read_full(…)).
 * In a signal handler on top of a blocked call all of them return POLITE_INTERRUPTED: there nothing is unwound (POLITE_INSIDE).
 * Inline functions, no part of the ABI. Since 0.1. C only: no destructor is run. */
#ifndef POLITE_UNWIND_H
#define POLITE_UNWIND_H

#if defined __cplusplus
#  error "polite/unwind.h is for C: unwinding runs no destructor"
#endif

#include "polite.h"

static inline polite_ssize_t polite_or_unwind(polite_ssize_t result) {
  if (result == POLITE_INTERRUPTED) polite_unwind();
  return result;
}

#define POLITE_OR_UNWIND(result, name, parameters, arguments)   \
  static inline result polite_##name##_or_unwind parameters {   \
    return (result)polite_or_unwind(polite_##name arguments);   \
  }

POLITE_OR_UNWIND(int, checkpoint, (void), ())
POLITE_OR_UNWIND(int, nanosleep, (int64_t nanoseconds, int64_t *left), (nanoseconds, left))
POLITE_OR_UNWIND(int, thread_join, (polite_thread_t thread, void **result), (thread, result))
POLITE_OR_UNWIND(int, thread_join_until, (polite_thread_t thread, void **result, int64_t deadline), (thread, result, deadline))

POLITE_OR_UNWIND(polite_ssize_t, read, (polite_fd fd, void *buf, size_t len), (fd, buf, len))
POLITE_OR_UNWIND(polite_ssize_t, readv, (polite_fd fd, const polite_iovec_t *pieces, int count), (fd, pieces, count))
POLITE_OR_UNWIND(polite_ssize_t, pread, (polite_fd fd, void *buf, size_t len, int64_t offset), (fd, buf, len, offset))
POLITE_OR_UNWIND(polite_ssize_t, write, (polite_fd fd, const void *buf, size_t len), (fd, buf, len))
POLITE_OR_UNWIND(polite_ssize_t, writev, (polite_fd fd, const polite_iovec_t *pieces, int count), (fd, pieces, count))
POLITE_OR_UNWIND(polite_ssize_t, pwrite, (polite_fd fd, const void *buf, size_t len, int64_t offset), (fd, buf, len, offset))

#if !defined _WIN32
POLITE_OR_UNWIND(int, poll, (struct pollfd *fds, unsigned long count, int timeout), (fds, count, timeout))
POLITE_OR_UNWIND(int, ppoll, (struct pollfd *fds, unsigned long count, const struct timespec *timeout, const sigset_t *mask),
                 (fds, count, timeout, mask))
POLITE_OR_UNWIND(int, select, (int count, fd_set *readable, fd_set *writable, fd_set *exceptional, struct timeval *timeout),
                 (count, readable, writable, exceptional, timeout))
POLITE_OR_UNWIND(polite_fd, open, (const char *path, int flags, unsigned mode), (path, flags, mode))
POLITE_OR_UNWIND(polite_fd, openat, (polite_fd directory, const char *path, int flags, unsigned mode), (directory, path, flags, mode))
POLITE_OR_UNWIND(int, lock, (polite_fd fd, int command, struct flock *lock), (fd, command, lock))

POLITE_OR_UNWIND(polite_ssize_t, recv, (polite_sock sock, void *buf, size_t len, int flags), (sock, buf, len, flags))
POLITE_OR_UNWIND(polite_ssize_t, recvfrom,
                 (polite_sock sock, void *buf, size_t len, int flags, struct sockaddr *from, uint32_t *from_len),
                 (sock, buf, len, flags, from, from_len))
POLITE_OR_UNWIND(polite_ssize_t, recvmsg, (polite_sock sock, struct msghdr *message, int flags), (sock, message, flags))
POLITE_OR_UNWIND(polite_ssize_t, send, (polite_sock sock, const void *buf, size_t len, int flags), (sock, buf, len, flags))
POLITE_OR_UNWIND(polite_ssize_t, sendto,
                 (polite_sock sock, const void *buf, size_t len, int flags, const struct sockaddr *to, uint32_t to_len),
                 (sock, buf, len, flags, to, to_len))
POLITE_OR_UNWIND(polite_ssize_t, sendmsg, (polite_sock sock, const struct msghdr *message, int flags), (sock, message, flags))
POLITE_OR_UNWIND(polite_sock, accept, (polite_sock sock, struct sockaddr *from, uint32_t *from_len), (sock, from, from_len))
POLITE_OR_UNWIND(polite_sock, accept4, (polite_sock sock, struct sockaddr *from, uint32_t *from_len, int flags),
                 (sock, from, from_len, flags))
POLITE_OR_UNWIND(int, connect, (polite_sock sock, const struct sockaddr *to, uint32_t to_len), (sock, to, to_len))

POLITE_OR_UNWIND(int, waitpid, (int process, int *status, int options), (process, status, options))
POLITE_OR_UNWIND(int, pause, (void), ())
POLITE_OR_UNWIND(int, sigwait, (const sigset_t *set, int *signal), (set, signal))
#endif

#endif

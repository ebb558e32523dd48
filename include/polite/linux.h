/* What only Linux has: epoll, transfers from descriptor to descriptor, several messages at once, io_uring, and any other of its calls.
 *
 * All that polite/io.h says about its calls holds here. */
#ifndef POLITE_LINUX_H
#define POLITE_LINUX_H

#include "polite/base.h"

#if defined __linux__

#include <sys/select.h> /* sigset_t, which <signal.h> does not define in a strict C99 program */
struct epoll_event;
struct mmsghdr;
struct timespec;

POLITE_BEGIN

/* Wait for something to happen to the descriptors of an epoll instance: for `timeout` milliseconds (negative: for ever), or for a
 * time (null: for ever), with a signal mask that holds during the wait (null: the thread's own). The wake signal is let through
 * whatever the mask says. Return how many events are in `events`, 0 if the time is up, or a negative error. POLITE_EINTR comes
 * after every handler of the program's own, whatever SA_RESTART says. */
POLITE_API int polite_epoll_wait(polite_fd epoll, struct epoll_event *events, int max, int timeout);
POLITE_API int polite_epoll_pwait(polite_fd epoll, struct epoll_event *events, int max, int timeout, const sigset_t *mask);
POLITE_API int polite_epoll_pwait2(polite_fd epoll, struct epoll_event *events, int max, const struct timespec *timeout,
                                   const sigset_t *mask);

/* Move bytes from `in` to `out` within the system: sendfile(2), splice(2), copy_file_range(2). Return how many were written to `out`,
 * or a negative error. What the system had read from a device or a socket and could not write is lost, as with the plain calls; from a
 * file or a pipe nothing is. Offsets are null for the descriptors' own. */
POLITE_API polite_ssize_t polite_sendfile(polite_fd out, polite_fd in, int64_t *offset, size_t len);
POLITE_API polite_ssize_t polite_splice(polite_fd in, int64_t *in_offset, polite_fd out, int64_t *out_offset, size_t len,
                                        unsigned flags);
POLITE_API polite_ssize_t polite_copy_file_range(polite_fd in, int64_t *in_offset, polite_fd out, int64_t *out_offset, size_t len,
                                                 unsigned flags);

/* Receive and send several messages. Return how many, or a negative error; POLITE_INTERRUPTED and POLITE_EINTR: none.
 * polite_recvmmsg waits for the first message, and then takes what is there: as if MSG_WAITFORONE were always among the flags. To
 * wait for more leaves an error code in the socket when it is interrupted (the system's doing), which the next call would get. */
POLITE_API int polite_recvmmsg(polite_sock sock, struct mmsghdr *messages, unsigned count, int flags, struct timespec *timeout);
POLITE_API int polite_sendmmsg(polite_sock sock, struct mmsghdr *messages, unsigned count, int flags);

/* io_uring_enter(2). Returns how many operations were submitted, or a negative error. POLITE_INTERRUPTED and POLITE_EINTR: none was
 * submitted. If some were, their number is returned even if the wait for others to complete was interrupted; the interrupt
 * stays pending. The wake signal is let through whatever mask is given; with IORING_ENTER_EXT_ARG_REG the mask is out of sight, and must
 * let it through. */
POLITE_API int polite_io_uring_enter(polite_fd ring, unsigned submit, unsigned complete, unsigned flags, const void *argument,
                                     size_t size);

/* Any call of Linux, by its number (SYS_… of <sys/syscall.h>) and with what the kernel, not libc, wants as its arguments; the rest are 0.
 * An interruption point. Returns what the kernel returns:
 *
 *             POLITE_INTERRUPTED   an interrupt was delivered; nothing was done, as far as the kernel says EINTR only then
 *             POLITE_ENOSYS        there is no such call; or it is one that does not come back like a function: clone, clone3, vfork,
 *                                  rt_sigreturn
 *             POLITE_ENOMEM        the program has used 256 different ones
 *             POLITE_E…            the kernel's
 * A duration among the arguments begins afresh if the call was woken for a request that was then withdrawn. A signal mask is taken as it
 * is: it should not have the wake signal in it. polite_thread_inspect calls it "syscall". */
POLITE_API polite_ssize_t polite_syscall(long number, long a, long b, long c, long d, long e, long f);

POLITE_END_C

#endif

#endif

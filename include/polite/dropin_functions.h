/* The functions behind polite/dropin.h, under their own names: for other languages, and for C code that wants the conventions of
 * errno but not the plain names.
 *
 * Each is the call of the same name in polite/io.h, socket.h, ipc.h, linux.h, names.h, process.h, signal.h or time.h, and all that is said
 * there holds: it takes the same arguments and does the same. It differs in how it tells an error: it returns -1 and sets `errno`. `errno` is ECANCELED
 * when an interrupt was delivered, and otherwise what the plain call would have set.
 *
 * polite_dropin_close returns 0 where close(2) would fail with EINTR: the descriptor is gone then.
 * polite_dropin_fclose is libc's fclose, and no interruption point on streams of polite/stream.h either: what is pending stays pending.
 * polite_dropin_nanosleep takes the arguments of nanosleep(2), and like that does not carry on after a signal handler of the
 * program's own: that is EINTR. After ECANCELED, too, `*left` is the time that was left. So does
 * polite_dropin_clock_nanosleep, which like clock_nanosleep(2) returns an error's number, and leaves `errno` alone. So does
 * polite_dropin_sigwait.
 * polite_dropin_sleep returns what is left, in seconds; interrupted it sets `errno` to ECANCELED, and something is left, be it ever so
 * little. polite_dropin_wait and polite_dropin_wait3 are waitpid and wait4 for any child. polite_dropin_fcntl waits with F_SETLKW
 * and F_OFD_SETLKW, and is an interruption point then; the others are libc's. polite_dropin_getaddrinfo and polite_dropin_getnameinfo
 * return libc's codes: EAI_SYSTEM with `errno` ECANCELED when an interrupt was delivered.
 *
 * Those for masks and handlers of signals, at the end, do not block. They are libc's, but for what they do about one signal
 * (polite_wake_signal).
 *
 * Windows: polite/dropin_functions_windows.h has those that there are.
 *
 * Since 0.1. Async-signal-safe for a handler that restores `errno`, but for polite_dropin_fclose, _system, _getaddrinfo and _getnameinfo. */
#ifndef POLITE_DROPIN_FUNCTIONS_H
#define POLITE_DROPIN_FUNCTIONS_H

#if defined _WIN32
#include "polite/dropin_functions_windows.h"
#else

#include <sys/select.h> /* sigset_t, which <signal.h> does not define in a strict C99 program */

#include "polite/base.h"
#include "polite/io.h"
#include "polite/ipc.h"
#include "polite/linux.h"
#include "polite/names.h"
#include "polite/process.h"
#include "polite/signal.h"
#include "polite/socket.h"
#include "polite/stream.h"
#include "polite/time.h"

POLITE_BEGIN

/* Whether the ECANCELED that the calling thread got last from a function of this header was an interrupt: 1 if so, 0 if it was an
 * error of the system's (some drivers and file systems, and io_uring, report operations that they gave up with the same number), or
 * if there has been none yet. Successful calls, and calls that fail with another error, do not change it. To be asked right after the
 * call that returned -1, while `errno` is ECANCELED:
 *
 *     if (n < 0 && errno == ECANCELED && polite_dropin_interrupted()) return clean_up();
 *
 * In a thread that is not attached it is 0. Since 0.1. Async-signal-safe. */
POLITE_API int polite_dropin_interrupted(void);

POLITE_API polite_ssize_t polite_dropin_read(polite_fd fd, void *buf, size_t len);
POLITE_API polite_ssize_t polite_dropin_readv(polite_fd fd, const polite_iovec_t *pieces, int count);
POLITE_API polite_ssize_t polite_dropin_pread(polite_fd fd, void *buf, size_t len, int64_t offset);
POLITE_API polite_ssize_t polite_dropin_write(polite_fd fd, const void *buf, size_t len);
POLITE_API polite_ssize_t polite_dropin_writev(polite_fd fd, const polite_iovec_t *pieces, int count);
POLITE_API polite_ssize_t polite_dropin_pwrite(polite_fd fd, const void *buf, size_t len, int64_t offset);

POLITE_API polite_ssize_t polite_dropin_preadv(polite_fd fd, const polite_iovec_t *pieces, int count, int64_t offset);
POLITE_API polite_ssize_t polite_dropin_pwritev(polite_fd fd, const polite_iovec_t *pieces, int count, int64_t offset);
POLITE_API polite_ssize_t polite_dropin_preadv2(polite_fd fd, const polite_iovec_t *pieces, int count, int64_t offset, int flags);
POLITE_API polite_ssize_t polite_dropin_pwritev2(polite_fd fd, const polite_iovec_t *pieces, int count, int64_t offset, int flags);
POLITE_API int polite_dropin_fsync(polite_fd fd);
POLITE_API int polite_dropin_fdatasync(polite_fd fd);
POLITE_API int polite_dropin_msync(void *memory, size_t len, int flags);
POLITE_API int polite_dropin_tcdrain(polite_fd fd);
POLITE_API int polite_dropin_tcsetattr(polite_fd fd, int when, const struct termios *settings);
POLITE_API int polite_dropin_ioctl(polite_fd fd, unsigned long command, void *argument);
POLITE_API int polite_dropin_lockf(polite_fd fd, int command, int64_t length);
POLITE_API int polite_dropin_flock(polite_fd fd, int operation);

POLITE_API polite_ssize_t polite_dropin_recv(polite_sock sock, void *buf, size_t len, int flags);
POLITE_API polite_ssize_t polite_dropin_recvfrom(polite_sock sock, void *buf, size_t len, int flags, struct sockaddr *from,
                                                 uint32_t *from_len);
POLITE_API polite_ssize_t polite_dropin_recvmsg(polite_sock sock, struct msghdr *message, int flags);
POLITE_API polite_ssize_t polite_dropin_send(polite_sock sock, const void *buf, size_t len, int flags);
POLITE_API polite_ssize_t polite_dropin_sendto(polite_sock sock, const void *buf, size_t len, int flags, const struct sockaddr *to,
                                               uint32_t to_len);
POLITE_API polite_ssize_t polite_dropin_sendmsg(polite_sock sock, const struct msghdr *message, int flags);
POLITE_API polite_sock polite_dropin_accept(polite_sock sock, struct sockaddr *from, uint32_t *from_len);
POLITE_API polite_sock polite_dropin_accept4(polite_sock sock, struct sockaddr *from, uint32_t *from_len, int flags);
POLITE_API int polite_dropin_connect(polite_sock sock, const struct sockaddr *to, uint32_t to_len);

POLITE_API int polite_dropin_poll(struct pollfd *fds, unsigned long count, int timeout);
POLITE_API int polite_dropin_ppoll(struct pollfd *fds, unsigned long count, const struct timespec *timeout, const sigset_t *mask);
POLITE_API int polite_dropin_epoll_wait(polite_fd epoll, struct epoll_event *events, int max, int timeout);
POLITE_API int polite_dropin_epoll_pwait(polite_fd epoll, struct epoll_event *events, int max, int timeout, const sigset_t *mask);
POLITE_API int polite_dropin_epoll_pwait2(polite_fd epoll, struct epoll_event *events, int max, const struct timespec *timeout,
                                          const sigset_t *mask);
POLITE_API polite_ssize_t polite_dropin_sendfile(polite_fd out, polite_fd in, int64_t *offset, size_t len);
POLITE_API polite_ssize_t polite_dropin_splice(polite_fd in, int64_t *in_offset, polite_fd out, int64_t *out_offset, size_t len,
                                               unsigned flags);
POLITE_API polite_ssize_t polite_dropin_copy_file_range(polite_fd in, int64_t *in_offset, polite_fd out, int64_t *out_offset,
                                                        size_t len, unsigned flags);
POLITE_API int polite_dropin_recvmmsg(polite_sock sock, struct mmsghdr *messages, unsigned count, int flags,
                                      struct timespec *timeout);
POLITE_API int polite_dropin_sendmmsg(polite_sock sock, struct mmsghdr *messages, unsigned count, int flags);

POLITE_API polite_ssize_t polite_dropin_mq_receive(int queue, char *message, size_t len, unsigned *priority);
POLITE_API polite_ssize_t polite_dropin_mq_timedreceive(int queue, char *message, size_t len, unsigned *priority,
                                                        const struct timespec *until);
POLITE_API int polite_dropin_mq_send(int queue, const char *message, size_t len, unsigned priority);
POLITE_API int polite_dropin_mq_timedsend(int queue, const char *message, size_t len, unsigned priority,
                                          const struct timespec *until);
POLITE_API polite_ssize_t polite_dropin_msgrcv(int queue, void *message, size_t len, long type, int flags);
POLITE_API int polite_dropin_msgsnd(int queue, const void *message, size_t len, int flags);
POLITE_API int polite_dropin_semop(int set, struct sembuf *operations, size_t count);
POLITE_API int polite_dropin_semtimedop(int set, struct sembuf *operations, size_t count, const struct timespec *timeout);

POLITE_API int polite_dropin_select(int count, fd_set *readable, fd_set *writable, fd_set *exceptional, struct timeval *timeout);
POLITE_API int polite_dropin_pselect(int count, fd_set *readable, fd_set *writable, fd_set *exceptional,
                                     const struct timespec *timeout, const sigset_t *mask);
POLITE_API int polite_dropin_clock_nanosleep(clockid_t clock, int flags, const struct timespec *time, struct timespec *left);
POLITE_API int polite_dropin_sigsuspend(const sigset_t *mask);
POLITE_API int polite_dropin_sigwaitinfo(const sigset_t *set, void *info);
POLITE_API int polite_dropin_sigtimedwait(const sigset_t *set, void *info, const struct timespec *timeout);
POLITE_API int polite_dropin_pause(void);
POLITE_API int polite_dropin_wait(int *status);
POLITE_API int polite_dropin_waitpid(int process, int *status, int options);
POLITE_API int polite_dropin_wait3(int *status, int options, struct rusage *usage);
POLITE_API int polite_dropin_waitid(int kind, unsigned id, void *info, int options);
POLITE_API int polite_dropin_wait4(int process, int *status, int options, struct rusage *usage);
POLITE_API int polite_dropin_nanosleep(const struct timespec *time, struct timespec *left);
POLITE_API int polite_dropin_sigwait(const sigset_t *set, int *signal);
POLITE_API unsigned polite_dropin_sleep(unsigned seconds);
POLITE_API int polite_dropin_usleep(unsigned microseconds);
POLITE_API int polite_dropin_open(const char *path, int flags, unsigned mode);
POLITE_API int polite_dropin_openat(polite_fd directory, const char *path, int flags, unsigned mode);
POLITE_API int polite_dropin_creat(const char *path, unsigned mode);
POLITE_API int polite_dropin_fcntl(polite_fd fd, int command, void *argument);
POLITE_API int polite_dropin_system(const char *command);
POLITE_API int polite_dropin_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **result);
POLITE_API int polite_dropin_getnameinfo(const struct sockaddr *address, uint32_t address_len, char *node, uint32_t node_len,
                                         char *service, uint32_t service_len, int flags);
POLITE_API int polite_dropin_close(polite_fd fd);
POLITE_API int polite_dropin_fclose(FILE *stream);

/* Signal masks that leave the wake signal out: a thread that blocks every signal is interrupted all the same. With SIG_UNBLOCK it is put
 * in. The former returns an error's number, as its counterpart does, and leaves `errno` alone. */
POLITE_API int polite_dropin_pthread_sigmask(int how, const sigset_t *set, sigset_t *before);
POLITE_API int polite_dropin_sigprocmask(int how, const sigset_t *set, sigset_t *before);

/* Handlers, with the wake signal in the mask that holds while they run, unless they are installed with SA_NODEFER. So a handler that sits
 * on a blocked call may make plain blocking calls of its own: no EINTR of polite's comes into them. A polite call that blocks in a
 * handler is not interrupted before the handler returns, on whatever the handler sits; polite_interrupt says 2 then. `*before` is
 * what the program has set. For the wake signal itself, once polite has its handler, EINVAL; it has when a thread was attached that is woken by it. To be called
 * when the wake signal has been chosen (polite_set_wake_signal). */
struct sigaction;
typedef void (*polite_signal_handler_t)(int);
POLITE_API int polite_dropin_sigaction(int signal, const struct sigaction *action, struct sigaction *before);
POLITE_API polite_signal_handler_t polite_dropin_signal(int signal, polite_signal_handler_t handler);

POLITE_END_C

#endif

#endif

/* The plain names of calls, bound to polite's functions: what polite/dropin.h and polite/pthread_cancel.h have in common. Not
 * for inclusion by programs. Whoever includes it has said
 *
 *     POLITE_PLAIN_NAME(name)                            which function a name is bound to
 *     POLITE_PLAIN_PROTOTYPE(result, name, parameters)   that function's declaration, if there has been none
 *     POLITE_PLAIN_BEYOND                                if calls are wanted that POSIX has not as cancellation points */
#ifndef POLITE_PLAIN_NAMES_H
#define POLITE_PLAIN_NAMES_H

#include "polite/base.h"

#if defined __GLIBC__ && __SIZEOF_LONG__ == 4
#  error "the plain names cannot be bound to polite's functions on this processor yet: glibc binds them itself, for 64-bit times"
#endif

#include <sys/select.h> /* sigset_t, which <signal.h> does not define in a strict C99 program */
#include <sys/types.h>

/* How a name is bound to polite's function. No way works everywhere:
 *
 *   gcc      an asm label on one more declaration. It may come after the system's.
 *   clang    has it that asm labels belong to the first declaration, but takes the pragma, also afterwards, in C and in C++ (gcc's C++
 *            does not).
 *
 * A fortified name has an inline body, which would be compiled in, label or not:
 *
 *   gcc      an inline body of this kind (gnu_inline) gives way to a definition, which then is one with a label: weak, as
 *            each file brings its own, and hidden, as it is nobody else's.
 *   clang    an overload that differs by an attribute only, and is preferred for it.
 *
 * Which names are fortified is libc's business and changes; here they are all that take a buffer. */
#define POLITE_PLAIN_QUOTED(text) #text
#define POLITE_PLAIN_TEXT(text) POLITE_PLAIN_QUOTED(text)

#if defined _FORTIFY_SOURCE && defined __OPTIMIZE__
#  if _FORTIFY_SOURCE > 0
#    define POLITE_PLAIN_FORTIFIED 1
#  endif
#endif

#if defined __clang__
#  define POLITE_PLAIN_PRAGMA_TEXT(text) _Pragma(#text)
#  define POLITE_PLAIN_PRAGMA(text) POLITE_PLAIN_PRAGMA_TEXT(text)
#  define POLITE_PLAIN_AS(result, name, parameters, symbol) POLITE_PLAIN_PRAGMA(redefine_extname name symbol)
#  if defined __cplusplus
#    define POLITE_PLAIN_OVERLOAD_AS(result, name, parameters, symbol) \
       result name parameters __asm__(POLITE_PLAIN_TEXT(symbol)) __attribute__((__enable_if__(1, "")));
#  else
#    define POLITE_PLAIN_OVERLOAD_AS(result, name, parameters, symbol) \
       result name parameters __asm__(POLITE_PLAIN_TEXT(symbol)) __attribute__((__overloadable__, __enable_if__(1, "")));
#  endif
#  define POLITE_PLAIN_OVERLOAD(result, name, parameters) \
     POLITE_PLAIN_OVERLOAD_AS(result, name, parameters, POLITE_PLAIN_NAME(name))
#  if defined POLITE_PLAIN_FORTIFIED
#    define POLITE_PLAIN_BUFFER(result, name, parameters, arguments) POLITE_PLAIN_OVERLOAD(result, name, parameters)
#  else
#    define POLITE_PLAIN_BUFFER(result, name, parameters, arguments) POLITE_PLAIN(result, name, parameters)
#  endif
#else
#  define POLITE_PLAIN_AS(result, name, parameters, symbol) extern result name parameters __asm__(POLITE_PLAIN_TEXT(symbol));
#  if defined POLITE_PLAIN_FORTIFIED
#    define POLITE_PLAIN_DECLARE(result, name, parameters) \
       extern result name parameters __asm__(POLITE_PLAIN_TEXT(POLITE_PLAIN_NAME(name)) "_wrapped");
#    define POLITE_PLAIN_DEFINE(result, name, parameters, arguments)                 \
       POLITE_PLAIN_PROTOTYPE(result, name, parameters)                             \
       __attribute__((__weak__, __visibility__("hidden"))) result name parameters { \
         return POLITE_PLAIN_NAME(name) arguments;                                  \
       }
#  else
#    define POLITE_PLAIN_DECLARE(result, name, parameters) POLITE_PLAIN(result, name, parameters)
#    define POLITE_PLAIN_DEFINE(result, name, parameters, arguments)
#  endif
#  define POLITE_PLAIN_BUFFER(result, name, parameters, arguments) \
     POLITE_PLAIN_DECLARE(result, name, parameters)                \
     POLITE_PLAIN_DEFINE(result, name, parameters, arguments)
#endif

#define POLITE_PLAIN(result, name, parameters) POLITE_PLAIN_AS(result, name, parameters, POLITE_PLAIN_NAME(name))

#if !defined __GLIBC__ || defined __USE_UNIX98 || defined __USE_XOPEN2K8
#  define POLITE_PLAIN_PREAD 1
#  if defined __GLIBC__ && defined __USE_FILE_OFFSET64
#    define POLITE_PLAIN_PREAD_IS_LABELLED 1 /* glibc makes them pread64 and pwrite64, by a label on their declaration */
#  endif
#endif

/* gcc keeps the label that came first, so here it can still be ours. */
#if defined POLITE_PLAIN_PREAD_IS_LABELLED && !defined __clang__ && !defined _UNISTD_H
#  define POLITE_PLAIN_PREAD_COMES_FIRST 1
#  if defined __cplusplus
extern "C" {
#  endif
POLITE_PLAIN_DECLARE(ssize_t, pread, (int fd, void *buf, size_t len, off_t offset))
POLITE_PLAIN_DECLARE(ssize_t, pwrite, (int fd, const void *buf, size_t len, off_t offset))
#  if defined __cplusplus
}
#  endif
#endif

/* These have no inline bodies, but with large files glibc's labels. So gcc is to see them before the system's header, clang behind. */
#if defined __GLIBC__ && defined __USE_FILE_OFFSET64
#  define POLITE_PLAIN_LARGE_IS_LABELLED 1
#endif
#define POLITE_PLAIN_LOCKF(how) how(int, lockf, (int fd, int command, off_t len))
#define POLITE_PLAIN_PREADV(how)                                                             \
  how(ssize_t, preadv, (int fd, const struct iovec *pieces, int count, off_t offset))        \
  how(ssize_t, pwritev, (int fd, const struct iovec *pieces, int count, off_t offset))
#define POLITE_PLAIN_PREADV2(how)                                                            \
  how(ssize_t, preadv2, (int fd, const struct iovec *pieces, int count, off_t offset, int flags)) \
  how(ssize_t, pwritev2, (int fd, const struct iovec *pieces, int count, off_t offset, int flags))

#if defined __GLIBC__ && defined __cplusplus
#  define POLITE_PLAIN_THROWS_NOTHING __THROW
#else
#  define POLITE_PLAIN_THROWS_NOTHING
#endif
#define POLITE_PLAIN_SENDFILE(how) \
  how(ssize_t, sendfile, (int out, int in, off_t *offset, size_t len) POLITE_PLAIN_THROWS_NOTHING)

#if defined POLITE_PLAIN_LARGE_IS_LABELLED && !defined __clang__
#  if defined __cplusplus
extern "C" {
#  endif
#  if !defined _UNISTD_H && !defined _FCNTL_H
POLITE_PLAIN_LOCKF(POLITE_PLAIN)
#  endif
#  if defined POLITE_PLAIN_BEYOND && !defined _SYS_UIO_H
struct iovec;
POLITE_PLAIN_PREADV(POLITE_PLAIN)
POLITE_PLAIN_PREADV2(POLITE_PLAIN)
#  endif
#  if defined POLITE_PLAIN_BEYOND && !defined _SYS_SENDFILE_H
POLITE_PLAIN_SENDFILE(POLITE_PLAIN)
#  endif
#  if defined __cplusplus
}
#  endif
#endif

#if !defined POLITE_PLAIN_LARGE_IS_LABELLED
#  define POLITE_PLAIN_LARGE POLITE_PLAIN
#elif defined __clang__
#  define POLITE_PLAIN_LARGE POLITE_PLAIN_OVERLOAD
#else
#  define POLITE_PLAIN_LARGE(result, name, parameters)
#endif

/* open and fcntl take what follows their named parameters or not. */
#define POLITE_PLAIN_OPEN (const char *path, int flags, ...)
#define POLITE_PLAIN_OPENAT (int directory, const char *path, int flags, ...)
#define POLITE_PLAIN_CREAT (const char *path, mode_t mode)
#define POLITE_PLAIN_FCNTL (int fd, int command, ...)
#if !defined __clang__ && (!defined POLITE_PLAIN_LARGE_IS_LABELLED || !defined _FCNTL_H)
#  pragma GCC diagnostic push
#  pragma GCC diagnostic ignored "-Wredundant-decls"
#  if defined __cplusplus
extern "C" {
#  endif
#  if defined POLITE_PLAIN_FORTIFIED
#    define POLITE_PLAIN_FILES_ARE_DEFINED 1
#  endif
POLITE_PLAIN_DECLARE(int, open, POLITE_PLAIN_OPEN)
POLITE_PLAIN_DECLARE(int, openat, POLITE_PLAIN_OPENAT)
POLITE_PLAIN(int, creat, POLITE_PLAIN_CREAT)
POLITE_PLAIN(int, fcntl, POLITE_PLAIN_FCNTL)
#  if defined __cplusplus
}
#  endif
#  pragma GCC diagnostic pop
#endif

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#if defined POLITE_PLAIN_BEYOND
#  include <sys/epoll.h>
#  include <sys/file.h>
#  include <sys/sendfile.h>
#endif

/* What glibc and musl call a parameter that points to an address. In glibc's C with _GNU_SOURCE it is a union of pointers. */
#if defined __GLIBC__
#  define POLITE_PLAIN_FROM __SOCKADDR_ARG
#  define POLITE_PLAIN_TO __CONST_SOCKADDR_ARG
#else
#  define POLITE_PLAIN_FROM struct sockaddr *
#  define POLITE_PLAIN_TO const struct sockaddr *
#endif
#if defined __SOCKADDR_ALLTYPES
#  define POLITE_PLAIN_POINTER(address) (address).__sockaddr__
#else
#  define POLITE_PLAIN_POINTER(address) address
#endif

#pragma GCC diagnostic push
#if defined __clang__
#  pragma GCC diagnostic ignored "-Wgcc-compat"
#else
#  pragma GCC diagnostic ignored "-Wredundant-decls"
#endif
#if defined __cplusplus && !defined __clang__
extern "C" {
#endif

POLITE_PLAIN_BUFFER(ssize_t, read, (int fd, void *buf, size_t len), (fd, buf, len))
POLITE_PLAIN_BUFFER(ssize_t, write, (int fd, const void *buf, size_t len), (fd, buf, len))
POLITE_PLAIN(ssize_t, readv, (int fd, const struct iovec *pieces, int count))
POLITE_PLAIN(ssize_t, writev, (int fd, const struct iovec *pieces, int count))
POLITE_PLAIN(int, close, (int fd))

#if defined POLITE_PLAIN_PREAD_COMES_FIRST
POLITE_PLAIN_DEFINE(ssize_t, pread, (int fd, void *buf, size_t len, off_t offset), (fd, buf, len, offset))
POLITE_PLAIN_DEFINE(ssize_t, pwrite, (int fd, const void *buf, size_t len, off_t offset), (fd, buf, len, offset))
#elif defined POLITE_PLAIN_PREAD && !defined POLITE_PLAIN_PREAD_IS_LABELLED
POLITE_PLAIN_BUFFER(ssize_t, pread, (int fd, void *buf, size_t len, off_t offset), (fd, buf, len, offset))
POLITE_PLAIN_BUFFER(ssize_t, pwrite, (int fd, const void *buf, size_t len, off_t offset), (fd, buf, len, offset))
#elif defined POLITE_PLAIN_PREAD && defined __clang__
POLITE_PLAIN_OVERLOAD(ssize_t, pread, (int fd, void *buf, size_t len, off_t offset))
POLITE_PLAIN_OVERLOAD(ssize_t, pwrite, (int fd, const void *buf, size_t len, off_t offset))
#endif

POLITE_PLAIN_BUFFER(ssize_t, recv, (int sock, void *buf, size_t len, int flags), (sock, buf, len, flags))
POLITE_PLAIN_BUFFER(ssize_t, send, (int sock, const void *buf, size_t len, int flags), (sock, buf, len, flags))
POLITE_PLAIN_BUFFER(ssize_t, recvfrom,
                     (int sock, void *buf, size_t len, int flags, POLITE_PLAIN_FROM from, socklen_t *__restrict from_len),
                     (sock, buf, len, flags, POLITE_PLAIN_POINTER(from), from_len))
POLITE_PLAIN_BUFFER(ssize_t, sendto,
                     (int sock, const void *buf, size_t len, int flags, POLITE_PLAIN_TO to, socklen_t to_len),
                     (sock, buf, len, flags, POLITE_PLAIN_POINTER(to), to_len))
POLITE_PLAIN(ssize_t, recvmsg, (int sock, struct msghdr *message, int flags))
POLITE_PLAIN(ssize_t, sendmsg, (int sock, const struct msghdr *message, int flags))
POLITE_PLAIN(int, accept, (int sock, POLITE_PLAIN_FROM from, socklen_t *__restrict from_len))
POLITE_PLAIN(int, connect, (int sock, POLITE_PLAIN_TO to, socklen_t to_len))
POLITE_PLAIN_BUFFER(int, poll, (struct pollfd *fds, nfds_t count, int timeout), (fds, count, timeout))

#if defined SOCK_CLOEXEC && (!defined __GLIBC__ || defined __USE_GNU || defined __USE_XOPEN2K24)
POLITE_PLAIN(int, accept4, (int sock, POLITE_PLAIN_FROM from, socklen_t *__restrict from_len, int flags))
#endif
#if defined _GNU_SOURCE || defined __USE_XOPEN2K24
POLITE_PLAIN_BUFFER(int, ppoll, (struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask),
                     (fds, count, timeout, mask))
#endif
#if defined __USE_POSIX199309 || (!defined __GLIBC__ && defined TIMER_ABSTIME)
POLITE_PLAIN(int, nanosleep, (const struct timespec *time, struct timespec *left))
#endif
#if defined __USE_XOPEN2K || (!defined __GLIBC__ && defined TIMER_ABSTIME)
POLITE_PLAIN(int, clock_nanosleep, (clockid_t clock, int flags, const struct timespec *time, struct timespec *left))
#endif
#if !defined __GLIBC__ || defined __USE_XOPEN2K
POLITE_PLAIN(int, pselect, (int count, fd_set *__restrict readable, fd_set *__restrict writable, fd_set *__restrict exceptional,
                            const struct timespec *__restrict timeout, const sigset_t *__restrict mask))
#endif
#if defined SIG_BLOCK
POLITE_PLAIN(int, sigsuspend, (const sigset_t *mask))
POLITE_PLAIN(int, sigprocmask, (int how, const sigset_t *__restrict set, sigset_t *__restrict before) POLITE_PLAIN_THROWS_NOTHING)
POLITE_PLAIN(int, sigaction, (int signal, const struct sigaction *__restrict action, struct sigaction *__restrict before)
                                 POLITE_PLAIN_THROWS_NOTHING)
#endif
#if !defined __GLIBC__ || defined __USE_MISC /* otherwise it is System V's */
POLITE_PLAIN(__typeof__(SIG_DFL), signal, (int signal, __typeof__(SIG_DFL) handler) POLITE_PLAIN_THROWS_NOTHING)
#endif
#if defined __USE_POSIX199309 || (!defined __GLIBC__ && defined SIG_BLOCK)
POLITE_PLAIN(int, sigwaitinfo, (const sigset_t *__restrict set, siginfo_t *__restrict info))
POLITE_PLAIN(int, sigtimedwait, (const sigset_t *__restrict set, siginfo_t *__restrict info,
                                 const struct timespec *__restrict timeout))
#endif
#if defined __USE_XOPEN_EXTENDED || defined __USE_XOPEN2K8 || (!defined __GLIBC__ && defined SIG_BLOCK)
POLITE_PLAIN(int, waitid, (idtype_t kind, id_t id, siginfo_t *info, int options))
#endif
#if !defined __GLIBC__ || defined __USE_MISC || defined __USE_XOPEN || defined __USE_XOPEN2K
POLITE_PLAIN(int, fsync, (int fd))
#endif
#if !defined __GLIBC__ || defined __USE_POSIX199309 || defined __USE_UNIX98
POLITE_PLAIN(int, fdatasync, (int fd))
#endif
POLITE_PLAIN(int, msync, (void *memory, size_t len, int flags))
POLITE_PLAIN(int, tcdrain, (int fd)) /* without <termios.h>, which has macros like ECHO that are others', too */
POLITE_PLAIN(int, select, (int count, fd_set *__restrict readable, fd_set *__restrict writable, fd_set *__restrict exceptional,
                           struct timeval *__restrict timeout))
POLITE_PLAIN(int, pause, (void))
POLITE_PLAIN(pid_t, wait, (int *status))
POLITE_PLAIN(pid_t, waitpid, (pid_t process, int *status, int options))
POLITE_PLAIN(unsigned, sleep, (unsigned seconds))
#if !defined __GLIBC__ || defined __USE_MISC || (defined __USE_XOPEN_EXTENDED && !defined __USE_XOPEN2K8)
POLITE_PLAIN(int, usleep, (unsigned microseconds))
#endif
#if !defined __GLIBC__ || defined __USE_POSIX199506
POLITE_PLAIN(int, sigwait, (const sigset_t *__restrict set, int *__restrict signal))
#endif
POLITE_PLAIN(ssize_t, mq_receive, (int queue, char *message, size_t len, unsigned *priority))
POLITE_PLAIN(int, mq_send, (int queue, const char *message, size_t len, unsigned priority))
POLITE_PLAIN(ssize_t, mq_timedreceive, (int queue, char *__restrict message, size_t len, unsigned *__restrict priority,
                                        const struct timespec *__restrict until))
POLITE_PLAIN(int, mq_timedsend, (int queue, const char *message, size_t len, unsigned priority, const struct timespec *until))
POLITE_PLAIN(ssize_t, msgrcv, (int queue, void *message, size_t len, long type, int flags)) /* <sys/msg.h> has struct msgbuf */
POLITE_PLAIN(int, msgsnd, (int queue, const void *message, size_t len, int flags))
#if defined F_LOCK
POLITE_PLAIN_LOCKF(POLITE_PLAIN_LARGE)
#endif
POLITE_PLAIN(int, system, (const char *command))
struct addrinfo; /* without <netdb.h>, which has NO_DATA and the like */
POLITE_PLAIN(int, getaddrinfo, (const char *__restrict node, const char *__restrict service, const struct addrinfo *__restrict hints,
                                struct addrinfo **__restrict result))
POLITE_PLAIN(int, getnameinfo, (const struct sockaddr *__restrict address, socklen_t address_len, char *__restrict node,
                                socklen_t node_len, char *__restrict service, socklen_t service_len, int flags))

#if defined POLITE_PLAIN_BEYOND
/* Some headers are left out, for they have many macros that others have, too; so what they say of exceptions is said here. */
#  if defined __GLIBC__
#    define POLITE_PLAIN_IOCTL (int fd, unsigned long command, ...) POLITE_PLAIN_THROWS_NOTHING
#  else
#    define POLITE_PLAIN_IOCTL (int fd, int command, ...)
#  endif
struct termios;
#  if defined __USE_POSIX199506 || defined __USE_UNIX98 || (!defined __GLIBC__ && defined SIG_BLOCK)
POLITE_PLAIN(int, pthread_sigmask, (int how, const sigset_t *__restrict set, sigset_t *__restrict before) POLITE_PLAIN_THROWS_NOTHING)
#  endif
POLITE_PLAIN(int, flock, (int fd, int operation))
POLITE_PLAIN(int, fclose, (FILE *stream))
#  if !defined __GLIBC__ || defined __USE_MISC
POLITE_PLAIN_PREADV(POLITE_PLAIN_LARGE)
POLITE_PLAIN(pid_t, wait3, (int *status, int options, struct rusage *usage))
POLITE_PLAIN(pid_t, wait4, (pid_t process, int *status, int options, struct rusage *usage))
#  endif
POLITE_PLAIN(int, epoll_wait, (int epoll, struct epoll_event *events, int max, int timeout))
POLITE_PLAIN(int, epoll_pwait, (int epoll, struct epoll_event *events, int max, int timeout, const sigset_t *mask))
#  if defined __GLIBC__ && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 35)
POLITE_PLAIN(int, epoll_pwait2,
             (int epoll, struct epoll_event *events, int max, const struct timespec *timeout, const sigset_t *mask))
#  endif
POLITE_PLAIN_SENDFILE(POLITE_PLAIN_LARGE)
POLITE_PLAIN(int, ioctl, POLITE_PLAIN_IOCTL)
POLITE_PLAIN(int, tcsetattr, (int fd, int when, const struct termios *settings) POLITE_PLAIN_THROWS_NOTHING)
struct sembuf;
POLITE_PLAIN(int, semop, (int set, struct sembuf *operations, size_t count) POLITE_PLAIN_THROWS_NOTHING)
#  if defined __USE_GNU || (!defined __GLIBC__ && defined _GNU_SOURCE)
POLITE_PLAIN(int, semtimedop, (int set, struct sembuf *operations, size_t count, const struct timespec *timeout)
                                  POLITE_PLAIN_THROWS_NOTHING)
#  endif
#  if defined SPLICE_F_MOVE
POLITE_PLAIN(ssize_t, splice, (int in, off64_t *in_offset, int out, off64_t *out_offset, size_t len, unsigned flags))
POLITE_PLAIN(ssize_t, copy_file_range, (int in, off64_t *in_offset, int out, off64_t *out_offset, size_t len, unsigned flags))
#  endif
#  if defined __GLIBC__ && defined __USE_GNU
POLITE_PLAIN(int, recvmmsg, (int sock, struct mmsghdr *messages, unsigned count, int flags, struct timespec *timeout))
POLITE_PLAIN(int, sendmmsg, (int sock, struct mmsghdr *messages, unsigned count, int flags))
#  elif !defined __GLIBC__ && defined _GNU_SOURCE
POLITE_PLAIN(int, recvmmsg, (int sock, struct mmsghdr *messages, unsigned count, unsigned flags, struct timespec *timeout))
POLITE_PLAIN(int, sendmmsg, (int sock, struct mmsghdr *messages, unsigned count, unsigned flags))
#  endif
#  if defined RWF_HIPRI
POLITE_PLAIN_PREADV2(POLITE_PLAIN_LARGE)
#  endif
#endif

/* Keeps gcc from making two definitions into one: it refuses that where the system says that they are always inline. */
#define POLITE_PLAIN_UNLIKE(name) __asm__ __volatile__("/* " #name " */");

/* A definition, where one is needed, hands the mode on only if there is one. */
#if defined O_TMPFILE
#  define POLITE_PLAIN_TAKES_MODE(flags) ((flags) & O_CREAT || ((flags) & O_TMPFILE) == O_TMPFILE)
#else
#  define POLITE_PLAIN_TAKES_MODE(flags) ((flags) & O_CREAT)
#endif
#define POLITE_PLAIN_DEFINE_WITH_MODE(name, target, parameters, arguments)                    \
  POLITE_PLAIN_PROTOTYPE(int, target, parameters)                                            \
  __attribute__((__weak__, __visibility__("hidden"))) int name parameters {                  \
    unsigned mode = 0;                                                                       \
    POLITE_PLAIN_UNLIKE(name)                                                                \
    if (POLITE_PLAIN_TAKES_MODE(flags)) {                                                    \
      __builtin_va_list rest;                                                                \
      __builtin_va_start(rest, flags);                                                       \
      mode = __builtin_va_arg(rest, unsigned);                                               \
      __builtin_va_end(rest);                                                                \
    }                                                                                        \
    return POLITE_PLAIN_NAME(target) arguments;                                              \
  }
#define POLITE_PLAIN_DEFINE_OPEN(name) POLITE_PLAIN_DEFINE_WITH_MODE(name, open, POLITE_PLAIN_OPEN, (path, flags, mode))
#define POLITE_PLAIN_DEFINE_OPENAT(name) \
  POLITE_PLAIN_DEFINE_WITH_MODE(name, openat, POLITE_PLAIN_OPENAT, (directory, path, flags, mode))

#if defined POLITE_PLAIN_FILES_ARE_DEFINED
POLITE_PLAIN_DEFINE_OPEN(open)
POLITE_PLAIN_DEFINE_OPENAT(openat)
#elif defined __clang__
POLITE_PLAIN_LARGE(int, open, POLITE_PLAIN_OPEN)
POLITE_PLAIN_LARGE(int, openat, POLITE_PLAIN_OPENAT)
POLITE_PLAIN_LARGE(int, creat, POLITE_PLAIN_CREAT)
POLITE_PLAIN_LARGE(int, fcntl, POLITE_PLAIN_FCNTL)
#endif

/* The names that glibc has for large files besides. They are the same calls. */
#if defined __GLIBC__ && defined __USE_LARGEFILE64
#  define POLITE_PLAIN_ALSO(result, name, target, parameters) POLITE_PLAIN_AS(result, name, parameters, POLITE_PLAIN_NAME(target))
#  if !defined POLITE_PLAIN_FORTIFIED
#    define POLITE_PLAIN_BUFFER_ALSO(result, name, target, parameters, arguments) POLITE_PLAIN_ALSO(result, name, target, parameters)
#  elif defined __clang__
#    define POLITE_PLAIN_BUFFER_ALSO(result, name, target, parameters, arguments) \
       POLITE_PLAIN_OVERLOAD_AS(result, name, parameters, POLITE_PLAIN_NAME(target))
#  else
#    define POLITE_PLAIN_BUFFER_ALSO(result, name, target, parameters, arguments)                          \
       extern result name parameters __asm__(POLITE_PLAIN_TEXT(POLITE_PLAIN_NAME(name)) "_wrapped");       \
       POLITE_PLAIN_PROTOTYPE(result, target, parameters)                                                  \
       __attribute__((__weak__, __visibility__("hidden"))) result name parameters {                        \
         POLITE_PLAIN_UNLIKE(name)                                                                         \
         return POLITE_PLAIN_NAME(target) arguments;                                                       \
       }
#  endif
#  if defined POLITE_PLAIN_PREAD
POLITE_PLAIN_BUFFER_ALSO(ssize_t, pread64, pread, (int fd, void *buf, size_t len, off64_t offset), (fd, buf, len, offset))
POLITE_PLAIN_BUFFER_ALSO(ssize_t, pwrite64, pwrite, (int fd, const void *buf, size_t len, off64_t offset), (fd, buf, len, offset))
#  endif
#  if defined POLITE_PLAIN_FORTIFIED && !defined __clang__
extern int open64 POLITE_PLAIN_OPEN __asm__(POLITE_PLAIN_TEXT(POLITE_PLAIN_NAME(open64)) "_wrapped");
extern int openat64 POLITE_PLAIN_OPENAT __asm__(POLITE_PLAIN_TEXT(POLITE_PLAIN_NAME(openat64)) "_wrapped");
POLITE_PLAIN_DEFINE_OPEN(open64)
POLITE_PLAIN_DEFINE_OPENAT(openat64)
#  else
POLITE_PLAIN_ALSO(int, open64, open, POLITE_PLAIN_OPEN)
POLITE_PLAIN_ALSO(int, openat64, openat, POLITE_PLAIN_OPENAT)
#  endif
POLITE_PLAIN_ALSO(int, creat64, creat, POLITE_PLAIN_CREAT)
#  if __GLIBC__ > 2 || __GLIBC_MINOR__ >= 28
POLITE_PLAIN_ALSO(int, fcntl64, fcntl, POLITE_PLAIN_FCNTL)
#  endif
#  if defined F_LOCK
POLITE_PLAIN_ALSO(int, lockf64, lockf, (int fd, int command, off64_t len))
#  endif
#  if defined POLITE_PLAIN_BEYOND
POLITE_PLAIN_ALSO(ssize_t, sendfile64, sendfile, (int out, int in, off64_t *offset, size_t len) POLITE_PLAIN_THROWS_NOTHING)
#    if defined __USE_MISC
POLITE_PLAIN_ALSO(ssize_t, preadv64, preadv, (int fd, const struct iovec *pieces, int count, off64_t offset))
POLITE_PLAIN_ALSO(ssize_t, pwritev64, pwritev, (int fd, const struct iovec *pieces, int count, off64_t offset))
#    endif
#    if defined __USE_GNU
POLITE_PLAIN_ALSO(ssize_t, preadv64v2, preadv2, (int fd, const struct iovec *pieces, int count, off64_t offset, int flags))
POLITE_PLAIN_ALSO(ssize_t, pwritev64v2, pwritev2, (int fd, const struct iovec *pieces, int count, off64_t offset, int flags))
#    endif
#  endif
#endif

#if defined __cplusplus && !defined __clang__
}
#endif
#pragma GCC diagnostic pop

#endif

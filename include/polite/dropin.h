/* The drop-in: read, write, accept and the others by their plain names, interruptible.
 *
 * A source file that includes this header calls polite where it says
 *
 *     read   readv   pread     recv  recvfrom  recvmsg     accept  accept4  connect     poll  ppoll  nanosleep
 *     write  writev  pwrite    send  sendto    sendmsg     close
 *
 * and is otherwise what it was. Arguments, results and errno are those of the plain calls, with one addition:
 *
 *     A call to which an interrupt is delivered returns -1 with errno ECANCELED, and has transferred nothing.
 *
 * It is ECANCELED and not EINTR, because code that was written for the plain calls has loops that try again after EINTR: they would
 * swallow the interrupt. As an error that nobody expects, ECANCELED goes up the way that errors go, which is where the cleanup is.
 * A signal handler of the program's own still makes EINTR, as it always did. `polite_dropin_interrupted()` (polite/dropin_functions.h)
 * tells an interrupt from an ECANCELED of the system's own.
 *
 *   - Who can be interrupted: threads that somebody can name. A blocking call does not attach its thread, so call polite_self() in
 *     each thread that is to be interruptible, and hand the result to whoever is to interrupt it. The calls of
 *     all other threads are plain calls.
 *   - Which calls deliver: all of them but close, which closes whatever is pending. polite/io.h and polite/socket.h say the rest; note
 *     that connect *continues* after ECANCELED, as it does after EINTR.
 *   - What is replaced: calls in this file, wherever the call stands and whichever of these headers came first; and the names'
 *     addresses (`ssize_t (*p)(int, void *, size_t) = read` is polite's). Not what libc itself calls (fread, getline,
 *     getaddrinfo), and not other files. Members, variables and functions in namespaces that are named read, accept or close are
 *     left alone: no name is a macro here.
 *   - Where to include it: anywhere among the other includes, but before the file's first function: what comes before may have plain
 *     calls. Feature-test macros (_GNU_SOURCE, …) come before all of them, as always; a name that the system's headers do
 *     not declare without one (accept4, ppoll, nanosleep, pread) is not replaced.
 *   - _FORTIFY_SOURCE: may be on; in the calls that are replaced the size of the buffer is not checked then. Everything else is
 *     fortified as before.
 *   - _FILE_OFFSET_BITS=64 with glibc and gcc: pread and pwrite stay plain calls if <unistd.h> was included before this header. Include
 *     this one first. (They are for files, which do not block in a way that could be interrupted; what is lost is
 *     that a loop around them notices an interrupt.) pread64 and pwrite64 are never replaced.
 *   - clang with _FORTIFY_SOURCE: the calls that take a buffer are overloaded functions. Their address needs a type to go to, so
 *     `auto p = read` and `decltype(read)` do not compile. With _FILE_OFFSET_BITS=64 this holds for pread and pwrite always.
 *   - musl: the same; only that it has no fortify, and that pread is always right.
 *   - Since 0.1. Linux; gcc and clang; C99 and C++11 or later. */
#ifndef POLITE_DROPIN_H
#define POLITE_DROPIN_H

#if !defined __linux__ || !defined __GNUC__
#  error "polite/dropin.h is for Linux, gcc and clang; call polite_read and the others by their names"
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
#if defined _FORTIFY_SOURCE && defined __OPTIMIZE__
#  if _FORTIFY_SOURCE > 0
#    define POLITE_DROPIN_FORTIFIED 1
#  endif
#endif

#if defined __clang__
#  define POLITE_DROPIN_PRAGMA(text) _Pragma(#text)
#  define POLITE_DROPIN(result, name, parameters) POLITE_DROPIN_PRAGMA(redefine_extname name polite_dropin_##name)
#  if defined __cplusplus
#    define POLITE_DROPIN_OVERLOAD(result, name, parameters) \
       result name parameters __asm__("polite_dropin_" #name) __attribute__((__enable_if__(1, "")));
#  else
#    define POLITE_DROPIN_OVERLOAD(result, name, parameters) \
       result name parameters __asm__("polite_dropin_" #name) __attribute__((__overloadable__, __enable_if__(1, "")));
#  endif
#  if defined POLITE_DROPIN_FORTIFIED
#    define POLITE_DROPIN_BUFFER(result, name, parameters, arguments) POLITE_DROPIN_OVERLOAD(result, name, parameters)
#  else
#    define POLITE_DROPIN_BUFFER(result, name, parameters, arguments) POLITE_DROPIN(result, name, parameters)
#  endif
#else
#  define POLITE_DROPIN(result, name, parameters) extern result name parameters __asm__("polite_dropin_" #name);
#  if defined POLITE_DROPIN_FORTIFIED
#    define POLITE_DROPIN_DECLARE(result, name, parameters) extern result name parameters __asm__("polite_wrapped_" #name);
#    define POLITE_DROPIN_DEFINE(result, name, parameters, arguments)                 \
       __attribute__((__weak__, __visibility__("hidden"))) result name parameters { \
         return polite_dropin_##name arguments;                                     \
       }
#  else
#    define POLITE_DROPIN_DECLARE(result, name, parameters) POLITE_DROPIN(result, name, parameters)
#    define POLITE_DROPIN_DEFINE(result, name, parameters, arguments)
#  endif
#  define POLITE_DROPIN_BUFFER(result, name, parameters, arguments) \
     POLITE_DROPIN_DECLARE(result, name, parameters)                \
     POLITE_DROPIN_DEFINE(result, name, parameters, arguments)
#endif

#if !defined __GLIBC__ || defined __USE_UNIX98 || defined __USE_XOPEN2K8
#  define POLITE_DROPIN_PREAD 1
#  if defined __GLIBC__ && defined __USE_FILE_OFFSET64
#    define POLITE_DROPIN_PREAD_IS_LABELLED 1 /* glibc makes them pread64 and pwrite64, by a label on their declaration */
#  endif
#endif

/* gcc keeps the label that came first, so here it can still be ours. */
#if defined POLITE_DROPIN_PREAD_IS_LABELLED && !defined __clang__ && !defined _UNISTD_H
#  define POLITE_DROPIN_PREAD_COMES_FIRST 1
#  if defined __cplusplus
extern "C" {
#  endif
POLITE_DROPIN_DECLARE(ssize_t, pread, (int fd, void *buf, size_t len, off_t offset))
POLITE_DROPIN_DECLARE(ssize_t, pwrite, (int fd, const void *buf, size_t len, off_t offset))
#  if defined __cplusplus
}
#  endif
#endif

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "polite.h"
#include "polite/dropin_functions.h"

/* What glibc and musl call a parameter that points to an address. In glibc's C with _GNU_SOURCE it is a union of pointers. */
#if defined __GLIBC__
#  define POLITE_DROPIN_FROM __SOCKADDR_ARG
#  define POLITE_DROPIN_TO __CONST_SOCKADDR_ARG
#else
#  define POLITE_DROPIN_FROM struct sockaddr *
#  define POLITE_DROPIN_TO const struct sockaddr *
#endif
#if defined __SOCKADDR_ALLTYPES
#  define POLITE_DROPIN_POINTER(address) (address).__sockaddr__
#else
#  define POLITE_DROPIN_POINTER(address) address
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

POLITE_DROPIN_BUFFER(ssize_t, read, (int fd, void *buf, size_t len), (fd, buf, len))
POLITE_DROPIN_BUFFER(ssize_t, write, (int fd, const void *buf, size_t len), (fd, buf, len))
POLITE_DROPIN(ssize_t, readv, (int fd, const struct iovec *pieces, int count))
POLITE_DROPIN(ssize_t, writev, (int fd, const struct iovec *pieces, int count))
POLITE_DROPIN(int, close, (int fd))

#if defined POLITE_DROPIN_PREAD_COMES_FIRST
POLITE_DROPIN_DEFINE(ssize_t, pread, (int fd, void *buf, size_t len, off_t offset), (fd, buf, len, offset))
POLITE_DROPIN_DEFINE(ssize_t, pwrite, (int fd, const void *buf, size_t len, off_t offset), (fd, buf, len, offset))
#elif defined POLITE_DROPIN_PREAD && !defined POLITE_DROPIN_PREAD_IS_LABELLED
POLITE_DROPIN_BUFFER(ssize_t, pread, (int fd, void *buf, size_t len, off_t offset), (fd, buf, len, offset))
POLITE_DROPIN_BUFFER(ssize_t, pwrite, (int fd, const void *buf, size_t len, off_t offset), (fd, buf, len, offset))
#elif defined POLITE_DROPIN_PREAD && defined __clang__
POLITE_DROPIN_OVERLOAD(ssize_t, pread, (int fd, void *buf, size_t len, off_t offset))
POLITE_DROPIN_OVERLOAD(ssize_t, pwrite, (int fd, const void *buf, size_t len, off_t offset))
#endif

POLITE_DROPIN_BUFFER(ssize_t, recv, (int sock, void *buf, size_t len, int flags), (sock, buf, len, flags))
POLITE_DROPIN_BUFFER(ssize_t, send, (int sock, const void *buf, size_t len, int flags), (sock, buf, len, flags))
POLITE_DROPIN_BUFFER(ssize_t, recvfrom,
                     (int sock, void *buf, size_t len, int flags, POLITE_DROPIN_FROM from, socklen_t *__restrict from_len),
                     (sock, buf, len, flags, POLITE_DROPIN_POINTER(from), from_len))
POLITE_DROPIN_BUFFER(ssize_t, sendto,
                     (int sock, const void *buf, size_t len, int flags, POLITE_DROPIN_TO to, socklen_t to_len),
                     (sock, buf, len, flags, POLITE_DROPIN_POINTER(to), to_len))
POLITE_DROPIN(ssize_t, recvmsg, (int sock, struct msghdr *message, int flags))
POLITE_DROPIN(ssize_t, sendmsg, (int sock, const struct msghdr *message, int flags))
POLITE_DROPIN(int, accept, (int sock, POLITE_DROPIN_FROM from, socklen_t *__restrict from_len))
POLITE_DROPIN(int, connect, (int sock, POLITE_DROPIN_TO to, socklen_t to_len))
POLITE_DROPIN_BUFFER(int, poll, (struct pollfd *fds, nfds_t count, int timeout), (fds, count, timeout))

#if defined SOCK_CLOEXEC && (!defined __GLIBC__ || defined __USE_GNU || defined __USE_XOPEN2K24)
POLITE_DROPIN(int, accept4, (int sock, POLITE_DROPIN_FROM from, socklen_t *__restrict from_len, int flags))
#endif
#if defined _GNU_SOURCE || defined __USE_XOPEN2K24
POLITE_DROPIN_BUFFER(int, ppoll, (struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask),
                     (fds, count, timeout, mask))
#endif
#if defined __USE_POSIX199309 || (!defined __GLIBC__ && defined TIMER_ABSTIME)
POLITE_DROPIN(int, nanosleep, (const struct timespec *time, struct timespec *left))
#endif

#if defined __cplusplus && !defined __clang__
}
#endif
#pragma GCC diagnostic pop

#endif

/* The drop-in: read, write, accept and the others by their plain names, interruptible.
 *
 * A source file that includes this header calls polite where it says
 *
 *     read   readv   pread     recv  recvfrom  recvmsg     accept  accept4  connect     poll  ppoll  select  pselect
 *     write  writev  pwrite    send  sendto    sendmsg     close                        epoll_wait epoll_pwait epoll_pwait2
 *     preadv  preadv2          recvmmsg  sendmmsg          open  openat  creat          nanosleep  clock_nanosleep
 *     pwritev pwritev2         sendfile  splice            fcntl (F_SETLKW, …)          sleep  usleep  pause
 *     fsync fdatasync msync    copy_file_range             lockf (F_LOCK)  flock        sigwait sigwaitinfo sigtimedwait
 *     tcdrain tcsetattr        ioctl                       wait waitpid waitid          sigsuspend
 *     mq_receive mq_timedreceive mq_send mq_timedsend      wait3 wait4                  msgrcv msgsnd semop semtimedop
 *     getaddrinfo getnameinfo  system                      fclose
 *
 * and is otherwise what it was. Arguments, results and errno are those of the plain calls, with one addition:
 *
 *     A call to which an interrupt is delivered returns -1 with errno ECANCELED, and has transferred nothing.
 *     (clock_nanosleep and sigwait return the number ECANCELED; sleep what is left, at least 1, with errno ECANCELED; getaddrinfo and
 *     getnameinfo EAI_SYSTEM with errno ECANCELED.)
 *
 * It is ECANCELED and not EINTR, because code that was written for the plain calls has loops that try again after EINTR: they would
 * swallow the interrupt. As an error that nobody expects, ECANCELED goes up the way that errors go, which is where the cleanup is.
 * A signal handler of the program's own still makes EINTR, as it always did. `polite_dropin_interrupted()` (polite/dropin_functions.h)
 * tells an interrupt from an ECANCELED of the system's own.
 *
 *   - Who can be interrupted: threads that somebody can name. A blocking call does not attach its thread, so call polite_self() in
 *     each thread that is to be interruptible, and hand the result to whoever is to interrupt it. The calls of
 *     all other threads are plain calls.
 *   - A thread that blocks every signal can be interrupted all the same: pthread_sigmask and sigprocmask leave polite's signal out, sigaction and
 *     signal see to it that it does not disturb handlers. polite/dropin_functions.h says how.
 *   - Which calls deliver: all of them but close and fclose, which close whatever is pending, and those that give up a lock, or do not wait
 *     because of what they are told (fcntl, lockf, tcsetattr). polite/io.h and the others say the rest; note
 *     that connect *continues* after ECANCELED, as it does after EINTR.
 *   - What is replaced: calls in this file, wherever the call stands and whichever of these headers came first; and the names'
 *     addresses (`ssize_t (*p)(int, void *, size_t) = read` is polite's). Not what libc itself calls (fread, getline, popen),
 *     and not other files. Members, variables and functions in namespaces that are named read, accept or close are
 *     left alone: no name is a macro here.
 *   - Where to include it: anywhere among the other includes, but before the file's first function: what comes before may have plain
 *     calls. Feature-test macros (_GNU_SOURCE, …) come before all of them, as always; a name that the system's headers do
 *     not declare without one (accept4, ppoll, nanosleep, pread) is not replaced.
 *   - _FORTIFY_SOURCE: may be on; in the calls that are replaced the size of the buffer is not checked then. Everything else is
 *     fortified as before.
 *   - Large files: pread64, open64 and so on are the same calls as pread and open. With _FILE_OFFSET_BITS=64, glibc and gcc, those that
 *     have such a second name stay plain calls if the system's header that declares them was included before this one: open, openat,
 *     creat, fcntl, lockf, pread, pwrite, preadv, pwritev, preadv2, pwritev2, sendfile. Include this one first.
 *   - Some headers this one leaves out, for they define many macros that programs have, too: tcdrain, tcsetattr, ioctl, msgrcv, msgsnd,
 *     semop, semtimedop, getaddrinfo, getnameinfo, system and mq_… are declared without them, and cannot be names of the program's own functions.
 *   - clang with _FORTIFY_SOURCE: the calls that take a buffer are overloaded functions. Their address needs a type to go to, so
 *     `auto p = read` and `decltype(read)` do not compile. With _FILE_OFFSET_BITS=64 this holds for pread and pwrite always.
 *   - musl: the same; only that it has no fortify, and that pread is always right.
 *   - Windows (gcc and clang of mingw-w64, 64 bits) has
 *
 *         read _read   write _write   recv recvfrom   send sendto   accept connect   WSAPoll   getaddrinfo getnameinfo   sleep usleep nanosleep
 *         closesocket  ioctlsocket  WSAEventSelect  WSAAsyncSelect (no interruption points: they release, or tell polite the socket's mode)
 *
 *     An interrupted call of Winsock's is SOCKET_ERROR or INVALID_SOCKET with WSAGetLastError() WSA_E_CANCELLED, which no call of these makes
 *     otherwise, and no loop tries again for; getaddrinfo and getnameinfo return that. polite/dropin_functions_windows.h says what
 *     else there is to know. read and write leave to the C runtime what is the C runtime's: text mode, Ctrl-Z, its locks.
 *       - Not replaced: select; the calls that begin with WSA (but for those above), which are for overlapped use; ReadFile and WriteFile, and what else has
 *         a HANDLE: polite_read and polite_write are for those; Sleep, which could not say that it was interrupted: polite_nanosleep;
 *         WaitForSingleObject and the like, whose callers seldom look whether they have got the lock or the thread has ended, and while which no APC
 *         may run: polite_wait_handle; _open, _pipe, fread and the like; names that end in W.
 *       - A socket that is put into non-blocking mode in another file (or by WSAIoctl) is a blocking one for these calls. A time limit of its own
 *         (SO_RCVTIMEO, SO_SNDTIMEO) is not for a socket in that mode (polite_sock_set_nonblocking).
 *       - Include <winsock2.h> before <windows.h>, as always. _FORTIFY_SOURCE: not with clang, and not with -flto, which would
 *         replace the reads of all files. Without old names (NO_OLDNAMES, a
 *         strict -std=) there is no read and write in <io.h>.
 *       - The functions are in the program, in libpolite_names, which is linked with libpolite (polite::polite, polite.pc).
 *   - Since 0.1. Linux and Windows; gcc and clang; C99 and C++11 or later. */
#ifndef POLITE_DROPIN_H
#define POLITE_DROPIN_H

#if defined POLITE_PTHREAD_CANCEL_H
#  error "a file includes polite/dropin.h, or polite/pthread_cancel.h: they bind the same names"
#endif
#if !defined __GNUC__ || !(defined __linux__ || (defined __MINGW32__ && defined _WIN64))
#  error "polite/dropin.h is for gcc and clang, on Linux and on 64-bit Windows; call polite_read and the others by their names"
#endif

#include "polite.h"
#include "polite/dropin_functions.h"

#if defined _WIN32
#include "polite/plain_names_windows.h"
#else
#define POLITE_PLAIN_NAME(name) polite_dropin_##name
#define POLITE_PLAIN_PROTOTYPE(result, name, parameters)
#define POLITE_PLAIN_BEYOND 1
#include "polite/plain_names.h"
#endif

#endif

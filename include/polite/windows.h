/* What only Windows has. */
#ifndef POLITE_WINDOWS_H
#define POLITE_WINDOWS_H

#include "polite/base.h"

#if defined _WIN32

#include <io.h>

POLITE_BEGIN

/* The handle of a descriptor of the C runtime's (_open, _pipe, _fileno), which goes on belonging to that; or POLITE_EBADF. Each C runtime of a
 * process has descriptors of its own; this asks the one that the calling file is compiled for, which is why it is no function of the
 * library's. What the runtime does to what it reads and writes (text mode) polite does not do.
 * Microsoft's runtime ends the program at a descriptor that was never open, unless it has been told not to (_set_invalid_parameter_handler).
 * Since 0.1. */
static inline polite_fd polite_fd_from_crt(int fd) {
  intptr_t handle = _get_osfhandle(fd);
  return handle == -1 || handle == -2 ? -9 /* POLITE_EBADF */ : handle;
}

/* Read and write by a function that makes the system's call itself (Win32 ReadFile, WriteFile without an OVERLAPPED): for what stands between
 * the program and the handle, such as the C runtime's _read and _write with their translation of lines. (polite/dropin.h is made of them.)
 * Interruption points, as polite_read and polite_write by the same handle.
 *
 * Return    what the function returned, a count or a negative error; or
 *             POLITE_INTERRUPTED   an interrupt was delivered; nothing was transferred
 *             POLITE_E…            as polite_read and polite_write, if the handle is not one to begin with: the function was not called
 *
 * The function is given `arg`, and the memory or a part of it. It makes one call of the system's that waits, by that handle; if that
 * fails with ERROR_OPERATION_ABORTED and nothing has been transferred, it returns POLITE_INTERRUPTED, and any other error as another
 * negative number above -0x20000000. It may be called again, after an interrupt that was withdrawn. It must return, and makes no calls of
 * polite's: they would be plain.
 *
 * What is written to a pipe may become twice as long on its way. It is given at most `most` bytes at a time then, and less if the
 * pipe's buffer wants it so, each time to be written by a single call of the system's: such a piece can be taken back. One that will not be divided (a
 * message), and is too long for that, is written by one call of the function, which is not woken. So is what goes to other things than pipes, and what
 * is read or written by an overlapped handle: there the system's call waits where nobody can cancel it. Since 0.1. */
POLITE_API polite_ssize_t polite_read_through(polite_fd handle, polite_ssize_t (*read)(void *arg, void *buf, size_t len), void *arg, void *buf,
                                              size_t len);
POLITE_API polite_ssize_t polite_write_through(polite_fd handle, polite_ssize_t (*write)(void *arg, void *buf, size_t len), void *arg, void *buf,
                                               size_t len, size_t most);

/* An error of Windows that has no counterpart in polite/error.h keeps its number, in a range of its own: POLITE_WINDOWS(ERROR_…).
 * polite_error_name calls all of them "POLITE_WINDOWS", and polite_strerror has Windows's own sentence (FormatMessage), over which the next
 * such call may write. ABI.md lists those that have a counterpart. */
#define POLITE_WINDOWS_BASE    (-0x1000000)
#define POLITE_WINDOWS(number) (POLITE_WINDOWS_BASE - (int)((number) & 0xffffff))

/* Wait until an object of the system's is signaled: an event, a semaphore, a mutex, a timer, a thread, a process … (Win32
 * WaitForSingleObjectEx, WaitForMultipleObjectsEx). Interruption points. The thread waits alertably: its APCs run, and it goes on
 * waiting. Of several objects, 1 to 63, one is enough. Deadlines are moments of polite_now (polite/time.h); one in the past tries once.
 *
 * Returns   which of the objects it was, from 0; what the plain call takes from the object (a unit of a semaphore, a mutex) has been
 *           taken. POLITE_WAIT_ABANDONED is added if it is a mutex whose owner had ended without releasing it. Or
 *             POLITE_INTERRUPTED   an interrupt was delivered; nothing was taken
 *             POLITE_ETIMEDOUT     the deadline has come
 *             POLITE_EBADF         not a handle
 *             POLITE_EACCES        not one that may be waited for (SYNCHRONIZE)
 *             POLITE_EINVAL        `count` is 0 or more than 63
 *             POLITE_ENOMEM        there is no event for the thread to be woken by
 * Since 0.1. */
#define POLITE_WAIT_ABANDONED 64
POLITE_API int polite_wait_handle(polite_fd handle);
POLITE_API int polite_wait_handle_until(polite_fd handle, int64_t deadline);
POLITE_API int polite_wait_handles(const polite_fd *handles, unsigned count);
POLITE_API int polite_wait_handles_until(const polite_fd *handles, unsigned count, int64_t deadline);

/* Waits for the end of a process, by a handle with SYNCHRONIZE and PROCESS_QUERY_LIMITED_INFORMATION, and takes its exit code. The handle
 * stays the caller's. An interruption point.
 *
 * Returns   0, and `*exit_code` is the process's (Win32 GetExitCodeProcess); it may be null. Or
 *           a negative error as above; POLITE_INTERRUPTED: it runs on
 * Since 0.1. */
POLITE_API int polite_process_wait(polite_fd process, uint32_t *exit_code);

/* --- Sockets (polite/socket.h) --- */

/* Puts a socket into non-blocking mode (Win32 ioctlsocket, FIONBIO), or out of it, and has polite know of it: its calls on the socket return
 * POLITE_EAGAIN then, and polite_connect POLITE_EINPROGRESS. Windows tells nobody in which mode a socket is: one that was put into non-blocking
 * mode by other means is a blocking one for polite's calls. What is known is kept in the socket, and of one that others have got by
 * WSADuplicateSocket it counts in this process: as its time limits SO_RCVTIMEO and SO_SNDTIMEO, of which a socket in this mode makes no
 * use, and which are none when it is put out of it. So whoever sets those has it forgotten.
 *
 * Returns   0, or POLITE_ENOTSOCK or another error of ioctlsocket and setsockopt. Since 0.1. */
POLITE_API int polite_sock_set_nonblocking(polite_sock sock, int on);

/* Closes a socket (closesocket), where polite_close is for handles. It releases, so it is no interruption point. A connect that was interrupted
 * and is still in flight is given up, and what polite has kept of it is freed. Returns 0, or POLITE_ENOTSOCK or another error of
 * closesocket. Since 0.1. */
POLITE_API int polite_close_socket(polite_sock sock);

/* A flag for the calls of polite/socket.h that receive and send: this call does not wait, and returns POLITE_EAGAIN where it would. */
#define POLITE_MSG_DONTWAIT 0x40000000

/* A flag for polite_recv and polite_recvfrom: a message that is longer than the buffer is POLITE_EMSGSIZE, as Windows has it. It has been taken, and
 * its beginning is in the buffer. */
#define POLITE_MSG_WHOLE 0x20000000

POLITE_END_C

#endif

#endif

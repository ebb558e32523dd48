/* What descriptors do: reading, writing, waiting for them, closing them.
 *
 * Each call takes the arguments of the POSIX function of the same name (XSH: read, write, readv, pread, poll, …), and returns
 * what that returns, or a negative error. It makes the same one system call. What holds for all of them:
 *
 *   - Each is an interruption point, except polite_close, and polite_lock where it unlocks.
 *   - POLITE_INTERRUPTED: an interrupt was delivered, and nothing was transferred. An interrupt that comes when
 *     bytes have been moved stays pending, and the count is returned.
 *   - POLITE_EINTR: a signal handler of the program's own ran, installed without SA_RESTART or on top of a call that
 *     the system does not restart (signal(7)). Nothing was transferred.
 *   - Any other error is that of the plain call, negated: POLITE_EBADF for a bad descriptor, POLITE_EFAULT for a bad pointer,
 *     POLITE_EINVAL or POLITE_EFAULT for a length over SSIZE_MAX, POLITE_EAGAIN on a descriptor with O_NONBLOCK.
 *   - Transfers with regular files: the system does not wake a thread that waits for a disk. An interrupt is then
 *     delivered at the next call.
 *   - Async-signal-safe. In a handler that runs on top of a blocked call of polite, and in a thread that is not attached, each
 *     is the plain call.
 *   - Windows: a descriptor is a HANDLE, for synchronous or for overlapped use, which is found out at each call. polite/windows.h has the
 *     HANDLE of a descriptor of the C runtime's. No call is made again after an error, and there is no POLITE_EINTR but for Ctrl-C at a
 *     console. ABI.md says what is not woken. Besides:
 *       POLITE_EBADF    is also a handle for the other direction, or of something that is no file
 *       POLITE_EISDIR   reading a directory
 *       POLITE_EPIPE    writing to a pipe that nobody reads, or one that has been disconnected
 *       POLITE_EAGAIN   a pipe's handle that does not wait (PIPE_NOWAIT)
 *       POLITE_EINVAL   an overlapped handle of a file on a disk, without an offset: it has no position
 *       POLITE_ENOMEM   there is no event for the thread, or no memory for several pieces
 *     What completes makes no packet at a completion port to which the program has bound the handle.
 *   - Since 0.1. */
#ifndef POLITE_IO_H
#define POLITE_IO_H

#include "polite/base.h"

struct pollfd;
#if !defined _WIN32
#include <sys/select.h> /* sigset_t, which <signal.h> does not define in a strict C99 program */
struct flock;
struct termios;
struct timespec;
struct timeval;
#endif

POLITE_BEGIN

/* Reads up to `len` bytes. Returns the number of bytes read, 0 at the end of the file, or a negative error.
 * Windows: a pipe whose writers have gone has ended. Of a message that is longer than `len` the rest is the next read's; a message of no bytes
 * is 0, too. Reading no bytes from a pipe returns 0 at once, where ReadFile would wait. At a console an interrupt is delivered until a key has
 * been struck; a line that has begun is read to its end. Several pieces are read by a copy, at most 1 MiB at a time.
 * The calls with an offset: POLITE_ESPIPE for what is no file on a disk; by a synchronous handle they move its position. */
POLITE_API polite_ssize_t polite_read(polite_fd fd, void *buf, size_t len);
POLITE_API polite_ssize_t polite_readv(polite_fd fd, const polite_iovec_t *pieces, int count);
POLITE_API polite_ssize_t polite_pread(polite_fd fd, void *buf, size_t len, int64_t offset);
POLITE_API polite_ssize_t polite_preadv(polite_fd fd, const polite_iovec_t *pieces, int count, int64_t offset);

/* Writes up to `len` bytes. Returns the number of bytes written, or a negative error. A write that was interrupted part-way
 * returns how far it got. As with the plain call, writing to a pipe that nobody reads raises SIGPIPE.
 * Windows: what is longer than a pipe's buffer goes in pieces of that size, and other writers' bytes may come between. A message is never
 * divided; one that is longer than the buffer is not woken once it has begun. Writing no bytes to a pipe of bytes does nothing, where WriteFile
 * would end somebody's read with 0. Several pieces of memory are one write, by a copy. */
POLITE_API polite_ssize_t polite_write(polite_fd fd, const void *buf, size_t len);
POLITE_API polite_ssize_t polite_writev(polite_fd fd, const polite_iovec_t *pieces, int count);
POLITE_API polite_ssize_t polite_pwrite(polite_fd fd, const void *buf, size_t len, int64_t offset);
POLITE_API polite_ssize_t polite_pwritev(polite_fd fd, const polite_iovec_t *pieces, int count, int64_t offset);

/* preadv2(2) and pwritev2(2), with the flags RWF_…: the same, and with an offset of -1 as polite_readv and polite_writev.
 * Windows: there are no flags; POLITE_ENOTSUP for any. */
POLITE_API polite_ssize_t polite_preadv2(polite_fd fd, const polite_iovec_t *pieces, int count, int64_t offset, int flags);
POLITE_API polite_ssize_t polite_pwritev2(polite_fd fd, const polite_iovec_t *pieces, int count, int64_t offset, int flags);

/* Reads until `len` bytes have come, and says how far it got and why it stopped. Carries on after a POLITE_EINTR. What is large is moved in
 * pieces of 1 MiB, between which an interrupt is delivered even where the system wakes nobody. If `len` is 0 it is polite_checkpoint, and
 * does not look at the descriptor.
 *
 * Returns   0                       all of `len` was read
 *             POLITE_INTERRUPTED    an interrupt was delivered
 *             POLITE_END            the file or stream ended before
 *             POLITE_EINVAL         `moved` is null, or `len` is over SSIZE_MAX; nothing was done
 *             POLITE_E…             as polite_read: the error of the call after the last one that moved something
 * In all cases but EINVAL `*moved` is the number of bytes that were read, and they are in `buf`. Go on from there. */
POLITE_API int polite_read_full(polite_fd fd, void *buf, size_t len, size_t *moved);

/* Writes until all of `len` has been taken, and says how far it got and why it stopped. Carries on after a POLITE_EINTR. In pieces, too: what
 * others append to the same file may come to stand between them. If `len` is 0 it is polite_checkpoint, too: no empty message is sent.
 *
 * Returns   0                       all was written
 *             POLITE_INTERRUPTED    an interrupt was delivered
 *             POLITE_EINVAL         `moved` is null, or `len` is over SSIZE_MAX; nothing was done
 *             POLITE_E…             as polite_write
 * In all cases but EINVAL `*moved` is the number of bytes that were written. Go on from there. */
POLITE_API int polite_write_all(polite_fd fd, const void *buf, size_t len, size_t *moved);

/* Closes a descriptor. It releases, so it is no interruption point: it does so whatever is pending, which stays pending.
 * Returns 0, or a negative error. The descriptor is gone in every case but POLITE_EBADF, also where close(2) would fail with
 * EINTR: that is 0 here. Windows: any HANDLE (CloseHandle); POLITE_EBADF also for the negative ones that stand for the process or the thread. */
POLITE_API int polite_close(polite_fd fd);

/* Waits until one of `count` descriptors is ready, or `timeout` milliseconds have passed (negative: for ever).
 * Returns the number of descriptors with something to tell, 0 if the time is up, or a negative error. POLITE_EINTR comes after
 * every handler of the program's own, whatever SA_RESTART says, as poll(2) has it.
 *
 * Windows: of sockets, in <winsock2.h>'s structure; as many as one likes. What is none is POLLNVAL, and does not make the call fail; one that is
 * negative as an intptr_t is left out, with revents 0. The end of a stream is POLLIN and POLLHUP if reading was asked for, a
 * connect that has failed POLLERR and POLLHUP, a socket that another thread closes meanwhile POLLNVAL. Modes and event selections of the
 * sockets are left alone. POLITE_ENOMEM: there is no memory for the lists, or no event for the thread. */
POLITE_API int polite_poll(struct pollfd *fds, unsigned long count, int timeout);

#if !defined _WIN32
/* The same with a time (null: for ever), which is not changed, and a signal mask that holds during the wait (null: the thread's
 * own). The wake signal is let through whatever the mask says. */
POLITE_API int polite_ppoll(struct pollfd *fds, unsigned long count, const struct timespec *timeout, const sigset_t *mask);

/* The same for sets of descriptors, select(2). As Linux does, it leaves in `*timeout` what is left of it. POLITE_EINTR as with
 * poll. */
POLITE_API int polite_select(int count, fd_set *readable, fd_set *writable, fd_set *exceptional, struct timeval *timeout);

/* The same, pselect(2): with a time that is not changed, and a signal mask that holds during the wait (null: the thread's own). The wake
 * signal is let through whatever the mask says. */
POLITE_API int polite_pselect(int count, fd_set *readable, fd_set *writable, fd_set *exceptional, const struct timespec *timeout,
                              const sigset_t *mask);

/* Opens a file. It may wait: at a FIFO for the other side, at a device, at a lease of another process. Returns the descriptor,
 * or a negative error; POLITE_INTERRUPTED and POLITE_EINTR: nothing was opened. `mode` counts if a file may be created
 * (O_CREAT). */
POLITE_API polite_fd polite_open(const char *path, int flags, unsigned mode);
POLITE_API polite_fd polite_openat(polite_fd directory, const char *path, int flags, unsigned mode);

/* Takes a lock on a part of a file, waiting for whoever has one that is in the way, or gives it up: fcntl(2) with F_SETLKW or
 * F_OFD_SETLKW, which `command` is. Returns 0 or a negative error, POLITE_EINVAL for another command; POLITE_INTERRUPTED and
 * POLITE_EINTR: nothing was locked. Giving up (l_type F_UNLCK) releases, so it is no interruption point: it does so whatever is
 * pending. */
POLITE_API int polite_lock(polite_fd fd, int command, struct flock *lock);

/* lockf(3): the same from the file's position on, by F_LOCK. With F_ULOCK, F_TLOCK and F_TEST it does not wait, and is no interruption
 * point. */
POLITE_API int polite_lockf(polite_fd fd, int command, int64_t length);

/* flock(2): the same for a whole file, and for its open file description. LOCK_UN releases, and is no interruption point. Changing
 * one kind of lock into the other gives up the first before it waits for the second: then POLITE_INTERRUPTED and POLITE_EINTR say that
 * there is none. */
POLITE_API int polite_flock(polite_fd fd, int operation);

/* Wait until what was written to a file is on its disk, fsync(2) and fdatasync(2), or what was to the memory that it is mapped to, msync(2).
 * Return 0 or a negative error; POLITE_INTERRUPTED: it may not be there. The system hardly ever wakes a thread that waits for a disk. */
POLITE_API int polite_fsync(polite_fd fd);
POLITE_API int polite_fdatasync(polite_fd fd);
POLITE_API int polite_msync(void *memory, size_t len, int flags);

/* Waits until a terminal has sent all that was written to it, tcdrain(3). Returns 0 or a negative error; POLITE_INTERRUPTED and
 * POLITE_EINTR: it is still sending. */
POLITE_API int polite_tcdrain(polite_fd fd);

/* Sets a terminal's attributes, tcsetattr(3): with TCSADRAIN and TCSAFLUSH it waits as polite_tcdrain does, and POLITE_INTERRUPTED and
 * POLITE_EINTR say that nothing was set. With TCSANOW it does not wait, and is no interruption point. */
POLITE_API int polite_tcsetattr(polite_fd fd, int when, const struct termios *settings);

/* ioctl(2). Returns what the device returns, or a negative error. What a device did before it gave up with EINTR is the device's
 * business: only where that is nothing does POLITE_INTERRUPTED mean it. */
POLITE_API int polite_ioctl(polite_fd fd, unsigned long command, void *argument);
#endif

POLITE_END_C

#endif

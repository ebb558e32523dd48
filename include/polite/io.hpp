// What descriptors do: polite/io.h, which says what each call does, in both forms (polite/interrupted.hpp).
#ifndef POLITE_IO_HPP
#define POLITE_IO_HPP

#include "polite/bytes.hpp"
#include "polite/descriptor.hpp"
#include "polite/io.h"

namespace polite {

// Reading and writing. Return how many bytes were moved; 0 is the end of the file.
POLITE_BOTH_FORMS(std::size_t, read, (polite_fd fd, byte_span into), polite_read(fd, into.data(), into.size()))
POLITE_BOTH_FORMS(std::size_t, write, (polite_fd fd, const_byte_span from), polite_write(fd, from.data(), from.size()))
POLITE_BOTH_FORMS(std::size_t, pread, (polite_fd fd, byte_span into, std::int64_t offset),
                  polite_pread(fd, into.data(), into.size(), offset))
POLITE_BOTH_FORMS(std::size_t, pwrite, (polite_fd fd, const_byte_span from, std::int64_t offset),
                  polite_pwrite(fd, from.data(), from.size(), offset))
POLITE_BOTH_FORMS(std::size_t, readv, (polite_fd fd, const polite_iovec_t *pieces, int count), polite_readv(fd, pieces, count))
POLITE_BOTH_FORMS(std::size_t, writev, (polite_fd fd, const polite_iovec_t *pieces, int count), polite_writev(fd, pieces, count))
POLITE_BOTH_FORMS(std::size_t, preadv, (polite_fd fd, const polite_iovec_t *pieces, int count, std::int64_t offset),
                  polite_preadv(fd, pieces, count, offset))
POLITE_BOTH_FORMS(std::size_t, pwritev, (polite_fd fd, const polite_iovec_t *pieces, int count, std::int64_t offset),
                  polite_pwritev(fd, pieces, count, offset))

// How far a call got that goes on until all is moved, and why it stopped: no error if all was moved.
struct transfer {
  std::size_t bytes = 0;
  std::error_code reason;
  explicit operator bool() const noexcept { return !reason; }
};

namespace detail {

template <class Call>
transfer moving(Call &&call) {
  std::size_t bytes = 0;
  int result = at_point([&]() noexcept { return call(&bytes); });
  if (POLITE_RARELY(result < 0 && result != POLITE_END)) throw_error(result, bytes);
  return {bytes, result < 0 ? make_error_code(errc::end) : std::error_code()};
}

template <class Call>
transfer moving(std::error_code &error, Call &&call) noexcept {
  std::size_t bytes = 0;
  told(at_point([&]() noexcept { return call(&bytes); }), error);
  return {bytes, error};
}

}  // namespace detail

// Read until the span is full, and write until all of it is taken. They carry on after signal handlers.
//
// The first form returns when all was moved, or, reading, at the end of the stream: then the reason is polite::errc::end. It throws `interrupted`
// with the bytes that had been moved, or std::system_error, which does not know them. The second tells all of that in the transfer, and the
// reason in `error`, too.
[[nodiscard]] inline transfer read_full(polite_fd fd, byte_span into) {
  return detail::moving([&](std::size_t *moved) noexcept { return polite_read_full(fd, into.data(), into.size(), moved); });
}
inline transfer read_full(polite_fd fd, byte_span into, std::error_code &error) noexcept {
  return detail::moving(error, [&](std::size_t *moved) noexcept { return polite_read_full(fd, into.data(), into.size(), moved); });
}
inline transfer write_all(polite_fd fd, const_byte_span from) {
  return detail::moving([&](std::size_t *moved) noexcept { return polite_write_all(fd, from.data(), from.size(), moved); });
}
inline transfer write_all(polite_fd fd, const_byte_span from, std::error_code &error) noexcept {
  return detail::moving(error, [&](std::size_t *moved) noexcept { return polite_write_all(fd, from.data(), from.size(), moved); });
}

// Waiting until one of several is ready. Return how many are.
POLITE_BOTH_FORMS(int, poll, (pollfd *fds, unsigned long count, int timeout), polite_poll(fds, count, timeout))

#if !defined _WIN32
POLITE_BOTH_FORMS(std::size_t, preadv2, (polite_fd fd, const polite_iovec_t *pieces, int count, std::int64_t offset, int flags),
                  polite_preadv2(fd, pieces, count, offset, flags))
POLITE_BOTH_FORMS(std::size_t, pwritev2, (polite_fd fd, const polite_iovec_t *pieces, int count, std::int64_t offset, int flags),
                  polite_pwritev2(fd, pieces, count, offset, flags))

// Opening.
POLITE_BOTH_FORMS(unique_fd, open, (const char *path, int flags, unsigned mode), polite_open(path, flags, mode))
POLITE_BOTH_FORMS(unique_fd, open, (const char *path, int flags), polite_open(path, flags, 0))
POLITE_BOTH_FORMS(unique_fd, openat, (polite_fd directory, const char *path, int flags, unsigned mode),
                  polite_openat(directory, path, flags, mode))
POLITE_BOTH_FORMS(unique_fd, openat, (polite_fd directory, const char *path, int flags), polite_openat(directory, path, flags, 0))

POLITE_BOTH_FORMS(int, ppoll, (pollfd *fds, unsigned long count, const timespec *timeout, const sigset_t *mask),
                  polite_ppoll(fds, count, timeout, mask))
POLITE_BOTH_FORMS(int, select, (int count, fd_set *readable, fd_set *writable, fd_set *exceptional, timeval *timeout),
                  polite_select(count, readable, writable, exceptional, timeout))
POLITE_BOTH_FORMS(int, pselect,
                  (int count, fd_set *readable, fd_set *writable, fd_set *exceptional, const timespec *timeout, const sigset_t *mask),
                  polite_pselect(count, readable, writable, exceptional, timeout, mask))

// Locking files.
POLITE_BOTH_FORMS(void, lock, (polite_fd fd, int command, struct flock *lock), polite_lock(fd, command, lock))
POLITE_BOTH_FORMS(void, lockf, (polite_fd fd, int command, std::int64_t length), polite_lockf(fd, command, length))
POLITE_BOTH_FORMS(void, flock, (polite_fd fd, int operation), polite_flock(fd, operation))

// Waiting for disks and terminals.
POLITE_BOTH_FORMS(void, fsync, (polite_fd fd), polite_fsync(fd))
POLITE_BOTH_FORMS(void, fdatasync, (polite_fd fd), polite_fdatasync(fd))
POLITE_BOTH_FORMS(void, msync, (void *memory, std::size_t len, int flags), polite_msync(memory, len, flags))
POLITE_BOTH_FORMS(void, tcdrain, (polite_fd fd), polite_tcdrain(fd))
POLITE_BOTH_FORMS(void, tcsetattr, (polite_fd fd, int when, const termios *settings), polite_tcsetattr(fd, when, settings))

// What the device does. Returns what it returns.
POLITE_BOTH_FORMS(int, ioctl, (polite_fd fd, unsigned long command, void *argument), polite_ioctl(fd, command, argument))
#endif

}  // namespace polite

#endif

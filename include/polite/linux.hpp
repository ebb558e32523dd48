// What only Linux has: polite/linux.h, which says what each call does, in both forms (polite/interrupted.hpp).
#ifndef POLITE_LINUX_HPP
#define POLITE_LINUX_HPP

#include "polite/interrupted.hpp"
#include "polite/linux.h"

#if defined __linux__

namespace polite {

// Waiting for events. Return how many there are.
POLITE_BOTH_FORMS(int, epoll_wait, (polite_fd epoll, epoll_event *events, int max, int timeout),
                  polite_epoll_wait(epoll, events, max, timeout))
POLITE_BOTH_FORMS(int, epoll_pwait, (polite_fd epoll, epoll_event *events, int max, int timeout, const sigset_t *mask),
                  polite_epoll_pwait(epoll, events, max, timeout, mask))
POLITE_BOTH_FORMS(int, epoll_pwait2, (polite_fd epoll, epoll_event *events, int max, const timespec *timeout, const sigset_t *mask),
                  polite_epoll_pwait2(epoll, events, max, timeout, mask))

// Moving bytes within the system. Return how many were written.
POLITE_BOTH_FORMS(std::size_t, sendfile, (polite_fd out, polite_fd in, std::int64_t *offset, std::size_t len),
                  polite_sendfile(out, in, offset, len))
POLITE_BOTH_FORMS(std::size_t, splice,
                  (polite_fd in, std::int64_t *in_offset, polite_fd out, std::int64_t *out_offset, std::size_t len, unsigned flags),
                  polite_splice(in, in_offset, out, out_offset, len, flags))
POLITE_BOTH_FORMS(std::size_t, copy_file_range,
                  (polite_fd in, std::int64_t *in_offset, polite_fd out, std::int64_t *out_offset, std::size_t len, unsigned flags),
                  polite_copy_file_range(in, in_offset, out, out_offset, len, flags))

// Several messages. Return how many.
POLITE_BOTH_FORMS(int, recvmmsg, (polite_sock sock, mmsghdr *messages, unsigned count, int flags, timespec *timeout),
                  polite_recvmmsg(sock, messages, count, flags, timeout))
POLITE_BOTH_FORMS(int, sendmmsg, (polite_sock sock, mmsghdr *messages, unsigned count, int flags),
                  polite_sendmmsg(sock, messages, count, flags))

// Returns how many operations were submitted.
POLITE_BOTH_FORMS(int, io_uring_enter,
                  (polite_fd ring, unsigned submit, unsigned complete, unsigned flags, const void *argument, std::size_t size),
                  polite_io_uring_enter(ring, submit, complete, flags, argument, size))

// Any other of its calls. Returns what the kernel returns.
POLITE_BOTH_FORMS(polite_ssize_t, syscall, (long number, long a, long b, long c, long d, long e, long f),
                  polite_syscall(number, a, b, c, d, e, f))

}  // namespace polite

#endif

#endif

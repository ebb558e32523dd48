// What only Windows has: polite/windows.h, which says what each call does, in both forms (polite/interrupted.hpp).
#ifndef POLITE_WINDOWS_HPP
#define POLITE_WINDOWS_HPP

#include "polite/interrupted.hpp"
#include "polite/windows.h"

#if defined _WIN32

namespace polite {

// Waiting for objects of the system's. Return which of them it was, with POLITE_WAIT_ABANDONED added for a mutex whose owner has ended.
POLITE_BOTH_FORMS(int, wait_handle, (polite_fd handle), polite_wait_handle(handle))
POLITE_BOTH_FORMS(int, wait_handles, (const polite_fd *handles, unsigned count), polite_wait_handles(handles, count))

// Puts a socket into non-blocking mode, or out of it. No interruption point.
inline void set_nonblocking(polite_sock sock, bool on) { detail::checked(polite_sock_set_nonblocking(sock, on)); }
inline void set_nonblocking(polite_sock sock, bool on, std::error_code &error) noexcept {
  detail::told(polite_sock_set_nonblocking(sock, on), error);
}

// Waits for the end of a process, and returns its exit code.
inline std::uint32_t process_wait(polite_fd process) {
  std::uint32_t exit_code = 0;
  detail::throwing<void>([&]() noexcept { return polite_process_wait(process, &exit_code); });
  return exit_code;
}
inline std::uint32_t process_wait(polite_fd process, std::error_code &error) noexcept {
  std::uint32_t exit_code = 0;
  detail::telling<void>(error, [&]() noexcept { return polite_process_wait(process, &exit_code); });
  return exit_code;
}

}  // namespace polite

#endif

#endif

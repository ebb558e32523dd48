// Owners of descriptors and sockets: unique_fd and unique_sock, in the manner of std::unique_ptr.
//
// One that was moved from, or made of nothing, is empty: get() is -1, and it closes nothing. Closing is no interruption point, so a destructor
// always closes, whatever is pending (polite_close); what it fails with is told by close() alone.
#ifndef POLITE_DESCRIPTOR_HPP
#define POLITE_DESCRIPTOR_HPP

#include "polite/interrupted.hpp"
#include "polite/io.h"
#include "polite/windows.h"

#include <utility>

namespace polite {

namespace detail {

struct of_file {
  using native = polite_fd;
  static int close(native fd) noexcept { return polite_close(fd); }
};

struct of_socket {
  using native = polite_sock;
#if defined _WIN32
  static int close(native sock) noexcept { return polite_close_socket(sock); }
#else
  static int close(native sock) noexcept { return polite_close(sock); }
#endif
};

template <class Kind>
class unique_descriptor {
  using Native = typename Kind::native;

 public:
  using native_handle_type = Native;

  unique_descriptor() noexcept = default;
  explicit unique_descriptor(Native descriptor) noexcept : descriptor_(descriptor) {}
  unique_descriptor(unique_descriptor &&other) noexcept : descriptor_(other.release()) {}
  unique_descriptor &operator=(unique_descriptor &&other) noexcept {
    if (this != &other) reset(other.release());
    return *this;
  }
  ~unique_descriptor() { reset(); }

  Native get() const noexcept { return descriptor_; }
  explicit operator bool() const noexcept { return descriptor_ >= 0; }

  // Gives it up without closing it.
  Native release() noexcept { return std::exchange(descriptor_, Native(-1)); }

  // Owns another one, or none, and closes what it had.
  void reset(Native descriptor = Native(-1)) noexcept {
    Native before = std::exchange(descriptor_, descriptor);
    if (before >= 0) Kind::close(before);
  }

  // Closes it, and says what the system says of it. It is empty then in any case. An empty one: std::errc::bad_file_descriptor.
  void close() { checked(close_now()); }
  void close(std::error_code &error) noexcept { told(close_now(), error); }

  void swap(unique_descriptor &other) noexcept { std::swap(descriptor_, other.descriptor_); }
  friend void swap(unique_descriptor &a, unique_descriptor &b) noexcept { a.swap(b); }

 private:
  int close_now() noexcept {
    Native before = release();
    return before >= 0 ? Kind::close(before) : POLITE_EBADF;
  }

  Native descriptor_ = Native(-1);
};

}  // namespace detail

using unique_fd = detail::unique_descriptor<detail::of_file>;
using unique_sock = detail::unique_descriptor<detail::of_socket>;

}  // namespace polite

#endif

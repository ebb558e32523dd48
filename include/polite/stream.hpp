// Streams of stdio whose reads and writes are interruption points: polite/stream.h. (iostreams are in polite/streambuf.hpp.)
#ifndef POLITE_STREAM_HPP
#define POLITE_STREAM_HPP

#include "polite/descriptor.hpp"
#include "polite/stream.h"

#if !defined _WIN32

#include <cstdio>
#include <memory>

namespace polite {

// Closes without waiting for whoever does not read: what has not been written is dropped. Say fclose, or fflush before.
struct discard_and_close {
  void operator()(std::FILE *stream) const noexcept { polite_fclose(stream, POLITE_STREAM_DISCARD); }
};
using unique_file = std::unique_ptr<std::FILE, discard_and_close>;

// A stream for a descriptor, which becomes the stream's. After an error `fd` owns it as before.
inline unique_file fdopen(unique_fd &&fd, const char *mode, std::error_code &error) noexcept {
  std::FILE *stream = nullptr;
  if (detail::told(polite_fdopen(&stream, fd.get(), mode), error) == 0) fd.release();
  return unique_file(stream);
}
inline unique_file fdopen(unique_fd &&fd, const char *mode) {
  std::error_code error;
  unique_file stream = fdopen(std::move(fd), mode, error);
  if (error) detail::throw_error(error.value());
  return stream;
}

// Writes all that has been buffered. An interruption point.
POLITE_BOTH_FORMS(void, fflush, (std::FILE *stream), polite_fflush(stream))

namespace detail {

inline int close_now(unique_file &stream) noexcept { return stream ? polite_fclose(stream.release(), 0) : POLITE_EBADF; }

}  // namespace detail

// Writes what is left, uninterruptibly, and closes. An empty one: std::errc::bad_file_descriptor.
inline void fclose(unique_file stream) { detail::checked(detail::close_now(stream)); }
inline void fclose(unique_file stream, std::error_code &error) noexcept { detail::told(detail::close_now(stream), error); }

}  // namespace polite

#endif

#endif

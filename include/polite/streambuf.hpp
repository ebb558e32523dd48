// iostreams over a descriptor, which can be interrupted: polite::fdbuf, and polite::fdstream, a std::iostream with one.
//
// An interrupt makes a stream bad() (badbit), as any error does, never eof(): it says nothing of the other side. What happened is told by
// error(); or, if the stream's exceptions() have badbit, by the exception itself, `interrupted` or std::system_error. Then clear(), and go on:
//
//   std::getline, get, peek, put, flush   no byte is lost or written twice. What std::getline had read before is in its string; what had been put
//                                         into the buffer is written by the next flush
//   read, write, << of a string           may have moved a part. bytes() says how much of it is in the memory, or has been taken: go on behind
//                                         that (gcount() does not know of it)
//   >>, << of anything else               the standard's code forgets what it had taken of a word or a number, and does not say what it had put.
//                                         Take apart what std::getline has read; put together what write is given
//
// Reading and writing carry on after signal handlers. They cannot be positioned.
#ifndef POLITE_STREAMBUF_HPP
#define POLITE_STREAMBUF_HPP

#include "polite/interrupt.hpp"
#include "polite/io.hpp"

#include <array>
#include <cstring>
#include <istream>
#include <streambuf>

namespace polite {

class fdbuf : public std::streambuf {
 public:
  // The descriptor stays its owner's, and must outlive this, or be this' own.
  explicit fdbuf(polite_fd fd) : fd_(fd) { setp(out_.data(), out_.data() + out_.size()); }
  explicit fdbuf(unique_fd &&fd) : fdbuf(fd.get()) { owned_ = std::move(fd); }
#if !defined _WIN32
  explicit fdbuf(unique_sock &&sock) : fdbuf(unique_fd(sock.release())) {}
#endif

  // Writes what is left, uninterruptibly, and tells nobody whether it could: flush before. It writes nothing if it ends because the stack unwinds, or
  // if the last attempt to write what is left has failed: who was interrupted because the other side does not read would wait for it for ever.
  ~fdbuf() override {
    if (failed_ || pptr() == pbase() || std::uncaught_exceptions() > exceptions_) return;
    shield until_written;
    write_out();
  }

  fdbuf(const fdbuf &) = delete;
  fdbuf &operator=(const fdbuf &) = delete;

  polite_fd fd() const noexcept { return fd_; }

  // Why the last call that failed did, and how many bytes it had moved (sgetn, sputn; 0 for others). No error if none has failed.
  std::error_code error() const noexcept { return error_; }
  std::size_t bytes() const noexcept { return bytes_; }

 protected:
  int_type underflow() override { return fill(0) ? traits_type::to_int_type(*gptr()) : traits_type::eof(); }

  int_type overflow(int_type character) override {
    sync();
    if (!traits_type::eq_int_type(character, traits_type::eof())) {
      *pptr() = traits_type::to_char_type(character);
      pbump(1);
    }
    return traits_type::not_eof(character);
  }

  int sync() override {
    throw_if(write_out(), 0);
    return 0;
  }

  // Reads all of it, as far as the stream goes, or throws: `interrupted` says how much has been read.
  std::streamsize xsgetn(char *into, std::streamsize count) override {
    std::streamsize moved = 0;
    while (moved < count && (gptr() < egptr() || fill(static_cast<std::size_t>(moved)))) {
      std::streamsize here = egptr() - gptr() < count - moved ? egptr() - gptr() : count - moved;
      std::memcpy(into + moved, gptr(), static_cast<std::size_t>(here));
      gbump(static_cast<int>(here));
      moved += here;
    }
    return moved;
  }

  // Takes all of it, or throws: `interrupted` says how much of it was taken.
  std::streamsize xsputn(const char *text, std::streamsize count) override {
    const_byte_span all(text, static_cast<std::size_t>(count));
    if (count > epptr() - pptr()) sync();
    if (all.size() > out_.size()) {
      std::error_code error;
      std::size_t moved = polite::write_all(fd_, all, error).bytes;
      throw_if(error, moved);
    } else if (count > 0) {
      std::memcpy(pptr(), text, all.size());
      pbump(static_cast<int>(count));
    }
    return count;
  }

 private:
  void throw_if(std::error_code error, std::size_t bytes) {
    if (!error) return;
    error_ = error;
    bytes_ = bytes;
    detail::throw_error(error.value(), bytes);
  }

  // Reads what there is into the empty buffer, for a call that has moved `bytes` already. False at the end of the stream.
  bool fill(std::size_t bytes) {
    std::error_code error;
    std::size_t count = 0;
    do count = polite::read(fd_, in_, error);
    while (error == std::errc::interrupted);
    throw_if(error, bytes);
    setg(in_.data(), in_.data(), in_.data() + count);
    return count > 0;
  }

  // Writes what is in the buffer. What is not written stays in it.
  std::error_code write_out() noexcept {
    std::error_code error;
    std::size_t size = static_cast<std::size_t>(pptr() - pbase());
    std::size_t rest = size - polite::write_all(fd_, {pbase(), size}, error).bytes;
    std::memmove(out_.data(), pptr() - rest, rest);
    setp(out_.data(), out_.data() + out_.size());
    pbump(static_cast<int>(rest));
    failed_ = rest > 0;
    return error;
  }

  polite_fd fd_;
  unique_fd owned_;
  const int exceptions_ = std::uncaught_exceptions();
  std::error_code error_;
  std::size_t bytes_ = 0;
  bool failed_ = false;  // what is in the buffer could not be written
  std::array<char, 4096> in_, out_;
};

// A stream with its own fdbuf.
class fdstream : public std::iostream {
 public:
  explicit fdstream(polite_fd fd) : std::iostream(nullptr), buffer_(fd) { init(&buffer_); }
  explicit fdstream(unique_fd &&fd) : std::iostream(nullptr), buffer_(std::move(fd)) { init(&buffer_); }
#if !defined _WIN32
  explicit fdstream(unique_sock &&sock) : std::iostream(nullptr), buffer_(std::move(sock)) { init(&buffer_); }
#endif

  fdbuf *rdbuf() const noexcept { return const_cast<fdbuf *>(&buffer_); }
  polite_fd fd() const noexcept { return buffer_.fd(); }
  std::error_code error() const noexcept { return buffer_.error(); }
  std::size_t bytes() const noexcept { return buffer_.bytes(); }

 private:
  fdbuf buffer_;
};

}  // namespace polite

#endif

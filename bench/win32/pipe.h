// An anonymous pipe, and plain calls on it.
#pragma once

#include "polite.h"

#include <stdlib.h>
#include <windows.h>

class Pipe {
 public:
  Pipe() {
    if (!CreatePipe(&reader_, &writer_, nullptr, SIZE)) abort();
  }
  ~Pipe() {
    close_writer();
    CloseHandle(reader_);
  }
  Pipe(const Pipe &) = delete;
  Pipe &operator=(const Pipe &) = delete;

  static constexpr DWORD SIZE = 65536;  // as many bytes as there is room for

  HANDLE reader() const { return reader_; }
  HANDLE writer() const { return writer_; }

  // The number of bytes, or -1.
  int read(void *bytes, DWORD length) const {
    DWORD done;
    return ReadFile(reader_, bytes, length, &done, nullptr) ? int(done) : -1;
  }
  int write(const void *bytes, DWORD length) const {
    DWORD done;
    return WriteFile(writer_, bytes, length, &done, nullptr) ? int(done) : -1;
  }
  int read_politely(void *bytes, DWORD length) const { return int(polite_read(polite_fd(reader_), bytes, length)); }
  int write_politely(const void *bytes, DWORD length) const { return int(polite_write(polite_fd(writer_), bytes, length)); }

  void close_writer() {
    if (writer_) CloseHandle(writer_);
    writer_ = nullptr;
  }

 private:
  HANDLE reader_, writer_;
};

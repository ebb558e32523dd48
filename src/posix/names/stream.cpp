// Streams of stdio on interruption points, made of libc's fopencookie.
//
// Both libcs drop their buffer when it could not be written, part of it or all: they take the next bytes for a new beginning (glibc's
// new_do_write, musl's cookiewrite). So what is left of the *buffer* is kept here, and goes out first. What is not from the buffer, but the
// caller's own memory, must not be: the caller is told how much of it has gone, and comes again with the rest. Which it is the address tells,
// for the buffer is ours.
#include "polite/stream.h"

#include "made.h"
#include "polite/dropin_functions.h"
#include "polite/error.h"
#include "polite/interrupt.h"
#include "polite/io.h"
#include "posix/names/by_errno.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

using namespace polite;

namespace {

struct Stream {
  FILE *file;
  polite_fd fd;
  char *kept;  // what libc has forgotten, if anything, from the first byte on that has not been written
  size_t kept_len;
  char buffer[8192];
};

// What polite's own functions have to say to the streams' beneath libc, and are told.
struct Wish {
  enum { NOTHING, WRITE_KEPT, DISCARD, CLOSE } what;
  int error;  // the last one, as polite says it
};
__thread Wish *wish;

bool wished(int what) { return wish && wish->what == what; }

class Wishing {
 public:
  Wishing() : errno_(errno) { wish = &wish_; }
  ~Wishing() {
    wish = nullptr;
    errno = errno_;
  }
  Wishing(const Wishing &) = delete;
  Wishing &operator=(const Wishing &) = delete;
  Wish *operator->() { return &wish_; }
  // Why libc's function failed.
  int why() const { return wish_.error ? wish_.error : errno ? -errno : POLITE_EIO; }

 private:
  Wish wish_ = {};
  int errno_;
};

// Writing what is left while nothing is delivered. A thread that is not attached needs no shield, and must not be attached by this.
class Shielded {
 public:
  explicit Shielded(bool wanted = true)
      : entered_(wanted && handle_of_system_thread(uint64_t(pthread_self())) && polite_shield_enter() >= 0) {}
  ~Shielded() {
    if (entered_) polite_shield_leave();
  }
  Shielded(const Shielded &) = delete;
  Shielded &operator=(const Shielded &) = delete;

 private:
  bool entered_;
};

void fail_with(int error) {
  if (wish) wish->error = error;
  by_errno(error);
}

int write_kept(Stream &stream) {
  size_t moved = 0;
  if (!stream.kept_len) return 0;
  Shielded shielded(wished(Wish::CLOSE));
  int error = polite_write_all(stream.fd, stream.kept, stream.kept_len, &moved);
  stream.kept_len -= moved;
  memmove(stream.kept, stream.kept + moved, stream.kept_len);
  return error;
}

// What was kept, then `data`; `*moved` is how much of the latter has gone.
int write_behind_kept(Stream &stream, const char *data, size_t size, size_t *moved) {
  *moved = 0;
  if (int error = write_kept(stream)) return error;
  Shielded shielded(wished(Wish::CLOSE));
  return polite_write_all(stream.fd, data, size, moved);
}

// Where there is no memory for keeping it is written now, without another interrupt.
int keep(Stream &stream, const char *data, size_t size) {
  char *room = static_cast<char *>(realloc(stream.kept, stream.kept_len + size));
  if (room) {
    stream.kept = room;
    memcpy(room + stream.kept_len, data, size);
    stream.kept_len += size;
    return POLITE_INTERRUPTED;
  }
  Shielded shielded;
  size_t moved;
  int error = write_behind_kept(stream, data, size, &moved);
  return error ? error : POLITE_INTERRUPTED;
}

// What libc is told of a write that failed part-way. glibc takes any number that is too small for an error. To musl an error is a negative
// number, and says that nothing was taken; a small one is none. There the mark is ours to set, in the word that ferror looks at.
#if defined __GLIBC__
ssize_t taken(Stream &, size_t moved) { return ssize_t(moved); }
#else
ssize_t taken(Stream &stream, size_t moved) {
  if (!moved) return -1;
  constexpr unsigned FAILED = 32;
  unsigned &flags = *reinterpret_cast<unsigned *>(stream.file), before = flags;
  flags |= FAILED;
  if (!ferror(stream.file)) flags = before;  // it is not that word
  return ssize_t(moved);
}
#endif

ssize_t write_stream(void *cookie, const char *data, size_t size) {
  Stream &stream = *static_cast<Stream *>(cookie);
  if (wished(Wish::DISCARD)) return ssize_t(size);
  size_t moved;
  int error = write_behind_kept(stream, data, size, &moved);
  if (!error) return ssize_t(size);
  bool buffered = data >= stream.buffer && data < stream.buffer + sizeof stream.buffer;
  if (error == POLITE_INTERRUPTED && buffered) {
    error = keep(stream, data + moved, size - moved);
    moved = 0;
  }
  ssize_t answer = taken(stream, moved);
  fail_with(error);
  return answer;
}

// A peer may be waiting for what has been kept before it answers.
ssize_t read_stream(void *cookie, char *data, size_t size) {
  Stream &stream = *static_cast<Stream *>(cookie);
  polite_ssize_t n = write_kept(stream);
  if (n == 0) n = polite_read(stream.fd, data, size);
  if (n >= 0) return n;
  fail_with(int(n));
  return -1;
}

#if defined __GLIBC__
using Offset = __off64_t;
#else
using Offset = off_t;
#endif

// In polite_fflush a seek is how the wish gets here; that one fails, and libc leaves all as it was.
int seek_stream(void *cookie, Offset *offset, int whence) {
  Stream &stream = *static_cast<Stream *>(cookie);
  if (wished(Wish::WRITE_KEPT)) {
    if (int error = write_kept(stream)) fail_with(error);
    else errno = ESPIPE;
    return -1;
  }
  if (int error = write_kept(stream)) {
    fail_with(error);
    return -1;
  }
#if defined __GLIBC__
  Offset now = lseek64(stream.fd, *offset, whence);
#else
  Offset now = lseek(stream.fd, *offset, whence);
#endif
  if (now < 0) return -1;
  *offset = now;
  return 0;
}

int close_stream(void *cookie) {
  Stream &stream = *static_cast<Stream *>(cookie);
  int error = 0;
  if (!wished(Wish::DISCARD)) {
    Shielded shielded;
    error = write_kept(stream);
  }
  int closed = polite_close(stream.fd);
  if (!error) error = closed;
  free(stream.kept);
  free(&stream);
  if (!error) return 0;
  fail_with(error);
  return -1;
}

// How a descriptor must have been opened: O_RDONLY, … A negative error if that is not a mode.
int access_of(const char *mode) {
  bool both = strchr(mode, '+');
  switch (*mode) {
    case 'r': return both ? O_RDWR : O_RDONLY;
    case 'w':
    case 'a': return both ? O_RDWR : O_WRONLY;
    default: return POLITE_EINVAL;
  }
}

int prepare_descriptor(int fd, const char *mode) {
  int access = access_of(mode);
  if (access < 0) return access;
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0) return -errno;
  if ((flags & O_ACCMODE) != O_RDWR && (flags & O_ACCMODE) != access) return POLITE_EINVAL;
  if (*mode == 'a' && !(flags & O_APPEND) && fcntl(fd, F_SETFL, flags | O_APPEND) != 0) return -errno;
  if (strchr(mode, 'e') && fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) return -errno;
  return 0;
}

int open_stream(FILE **file, polite_fd fd, const char *mode) {
  Stream *stream = static_cast<Stream *>(malloc(sizeof(Stream)));
  if (!stream) return POLITE_ENOMEM;
  stream->fd = fd;
  stream->kept = nullptr;
  stream->kept_len = 0;
  *file = stream->file = fopencookie(stream, mode, {read_stream, write_stream, seek_stream, close_stream});
  if (!*file) {
    free(stream);
    return POLITE_ENOMEM;
  }
  setvbuf(*file, stream->buffer, isatty(fd) ? _IOLBF : _IOFBF, sizeof stream->buffer);
  return 0;
}

}  // namespace

extern "C" {

int polite_fdopen(FILE **stream, polite_fd fd, const char *mode) {
  if (stream) *stream = nullptr;
  if (!stream || !mode) return POLITE_EINVAL;
  int errno_before = errno;
  int error = prepare_descriptor(fd, mode);
  if (!error) error = open_stream(stream, fd, mode);
  errno = errno_before;
  return error;
}

int polite_fflush(FILE *stream) {
  if (!stream) return POLITE_EINVAL;
  Wishing wishing;
  errno = 0;
  if (fflush(stream) != 0) return wishing.why();
  wishing->what = Wish::WRITE_KEPT;
  fseek(stream, 0, SEEK_CUR);
  return wishing->error;
}

int polite_fclose(FILE *stream, unsigned flags) {
  if (!stream || flags & ~POLITE_STREAM_DISCARD) return POLITE_EINVAL;
  Wishing wishing;
  Shielded shielded;
  if (flags & POLITE_STREAM_DISCARD) wishing->what = Wish::DISCARD;
  errno = 0;
  return fclose(stream) == 0 ? 0 : wishing.why();
}

int polite_dropin_fclose(FILE *stream) {
  Wish closing = {Wish::CLOSE, 0};
  wish = &closing;
  int answer = fclose(stream);
  wish = nullptr;
  return answer;
}

}  // extern "C"

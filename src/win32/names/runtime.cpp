// The C runtime's _read and _write, with all that they do to what they move, and its sleeps. The runtime makes the system's call; polite sees to
// it that it is an interruption point (polite_read_through). Nothing that it has taken is lost (rule 2).
#include "polite/dropin_functions.h"
#include "polite/error.h"
#include "polite/interrupt.h"
#include "polite/time.h"
#include "polite/windows.h"
#include "win32/names/conventions.h"

#include <errno.h>
#include <io.h>
#include <limits.h>
#include <stdlib.h>
#include <time.h>

using namespace polite;

namespace {

struct Transfer {
  int fd;
  bool called = false;  // and this is what the runtime said last
  int result = 0, error = 0;

  explicit Transfer(int fd) : fd(fd) {}

  polite_ssize_t note(int n) {
    called = true;
    result = n;
    error = errno;
    return n;
  }
  int last() const {
    errno = error;
    return result;
  }
};

bool was_cancelled(int result) { return result < 0 && _doserrno == ERROR_OPERATION_ABORTED; }

// In text mode Microsoft's runtime may have kept a character of an earlier read, which came behind a carriage return. It puts that into the
// buffer before it asks the system for more; and if the system fails, it has forgotten it. What it keeps is never a line feed: so one that
// is put there before says whether it was there. (UTF-16: two bytes.)
class Kept {
 public:
  Kept(void *buf, size_t len) : at_(static_cast<char *>(buf)), size_(len < MOST ? len : MOST) {
    for (size_t i = 0; i < size_; ++i) {
      before_[i] = at_[i];
      at_[i] = NONE;
    }
  }
  // How much of it is in the buffer.
  int taken() const {
    size_t n = 0;
    while (n < size_ && at_[n] != NONE) ++n;
    return int(n);
  }
  // What is behind the result is as it was before.
  void restore_behind(int result) {
    for (size_t i = result > 0 ? size_t(result) : 0; i < size_; ++i) at_[i] = before_[i];
  }

 private:
  static constexpr size_t MOST = 2;
  static constexpr char NONE = '\n';
  char *at_;
  size_t size_;
  char before_[MOST];
};

polite_ssize_t read_once(void *arg, void *buf, size_t len) {
  Transfer &transfer = *static_cast<Transfer *>(arg);
  Kept kept(buf, len);
  _doserrno = 0;
  polite_ssize_t n = transfer.note(_read(transfer.fd, buf, unsigned(len)));
  bool cancelled = was_cancelled(int(n));
  if (int taken = n < 0 ? kept.taken() : 0) n = transfer.result = taken;
  kept.restore_behind(int(n));
  return n < 0 && cancelled ? POLITE_INTERRUPTED : n;
}

polite_ssize_t write_once(void *arg, void *buf, size_t len) {
  Transfer &transfer = *static_cast<Transfer *>(arg);
  _doserrno = 0;
  polite_ssize_t n = transfer.note(_write(transfer.fd, buf, unsigned(len)));
  return was_cancelled(int(n)) ? POLITE_INTERRUPTED : n;
}

// So much becomes one call of the system's in every runtime: the oldest translates to 1024 bytes at a time.
constexpr size_t MOST = 512;

// The handle, if the runtime has more to say than that there is none.
bool has_handle(int fd, const void *buf, unsigned count, intptr_t &handle) {
  handle = _get_osfhandle(fd);
  return buf && count <= INT_MAX && handle != -1 && handle != -2;
}

// POLITE_…, as time.h's; what is left is rounded up.
int sleep_for(int64_t nanoseconds, int64_t unit, int64_t &left) {
  int answer = polite_nanosleep(nanoseconds, &left);
  left = (left + unit - 1) / unit;
  return answer;
}

constexpr int64_t SECOND = 1000000000;

}  // namespace

extern "C" {

int polite_dropin_read(int fd, void *buf, unsigned count) {
  intptr_t handle;
  if (!has_handle(fd, buf, count, handle)) return _read(fd, buf, count);
  Transfer transfer(fd);
  polite_ssize_t n = polite_read_through(handle, read_once, &transfer, buf, count);
  if (n == POLITE_INTERRUPTED) return by_errno(n);
  if (n >= 0) return int(n);
  return transfer.called ? transfer.last() : _read(fd, buf, count);
}

int polite_dropin_write(int fd, const void *buf, unsigned count) {
  intptr_t handle;
  if (!has_handle(fd, buf, count, handle)) return _write(fd, buf, count);
  Transfer transfer(fd);
  polite_ssize_t n = polite_write_through(handle, write_once, &transfer, const_cast<void *>(buf), count, MOST);
  if (n == POLITE_INTERRUPTED) return by_errno(n);
  if (n >= 0) return int(n);
  return transfer.called ? transfer.last() : _write(fd, buf, count);
}

// What is left is all that it says; so something is, if it was interrupted.
unsigned polite_dropin_sleep(unsigned seconds) {
  int64_t left;
  int answer = sleep_for(seconds * SECOND, SECOND, left);
  if (answer == 0) return 0;
  by_errno(answer);
  return left ? unsigned(left) : 1;
}

int polite_dropin_usleep(unsigned microseconds) {
  int64_t left;
  int answer = sleep_for(microseconds * int64_t(1000), 1, left);
  return answer == 0 ? 0 : by_errno(answer);
}

int polite_dropin_nanosleep(const struct timespec *time, struct timespec *left) {
  if (!time || time->tv_sec < 0 || time->tv_nsec < 0 || time->tv_nsec >= SECOND) return by_errno(POLITE_EINVAL);
  constexpr int64_t MOST_SECONDS = INT64_MAX / SECOND - 1;
  int64_t seconds = time->tv_sec < MOST_SECONDS ? time->tv_sec : MOST_SECONDS, rest;
  int answer = sleep_for(seconds * SECOND + time->tv_nsec, 1, rest);
  if (answer == 0) return 0;
  if (left) *left = {time_t(rest / SECOND), long(rest % SECOND)};
  return by_errno(answer);
}

}  // extern "C"

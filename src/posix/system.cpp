// Memory, time, waiting, and a look at a thread, as Linux has them.
#include "platform.h"
#include "posix/system_call.h"
#include "posix/wake_signal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/time_types.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

namespace polite::platform {

void *map(size_t size) {
  long memory = system_call(SYS_mmap, 0, long(size), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return memory < 0 && memory > -4096 ? nullptr : reinterpret_cast<void *>(memory);
}

void unmap(void *memory, size_t size) { system_call(SYS_munmap, argument(memory), long(size)); }

void tell(const char *line) {
  size_t length = 0;
  while (line[length]) ++length;
  system_call(SYS_write, 2, argument(line), long(length));
  system_call(SYS_write, 2, argument("\n"), 1);
}

const char *error_name(int) { return nullptr; }
const char *describe(int code) { return strerror(-code); }

int64_t monotonic_ns() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t(now.tv_sec) * 1000000000 + now.tv_nsec;
}

void pause() { relax(); }

void wait_for_wake(const Atomic<uint64_t> &word) {
  static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "WAKING is in the lower half, which the kernel looks at");
  uint32_t now = uint32_t(word.load());
  if (now & word::WAKING) wait_on(&word, now);
}

bool wait_on(const void *word, uint32_t expected, int64_t deadline) {
  __kernel_timespec time = {deadline / 1000000000, deadline % 1000000000};
  if (deadline < 0) time = {};
  long until = deadline == NEVER ? 0 : argument(&time);
  return system_call(SYS_futex, argument(word), FUTEX_WAIT_BITSET_PRIVATE, long(expected), until, 0, FUTEX_BITSET_MATCH_ANY) != -ETIMEDOUT;
}

void wake_waiters(const void *word) { system_call(SYS_futex, argument(word), FUTEX_WAKE_PRIVATE, INT32_MAX); }

namespace {

char *append(char *to, const char *text) {
  while (*text) *to++ = *text++;
  return to;
}

char *append(char *to, uint64_t number) {
  char digits[20];
  int n = 0;
  do digits[n++] = char('0' + number % 10);
  while (number /= 10);
  while (n) *to++ = digits[--n];
  return to;
}

// Field `number` of /proc/…/stat (proc(5)); the second one, the program's name, may hold anything but ends at the last ')'.
const char *field(const char *text, const char *end, int number) {
  const char *at = end;
  while (at > text && *at != ')') --at;
  for (int n = 2; n < number; ++n) {
    while (at < end && *at != ' ') ++at;
    ++at;
  }
  return at < end ? at : "";
}

bool has_wake(const char *digits) {
  uint64_t signals = 0;
  for (; *digits >= '0' && *digits <= '9'; ++digits) signals = signals * 10 + uint64_t(*digits - '0');
  return signals & signal_bit(wake_signal());
}

}  // namespace

// What the kernel tells in one line: field 3 is the state; fields 31 and 32 are those of the signals 1 to 31 that are pending, and
// that are blocked.
Observation observe(const Record &record) {
  char path[64], text[1024];
  *append(append(append(path, "/proc/self/task/"), record.system_id.load()), "/stat") = 0;
  long fd = system_call(SYS_openat, AT_FDCWD, argument(path), O_RDONLY | O_CLOEXEC, 0);
  if (fd < 0) return {};
  long n = system_call(SYS_read, fd, argument(text), sizeof text - 1);
  system_call(SYS_close, fd);
  if (n <= 0) return {};
  text[n] = 0;
  const char *end = text + n;
  bool asleep = *field(text, end, 3) == 'S';
  return {asleep, asleep && has_wake(field(text, end, 31)) && has_wake(field(text, end, 32))};
}

}  // namespace polite::platform

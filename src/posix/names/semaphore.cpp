// Waiting for libc's semaphores, interruptibly, for polite/pthread_cancel.h and polite/semaphore.h. Posting and all else is left to libc, for others
// post: other modules, other processes, signal handlers. So a waiter of ours announces itself as libc's own do and sleeps on the
// word that they sleep on. That much of a sem_t is shared between processes and therefore keeps from one version of a libc to the
// next; it is tried once all the same, and where it is not as expected sem_wait is libc's, and no cancellation point, and polite_sem_wait says so.
#include "polite.h"
#include "posix/names/cancel.h"
#include "posix/names/by_errno.h"
#include "posix/names/finally.h"
#include "posix/sleep.h"
#include "posix/system_call.h"
#include "posix/futex.h"

#include <errno.h>
#include <semaphore.h>
#include <time.h>

using namespace polite;

namespace {

struct Semaphore;

Semaphore &inside(sem_t *semaphore) { return *reinterpret_cast<Semaphore *>(semaphore); }

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "as the layouts are told below");

#if defined __GLIBC__ && __SIZEOF_LONG__ == 8

// The value in the lower half of the first word, the number of waiters in the upper one; then 128 if it is shared among processes.
struct Semaphore {
  Atomic<uint64_t> data;
  uint32_t sharing;

  static constexpr uint64_t WAITER = uint64_t(1) << 32;
  bool shared() const { return sharing != 0; }
  const void *word() const { return &data; }
  uint32_t announce() {
    data.fetch_add(WAITER);
    return 0;
  }
  void leave() { data.fetch_sub(WAITER); }
};

#elif defined __GLIBC__

// Twice the value, and 1 more if there may be waiters; then 128 if it is shared among processes, and their number. Whoever leaves
// lets the 1 be: at worst libc wakes nobody.
struct Semaphore {
  Atomic<uint32_t> value;
  uint32_t sharing, unused;
  Atomic<uint32_t> waiters;

  bool shared() const { return sharing != 0; }
  const void *word() const { return &value; }
  uint32_t announce() {
    waiters.fetch_add(1);
    value.fetch_or(1);
    return 1;
  }
  void leave() { waiters.fetch_sub(1); }
};

#else

// musl: the value, the number of waiters, and 128 unless it is shared among processes. While there are waiters and no value, the
// value is -1; from musl 1.2.4 on it is 0x80000000.
Atomic<uint32_t> empty;  // which of them, once it has been tried

uint32_t protocol();

struct Semaphore {
  Atomic<uint32_t> value, waiters;
  uint32_t sharing;

  bool shared() const { return sharing == 0; }
  const void *word() const { return &value; }
  uint32_t announce() {
    waiters.fetch_add(1);
    uint32_t none = 0;
    value.compare_exchange(none, protocol());
    return protocol();
  }
  void leave() { waiters.fetch_sub(1); }
};

bool is_taken_for_empty(uint32_t value) {
  sem_t tried;
  int now;
  if (sem_init(&tried, 0, 0) != 0) return false;
  Semaphore &semaphore = inside(&tried);
  semaphore.waiters.store(1);
  semaphore.value.store(value);
  return sem_post(&tried) == 0 && sem_getvalue(&tried, &now) == 0 && now == 1;
}

uint32_t protocol() {
  uint32_t known = empty.load_relaxed();
  if (!known) empty.store(known = is_taken_for_empty(~0u) ? ~0u : 0x80000000u);
  return known;
}

#endif

// Whether libc posts to a waiter of ours: it leaves the announcement, and says that there is one to be had.
bool works_here() {
  sem_t tried;
  int now;
  if (sem_init(&tried, 0, 0) != 0) return false;
  Semaphore &semaphore = inside(&tried);
  if (semaphore.shared()) return false;
  uint32_t expected = semaphore.announce();
  if (*static_cast<const uint32_t *>(semaphore.word()) != expected || sem_post(&tried) != 0) return false;
  semaphore.leave();
  return sem_getvalue(&tried, &now) == 0 && now == 1 && sem_trywait(&tried) == 0 && sem_trywait(&tried) != 0;
}

bool is_known() {
  static Atomic<int> known;  // 0: not tried
  if (!known.load_relaxed()) known.store(works_here() ? 1 : -1);
  return known.load_relaxed() > 0;
}

constexpr Call waiting = {"sem_wait", SYS_futex, false, true, 0};
constexpr Call waiting_until = {"sem_timedwait", SYS_futex, false, false, 0};

void leave(void *semaphore) { static_cast<Semaphore *>(semaphore)->leave(); }

int announce_and_wait(Semaphore &semaphore, const Moment *until) {
  uint32_t expected = semaphore.announce();
  Finally left(leave, &semaphore);
  return wait_for_word(until ? waiting_until : waiting, semaphore.word(), expected, until, semaphore.shared());
}

// 0 or a negative error.
int wait(sem_t *semaphore_, const Moment *until) {
  if (int interrupted = polite_checkpoint()) return interrupted;
  Semaphore &semaphore = inside(semaphore_);
  for (;;) {
    if (sem_trywait(semaphore_) == 0) return 0;
    if (errno != EAGAIN) return -errno;
    int answer = announce_and_wait(semaphore, until);
    if (answer != 0) return answer;
  }
}

int by_errno_of_wait(int answer) { return answer == 0 ? 0 : by_errno_unless_canceled(answer); }

int wait_until(sem_t *semaphore, const timespec *time, bool of_day) {
  // POSIX: a bad time matters only if it has to wait.
  if (time->tv_nsec < 0 || time->tv_nsec >= SECOND) {
    int answer = polite_checkpoint();
    if (answer == 0 && sem_trywait(semaphore) == 0) return 0;
    return by_errno_of_wait(answer ? answer : -EINVAL);
  }
  Moment until = {time->tv_sec, time->tv_nsec, of_day};
  if (until.seconds < 0) until = {0, 0, of_day};  // long ago; the kernel takes it for a mistake
  return by_errno_of_wait(wait(semaphore, &until));
}

// As polite's own calls: carries on after a handler, and leaves errno alone.
int wait_by_name(sem_t *semaphore, const Moment *until) {
  int before = errno, answer = POLITE_ENOTSUP;
  if (is_known()) {
    do answer = wait(semaphore, until);
    while (answer == POLITE_EINTR);
  }
  errno = before;
  return answer;
}

}  // namespace

extern "C" {

POLITE_API int polite_pthread_sem_wait(sem_t *semaphore) {
  if (!is_known()) return sem_wait(semaphore);
  return by_errno_of_wait(wait(semaphore, nullptr));
}

POLITE_API int polite_pthread_sem_timedwait(sem_t *semaphore, const timespec *time) {
  if (!is_known()) return sem_timedwait(semaphore, time);
  return wait_until(semaphore, time, true);
}

POLITE_API int polite_pthread_sem_clockwait(sem_t *semaphore, clockid_t clock, const timespec *time) {
  if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC) return by_errno(-EINVAL);
  if (!is_known()) return by_errno(-ENOSYS);
  return wait_until(semaphore, time, clock == CLOCK_REALTIME);
}

int polite_sem_wait(sem_t *semaphore) { return wait_by_name(semaphore, nullptr); }

int polite_sem_wait_until(sem_t *semaphore, int64_t deadline) {
  int64_t moment = deadline < 0 ? 0 : deadline;  // long ago; the kernel takes it for a mistake
  Moment until = {moment / SECOND, moment % SECOND, false};
  return wait_by_name(semaphore, &until);
}

}

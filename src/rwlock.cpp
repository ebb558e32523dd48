// The read-write lock (polite/lock.h). Its word is its writer, or how many readers it has. It is given in the order of arrival, to readers
// that follow upon each other at once: neither kind keeps the other out for ever.
#include "polite/error.h"
#include "polite/interrupt.h"
#include "polite/lock.h"
#include "waitable.h"

namespace polite {

namespace {

constexpr uint64_t ONE = Waitable::ONE, WRITER = 1 << 3;

constexpr Call reading = {"rwlock_rdlock", Call::WAIT, false, false, 0};
constexpr Call writing = {"rwlock_wrlock", Call::WAIT, false, false, 0};

bool claim_to_read(uint64_t &word, uint64_t, bool next) {
  if (word & WRITER || !next) return false;
  word += ONE;
  return true;
}

bool claim_to_write(uint64_t &word, uint64_t thread, bool next) {
  if (word || !next) return false;
  word = thread | WRITER;
  return true;
}

int release(uint64_t &word, uint64_t thread) {
  if (word & WRITER ? word != (thread | WRITER) : !word) return POLITE_EPERM;
  word = word & WRITER ? 0 : word - ONE;
  return 0;
}

int lock(polite_rwlock_t *lock, bool write, int64_t deadline, bool interruptible) {
  Waitable &at = inside(lock);
  if ((at.word.load_relaxed() & ~Waitable::FLAGS) == (present_thread() | WRITER)) {
    int interrupted = interruptible ? polite_checkpoint() : 0;
    return interrupted ? interrupted : POLITE_EDEADLK;
  }
  return wait_for(at, write ? claim_to_write : claim_to_read, {write ? writing : reading, lock, deadline, interruptible});
}

int try_to_lock(polite_rwlock_t *lock, Claim claim) { return try_to_claim(inside(lock), claim) ? 0 : POLITE_EBUSY; }

}  // namespace

}  // namespace polite

using namespace polite;

extern "C" {

int polite_rwlock_destroy(polite_rwlock_t *rwlock) { return destroy(inside(rwlock), ~uint64_t(0)); }
int polite_rwlock_rdlock(polite_rwlock_t *rwlock) { return lock(rwlock, false, platform::NEVER, true); }
int polite_rwlock_rdlock_until(polite_rwlock_t *rwlock, int64_t deadline) { return lock(rwlock, false, deadline, true); }
int polite_rwlock_rdlock_uninterruptible(polite_rwlock_t *rwlock) { return lock(rwlock, false, platform::NEVER, false); }
int polite_rwlock_tryrdlock(polite_rwlock_t *rwlock) { return try_to_lock(rwlock, claim_to_read); }
int polite_rwlock_wrlock(polite_rwlock_t *rwlock) { return lock(rwlock, true, platform::NEVER, true); }
int polite_rwlock_wrlock_until(polite_rwlock_t *rwlock, int64_t deadline) { return lock(rwlock, true, deadline, true); }
int polite_rwlock_wrlock_uninterruptible(polite_rwlock_t *rwlock) { return lock(rwlock, true, platform::NEVER, false); }
int polite_rwlock_trywrlock(polite_rwlock_t *rwlock) { return try_to_lock(rwlock, claim_to_write); }
int polite_rwlock_unlock(polite_rwlock_t *rwlock) { return change(inside(rwlock), release); }

}  // extern "C"

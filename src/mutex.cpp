// The mutex (polite/lock.h). Its word is its owner. Locking and unlocking is one compare-and-exchange each as long as nobody waits, and
// the second one finds out whether it is the owner who unlocks.
//
// Who is woken tries again, and a thread that comes just then may be first; so one that runs goes before one that has yet to be
// woken. But who has tried again in vain gets the mutex out of the owner's hand.
#include "mutex.h"

#include "polite/error.h"
#include "polite/interrupt.h"
#include "polite/lock.h"

namespace polite {

namespace {

constexpr Call locking = {"mutex_lock", Call::WAIT, false, false, 0};

bool claim_mutex(uint64_t &word, uint64_t thread, bool) {
  if (word) return false;
  word = thread;
  return true;
}

// A compare-and-exchange, which is dear and need not be atomic where there is nobody else. A handler that comes in between has unlocked again what
// it locked.
POLITE_INLINE bool replace(Atomic<uint64_t> &word, uint64_t from, uint64_t to) {
  if (!platform::alone()) return word.compare_exchange(from, to);
  if (word.load_relaxed() != from) return false;
  word.store_relaxed(to);
  return true;
}

POLITE_INLINE bool lock_free(Waitable &mutex) { return replace(mutex.word, 0, present_thread()); }

// Whoever has been woken, and whoever waits behind him, still finds WAITERS.
bool overtake(Waitable &mutex) {
  uint64_t now = mutex.word.load();
  return now == Waitable::WAITERS && mutex.word.compare_exchange(now, now | present_thread());
}

int lock_again(Waitable &mutex) {
  if (mutex.kind == POLITE_MUTEX_ERRORCHECK) return POLITE_EDEADLK;
  uint32_t depth = mutex.depth.load_relaxed();
  if (depth == UINT32_MAX) return POLITE_EAGAIN;
  mutex.depth.store_relaxed(depth + 1);
  return 0;
}

POLITE_COLD int lock_slowly(Waitable &mutex, int64_t deadline, bool interruptible) {
  if (interruptible)
    if (int interrupted = polite_checkpoint()) return interrupted;
  if (is_owner(mutex) && mutex.kind != POLITE_MUTEX_PLAIN) return lock_again(mutex);
  if (lock_free(mutex) || overtake(mutex)) return 0;
  return queue_for(mutex, claim_mutex, {locking, &mutex, deadline, interruptible});
}

POLITE_COLD int unlock_slowly(Waitable &mutex) {
  if (!is_owner(mutex)) return POLITE_EPERM;
  if (uint32_t depth = mutex.depth.load_relaxed()) {
    mutex.depth.store_relaxed(depth - 1);
    return 0;
  }
  Guarded guarded(mutex);
  guarded.word = 0;
  if (mutex.first && !mutex.first->senior) guarded.release(*mutex.first, false);
  else guarded.serve();
  return 0;
}

}  // namespace

POLITE_INLINE int unlock(Waitable &mutex) {
  if (likely(!mutex.depth.load_relaxed() && replace(mutex.word, present_thread(), 0))) return 0;
  return unlock_slowly(mutex);
}

void unlock_mutex(Waitable &mutex) { unlock(mutex); }

void lock_mutex(Waitable &mutex) {
  if (!lock_free(mutex)) lock_slowly(mutex, platform::NEVER, false);
}

}  // namespace polite

using namespace polite;

extern "C" {

int polite_mutex_init(polite_mutex_t *mutex, int kind) {
  if (kind < POLITE_MUTEX_PLAIN || kind > POLITE_MUTEX_ERRORCHECK) return POLITE_EINVAL;
  *mutex = {};
  inside(mutex).kind = uint32_t(kind);
  return 0;
}

int polite_mutex_destroy(polite_mutex_t *mutex) { return destroy(inside(mutex), ~uint64_t(0)); }

int polite_mutex_lock(polite_mutex_t *mutex) {
  const Whereabouts &here = platform::whereabouts();
  if (likely(!(here.record->word.load_relaxed() & here.mask.load_relaxed()) && lock_free(inside(mutex)))) return 0;
  return lock_slowly(inside(mutex), platform::NEVER, true);
}

int polite_mutex_lock_until(polite_mutex_t *mutex, int64_t deadline) { return lock_slowly(inside(mutex), deadline, true); }

int polite_mutex_lock_uninterruptible(polite_mutex_t *mutex) {
  return likely(lock_free(inside(mutex))) ? 0 : lock_slowly(inside(mutex), platform::NEVER, false);
}

int polite_mutex_trylock(polite_mutex_t *mutex_) {
  Waitable &mutex = inside(mutex_);
  if (lock_free(mutex)) return 0;
  if (is_owner(mutex) && mutex.kind == POLITE_MUTEX_RECURSIVE) return lock_again(mutex);
  return try_to_claim(mutex, claim_mutex) ? 0 : POLITE_EBUSY;
}

int polite_mutex_unlock(polite_mutex_t *mutex) { return unlock(inside(mutex)); }

}  // extern "C"

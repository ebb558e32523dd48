// polite::shared_mutex, for std::shared_lock and std::unique_lock: a SharedTimedMutex ([thread.sharedtimedmutex.requirements]). It is given in the order of
// arrival, so that a thread that has it shared must not lock it once more (polite/lock.h).
#ifndef POLITE_SHARED_MUTEX_HPP
#define POLITE_SHARED_MUTEX_HPP

#include "polite/lock.h"
#include "polite/time.hpp"

#include <shared_mutex>

namespace polite {

// Locking is an interruption point, of either kind: who is interrupted has not got the lock.
class shared_mutex {
 public:
  using native_handle_type = polite_rwlock_t *;

  constexpr shared_mutex() noexcept = default;
  shared_mutex(const shared_mutex &) = delete;
  shared_mutex &operator=(const shared_mutex &) = delete;
  ~shared_mutex() { polite_rwlock_destroy(&lock_); }

  void lock() {
    detail::throwing<void>([&]() noexcept { return polite_rwlock_wrlock(&lock_); });
  }
  void lock(std::error_code &error) noexcept {
    detail::telling<void>(error, [&]() noexcept { return polite_rwlock_wrlock(&lock_); });
  }
  POLITE_TIMED_FORMS(try_lock, polite_rwlock_wrlock_until(&lock_, deadline))

  void lock_shared() {
    detail::throwing<void>([&]() noexcept { return polite_rwlock_rdlock(&lock_); });
  }
  void lock_shared(std::error_code &error) noexcept {
    detail::telling<void>(error, [&]() noexcept { return polite_rwlock_rdlock(&lock_); });
  }
  POLITE_TIMED_FORMS(try_lock_shared, polite_rwlock_rdlock_until(&lock_, deadline))

  // No interruption points.
  void lock_uninterruptible() { detail::checked(polite_rwlock_wrlock_uninterruptible(&lock_)); }
  void lock_shared_uninterruptible() { detail::checked(polite_rwlock_rdlock_uninterruptible(&lock_)); }
  bool try_lock() noexcept { return polite_rwlock_trywrlock(&lock_) == 0; }
  bool try_lock_shared() noexcept { return polite_rwlock_tryrdlock(&lock_) == 0; }
  void unlock() noexcept { polite_rwlock_unlock(&lock_); }
  void unlock_shared() noexcept { polite_rwlock_unlock(&lock_); }

  native_handle_type native_handle() noexcept { return &lock_; }

 private:
  polite_rwlock_t lock_ = {};
};

}  // namespace polite

#endif

// Mutexes: polite::mutex and polite::recursive_mutex, which meet the requirements of a TimedLockable ([thread.req.lockable]). So
// std::unique_lock, std::lock_guard and std::scoped_lock work with them. polite/lock.h says what holds for them.
//
// Locking is an interruption point: who is interrupted has not got the lock. It is none while the stack unwinds, and within a polite::shield.
//
// std::condition_variable_any is no match for them: it locks again by way of lock(), which then throws, without the lock, what its caller takes for
// held (or ends the program). Use polite::condition_variable. A mutex must not be destroyed while somebody holds it or waits for it, as with the standard's.
#ifndef POLITE_MUTEX_HPP
#define POLITE_MUTEX_HPP

#include "polite/lock.h"
#include "polite/time.hpp"

#include <mutex>

namespace polite {

namespace detail {

class basic_mutex {
 public:
  using native_handle_type = polite_mutex_t *;

  constexpr basic_mutex() noexcept = default;
  basic_mutex(const basic_mutex &) = delete;
  basic_mutex &operator=(const basic_mutex &) = delete;
  ~basic_mutex() { polite_mutex_destroy(&mutex_); }

  void lock() {
    throwing<void>([&]() noexcept { return polite_mutex_lock(&mutex_); });
  }
  void lock(std::error_code &error) noexcept {
    telling<void>(error, [&]() noexcept { return polite_mutex_lock(&mutex_); });
  }
  POLITE_TIMED_FORMS(try_lock, polite_mutex_lock_until(&mutex_, deadline))

  // No interruption points.
  void lock_uninterruptible() { checked(polite_mutex_lock_uninterruptible(&mutex_)); }
  bool try_lock() noexcept { return polite_mutex_trylock(&mutex_) == 0; }
  void unlock() noexcept { polite_mutex_unlock(&mutex_); }

  native_handle_type native_handle() noexcept { return &mutex_; }

 protected:
  polite_mutex_t mutex_ = {};
};

}  // namespace detail

// A thread that has it and locks it once more waits for itself, until it is interrupted.
class mutex : public detail::basic_mutex {};

// It must be unlocked as often as it was locked.
class recursive_mutex : public detail::basic_mutex {
 public:
  recursive_mutex() noexcept { polite_mutex_init(&mutex_, POLITE_MUTEX_RECURSIVE); }
};

}  // namespace polite

#endif

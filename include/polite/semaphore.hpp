// Semaphores, events and barriers (polite/semaphore.h). Waiting is an interruption point: who is interrupted has taken nothing, and has not arrived.
// None must be destroyed while somebody waits for it.
#ifndef POLITE_SEMAPHORE_HPP
#define POLITE_SEMAPHORE_HPP

#include "polite/semaphore.h"
#include "polite/time.hpp"

namespace polite {

// As std::counting_semaphore.
class semaphore {
 public:
  // More units than max(): std::errc::invalid_argument.
  explicit semaphore(std::uint32_t units = 0) { detail::checked(polite_semaphore_init(&semaphore_, units)); }
  semaphore(const semaphore &) = delete;
  semaphore &operator=(const semaphore &) = delete;
  ~semaphore() { polite_semaphore_destroy(&semaphore_); }

  static constexpr std::uint32_t(max)() noexcept { return POLITE_SEMAPHORE_MAX; }

  void acquire() {
    detail::throwing<void>([&]() noexcept { return polite_semaphore_wait(&semaphore_); });
  }
  void acquire(std::error_code &error) noexcept {
    detail::telling<void>(error, [&]() noexcept { return polite_semaphore_wait(&semaphore_); });
  }
  POLITE_TIMED_FORMS(try_acquire, polite_semaphore_wait_until(&semaphore_, deadline))

  // No interruption points. Releasing more than max() units: std::errc::value_too_large; as many as there was room for have been released then.
  void acquire_uninterruptible() { detail::checked(polite_semaphore_wait_uninterruptible(&semaphore_)); }
  bool try_acquire() noexcept { return polite_semaphore_trywait(&semaphore_) == 0; }
  void release(std::uint32_t units = 1) {
    for (; units > 0; --units) detail::checked(polite_semaphore_post(&semaphore_));
  }

 private:
  polite_semaphore_t semaphore_ = {};
};

// Set, or not. A manual one, once set, lets everybody pass until it is reset; an automatic one lets one pass, and is reset by that.
class event {
 public:
  enum kind { manual = POLITE_EVENT_MANUAL, automatic = POLITE_EVENT_AUTO };

  explicit event(kind which = manual) noexcept { polite_event_init(&event_, which); }
  event(const event &) = delete;
  event &operator=(const event &) = delete;
  ~event() { polite_event_destroy(&event_); }

  void wait() {
    detail::throwing<void>([&]() noexcept { return polite_event_wait(&event_); });
  }
  void wait(std::error_code &error) noexcept {
    detail::telling<void>(error, [&]() noexcept { return polite_event_wait(&event_); });
  }
  POLITE_TIMED_FORMS(wait, polite_event_wait_until(&event_, deadline))

  // No interruption points.
  void wait_uninterruptible() { detail::checked(polite_event_wait_uninterruptible(&event_)); }
  bool try_wait() noexcept { return polite_event_trywait(&event_) == 0; }
  void set() noexcept { polite_event_set(&event_); }
  void reset() noexcept { polite_event_reset(&event_); }

 private:
  polite_event_t event_ = {};
};

// So many threads go on together, again and again. Who is interrupted has not arrived: the others wait for one more.
class barrier {
 public:
  // For none: std::errc::invalid_argument.
  explicit barrier(std::uint32_t threads) { detail::checked(polite_barrier_init(&barrier_, threads)); }
  barrier(const barrier &) = delete;
  barrier &operator=(const barrier &) = delete;
  ~barrier() { polite_barrier_destroy(&barrier_); }

  // Returns true in the thread that arrived last. After an error the second form returns false.
  bool arrive_and_wait() {
    return detail::throwing<int>([&]() noexcept { return polite_barrier_wait(&barrier_); }) == POLITE_BARRIER_LAST;
  }
  bool arrive_and_wait(std::error_code &error) noexcept {
    return detail::telling<int>(error, [&]() noexcept { return polite_barrier_wait(&barrier_); }) == POLITE_BARRIER_LAST;
  }
  POLITE_TIMED_FORMS(try_arrive_and_wait, polite_barrier_wait_until(&barrier_, deadline))

  // No interruption point.
  bool arrive_and_wait_uninterruptible() {
    return detail::checked(polite_barrier_wait_uninterruptible(&barrier_)) == POLITE_BARRIER_LAST;
  }

 private:
  polite_barrier_t barrier_ = {};
};

}  // namespace polite

#endif

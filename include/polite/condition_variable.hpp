// polite::condition_variable, for std::unique_lock of polite::mutex, of polite::recursive_mutex and, on Unix, of std::mutex.
//
// Waiting is an interruption point. However it ends the calling thread has the lock, and one that is interrupted, or whose time is up, has
// taken no other waiter's notification with it. As ever a wait may end without a notification: say what you wait for. All who
// wait need not use the same mutex.
#ifndef POLITE_CONDITION_VARIABLE_HPP
#define POLITE_CONDITION_VARIABLE_HPP

#include "polite/mutex.hpp"

#include <condition_variable>

namespace polite {

namespace detail {

template <class Predicate>
using if_predicate = std::enable_if_t<std::is_constructible_v<bool, std::invoke_result_t<Predicate &>>, int>;

}  // namespace detail

class condition_variable {
 public:
  using native_handle_type = polite_condition_t *;

  constexpr condition_variable() noexcept = default;
  condition_variable(const condition_variable &) = delete;
  condition_variable &operator=(const condition_variable &) = delete;
  ~condition_variable() { polite_condition_destroy(&condition_); }  // nobody may be waiting

  void notify_one() noexcept { polite_condition_signal(&condition_); }
  void notify_all() noexcept { polite_condition_broadcast(&condition_); }

  template <class Mutex>
  void wait(std::unique_lock<Mutex> &lock) {
    detail::throwing<void>([&]() noexcept { return wait_with(lock.mutex()->native_handle()); });
  }
  template <class Mutex>
  void wait(std::unique_lock<Mutex> &lock, std::error_code &error) noexcept {
    detail::telling<void>(error, [&]() noexcept { return wait_with(lock.mutex()->native_handle()); });
  }

  // Wait until `done()`, which is asked with the lock held, and first of all: if it is true nothing is waited for, and nothing delivered. The second
  // form also returns after an error.
  template <class Mutex, class Predicate, detail::if_predicate<Predicate> = 0>
  void wait(std::unique_lock<Mutex> &lock, Predicate done) {
    while (!done()) wait(lock);
  }
  template <class Mutex, class Predicate, detail::if_predicate<Predicate> = 0>
  void wait(std::unique_lock<Mutex> &lock, Predicate done, std::error_code &error) {
    for (error.clear(); !error && !done();) wait(lock, error);
  }

  // The same with a time. They return std::cv_status, after an error no_timeout; and with `done`, whether it was true at the end.
  template <class Mutex, class Clock, class Duration>
  std::cv_status wait_until(std::unique_lock<Mutex> &lock, const std::chrono::time_point<Clock, Duration> &moment) {
    return status(detail::in_time(wait_by(lock, moment)));
  }
  template <class Mutex, class Clock, class Duration>
  std::cv_status wait_until(std::unique_lock<Mutex> &lock, const std::chrono::time_point<Clock, Duration> &moment,
                            std::error_code &error) noexcept {
    return status(detail::in_time(wait_by(lock, moment), error) || error);
  }
  template <class Mutex, class Clock, class Duration, class Predicate, detail::if_predicate<Predicate> = 0>
  bool wait_until(std::unique_lock<Mutex> &lock, const std::chrono::time_point<Clock, Duration> &moment, Predicate done) {
    while (!done())
      if (wait_until(lock, moment) == std::cv_status::timeout) return static_cast<bool>(done());
    return true;
  }
  template <class Mutex, class Clock, class Duration, class Predicate, detail::if_predicate<Predicate> = 0>
  bool wait_until(std::unique_lock<Mutex> &lock, const std::chrono::time_point<Clock, Duration> &moment, Predicate done,
                  std::error_code &error) {
    for (error.clear(); !done();)
      if (wait_until(lock, moment, error) == std::cv_status::timeout || error) return static_cast<bool>(done());
    return true;
  }
  template <class Mutex, class Rep, class Period, class... More>
  auto wait_for(std::unique_lock<Mutex> &lock, const std::chrono::duration<Rep, Period> &time, More &&...more)
      -> decltype(wait_until(lock, detail::moment_in(time), std::forward<More>(more)...)) {
    return wait_until(lock, detail::moment_in(time), std::forward<More>(more)...);
  }

  // No interruption point.
  template <class Mutex>
  void wait_uninterruptible(std::unique_lock<Mutex> &lock) {
    detail::checked(detail::shielded([&]() noexcept { return wait_with(lock.mutex()->native_handle()); }));
  }

  native_handle_type native_handle() noexcept { return &condition_; }

 private:
  static std::cv_status status(bool in_time) noexcept { return in_time ? std::cv_status::no_timeout : std::cv_status::timeout; }

  template <class Mutex, class Clock, class Duration>
  int wait_by(std::unique_lock<Mutex> &lock, const std::chrono::time_point<Clock, Duration> &moment) {
    return detail::by(moment, [&](std::int64_t deadline) noexcept { return wait_with(lock.mutex()->native_handle(), deadline); });
  }

  int wait_with(polite_mutex_t *mutex) noexcept { return polite_condition_wait(&condition_, mutex); }
  int wait_with(polite_mutex_t *mutex, std::int64_t deadline) noexcept { return polite_condition_wait_until(&condition_, mutex, deadline); }
#if !defined _WIN32
  int wait_with(pthread_mutex_t *mutex) noexcept { return polite_condition_wait_pthread(&condition_, mutex); }
  int wait_with(pthread_mutex_t *mutex, std::int64_t deadline) noexcept {
    return polite_condition_wait_pthread_until(&condition_, mutex, deadline);
  }
#endif

  polite_condition_t condition_ = {};
};

}  // namespace polite

#endif

// Time: durations and moments of <chrono> as polite's nanoseconds, and sleeping.
//
// Whatever waits has, besides its ordinary form, one that ends with `_for` and takes a duration, and one that ends with `_until` and takes a
// moment of any clock. They wait by the monotonic clock; a moment of another clock is waited for again if that clock has been set back
// meanwhile. A duration or a moment in the past tries once. What is too long to be counted in nanoseconds is as good as for ever.
#ifndef POLITE_TIME_HPP
#define POLITE_TIME_HPP

#include "polite/interrupted.hpp"
#include "polite/time.h"

#include <chrono>
#include <limits>

namespace polite {

namespace detail {

using limits = std::numeric_limits<std::int64_t>;

template <class Rep, class Period>
std::int64_t nanoseconds(const std::chrono::duration<Rep, Period> &time) {
  constexpr long double most = 9.2e18L;
  long double about = std::chrono::duration<long double, std::nano>(time).count();
  if (!(about < most)) return (limits::max)();
  if (about <= -most) return (limits::min)();
  if constexpr (std::ratio_divide<Period, std::nano>::den == 1) {
    return std::chrono::ceil<std::chrono::nanoseconds>(time).count();
  } else {  // a number of them that is multiplied before it is divided would not fit
    auto whole = static_cast<std::int64_t>(about);
    return static_cast<long double>(whole) < about ? whole + 1 : whole;
  }
}

template <class Clock, class Duration>
std::int64_t nanoseconds(const std::chrono::time_point<Clock, Duration> &moment) {
  return nanoseconds(moment.time_since_epoch());
}

inline std::int64_t sum(std::int64_t a, std::int64_t b) noexcept {
  if (b > 0 && a > (limits::max)() - b) return (limits::max)();
  if (b < 0 && a < (limits::min)() - b) return (limits::min)();
  return a + b;
}

// Calls `call(deadline)`, an interruption point, with the moment of polite_now that is so far from now, …
template <class Rep, class Period, class Call>
auto by(const std::chrono::duration<Rep, Period> &time, Call &&call) {
  std::int64_t deadline = sum(polite_now(), nanoseconds(time));
  return at_point([&]() noexcept { return call(deadline); });
}

// … or that a clock will call `moment`: again while it says that the time is up, and by that clock it is not.
template <class Clock, class Duration, class Call>
auto by(const std::chrono::time_point<Clock, Duration> &moment, Call &&call) {
  for (;;) {
    std::int64_t left = sum(nanoseconds(moment), -nanoseconds(Clock::now()));
    auto result = by(std::chrono::nanoseconds(left), call);
    if (result != POLITE_ETIMEDOUT || nanoseconds(Clock::now()) >= nanoseconds(moment)) return result;
  }
}

// The moment that is so far from now.
template <class Rep, class Period>
auto moment_in(const std::chrono::duration<Rep, Period> &time) {
  using clock = std::chrono::steady_clock;
  return std::chrono::time_point<clock, std::chrono::nanoseconds>(
      std::chrono::nanoseconds(sum(nanoseconds(clock::now()), nanoseconds(time))));
}

// What became of a wait with a time: true, or false if the time was up, or after an error that is told.
inline bool in_time(int result) { return result != POLITE_ETIMEDOUT && checked(result) >= 0; }
inline bool in_time(int result, std::error_code &error) noexcept {
  return told(result == POLITE_ETIMEDOUT ? 0 : result, error) >= 0 && result >= 0;
}

inline int sleep(std::int64_t deadline) noexcept {
  std::int64_t now = polite_now();
  int result = polite_nanosleep(deadline > now ? deadline - now : 0, nullptr);
  return result == 0 ? POLITE_ETIMEDOUT : result;
}

}  // namespace detail

// Declares the timed forms of a wait, name_for and name_until: POLITE_TIMED_FORMS(name, the call of the C interface with `deadline`).
// They return true, or false if the time was up; the form that does not throw, also after another error.
#define POLITE_TIMED_FORMS(name, ...)                                                                               \
  template <class Rep, class Period>                                                                                \
  bool name##_for(const std::chrono::duration<Rep, Period> &time) {                                                 \
    return ::polite::detail::in_time(::polite::detail::by(time, POLITE_WAIT(__VA_ARGS__)));                         \
  }                                                                                                                 \
  template <class Rep, class Period>                                                                                \
  bool name##_for(const std::chrono::duration<Rep, Period> &time, std::error_code &error) noexcept {                \
    return ::polite::detail::in_time(::polite::detail::by(time, POLITE_WAIT(__VA_ARGS__)), error);                  \
  }                                                                                                                 \
  template <class Clock, class Duration>                                                                            \
  bool name##_until(const std::chrono::time_point<Clock, Duration> &moment) {                                       \
    return ::polite::detail::in_time(::polite::detail::by(moment, POLITE_WAIT(__VA_ARGS__)));                       \
  }                                                                                                                 \
  template <class Clock, class Duration>                                                                            \
  bool name##_until(const std::chrono::time_point<Clock, Duration> &moment, std::error_code &error) noexcept {      \
    return ::polite::detail::in_time(::polite::detail::by(moment, POLITE_WAIT(__VA_ARGS__)), error);                \
  }
#define POLITE_WAIT(...) [&](std::int64_t deadline) noexcept { return __VA_ARGS__; }

namespace this_thread {

// Sleep. Interruption points; they carry on after signal handlers.
template <class Rep, class Period>
void sleep_for(const std::chrono::duration<Rep, Period> &time) {
  detail::in_time(detail::by(time, detail::sleep));
}
template <class Rep, class Period>
void sleep_for(const std::chrono::duration<Rep, Period> &time, std::error_code &error) noexcept {
  detail::in_time(detail::by(time, detail::sleep), error);
}
template <class Clock, class Duration>
void sleep_until(const std::chrono::time_point<Clock, Duration> &moment) {
  detail::in_time(detail::by(moment, detail::sleep));
}
template <class Clock, class Duration>
void sleep_until(const std::chrono::time_point<Clock, Duration> &moment, std::error_code &error) noexcept {
  detail::in_time(detail::by(moment, detail::sleep), error);
}

}  // namespace this_thread

}  // namespace polite

#endif

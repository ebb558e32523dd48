// Threads that end when their owner does: polite::thread, as std::jthread, with an interrupt for the stop request.
//
// `interrupted` is a thread's normal end: if it leaves the thread's function the thread ends, and join() tells. Any other exception that leaves it
// ends the program (std::terminate), as with std::thread.
#ifndef POLITE_THREAD_HPP
#define POLITE_THREAD_HPP

#include "polite/call.h"
#include "polite/cleanup.hpp"
#include "polite/interrupt.hpp"
#include "polite/time.hpp"

#include <functional>
#include <memory>
#include <thread>
#include <tuple>
#include <type_traits>

namespace polite {

// How a thread came to its end.
enum class ended {
  returned = POLITE_RETURNED,  // its function returned
  exited = POLITE_EXITED,      // by polite_exit, or pthread_exit
  interrupted = POLITE_UNWOUND  // `interrupted` left its function, or C code in it was unwound
};

namespace detail {

template <class Invocation>
void *run_thread(void *invocation_) {
  auto *invocation = static_cast<Invocation *>(invocation_);
  cleanup destroy = [invocation] { delete invocation; };  // on the cleanup stack, so that C code that is unwound does so, too
  try {
    std::apply([](auto &&...parts) { std::invoke(std::move(parts)...); }, std::move(*invocation));
    return nullptr;
  } catch (const interrupted &) {
    return POLITE_CANCELED;
  }
}

}  // namespace detail

class thread {
 public:
  using id = polite_thread_t;
  using native_handle_type = polite_thread_t;

  // No thread.
  thread() noexcept = default;

  // A thread that calls copies of its arguments: the first, with the others. polite/thread.h has the options. An interrupt that is sent before its
  // first instruction is not lost. Attaches the caller. If there can be no thread: std::errc::resource_unavailable_try_again,
  // not_enough_memory or invalid_argument, or polite::errc::unattached.
  template <class Function, class... Arguments,
            std::enable_if_t<!std::is_same_v<std::decay_t<Function>, thread> &&
                                 !std::is_same_v<std::decay_t<Function>, polite_thread_options_t>, int> = 0>
  explicit thread(Function &&function, Arguments &&...arguments) {
    begin(nullptr, std::forward<Function>(function), std::forward<Arguments>(arguments)...);
  }
  template <class Function, class... Arguments>
  explicit thread(const polite_thread_options_t &options, Function &&function, Arguments &&...arguments) {
    begin(&options, std::forward<Function>(function), std::forward<Arguments>(arguments)...);
    if (options.flags & POLITE_THREAD_DETACHED) thread_ = 0;
  }

  thread(thread &&other) noexcept : thread_(std::exchange(other.thread_, 0)) {}

  // Ends the thread that it has, as the destructor does.
  thread &operator=(thread &&other) noexcept {
    if (this != &other) {
      end();
      thread_ = std::exchange(other.thread_, 0);
    }
    return *this;
  }

  // Interrupts the thread, if there is one, and waits for its end, uninterruptibly. The interrupt is latched: each of its interruption points
  // throws, as a stop request stays, too; so a function that catches `interrupted` and carries on ends all the same. In the thread itself, and if
  // somebody else has joined it behind this object's back, it ends the program (std::terminate).
  ~thread() { end(); }

  bool joinable() const noexcept { return thread_ != 0; }
  id get_id() const noexcept { return thread_; }
  native_handle_type native_handle() const noexcept { return thread_; }
  static unsigned hardware_concurrency() noexcept { return std::thread::hardware_concurrency(); }

  // Interrupts the thread. False if there is none, or it has ended.
  bool interrupt(int reason = 0, unsigned flags = 0) noexcept { return polite_interrupt_with(thread_, reason, flags) >= 0; }

  // Waits for its end. An interruption point of the caller's: the thread is as it was then, and must still be joined. One's own:
  // std::errc::resource_deadlock_would_occur. None, or one that was moved from: std::errc::invalid_argument. After an error the second form
  // returns `returned`.
  ended join() { return static_cast<ended>(detail::checked(join_now())); }
  ended join(std::error_code &error) noexcept {
    int end = detail::told(join_now(), error);
    return end < 0 ? ended::returned : static_cast<ended>(end);
  }

  // The same with a time: an empty optional if it was up, or after an error.
  template <class Rep, class Period>
  std::optional<ended> join_for(const std::chrono::duration<Rep, Period> &time) {
    return in_time(join_by(time));
  }
  template <class Rep, class Period>
  std::optional<ended> join_for(const std::chrono::duration<Rep, Period> &time, std::error_code &error) noexcept {
    return in_time(join_by(time), error);
  }
  template <class Clock, class Duration>
  std::optional<ended> join_until(const std::chrono::time_point<Clock, Duration> &moment) {
    return in_time(join_by(moment));
  }
  template <class Clock, class Duration>
  std::optional<ended> join_until(const std::chrono::time_point<Clock, Duration> &moment, std::error_code &error) noexcept {
    return in_time(join_by(moment), error);
  }

  // Nobody will join it, or interrupt it by way of this object. None: std::errc::invalid_argument.
  void detach() { detail::checked(detach_now()); }
  void detach(std::error_code &error) noexcept { detail::told(detach_now(), error); }

  void swap(thread &other) noexcept { std::swap(thread_, other.thread_); }
  friend void swap(thread &a, thread &b) noexcept { a.swap(b); }

 private:
  template <class... Parts>
  void begin(const polite_thread_options_t *options, Parts &&...parts) {
    using invocation = std::tuple<std::decay_t<Parts>...>;
    auto copies = std::make_unique<invocation>(std::forward<Parts>(parts)...);
    detail::checked(polite_thread_create(&thread_, options, detail::run_thread<invocation>, copies.get()));
    copies.release();
  }

  void end() noexcept {
    if (!thread_) return;
    interrupt(0, latched);
    if (detail::shielded([&]() noexcept { return polite_thread_join(thread_, nullptr); }) < 0) std::terminate();
    thread_ = 0;
  }

  // How it ended, or a negative error. `join` joins it by the C interface.
  template <class Join>
  int take_end(Join &&join) noexcept {
    if (!thread_) return POLITE_EINVAL;
    void *result = nullptr;
    int end = join(&result);
    if (end < 0) return end;
    thread_ = 0;
    return result == POLITE_CANCELED ? POLITE_UNWOUND : end;
  }

  int join_now() noexcept {
    return detail::at_point([&]() noexcept { return take_end([&](void **result) { return polite_thread_join(thread_, result); }); });
  }

  template <class Time>
  int join_by(const Time &time) {
    return detail::by(time, [&](std::int64_t deadline) noexcept {
      return take_end([&](void **result) { return polite_thread_join_until(thread_, result, deadline); });
    });
  }

  template <class... Error>
  static std::optional<ended> in_time(int end, Error &...error) noexcept(sizeof...(Error) > 0) {
    return detail::in_time(end, error...) ? std::optional<ended>(static_cast<ended>(end)) : std::nullopt;
  }

  int detach_now() noexcept {
    if (!thread_) return POLITE_EINVAL;
    int result = polite_thread_detach(thread_);
    if (result == 0) thread_ = 0;
    return result;
  }

  polite_thread_t thread_ = 0;
};

}  // namespace polite

#endif

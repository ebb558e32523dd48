// std::stop_token and blocking calls: polite::stop_binding. C++20, where the standard library has <stop_token>.
//
//   std::jthread worker([&](std::stop_token token) {
//     polite::stop_binding binding{token};
//     while (std::size_t n = polite::read(fd, buf)) …  // throws polite::interrupted when somebody requests a stop
//   });
#ifndef POLITE_STOP_TOKEN_HPP
#define POLITE_STOP_TOKEN_HPP

#include "polite/interrupt.hpp"

#if defined __has_include
#  if __has_include(<version>)
#    include <version>
#  endif
#endif

#if defined __cpp_lib_jthread

#include <memory>
#include <mutex>
#include <stop_token>

namespace polite {

namespace detail {

// All bindings of a thread share one request object, so that however many are nested, and stopped, they take one of the few places that a thread has for
// them. The first one that is stopped posts it, the last of those to end withdraws it.
class stops {
 public:
  explicit stops(polite_thread_t thread) noexcept : thread_(thread) {}

  void add(bool &stopped, int reason) {
    std::lock_guard<std::mutex> lock(mutex_);
    stopped = true;
    if (count_++ > 0) return;
    std::error_code error;
    request_.post(thread_, reason, latched, error);
    if (error && error != std::errc::no_such_process) throw std::system_error(error);
  }

  void remove(const bool &stopped) noexcept {
    std::lock_guard<std::mutex> lock(mutex_);
    if (stopped && --count_ == 0) request_.withdraw();
  }

  // The calling thread's.
  static const std::shared_ptr<stops> &here() {
    thread_local std::shared_ptr<stops> instance;
    if (!instance) {
      polite_thread_t thread = polite_self();
      if (!thread) throw_error(POLITE_UNATTACHED);
      instance = std::make_shared<stops>(thread);
    }
    return instance;
  }

 private:
  std::mutex mutex_;
  std::size_t count_ = 0;  // bindings that are stopped
  request request_;
  const polite_thread_t thread_;
};

}  // namespace detail

// While a binding lives, a stop request interrupts the thread that made it, latched: it gets out of any call of polite, and every interruption point
// throws (or tells errc::interrupted). If the stop has been requested before, at once.
//
// It ends exactly: when its destructor has returned, this stop request is not pending, will not be delivered, and no wake of it is on its way, be
// the stop requested at that very moment. What others have sent is as it was. (std::stop_callback's destructor waits for a callback that is
// running, and withdrawing a request object is exact.)
//
// Bindings nest, for several tokens or one. A binding may end in any thread, also after its own, and is over then all the same. A thread that cannot be
// attached: polite::errc::unattached. Should request objects of the program's own, latched and posted to this thread, leave no place for
// this one (POLITE_LATCHED_REQUESTS_MAX), the stop request ends the program (std::terminate): it must not be lost.
class stop_binding {
 public:
  explicit stop_binding(const std::stop_token &token, int reason = 0) : stops_(detail::stops::here()), reason_(reason) {
    callback_.emplace(token, stop{*this});
  }
  stop_binding(const stop_binding &) = delete;
  stop_binding &operator=(const stop_binding &) = delete;
  ~stop_binding() {
    callback_.reset();  // from here on none is running, and none will
    stops_->remove(stopped_);
  }

 private:
  struct stop {
    stop_binding &binding;
    void operator()() const { binding.stops_->add(binding.stopped_, binding.reason_); }
  };

  const std::shared_ptr<detail::stops> stops_;
  const int reason_;
  bool stopped_ = false;  // under the mutex of stops_
  std::optional<std::stop_callback<stop>> callback_;
};

}  // namespace polite

#endif

#endif

// std::stop_token and blocking calls: polite::stop_binding. C++20, where the standard library has <stop_token>.
//
//   std::jthread worker([&](std::stop_token token) {
//     polite::stop_binding binding{token};
//     try {
//       while (std::size_t n = polite::read(fd, buf)) …
//     } catch (const polite::interrupted &) {
//       // somebody has requested a stop
//     }
//   });
//
// std::jthread and std::thread know nothing of `interrupted`: as any exception it ends the program (std::terminate) if it leaves their function. So
// catch it, or say polite::call. polite::thread takes it for an end like others.
#ifndef POLITE_STOP_TOKEN_HPP
#define POLITE_STOP_TOKEN_HPP

#include "polite/interrupt.hpp"

#if defined __has_include
#  if __has_include(<version>)
#    include <version>
#  endif
#endif

#if defined __cpp_lib_jthread

#if defined __MINGW32__
#  include <cxxabi.h>
#endif
#include <memory>
#include <mutex>
#include <stop_token>

namespace polite {

namespace detail {

// All bindings of a thread share one request object, so that however many are nested, and stopped, they take one of the few places that a thread has for
// them. The first one that is stopped posts it, the last of those to end withdraws it. If the thread clears what is pending it clears the stop of all of
// them: then the next one that is stopped posts it anew, and those that came before count no more.
class stops {
 public:
  explicit stops(polite_thread_t thread) noexcept : thread_(thread) {}

  // `stopped` is 0 until then.
  void add(std::uint64_t &stopped, int reason) {
    std::lock_guard<std::mutex> lock(mutex_);
    std::error_code error;
    request_.post(thread_, reason, latched, error);
    if (!error) {
      ++posts_;
      count_ = 0;
    } else if (error.value() != POLITE_EALREADY && error.value() != POLITE_ESRCH) {
      throw std::system_error(error);
    }
    stopped = posts_;
    ++count_;
  }

  void remove(const std::uint64_t &stopped) noexcept {
    std::lock_guard<std::mutex> lock(mutex_);
    if (stopped != 0 && stopped == posts_ && --count_ == 0) request_.withdraw();
  }

  // The calling thread's. It is kept for the next binding until the thread destroys what is thread-local. Bindings that are made later, by what is
  // destroyed later, have one each.
  static std::shared_ptr<stops> here() {
#if defined __MINGW32__ && defined __GLIBCXX__
    // gcc (12) for Windows gives back what is thread-local before it calls the destructors. So what has one lies elsewhere.
    thread_local std::shared_ptr<stops> *mine = nullptr;
    if (mine) return *mine;
    auto kept = std::make_unique<std::shared_ptr<stops>>(make());
    const auto destroy = [](void *of_the_thread) {
      mine = nullptr;
      delete static_cast<std::shared_ptr<stops> *>(of_the_thread);
    };
    if (abi::__cxa_thread_atexit(destroy, kept.get(), nullptr) != 0) return *kept;
    return *(mine = kept.release());
#else
    struct keeper {
      std::shared_ptr<stops> kept;
      bool &gone;
      ~keeper() { gone = true; }
    };
    thread_local bool gone = false;  // it has no destructor, so it may be looked at when the keeper's has run
    if (gone) return make();
    thread_local keeper mine{nullptr, gone};
    if (!mine.kept) mine.kept = make();
    return mine.kept;
#endif
  }

 private:
  static std::shared_ptr<stops> make() {
    polite_thread_t thread = polite_self();
    if (!thread) throw_error(POLITE_UNATTACHED);
    return std::make_shared<stops>(thread);
  }

  std::mutex mutex_;
  std::uint64_t posts_ = 0;  // how often the request was posted
  std::size_t count_ = 0;    // bindings whose stop is in the last one
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
// Bindings nest, for several tokens or one. The reason that is delivered is that of the first of them that was stopped, also when that one has ended and
// others that are stopped have not. A binding may end in any thread, also after its own, and is over then all the same. A thread that cannot be
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
  std::uint64_t stopped_ = 0;  // under the mutex of stops_
  std::optional<std::stop_callback<stop>> callback_;
};

}  // namespace polite

#endif

#endif

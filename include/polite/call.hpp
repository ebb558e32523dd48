// A boundary (polite/call.h) at which interrupts stop: polite::call.
#ifndef POLITE_CALL_HPP
#define POLITE_CALL_HPP

#include "polite/call.h"
#include "polite/interrupted.hpp"

#include <functional>
#include <optional>
#include <type_traits>

namespace polite {

namespace detail {

// What a function left behind: a result, or an exception that has to go around frames of C.
template <class Result>
class outcome {
 public:
  // Calls it, and keeps what comes out, but for `interrupted`, which leaves it as it was.
  template <class Function>
  void of(Function &&function) {
    try {
      if constexpr (std::is_void_v<Result>) {
        function();
        result_.emplace();
      } else {
        result_.emplace(function());
      }
    } catch (const interrupted &) {
    } catch (...) {
      error_ = std::current_exception();
      if (!error_) throw;  // no exception of C++: a thread that ends by pthread_exit or pthread_cancel
    }
  }

  // Of an optional: it was interrupted, or returned an empty one.
  bool is_nothing() const noexcept { return !error_ && !(result_ && *result_); }

  // The result, if there was one. Throws what the function threw.
  auto take() {
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
    if constexpr (std::is_void_v<Result>) return result_.has_value();
    else return std::move(result_);
  }

 private:
  static_assert(!std::is_reference_v<Result>, "a reference cannot be handed out: return a pointer");
  struct nothing {};
  std::optional<std::conditional_t<std::is_void_v<Result>, nothing, Result>> result_;
  std::exception_ptr error_;
};

}  // namespace detail

// Calls `function(arguments…)` within a boundary: an interrupt that is delivered in it, and that nobody handles further in, ends here, and the code after
// the call goes on. So does C code in it that is unwound (polite_unwind), as far as no frame with destructors lies in between.
//
// Returns   an optional with what the function returned; true for void; or
//           an empty one, false for void, if `interrupted` left it, or C code in it was unwound or said polite_exit
// Any other exception passes. If the call could not be made: std::system_error. The depth of shields is afterwards what it was.
template <class Function, class... Arguments>
auto call(Function &&function, Arguments &&...arguments) {
  auto invocation = [&] { return std::invoke(std::forward<Function>(function), std::forward<Arguments>(arguments)...); };
  struct job {
    decltype(invocation) &invoke;
    detail::outcome<std::invoke_result_t<Function, Arguments...>> outcome;
  } job{invocation, {}};
  detail::checked(polite_call(
      [](void *argument) -> void * {
        auto &inside = *static_cast<struct job *>(argument);
        inside.outcome.of(inside.invoke);
        return nullptr;
      },
      &job, nullptr));
  return job.outcome.take();
}

}  // namespace polite

#endif

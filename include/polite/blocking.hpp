// Blocking calls that polite does not know, as interruption points. polite/blocking.h says what `unblock` must and may do.
#ifndef POLITE_BLOCKING_HPP
#define POLITE_BLOCKING_HPP

#include "polite/blocking.h"
#include "polite/call.hpp"

namespace polite {

namespace detail {

template <class Function, class Unblock>
struct blocking_call {
  Function &function;
  Unblock &unblock;
  outcome<std::invoke_result_t<Function &>> result = {};

  polite_ssize_t operator()() noexcept { return polite_blocking(run, this, end, this); }

  static polite_ssize_t run(void *self) {
    auto &result = static_cast<blocking_call *>(self)->result;
    result.of(static_cast<blocking_call *>(self)->function);
    return result.is_nothing() ? POLITE_INTERRUPTED : 0;
  }
  static void end(void *self) { static_cast<blocking_call *>(self)->unblock(); }
};

}  // namespace detail

// Calls `function()`, which blocks in a way of its own, and `unblock()`, from whoever interrupts the calling thread meanwhile. The function returns an
// optional: an empty one says that it was unblocked, and that nothing has been done. Throws `interrupted` if an interrupt was delivered, and
// whatever the function throws; `unblock` must not throw. In a thread that is shielded or not attached it is a plain call, and an empty optional is
// `interrupted` there, too, though nothing was delivered: such a function must not return one of itself.
//
// Returns what is in the optional. The form with an error code returns the optional: an empty one with the error.
template <class Function, class Unblock>
auto blocking(Function &&function, Unblock &&unblock) {
  detail::blocking_call<Function, Unblock> call{function, unblock};
  detail::checked(detail::at_point(call));
  return std::move(*call.result.take()).value();
}
template <class Function, class Unblock>
auto blocking(Function &&function, Unblock &&unblock, std::error_code &error) {
  detail::blocking_call<Function, Unblock> call{function, unblock};
  detail::told(detail::at_point(call), error);
  return call.result.take().value_or(std::nullopt);
}

// For the function, or what the library calls back: whether it is to end. It consumes nothing.
inline bool blocking_requested() noexcept { return polite_blocking_requested() != 0; }

}  // namespace polite

#endif

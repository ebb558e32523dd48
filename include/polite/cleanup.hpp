// A scope guard: polite::cleanup, which is on the thread's cleanup stack (polite/cleanup.h) while it lives.
//
//   polite::cleanup remove = [&] { std::remove(path); };
//   …
//   remove.dismiss();
//
// It runs its function once, shielded, when its scope ends: by its end, by an exception, or because C code within it is unwound
// (polite_unwind) or says polite_cleanup_run. What is on the same stack by the C interface, or by another guard, is run in its turn.
#ifndef POLITE_CLEANUP_HPP
#define POLITE_CLEANUP_HPP

#include "polite/cleanup.h"

#include <exception>
#include <type_traits>
#include <utility>

namespace polite {

// Guards end in the order opposite to that in which they were made, each in the thread that made it: any other end of one that has not run ends the
// program (std::terminate), for it would leave its place on the stack to whatever comes there. So does an exception that leaves its function.
template <class Function>
class [[nodiscard]] cleanup {
 public:
  cleanup(Function function) noexcept(std::is_nothrow_move_constructible_v<Function>) : function_(std::move(function)) {
    if (polite_cleanup_push(&place_, run, this) != 0) std::terminate();
  }
  cleanup(const cleanup &) = delete;
  cleanup &operator=(const cleanup &) = delete;
  ~cleanup() {
    if (!off_ && polite_cleanup_pop(&place_, 1) != 0) std::terminate();
  }

  // It will do nothing.
  void dismiss() noexcept { dismissed_ = true; }

 private:
  static void run(void *self) noexcept {
    cleanup &guard = *static_cast<cleanup *>(self);
    guard.off_ = true;
    if (!guard.dismissed_) guard.function_();
  }

  polite_cleanup_t place_ = {};
  Function function_;
  bool off_ = false;  // the stack: it has been run
  bool dismissed_ = false;
};

}  // namespace polite

#endif

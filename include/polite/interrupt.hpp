// Interrupts: sending them, taking them back, and how a thread takes them. polite/interrupt.h says what they are.
#ifndef POLITE_INTERRUPT_HPP
#define POLITE_INTERRUPT_HPP

#include "polite/interrupted.hpp"
#include "polite/thread.h"

#include <optional>

namespace polite {

// Flags: deliver at every interruption point, until cleared or withdrawn.
inline constexpr unsigned latched = POLITE_LATCHED;

// What became of an interrupt that was sent.
enum class sent {
  first = 0,      // it is pending, and the thread is being woken if it is blocked
  again = 1,      // the same, and one had been pending already
  unwakeable = 2  // it is pending, but the thread is blocked, and cannot be woken now
};

// Interrupts a thread. It never waits for it. A thread that has ended: std::errc::no_such_process.
inline sent interrupt(polite_thread_t thread, int reason = 0, unsigned flags = 0) {
  return static_cast<sent>(detail::checked(polite_interrupt_with(thread, reason, flags)));
}
inline sent interrupt(polite_thread_t thread, int reason, unsigned flags, std::error_code &error) noexcept {
  return static_cast<sent>(detail::told(polite_interrupt_with(thread, reason, flags), error));
}
inline sent interrupt(polite_thread_t thread, std::error_code &error) noexcept { return interrupt(thread, 0, 0, error); }

// Interrupts every attached thread but the calling one. Returns how many threads have it pending now.
inline int interrupt_all(int reason = 0, unsigned flags = 0) { return detail::checked(polite_interrupt_all(reason, flags)); }
inline int interrupt_all(int reason, unsigned flags, std::error_code &error) noexcept {
  return detail::told(polite_interrupt_all(reason, flags), error);
}

// An interrupt that can be taken back, and is when this ends: from then on it is not pending, will not be delivered, and no wake of it is on its way;
// what others have sent is as it was. It may end in any thread, also after the thread that it was posted to.
class request {
 public:
  request() noexcept = default;
  request(const request &) = delete;
  request &operator=(const request &) = delete;
  ~request() { withdraw(); }

  // Sends it. std::errc::connection_already_in_progress (EALREADY): it is pending already, or was posted to another thread.
  sent post(polite_thread_t thread, int reason = 0, unsigned flags = 0) {
    return static_cast<sent>(detail::checked(polite_request_post(&request_, thread, reason, flags)));
  }
  sent post(polite_thread_t thread, int reason, unsigned flags, std::error_code &error) noexcept {
    return static_cast<sent>(detail::told(polite_request_post(&request_, thread, reason, flags), error));
  }

  // Takes it back. True if it was delivered, or cleared, before; not for a thread that has ended, of which that is not known.
  bool withdraw() noexcept { return polite_request_withdraw(&request_) == 1; }

 private:
  polite_request_t request_ = {};
};

// An interruption point that does nothing else: for computations.
inline void checkpoint() { detail::throwing<void>(polite_checkpoint); }
inline void checkpoint(std::error_code &error) noexcept { detail::telling<void>(error, polite_checkpoint); }

// For a shield's constructor: only if the stack is unwinding.
struct while_unwinding_t {
  explicit while_unwinding_t() = default;
};
inline constexpr while_unwinding_t while_unwinding{};

// A shield: as long as it lives nothing is delivered to the thread that made it, and its blocking calls are not woken. Interrupts stay pending. Shields
// nest. It must end in the thread that made it: elsewhere it ends the program (std::terminate), for it can neither leave that thread's shield
// nor leave it there.
class shield {
 public:
  shield() noexcept { enter(); }

  // A shield if an exception is on its way to its handler, and nothing otherwise: for destructors that call foreign code, whose calls of polite know nothing
  // of exceptions. (Those of this interface are shielded then anyway.)
  explicit shield(while_unwinding_t) noexcept {
    if (detail::unwinding()) enter();
  }

  shield(const shield &) = delete;
  shield &operator=(const shield &) = delete;

  ~shield() {
    if (!entered_) return;
    if (polite_self() != thread_) std::terminate();
    polite_shield_leave();
  }

 private:
  void enter() noexcept {
    thread_ = polite_self();
    entered_ = polite_shield_enter() >= 0;  // in a thread that cannot be attached there is nothing to be shielded from
  }

  polite_thread_t thread_ = 0;
  bool entered_ = false;
};

namespace this_thread {

// The calling thread's handle. It attaches the thread, which others can interrupt from then on. 0: it cannot be attached.
inline polite_thread_t get_id() noexcept { return polite_self(); }

// Whether an interrupt is pending. Shields do not count.
inline bool interrupt_pending() noexcept { return polite_interrupt_pending() != 0; }

// Drops all that is pending. True if something was.
inline bool interrupt_clear() noexcept { return polite_interrupt_clear() != 0; }

// The reason of the interrupt that was delivered last to the calling thread, if there was any. For after the form with an error code.
inline std::optional<int> interrupt_reason() noexcept {
  int reason = polite_interrupt_reason();
  return reason >= 0 ? std::optional<int>(reason) : std::nullopt;
}

}  // namespace this_thread

}  // namespace polite

#endif

// Signal masks and handlers by the names of POSIX, for polite/dropin.h and polite/pthread_cancel.h.
//
// A thread that holds every signal back, as many do, would not hear its wake (rule 6): so the wake signal is left out of what it
// blocks, as libc leaves out its own. While a handler of the program's own runs it is held back: so the handler's plain blocking calls
// are not disturbed if it sits on a blocked call of polite's (rule 7), which hears the wake when the handler returns.
//
// Not so with SA_NODEFER: such a handler may be left by a jump that brings no mask back, and nothing would. Whoever jumps out of another
// has to unblock that one's signal, and unblocks the wake with it.
#include "atomic.h"
#include "polite/dropin_functions.h"
#include "polite/thread.h"
#include "posix/wake_signal.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>

using namespace polite;

namespace {

// What is passed on of `set`.
const sigset_t *but_for_wake(int how, const sigset_t *set, sigset_t &copy) {
  if (!set) return set;
  copy = *set;
  if (how == SIG_UNBLOCK) sigaddset(&copy, polite_wake_signal());
  else sigdelset(&copy, polite_wake_signal());
  return &copy;
}

// The signals for whose handlers the wake was put into the mask here: a program that asks does not find it there.
Atomic<uint64_t> widened;

bool is_to_be_widened(const struct sigaction &action) {
  bool has_handler = action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN;
  return has_handler && !(action.sa_flags & SA_NODEFER) && !sigismember(&action.sa_mask, polite_wake_signal());
}

// The wake's own handler is not to be replaced: no thread would be woken any more.
bool is_polites(int signal) { return signal == polite_wake_signal() && wake_signal_is_handled(); }

}  // namespace

extern "C" {

int polite_dropin_pthread_sigmask(int how, const sigset_t *set, sigset_t *before) {
  sigset_t copy;
  return pthread_sigmask(how, but_for_wake(how, set, copy), before);
}

int polite_dropin_sigprocmask(int how, const sigset_t *set, sigset_t *before) {
  sigset_t copy;
  return sigprocmask(how, but_for_wake(how, set, copy), before);
}

int polite_dropin_sigaction(int signal, const struct sigaction *action, struct sigaction *before) {
  struct sigaction copy;
  bool widens = action && is_to_be_widened(*action);
  if (action && is_polites(signal)) {
    errno = EINVAL;
    return -1;
  }
  if (widens) {
    copy = *action;
    sigaddset(&copy.sa_mask, polite_wake_signal());
  }
  if (sigaction(signal, widens ? &copy : action, before) != 0) return -1;
  uint64_t bit = signal_bit(signal), bits;
  if (widens) bits = widened.fetch_or(bit);
  else bits = action ? widened.fetch_and(~bit) : widened.load();
  if (before && (bits & bit)) sigdelset(&before->sa_mask, polite_wake_signal());
  return 0;
}

// libc knows which flags its own has (siginterrupt).
polite_signal_handler_t polite_dropin_signal(int number, polite_signal_handler_t handler) {
  if (is_polites(number)) {
    errno = EINVAL;
    return SIG_ERR;
  }
  polite_signal_handler_t before = signal(number, handler);
  struct sigaction now;
  if (before != SIG_ERR && sigaction(number, nullptr, &now) == 0 && now.sa_handler == handler)
    polite_dropin_sigaction(number, &now, nullptr);
  return before;
}

#define SAME_AS(name) __attribute__((alias(name)))
POLITE_API int polite_pthread_sigmask(int, const sigset_t *, sigset_t *) SAME_AS("polite_dropin_pthread_sigmask");
POLITE_API int polite_pthread_sigprocmask(int, const sigset_t *, sigset_t *) SAME_AS("polite_dropin_sigprocmask");
POLITE_API int polite_pthread_sigaction(int, const struct sigaction *, struct sigaction *) SAME_AS("polite_dropin_sigaction");
POLITE_API polite_signal_handler_t polite_pthread_signal(int, polite_signal_handler_t) SAME_AS("polite_dropin_signal");

}

// Signal masks by the names of POSIX, for polite/pthread_cancel.h. A thread that holds every signal back, as many do, would not hear its
// wake: so the wake signal is left out of what it blocks, as libc leaves out its own.
#include "polite/thread.h"

#include <pthread.h>
#include <signal.h>

namespace {

// What is passed on of `set`.
const sigset_t *without_wake(int how, const sigset_t *set, sigset_t &copy) {
  if (!set || how == SIG_UNBLOCK) return set;
  copy = *set;
  sigdelset(&copy, polite_wake_signal());
  return &copy;
}

}  // namespace

extern "C" {

POLITE_API int polite_pthread_sigmask(int how, const sigset_t *set, sigset_t *before) {
  sigset_t copy;
  return pthread_sigmask(how, without_wake(how, set, copy), before);
}

POLITE_API int polite_pthread_sigprocmask(int how, const sigset_t *set, sigset_t *before) {
  sigset_t copy;
  return sigprocmask(how, without_wake(how, set, copy), before);
}

}

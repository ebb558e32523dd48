// Waiting for signals: polite/signal.h, which says what each call does, in both forms (polite/interrupted.hpp).
#ifndef POLITE_SIGNAL_HPP
#define POLITE_SIGNAL_HPP

#include "polite/interrupted.hpp"
#include "polite/signal.h"

#if !defined _WIN32

namespace polite {

namespace detail {

inline int sigwait(const sigset_t *set) noexcept {
  int signal = 0, error = polite_sigwait(set, &signal);
  return error ? error : signal;
}

// That a handler has run is what these wait for.
inline int handled(int result) noexcept { return result == POLITE_EINTR ? 0 : result; }

}  // namespace detail

// Waiting until a handler of the program's own has run.
inline void pause() {
  detail::throwing<void>([]() noexcept { return detail::handled(polite_pause()); });
}
inline void pause(std::error_code &error) noexcept {
  detail::telling<void>(error, []() noexcept { return detail::handled(polite_pause()); });
}
POLITE_BOTH_FORMS(void, sigsuspend, (const sigset_t *mask), detail::handled(polite_sigsuspend(mask)))

// Taking a signal. Return it.
POLITE_BOTH_FORMS(int, sigwait, (const sigset_t *set), detail::sigwait(set))
POLITE_BOTH_FORMS(int, sigwaitinfo, (const sigset_t *set, void *info), polite_sigwaitinfo(set, info))
POLITE_BOTH_FORMS(int, sigtimedwait, (const sigset_t *set, void *info, const timespec *timeout),
                  polite_sigtimedwait(set, info, timeout))

}  // namespace polite

#endif

#endif

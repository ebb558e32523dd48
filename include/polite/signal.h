/* Signals: waiting for them. The wake signal (polite_wake_signal) is polite's, and cannot be waited for. */
#ifndef POLITE_SIGNAL_H
#define POLITE_SIGNAL_H

#include "polite/base.h"

#if !defined _WIN32

#include <sys/select.h> /* sigset_t, which <signal.h> does not define in a strict C99 program */

struct timespec;

POLITE_BEGIN

/* Waits for a signal handler of the program's own, pause(2): returns POLITE_EINTR when one has run, or POLITE_INTERRUPTED.
 * An interruption point. Since 0.1. Async-signal-safe: in a handler on top of a blocked call it is the plain call. */
POLITE_API int polite_pause(void);

/* Takes one of the signals in `set`, which the thread should block, sigwait(3). Carries on after a handler for another one.
 *
 * Returns   0, and the signal in `*signal`, or
 *             POLITE_INTERRUPTED   an interrupt was delivered; no signal was taken
 *             POLITE_EFAULT        `set` or `signal` is null
 * An interruption point. Since 0.1. Async-signal-safe: in a handler on top of a blocked call it is the plain call. */
POLITE_API int polite_sigwait(const sigset_t *set, int *signal);

/* The same with a mask that holds during the wait, sigsuspend(2). The wake signal is let through whatever the mask says. */
POLITE_API int polite_sigsuspend(const sigset_t *mask);

/* As polite_sigwait, sigwaitinfo(2) and sigtimedwait(2): return the signal, and what there is to know of it in `info`, a siginfo_t or null;
 * or a negative error. They end with POLITE_EINTR when a handler has run (musl's carry on), and the latter with POLITE_EAGAIN when
 * the time has passed (null: for ever). */
POLITE_API int polite_sigwaitinfo(const sigset_t *set, void *info);
POLITE_API int polite_sigtimedwait(const sigset_t *set, void *info, const struct timespec *timeout);

POLITE_END_C

#endif

#endif

/* Signals: waiting for them. The wake signal (polite_wake_signal) is polite's, and cannot be waited for. */
#ifndef POLITE_SIGNAL_H
#define POLITE_SIGNAL_H

#include "polite/base.h"

#if !defined _WIN32

#include <sys/select.h> /* sigset_t, which <signal.h> does not define in a strict C99 program */

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

POLITE_END_C

#endif

#endif

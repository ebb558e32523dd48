/* Boundaries, and leaving them from within: what pthread_cancel does with a whole thread, for any call.
 *
 * The core of polite always returns: unwinding is asked for at the place that was interrupted, by whoever wants it:
 *
 *     n = polite_read(fd, buf, len);
 *     if (n == POLITE_INTERRUPTED) polite_unwind();
 *
 * (polite/unwind.h has calls that say so themselves.) Then the cleanup handlers (polite/cleanup.h) that were pushed since the
 * innermost boundary run, latest first, shielded; and the call of polite_call that set the boundary returns POLITE_UNWOUND.
 * Where a boundary absorbs the interrupt the code outside of it goes on. A thread that polite made (polite_thread_create) has a
 * boundary around its function.
 *
 * Unwinding skips the rest of the functions in between, as longjmp does. It is for C: frames of C++ with destructors must not
 * lie in between, for none would run. Not for signal handlers, unless the boundary is in the handler, too. */
#ifndef POLITE_CALL_H
#define POLITE_CALL_H

#include "polite/base.h"

POLITE_BEGIN

/* How a call, or a thread, came to its end. */
enum {
  POLITE_RETURNED = 0, /* its function returned */
  POLITE_EXITED = 1,   /* by polite_exit; a thread also by pthread_exit(3), which runs no cleanup handler */
  POLITE_UNWOUND = 2   /* by polite_unwind: after an interrupt that nobody handled further in */
};

/* The result of what was unwound. The same as PTHREAD_CANCELED. */
#define POLITE_CANCELED ((void *)-1)

/* Calls `fn(arg)` within a boundary. Boundaries nest. Whichever way the call ends, the depth of shields is afterwards what it
 * was before, and so is the cleanup stack. If `fn` returns without having popped what it pushed, that is a mistake, for its
 * frame is gone: it is told on standard error and those handlers are dropped; a debug build of the library aborts.
 *
 * Returns   POLITE_RETURNED   and `*result` is what `fn` returned
 *           POLITE_EXITED     and `*result` is the argument of polite_exit
 *           POLITE_UNWOUND    and `*result` is POLITE_CANCELED; polite_interrupt_reason says why
 *             POLITE_EINVAL   `fn` is null; nothing was called
 * `result` may be null. Allocates nothing.
 * Since 0.1. Async-signal-safe if `fn` is. */
POLITE_API int polite_call(void *(*fn)(void *), void *arg, void **result);

/* Leaves the innermost boundary, to be called after POLITE_INTERRUPTED. Does not return, except with an error: then nothing has
 * been run, and the caller goes on by returning errors. In the function of a thread that polite made, outside of signal handlers
 * and of polite_blocking, it never returns.
 *
 * Returns     POLITE_UNBOUNDED   there is no boundary: the thread is not one that polite made, and not in a polite_call
 *             POLITE_INSIDE      it would cross a blocked call of polite, on top of which the calling signal handler runs: not
 *                                everywhere does the system stop writing into the memory of a frame that is gone; or it would
 *                                cross a polite_blocking (polite/blocking.h), in whose function the caller is
 * Since 0.1. Not async-signal-safe. */
POLITE_API int polite_unwind(void);

/* Leaves the innermost boundary of one's own will, with a result. The cleanup is the same.
 *
 * Returns   as polite_unwind
 * Since 0.1. Not async-signal-safe. */
POLITE_API int polite_exit(void *result);

POLITE_END_C

#endif

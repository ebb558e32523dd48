/* Time: what it is, and sleeping. All times are nanoseconds. */
#ifndef POLITE_TIME_H
#define POLITE_TIME_H

#include "polite/base.h"

POLITE_BEGIN

/* The moment that it is, in nanoseconds of the system's monotonic clock (CLOCK_MONOTONIC): what deadlines are counted in.
 * Since 0.1. Async-signal-safe. */
POLITE_API int64_t polite_now(void);

/* Sleeps for `nanoseconds` of the monotonic clock's time. An interruption point. Carries on, with the time that is left, after
 * signal handlers of the program's own.
 *
 * Returns   0                       the time has passed
 *             POLITE_INTERRUPTED    an interrupt was delivered
 *             POLITE_EINVAL         `nanoseconds` is negative
 * If `left` is not null, `*left` is the time that was left: 0 when all of it has passed. On EINVAL it is not changed.
 * Since 0.1. Async-signal-safe: in a handler on top of a blocked call it is a plain sleep. */
POLITE_API int polite_nanosleep(int64_t nanoseconds, int64_t *left);

POLITE_END_C

#endif

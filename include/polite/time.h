/* Time: what it is, and sleeping. Times are nanoseconds, but for clock_nanosleep. */
#ifndef POLITE_TIME_H
#define POLITE_TIME_H

#include "polite/base.h"

#if !defined _WIN32
#include <sys/types.h> /* clockid_t */
struct timespec;
#endif

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

#if !defined _WIN32
/* Sleeps as clock_nanosleep(2) does: by that clock, for a duration or, with TIMER_ABSTIME, until a moment. An interruption point. Carries
 * on after signal handlers of the program's own.
 *
 * Returns   0                       the time has passed, or the moment has come
 *             POLITE_INTERRUPTED    an interrupt was delivered; `*left` is what is left of a duration, if `left` is not null
 *             POLITE_EINVAL         not a time; not a clock that one can sleep by
 *             POLITE_ENOTSUP        the same
 *             POLITE_EFAULT         `time` is null
 * Since 0.1. Async-signal-safe: in a handler on top of a blocked call it is a plain sleep. */
POLITE_API int polite_clock_nanosleep(clockid_t clock, int flags, const struct timespec *time, struct timespec *left);
#endif

POLITE_END_C

#endif

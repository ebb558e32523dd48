/* Parking: a thread waits until another one, which knows its handle, lets it go on. It is what a program makes its own ways of waiting of.
 *
 * Each attached thread has a permit, or not. Unparking gives it one; parking waits for it, and takes it. So unparking that comes before
 * parking is not lost; several in a row are one. */
#ifndef POLITE_PARK_H
#define POLITE_PARK_H

#include "polite/base.h"

POLITE_BEGIN

/* Waits for the permit. An interruption point; so is polite_park_until, which gives up at a moment of polite_now (polite/time.h), a moment in
 * the past trying once. polite_park_uninterruptible is none. Attach the calling thread. Carry on after handlers of the program's own.
 *
 * Return    0                       the permit was taken
 *             POLITE_INTERRUPTED    an interrupt was delivered; the permit, if there is one, is still there
 *             POLITE_ETIMEDOUT      the moment has come, and there was no permit
 *             POLITE_UNATTACHED     the calling thread cannot be attached (polite_self)
 * A permit that comes before the interrupt is taken, and the interrupt stays pending. A permit that nobody waits for costs each call of the thread
 * some nanoseconds. After a fork(2) there is none.
 * Since 0.1. Async-signal-safe in a thread that is attached, as far as a handler may wait; on top of a blocked call nothing is delivered. */
POLITE_API int polite_park(void);
POLITE_API int polite_park_until(int64_t deadline);
POLITE_API int polite_park_uninterruptible(void);

/* Gives a thread the permit. Waits for nobody, and is no interruption point.
 *
 * Returns   0                it has the permit now
 *           1                it had one already
 *             POLITE_ESRCH   no such thread
 * Since 0.1. Async-signal-safe; from any thread, also for oneself. */
POLITE_API int polite_unpark(polite_thread_t thread);

POLITE_END_C

#endif

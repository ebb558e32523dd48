/* Semaphores, events and barriers. polite/lock.h says what holds for all of them: their memory, the three forms of waiting, what an interrupt
 * leaves, destroying. */
#ifndef POLITE_SEMAPHORE_H
#define POLITE_SEMAPHORE_H

#include "polite/base.h"

#if !defined _WIN32
#include <semaphore.h> /* sem_t */
#endif

POLITE_BEGIN

/* --- Semaphores: units that are posted, and waited for -------------------------------------------------------------------- */

typedef struct polite_semaphore {
  POLITE_ALIGNED uint64_t reserved[8];
} polite_semaphore_t;

/* As many units as there may be. */
#define POLITE_SEMAPHORE_MAX 2147483647

/* Gives a new semaphore its units; one that is all zero has none. Returns 0, or POLITE_EINVAL: too many. Async-signal-safe. */
POLITE_API int polite_semaphore_init(polite_semaphore_t *semaphore, uint32_t value);

/* Returns 0, or POLITE_EBUSY: somebody waits; nothing changed. Not async-signal-safe. */
POLITE_API int polite_semaphore_destroy(polite_semaphore_t *semaphore);

/* Takes a unit, having waited for one if there is none. Units go to those who wait in the order of their arrival.
 *
 * Returns   0                       the calling thread has it
 *             POLITE_INTERRUPTED    an interrupt was delivered; it has none
 *             POLITE_ETIMEDOUT      the moment has come; it has none
 * Async-signal-safe, as far as a handler may wait. */
POLITE_API int polite_semaphore_wait(polite_semaphore_t *semaphore);
POLITE_API int polite_semaphore_wait_until(polite_semaphore_t *semaphore, int64_t deadline);
POLITE_API int polite_semaphore_wait_uninterruptible(polite_semaphore_t *semaphore);

/* Takes a unit if there is one. Returns 0, or POLITE_EAGAIN. No interruption point. Async-signal-safe. */
POLITE_API int polite_semaphore_trywait(polite_semaphore_t *semaphore);

/* Posts a unit. Returns 0, or POLITE_EOVERFLOW: there are POLITE_SEMAPHORE_MAX; nothing changed. Async-signal-safe. */
POLITE_API int polite_semaphore_post(polite_semaphore_t *semaphore);

#if !defined _WIN32
/* The same for a semaphore of the system's library, which others post as ever: threads, handlers, and other processes. Interruption points.
 * For sem_wait(3) where it is not to be interrupted.
 *
 * Returns   as polite_semaphore_wait, and
 *             POLITE_ENOTSUP   the system's library keeps its semaphores in a way that is not known here
 * Since 0.1. Async-signal-safe, as far as a handler may wait. */
POLITE_API int polite_sem_wait(sem_t *semaphore);
POLITE_API int polite_sem_wait_until(sem_t *semaphore, int64_t deadline);
#endif

/* --- Events: set, or not -------------------------------------------------------------------------------------------------- */

typedef struct polite_event {
  POLITE_ALIGNED uint64_t reserved[8];
} polite_event_t;

enum {
  POLITE_EVENT_MANUAL = 0, /* once set it lets everybody pass until it is reset. This is what an event is that is all zero */
  POLITE_EVENT_AUTO = 1    /* it lets one pass, and is reset by that */
};

/* Gives a new event its kind. It is not set. Returns 0, or POLITE_EINVAL for an unknown kind. Async-signal-safe. */
POLITE_API int polite_event_init(polite_event_t *event, int kind);

/* Returns 0, or POLITE_EBUSY: somebody waits; nothing changed. Not async-signal-safe. */
POLITE_API int polite_event_destroy(polite_event_t *event);

/* Waits until it is set.
 *
 * Returns   0                       it was
 *             POLITE_INTERRUPTED    an interrupt was delivered; what an automatic one let pass was not the calling thread
 *             POLITE_ETIMEDOUT      the moment has come, and it was not set
 * Async-signal-safe, as far as a handler may wait. */
POLITE_API int polite_event_wait(polite_event_t *event);
POLITE_API int polite_event_wait_until(polite_event_t *event, int64_t deadline);
POLITE_API int polite_event_wait_uninterruptible(polite_event_t *event);

/* The same without waiting. Returns 0, or POLITE_EAGAIN: it is not set. No interruption point. Async-signal-safe. */
POLITE_API int polite_event_trywait(polite_event_t *event);

/* Sets it. Who waits is let pass: all, also if it is reset at once; of an automatic one the one that has waited longest. It stays set where nobody
 * waits, and a manual one until it is reset. Returns 0. Async-signal-safe. */
POLITE_API int polite_event_set(polite_event_t *event);

/* Returns 0. Async-signal-safe. */
POLITE_API int polite_event_reset(polite_event_t *event);

/* --- Barriers: as many threads as were agreed upon go on together --------------------------------------------------------- */

typedef struct polite_barrier {
  POLITE_ALIGNED uint64_t reserved[8];
} polite_barrier_t;

/* What the last one to arrive gets. */
#define POLITE_BARRIER_LAST 1

/* Says for how many threads a new barrier is; one that is all zero is for one. Returns 0, or POLITE_EINVAL for none. Async-signal-safe. */
POLITE_API int polite_barrier_init(polite_barrier_t *barrier, uint32_t count);

/* Returns 0, or POLITE_EBUSY: somebody waits; nothing changed. Who has been let pass waits no more. Not async-signal-safe. */
POLITE_API int polite_barrier_destroy(polite_barrier_t *barrier);

/* Waits until that many have arrived, which are then let pass together. The barrier is ready for the next round. Who is interrupted, or too late,
 * has not arrived: the others wait for one more.
 *
 * Returns   0                       all have arrived
 *           POLITE_BARRIER_LAST     the same, and the calling thread was the last
 *             POLITE_INTERRUPTED    an interrupt was delivered
 *             POLITE_ETIMEDOUT      the moment has come
 * Not async-signal-safe. */
POLITE_API int polite_barrier_wait(polite_barrier_t *barrier);
POLITE_API int polite_barrier_wait_until(polite_barrier_t *barrier, int64_t deadline);
POLITE_API int polite_barrier_wait_uninterruptible(polite_barrier_t *barrier);

POLITE_END_C

#endif

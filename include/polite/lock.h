/* Locks: mutexes, conditions, read-write locks. What holds for them, and for the objects of polite/semaphore.h:
 *
 *   - An object is memory of the program's. All zero is a valid initial value, so a static one needs no call. It must not be moved or copied. It
 *     belongs to one process: its waiters are threads of that.
 *   - What waits has three forms. The ordinary one is an interruption point. So is `…_until`, which also gives up when a moment of
 *     polite_now (polite/time.h) has come; a moment in the past tries once. `…_uninterruptible` is none: an interrupt stays pending.
 *   - POLITE_INTERRUPTED: an interrupt was delivered, and nothing was taken: no lock, no unit, no signal that another waiter could have had.
 *     What came before the interrupt is returned, and the interrupt stays pending. One that is pending at entry is delivered first, even if the
 *     lock is free.
 *   - Waits carry on after signal handlers of the program's own. In a thread that is not attached, and in a handler on top of a blocked call
 *     of polite, they are plain: nothing is delivered. A handler must not leave a wait by a jump: the object would go on looking for it.
 *   - What releases (unlock, signal, post, set …) waits for nobody, is no interruption point, and releases whatever is pending. It has not looked
 *     at the object since when another thread can have found it released: that one may destroy it at once.
 *   - `…_destroy` makes an object as new. When it has returned 0 nobody looks at the object any more. It must have been called before
 *     the memory is used for something else, if anybody ever waited: one whose time was just up may still be on its way.
 *   - Fast as long as nobody waits; no memory is allocated, no descriptor used. Those who wait are queued in the order of their arrival.
 *   - In a child of fork(2) a lock is held by the thread that forked if it was before, and nobody waits. One that another thread held is never
 *     unlocked there. (For this a thread of the process must have been attached before the fork.)
 *   - polite_thread_inspect tells the name of the call and the address of the object.
 *   - Since 0.1. */
#ifndef POLITE_LOCK_H
#define POLITE_LOCK_H

#include "polite/base.h"

#if !defined _WIN32
#include <pthread.h>
#endif

POLITE_BEGIN

/* --- Mutexes -------------------------------------------------------------------------------------------------------------- */

typedef struct polite_mutex {
  POLITE_ALIGNED uint64_t reserved[8];
} polite_mutex_t;

/* What happens when its owner locks a mutex once more. */
enum {
  POLITE_MUTEX_PLAIN = 0,     /* he waits for himself. This is what a mutex is that is all zero */
  POLITE_MUTEX_RECURSIVE = 1, /* it must be unlocked as often as it was locked */
  POLITE_MUTEX_ERRORCHECK = 2 /* POLITE_EDEADLK */
};

/* Gives a new mutex its kind. Returns 0, or POLITE_EINVAL for an unknown kind. Async-signal-safe. */
POLITE_API int polite_mutex_init(polite_mutex_t *mutex, int kind);

/* Returns 0, or POLITE_EBUSY: somebody holds it, or waits for it; nothing changed. Not async-signal-safe. */
POLITE_API int polite_mutex_destroy(polite_mutex_t *mutex);

/* Locks a mutex. A thread that has waited for it and been overtaken once is given it: nobody waits for ever while others lock and unlock.
 *
 * Returns   0                       the calling thread has it
 *             POLITE_INTERRUPTED    an interrupt was delivered; it has not
 *             POLITE_ETIMEDOUT      the moment has come; it has not
 *             POLITE_EDEADLK        it has it already (POLITE_MUTEX_ERRORCHECK)
 *             POLITE_EAGAIN         it has it 4,294,967,296 times already (POLITE_MUTEX_RECURSIVE)
 * Not async-signal-safe: the handler may run on top of the owner. */
POLITE_API int polite_mutex_lock(polite_mutex_t *mutex);
POLITE_API int polite_mutex_lock_until(polite_mutex_t *mutex, int64_t deadline);
POLITE_API int polite_mutex_lock_uninterruptible(polite_mutex_t *mutex);

/* Locks it if that takes no waiting. Returns 0, POLITE_EAGAIN as above, or POLITE_EBUSY: somebody has it. No interruption point.
 * Async-signal-safe. */
POLITE_API int polite_mutex_trylock(polite_mutex_t *mutex);

/* Unlocks it. Returns 0, or POLITE_EPERM: the calling thread has not got it, and nothing changed. Async-signal-safe. */
POLITE_API int polite_mutex_unlock(polite_mutex_t *mutex);

/* --- Conditions ----------------------------------------------------------------------------------------------------------- */

typedef struct polite_condition {
  POLITE_ALIGNED uint64_t reserved[8];
} polite_condition_t;

/* Returns 0, or POLITE_EBUSY: somebody waits; nothing changed. Somebody who has been signalled waits no more. Not async-signal-safe. */
POLITE_API int polite_condition_destroy(polite_condition_t *condition);

/* Unlocks a mutex, waits for a signal, and locks the mutex again, uninterruptibly, however the wait ended. From the unlocking on, signals reach
 * the thread. It takes a signal exactly when it returns 0; that may be without a signal, too (if an interrupt is withdrawn just as it wakes
 * the thread), so look at what was waited for. All who wait need not use the same mutex. A recursive one is unlocked altogether, and
 * then locked as often as it was.
 *
 * Returns   0                       there was a signal
 *             POLITE_INTERRUPTED    an interrupt was delivered, and no signal taken
 *             POLITE_ETIMEDOUT      the moment has come, and no signal was taken
 *             POLITE_EPERM          the calling thread has not got the mutex; nothing was done
 *           But for EPERM the calling thread has the mutex, and has had it all along if the interrupt was pending at entry.
 * Not async-signal-safe. */
POLITE_API int polite_condition_wait(polite_condition_t *condition, polite_mutex_t *mutex);
POLITE_API int polite_condition_wait_until(polite_condition_t *condition, polite_mutex_t *mutex, int64_t deadline);
POLITE_API int polite_condition_wait_uninterruptible(polite_condition_t *condition, polite_mutex_t *mutex);

/* Signals one of those who wait, the one that has waited longest; or all of them. Who waits later is not meant. Return 0.
 * Async-signal-safe. */
POLITE_API int polite_condition_signal(polite_condition_t *condition);
POLITE_API int polite_condition_broadcast(polite_condition_t *condition);

#if !defined _WIN32
/* The same with a mutex of the system's library, for programs that keep theirs. (Its pthread_cond_t cannot be waited for interruptibly: nothing
 * but a signal of the condition gets a thread out of it. ABI.md has the reasons.)
 *
 * Returns   as polite_condition_wait, and
 *             POLITE_E…   what pthread_mutex_unlock(3) said, and then nothing was done; or pthread_mutex_lock(3) after a wait that was
 *                         not interrupted, such as POLITE_EOWNERDEAD
 * Not async-signal-safe. */
POLITE_API int polite_condition_wait_pthread(polite_condition_t *condition, pthread_mutex_t *mutex);
POLITE_API int polite_condition_wait_pthread_until(polite_condition_t *condition, pthread_mutex_t *mutex, int64_t deadline);
#endif

/* --- Read-write locks ----------------------------------------------------------------------------------------------------- */

typedef struct polite_rwlock {
  POLITE_ALIGNED uint64_t reserved[8];
} polite_rwlock_t;

/* Returns 0, or POLITE_EBUSY: somebody holds it, or waits for it; nothing changed. Not async-signal-safe. */
POLITE_API int polite_rwlock_destroy(polite_rwlock_t *lock);

/* Lock it for reading, together with others who read, or for writing, alone. It is given in the order of arrival: a reader waits behind a writer
 * that waits. So a thread that reads already must not lock it once more: it would wait for itself if a writer waits in between.
 *
 * Return    0                       the calling thread has it
 *             POLITE_INTERRUPTED    an interrupt was delivered; it has not
 *             POLITE_ETIMEDOUT      the moment has come; it has not
 *             POLITE_EDEADLK        it has it already, for writing
 * Not async-signal-safe. */
POLITE_API int polite_rwlock_rdlock(polite_rwlock_t *lock);
POLITE_API int polite_rwlock_rdlock_until(polite_rwlock_t *lock, int64_t deadline);
POLITE_API int polite_rwlock_rdlock_uninterruptible(polite_rwlock_t *lock);
POLITE_API int polite_rwlock_wrlock(polite_rwlock_t *lock);
POLITE_API int polite_rwlock_wrlock_until(polite_rwlock_t *lock, int64_t deadline);
POLITE_API int polite_rwlock_wrlock_uninterruptible(polite_rwlock_t *lock);

/* Lock it if that takes no waiting. Return 0, or POLITE_EBUSY: somebody is in the way. No interruption points. Async-signal-safe. */
POLITE_API int polite_rwlock_tryrdlock(polite_rwlock_t *lock);
POLITE_API int polite_rwlock_trywrlock(polite_rwlock_t *lock);

/* Unlocks it, for reading or writing, whichever it is. Returns 0, or POLITE_EPERM: nobody has it, or another thread writes; nothing changed. Who
 * reads is not known, only how many do. Async-signal-safe. */
POLITE_API int polite_rwlock_unlock(polite_rwlock_t *lock);

POLITE_END_C

#endif

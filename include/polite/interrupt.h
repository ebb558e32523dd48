/* Interrupts: asking a thread to stop waiting, and how that thread takes it.
 *
 * An interrupt is *pending* from the moment it is sent until it is delivered, cleared or withdrawn. It is *delivered* by an
 * interruption point: a blocking call of polite, or polite_checkpoint, returns POLITE_INTERRUPTED. Nothing happens to a thread
 * anywhere else. Delivery consumes what is pending, and the thread is ordinary again: its cleanup may block, it may carry on.
 *
 *   - A call that did something (moved a byte, made a descriptor, failed on its own account) returns that; the interrupt stays.
 *   - An interrupt that is pending when an interruption point is entered is delivered there, before any I/O.
 *   - Interrupts that are sent before delivery are one interrupt; the first reason is kept.
 *   - A *latched* one is delivered at every interruption point until it is cleared or withdrawn.
 *   - A thread that shields itself gets nothing delivered until it leaves the shield.
 *   - A signal handler that runs on top of a blocked call of polite is outside of it: its own calls of polite are plain, and
 *     deliver nothing. It may send, clear and withdraw interrupts. */
#ifndef POLITE_INTERRUPT_H
#define POLITE_INTERRUPT_H

#include "polite/base.h"

POLITE_BEGIN

/* Flags of polite_interrupt_with, polite_interrupt_all and polite_request_post. */
#define POLITE_LATCHED 1u /* deliver at every interruption point, until cleared or withdrawn */

/* Reasons are the program's own numbers, from 0 to this. */
#define POLITE_REASON_MAX 65535

/* Interrupts a thread, with reason 0. It never waits for the thread.
 *
 * Returns   0                the interrupt is pending, and the thread is being woken if it is blocked
 *           1                the same, and one had been pending already
 *           2                the interrupt is pending, but the thread is blocked and cannot be woken now: it blocks the wake
 *                            signal, or a signal handler that blocks it is running on top of the call
 *             POLITE_ESRCH   no such thread: it has ended, or never was
 * Since 0.1. Async-signal-safe; from any thread, also on oneself. */
POLITE_API int polite_interrupt(polite_thread_t thread);

/* The same with a reason, which polite_interrupt_reason tells the thread, and flags (POLITE_LATCHED). If one is pending
 * already the first reason is kept; POLITE_LATCHED latches it.
 *
 * Returns   as polite_interrupt, and
 *             POLITE_EINVAL   a reason out of range, or an unknown flag
 * Since 0.1. Async-signal-safe. */
POLITE_API int polite_interrupt_with(polite_thread_t thread, int reason, unsigned flags);

/* Interrupts every attached thread but the calling one, as polite_interrupt_with does. A thread that attaches meanwhile
 * may be missed.
 *
 * Returns   the number of threads that have the interrupt pending now, or
 *             POLITE_EINVAL   a reason out of range, or an unknown flag
 * Since 0.1. Async-signal-safe. */
POLITE_API int polite_interrupt_all(int reason, unsigned flags);

/* A request object: an interrupt that can be taken back. Allocated by the caller; all zero is a valid initial value.
 * After polite_request_post it must not move or go away until polite_request_withdraw has returned. */
typedef struct polite_request {
  POLITE_ALIGNED uint64_t reserved[8];
} polite_request_t;

/* At most so many request objects may be posted to one thread and not yet withdrawn: plain ones, and latched ones. */
#define POLITE_REQUESTS_MAX 16
#define POLITE_LATCHED_REQUESTS_MAX 8

/* Interrupts a thread by way of a request object. Each object is a request of its own: withdrawing one leaves others, and
 * plain interrupts, as they are. Delivery consumes all that are pending; an object that has been delivered may be
 * posted again, to the same thread.
 *
 * Returns   as polite_interrupt_with, and
 *             POLITE_EINVAL   `request` is null; a reason out of range; an unknown flag
 *             POLITE_EALREADY the object is posted already, or delivered to another thread and not withdrawn since
 *             POLITE_EAGAIN   as many objects of this kind as there may be are posted to that thread
 *           An error leaves the object as it was.
 * Since 0.1. Async-signal-safe. */
POLITE_API int polite_request_post(polite_request_t *request, polite_thread_t thread, int reason, unsigned flags);

/* Takes a request back. When it returns, this request is not pending and will not be delivered, no wake of it is on its way, and
 * the object's memory may be used for something else. Every object that was posted must be withdrawn once, delivered or not.
 * Waits for a polite_request_post of the same object that another thread is in the middle of; for nothing else.
 *
 * Returns   0                 withdrawn: it was still pending (a latched one may have been delivered all the same); or never posted
 *           1                 it had been delivered, or its thread had cleared it
 *             POLITE_EINVAL   `request` is null
 *             POLITE_EALREADY another thread is withdrawing it
 *             POLITE_ESRCH    its thread has ended; whether it had been delivered before is not known
 *           In all cases but EINVAL and EALREADY the object is as new.
 * Since 0.1. Async-signal-safe. */
POLITE_API int polite_request_withdraw(polite_request_t *request);

/* An interruption point that does nothing else.
 *
 * Returns   0, or
 *             POLITE_INTERRUPTED   an interrupt was delivered
 * Since 0.1. Async-signal-safe: in a handler on top of a blocked call it returns 0. */
POLITE_API int polite_checkpoint(void);

/* 1 if an interrupt is pending for the calling thread (delivered or not by the next interruption point: shields do not count),
 * else 0. Since 0.1. Async-signal-safe. */
POLITE_API int polite_interrupt_pending(void);

/* Drops everything that is pending for the calling thread, latched ones and request objects included.
 * Returns 1 if something was pending, else 0. Since 0.1. Async-signal-safe. */
POLITE_API int polite_interrupt_clear(void);

/* The reason of the interrupt that was delivered last to the calling thread. Like errno it is the last one's: a signal handler that
 * gets something delivered in between changes it.
 *
 * Returns   the reason, 0 to POLITE_REASON_MAX, or
 *             POLITE_ENOENT   none has been delivered yet
 * Since 0.1. Async-signal-safe. */
POLITE_API int polite_interrupt_reason(void);

/* A shield: until it is left again no interrupt is delivered to the calling thread, and its blocking calls are not woken.
 * Interrupts stay pending. Shields nest. Attaches the calling thread.
 *
 * Returns   the depth before: 0 for the outermost shield, or
 *             POLITE_UNATTACHED   the thread cannot be attached (polite_self); there is nothing to shield it from
 *             POLITE_EOVERFLOW    nested 2,147,483,646 times already
 * Since 0.1. Async-signal-safe in an attached thread; a handler leaves what it entered. */
POLITE_API int polite_shield_enter(void);

/* Leaves the innermost shield. Not an interruption point: what became pending is delivered by the next one.
 *
 * Returns   the depth before: 1 when the thread is not shielded any more, or
 *             POLITE_UNBALANCED   the thread is not shielded; nothing changed
 * Since 0.1. Async-signal-safe. */
POLITE_API int polite_shield_leave(void);

/* Brings the depth of shields to what polite_shield_enter returned: for code that leaves several at once.
 *
 * Returns   the depth before, or
 *             POLITE_EINVAL       `depth` is negative
 *             POLITE_UNBALANCED   `depth` is more than the present depth; nothing changed
 *             POLITE_UNATTACHED   the thread cannot be attached
 * Since 0.1. Async-signal-safe in an attached thread. */
POLITE_API int polite_shield_restore(int depth);

POLITE_END_C

#endif

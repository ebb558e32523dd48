/* Cleanup stacks: what a thread has promised to do when it leaves, latest first.
 *
 * Each thread has a stack of handlers. Its own code pushes one when it has got something that must be given back, and pops it,
 * running it or not, when the scope ends. What is still there when a thread is unwound (polite/call.h), or when code that
 * returns errors says polite_cleanup_run, is run: in reverse order, each handler once, shielded from interrupts
 * (polite/interrupt.h), so a handler may block. A handler may push and pop; when it runs its node is off the stack already and
 * is not looked at again, so that the handler may free it, or the object that it is a part of.
 *
 * Nobody else runs them: a thread that just ends takes its stack with it. There is no lexical pairing and no macro. A scope that
 * pushed must pop before it returns: its node may be on its frame. Nothing here allocates, fails for want of memory (but
 * polite_cleanup_push_new) or attaches the thread. */
#ifndef POLITE_CLEANUP_H
#define POLITE_CLEANUP_H

#include "polite/base.h"

POLITE_BEGIN

/* A place on a cleanup stack. Allocated by the caller; all zero is a valid initial value, and so is what is left of one that
 * has been popped or run. It must neither move nor go away while it is on a stack or in a stretch. */
typedef struct polite_cleanup {
  POLITE_ALIGNED uint64_t reserved[6];
} polite_cleanup_t;

/* Pushes a handler: `fn(arg)` is what is to be done.
 *
 * Returns   0
 *             POLITE_EINVAL     `node` or `fn` is null
 *             POLITE_EALREADY   the node is on a stack, or in a stretch; nothing changed
 * Since 0.1. Async-signal-safe, if the signal handler pops what it pushed. */
POLITE_API int polite_cleanup_push(polite_cleanup_t *node, void (*fn)(void *), void *arg);

/* The same with a node that the library allocates, and frees when it is popped, run or forgotten. For languages that cannot place
 * one, and for handlers that outlive the frame. `*node` is the node, for polite_cleanup_pop, until it has been run or forgotten;
 * `node` may be null.
 *
 * Returns   as polite_cleanup_push, and
 *             POLITE_ENOMEM     there is no memory; nothing was pushed, and `*node` is null
 * Since 0.1. Not async-signal-safe. */
POLITE_API int polite_cleanup_push_new(polite_cleanup_t **node, void (*fn)(void *), void *arg);

/* Pops the handler that was pushed last, which must be `node`'s, and runs it if `execute` is not 0.
 *
 * Returns   0
 *             POLITE_EINVAL       `node` is null
 *             POLITE_UNBALANCED   `node` is not on top of this thread's stack: another was pushed after it and has not been popped, or
 *                                 it has been popped or run already, is another thread's, or below a boundary (polite_call);
 *                                 nothing changed
 * Since 0.1. Async-signal-safe as far as what it runs is. */
POLITE_API int polite_cleanup_pop(polite_cleanup_t *node, int execute);

/* How high the stack was: for code that ends a scope with one call, whatever it pushed. It is on no stack, and may be dropped
 * at any time. */
typedef struct polite_mark {
  POLITE_ALIGNED uint64_t reserved[2];
} polite_mark_t;

/* Notes how high the calling thread's stack is.
 *
 * Returns   0, or
 *             POLITE_EINVAL   `mark` is null
 * Since 0.1. Async-signal-safe. */
POLITE_API int polite_cleanup_mark(polite_mark_t *mark);

/* Pops and runs everything above a mark, latest first. The mark may be used again.
 *
 * Returns   0, or
 *             POLITE_EINVAL       `mark` is null
 *             POLITE_EPERM        it is another thread's mark
 *             POLITE_UNBALANCED   what was on top at the mark is not there any more, or is below a boundary (polite_call)
 *           An error has run nothing.
 * Since 0.1. Async-signal-safe as polite_cleanup_pop. */
POLITE_API int polite_cleanup_run(const polite_mark_t *mark);

/* A stretch of a stack that has been taken off it and belongs to whoever holds this: what was built step by step under
 * protection, and is now kept or given back as a whole. All zero is an empty one. Its nodes must outlive the frames that pushed
 * them. */
typedef struct polite_stretch {
  POLITE_ALIGNED uint64_t reserved[4];
} polite_stretch_t;

/* Takes everything above a mark off the stack, without running it, and puts it on top of what the stretch holds.
 *
 * Returns   as polite_cleanup_run; and POLITE_EINVAL if `stretch` is null
 * Since 0.1. Not async-signal-safe. */
POLITE_API int polite_cleanup_take(polite_stretch_t *stretch, const polite_mark_t *mark);

/* Pushes all that the stretch holds onto the calling thread's stack, in the order it was in. It may have come from another
 * thread's. The stretch is empty then.
 *
 * Returns   0, or
 *             POLITE_EINVAL   `stretch` is null
 * Since 0.1. Not async-signal-safe. */
POLITE_API int polite_cleanup_put(polite_stretch_t *stretch);

/* Runs all that the stretch holds, latest first, shielded. A handler may take into the same stretch: that is run, too. The
 * stretch is empty then.
 *
 * Returns   0, or
 *             POLITE_EINVAL   `stretch` is null
 * Since 0.1. Async-signal-safe as polite_cleanup_pop. */
POLITE_API int polite_cleanup_run_stretch(polite_stretch_t *stretch);

/* Forgets all that the stretch holds, without running it: what was built is kept for good. The stretch is empty then.
 *
 * Returns   0, or
 *             POLITE_EINVAL   `stretch` is null
 * Since 0.1. Not async-signal-safe. */
POLITE_API int polite_cleanup_forget(polite_stretch_t *stretch);

POLITE_END_C

#endif

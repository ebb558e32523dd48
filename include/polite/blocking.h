/* Blocking calls that polite does not know: a query of a database, a wait in somebody's library.
 *
 * Such a call becomes an interruption point if the library has a way to end it from elsewhere: here that is `unblock`. It is called by
 * whoever interrupts the thread, and polite sees to it that it is never called too late. What polite cannot see to is that it is not
 * *too early*: it may be called when `fn` has begun, but the library has not, and a library that forgets it then would block for ever.
 * So one of two things must hold, and which of them it is decides how `fn` is written:
 *
 *   - The library remembers. What `unblock` did is noticed by the blocking call also if that begins later: a byte in a pipe, a flag under the
 *     mutex of a condition, shutdown(2) of a socket. Nothing else is needed.
 *   - The library forgets what comes before it has begun, but calls the program back after that. From there `fn` looks whether it is to end,
 *     with polite_blocking_requested, and then ends the call itself. What comes later finds the call begun. (Looking before
 *     the call is no remedy: the interrupt may come right behind the look.)
 *
 * For two libraries, of which tests/real_library has a test each:
 *
 *   SQLite   sqlite3_interrupt has no effect "when there are no running SQL statements". So have one running: a `VALUES(1)` of which the
 *            first row has been taken, and that is reset after the call; while it runs, an interrupt is remembered. It takes
 *            no lock on a database; but VACUUM refuses to work beside it. Or look, from sqlite3_progress_handler and sqlite3_busy_handler.
 *   libpq    PQcancel has no effect on a server that has not begun yet with the query that was sent to it. So have the server say that it
 *            has: `DO $$BEGIN RAISE INFO 'begun'; END$$; SELECT …` as one query of PQexec, whose notice processor looks, and calls
 *            PQcancel if it is asked to. The server acts on a PQcancel before that returns, so that it never hits the next query.
 *
 *     static polite_ssize_t query(void *arg) {                      static void stop(void *db) { sqlite3_interrupt(db); }
 *       struct job *job = arg;
 *       sqlite3_step(job->running);
 *       job->result = sqlite3_exec(job->db, job->sql, job->row, job, NULL);
 *       sqlite3_reset(job->running);
 *       return job->result == SQLITE_INTERRUPT ? POLITE_INTERRUPTED : 0;
 *     }
 *     …
 *     if (polite_blocking(query, &job, stop, job.db) == POLITE_INTERRUPTED) …
 *
 * (examples/blocking.c is a whole program.) */
#ifndef POLITE_BLOCKING_H
#define POLITE_BLOCKING_H

#include "polite/base.h"

POLITE_BEGIN

/* Calls `fn(arg)`, which blocks in a way of its own, as an interruption point. If the calling thread is interrupted meanwhile, its
 * interrupter calls `unblock(unblock_arg)`.
 *
 * Returns   what `fn` returned, or
 *             POLITE_INTERRUPTED   an interrupt was delivered: it was pending at entry, and `fn` was not called; or `fn` returned
 *                                  POLITE_INTERRUPTED
 *             POLITE_EINVAL        `fn` or `unblock` is null
 *
 * `fn` returns POLITE_INTERRUPTED to say that it was unblocked and that nothing has been done: nothing, that is, that its caller would
 * want to know of. If no interrupt is there then (it has been withdrawn; or what an `unblock` did to an earlier call was left over), `fn`
 * is called once more. Anything else that `fn` returns is a result of its own, POLITE_EINTR too, and the interrupt stays pending: so
 * whatever was done, or failed, is never masked.
 *
 * `unblock` is called in the thread of the interrupter, in which all signals are held back: that may be the calling thread, in a signal
 * handler that runs on top of `fn`. So it must be async-signal-safe; and short, for the interrupter waits for it. It may come before `fn` has
 * begun, and as it returns; again for each further interrupt; never twice at a time. When polite_blocking has returned it is not running and
 * will not run: it is waited for. What it works on must last until then. It must not interrupt the calling thread.
 *
 * In `fn` the thread is inside of a blocking call, as a signal handler on top of one is: other calls of polite, polite_blocking
 * too, are plain there, and deliver nothing. polite_unwind and polite_exit to a boundary outside of `fn` are refused with POLITE_INSIDE.
 * `fn` must return. If it has to be left by longjmp(3) or pthread_exit(3), polite_jumped must be called *before* that, and `fn` does
 * nothing further that blocks; an exception must not leave it. It stays on its stack. A fork(2) in `fn` leaves the child in `fn`, too, with
 * nothing pending.
 *
 * Shielded, or in a thread that is not attached, this is a plain call of `fn`. (A shield that `fn` itself enters keeps the interrupt
 * from being delivered, but not `unblock` from being called.)
 * Inspectors see the thread in "blocking".
 * Since 0.1. Async-signal-safe if `fn` is: in a handler on top of a blocked call it is the plain call. */
POLITE_API polite_ssize_t polite_blocking(polite_ssize_t (*fn)(void *arg), void *arg, void (*unblock)(void *arg), void *unblock_arg);

/* To be called by `fn` of polite_blocking, or by what the library calls back: whether `fn` is to end. Everything that the thread did
 * before it looks is known to an `unblock` that comes after a look that said 0. It consumes nothing.
 *
 * Returns   1   an interrupt is pending that this call could deliver; `unblock` has been called, or is about to be
 *           0   none is; or the thread is not in polite_blocking, or is in a plain one (shielded, or not attached)
 * In a polite_blocking inside of another's `fn`, or in a signal handler, it tells of the outer one, for that is to end.
 * Since 0.1. Async-signal-safe. */
POLITE_API int polite_blocking_requested(void);

POLITE_END_C

#endif

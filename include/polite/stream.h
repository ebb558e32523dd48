/* Streams of stdio whose reads and writes are interruption points.
 *
 * A stream of polite_fdopen is libc's, for all of libc's functions (getc, fgets, fprintf, …; polite's own below are what libc cannot
 * offer). Where one of them would wait for the descriptor, and an interrupt is delivered, it fails: ferror(3) is set, `errno` is ECANCELED,
 * and the interrupt is consumed. clearerr(3), and go on: the stream is sound.
 *
 *   - Nothing that was buffered is lost or written twice. What was in the buffer when its writing was interrupted is kept aside, and goes
 *     out before anything else: at the next write, read or seek of the descriptor, in polite_fflush, and in fclose. (But not in a plain
 *     fflush with nothing new to write: libc takes its buffer for empty.)
 *   - fwrite says how much it has taken, be it into the buffer. A putc that fails has not taken its character, except the end of a
 *     line on a terminal. Of fprintf, fputs, fgets and getline nobody knows, as after any error; what fread had read is told.
 *   - Only of the stream's own buffer: after a setvbuf with another one, or with none, what could not be written is lost, as on a plain
 *     stream.
 *   - After a signal handler of the program's own a read fails with EINTR, and a write carries on.
 *   - Any other error is as on a plain stream, `errno` and all.
 *   - fileno(3) of it is -1, as of all streams that libc knows only by functions: keep the descriptor for fstat(2), isatty(3) and poll(2).
 *   - polite_dropin_interrupted (polite/dropin_functions.h) tells our ECANCELED from another.
 *
 * fclose(3) always closes, and writes what is left, whatever is pending. If an interrupt is delivered meanwhile it returns EOF with
 * ECANCELED, and all has been written nevertheless. polite_fclose is better, and so is fclose in a file with polite/dropin.h: they leave
 * the interrupt pending.
 *
 * Since 0.1. Not async-signal-safe. */
#ifndef POLITE_STREAM_H
#define POLITE_STREAM_H

#include "polite/base.h"

#if !defined _WIN32

#include <stdio.h>

POLITE_BEGIN

/* A stream for a descriptor, which becomes the stream's; `mode` as for fdopen(3): r, w or a, and + b e.
 *
 * Returns   0, and the stream is `*stream`, or
 *             POLITE_EINVAL   `stream` or `mode` is null, or the mode is none, or is not that of the descriptor
 *             POLITE_EBADF    not a descriptor
 *             POLITE_ENOMEM   there is no memory
 *           After an error the descriptor is what it was, and `*stream`, if there is such a place, is null. */
POLITE_API int polite_fdopen(FILE **stream, polite_fd fd, const char *mode);

/* Writes all that has been buffered, and what was kept when an interrupt came: fflush(3). An interruption point. What ungetc(3) pushed back
 * is dropped.
 *
 * Returns   0, or
 *             POLITE_INTERRUPTED   an interrupt was delivered; what has not been written is kept. ferror(3) may be set
 *             POLITE_E…            as polite_write */
POLITE_API int polite_fflush(FILE *stream);

#define POLITE_STREAM_DISCARD 1u /* what has not been written is dropped, so that nobody waits for whoever does not read it */

/* Writes what is left and closes the stream and its descriptor, fclose(3). It releases, so it is no interruption point: what is pending
 * stays pending. It may wait for the descriptor, unless `flags` is POLITE_STREAM_DISCARD.
 *
 * Returns   0, or
 *             POLITE_EINVAL   flags that this library does not know; nothing was done
 *             POLITE_E…       as polite_write, or polite_close; the stream is gone, and something may not have been written */
POLITE_API int polite_fclose(FILE *stream, unsigned flags);

POLITE_END_C

#endif

#endif

/* Processes: waiting for children.
 *
 * A child that has been reaped is told: POLITE_INTERRUPTED means that none was, and POLITE_EINTR that a handler of the program's own
 * ran. All are interruption points. Since 0.1. Async-signal-safe: in a handler on top of a blocked call they are the plain calls. */
#ifndef POLITE_PROCESS_H
#define POLITE_PROCESS_H

#include "polite/base.h"

#if !defined _WIN32

struct rusage;

POLITE_BEGIN

/* waitpid(2) and wait4(2). Return the child that they tell about, 0 with WNOHANG if there is nothing to tell, or a negative error.
 * What a child has used is written to `*usage`, which may be null. */
POLITE_API int polite_waitpid(int process, int *status, int options);
POLITE_API int polite_wait4(int process, int *status, int options, struct rusage *usage);

/* waitid(2): waits for the children that `kind` (P_PID, …) and `id` say. Returns 0 or a negative error; `info` is a siginfo_t, or
 * null. */
POLITE_API int polite_waitid(int kind, unsigned id, void *info, int options);

POLITE_END_C

#endif

#endif

/* Processes: waiting for children. */
#ifndef POLITE_PROCESS_H
#define POLITE_PROCESS_H

#include "polite/base.h"

#if !defined _WIN32

POLITE_BEGIN

/* waitpid(2). Returns the child that it tells about, 0 with WNOHANG if there is nothing to tell, or a negative error. A child
 * that has been reaped is told: POLITE_INTERRUPTED means that none was, and POLITE_EINTR that a handler of the program's own
 * ran. An interruption point. Since 0.1. Async-signal-safe: in a handler on top of a blocked call it is the plain call. */
POLITE_API int polite_waitpid(int process, int *status, int options);

POLITE_END_C

#endif

#endif

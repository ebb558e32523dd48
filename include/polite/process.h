/* Processes: waiting for children, and running a program as a call.
 *
 * A child that has been reaped is told: POLITE_INTERRUPTED means that none was, and POLITE_EINTR that a handler of the program's own
 * ran. All are interruption points. Since 0.1. Async-signal-safe: in a handler on top of a blocked call they are the plain
 * calls, except for those that run a program. */
#ifndef POLITE_PROCESS_H
#define POLITE_PROCESS_H

#include "polite/base.h"

#if !defined _WIN32

#include <spawn.h>

struct rusage;

POLITE_BEGIN

/* waitpid(2) and wait4(2). Return the child that they tell about, 0 with WNOHANG if there is nothing to tell, or a negative error.
 * What a child has used is written to `*usage`, which may be null. */
POLITE_API int polite_waitpid(int process, int *status, int options);
POLITE_API int polite_wait4(int process, int *status, int options, struct rusage *usage);

/* waitid(2): waits for the children that `kind` (P_PID, …) and `id` say. Returns 0 or a negative error; `info` is a siginfo_t, or
 * null. */
POLITE_API int polite_waitid(int kind, unsigned id, void *info, int options);

/* How polite_spawn_wait runs a program. Null in its place, and 0 in each field but `size`, stands for the ordinary. */
typedef struct polite_spawn_options {
  uint32_t size;       /* sizeof(polite_spawn_options_t) */
  uint32_t flags;      /* POLITE_SPAWN_… */
  int64_t patience_ns; /* how long the child has, after `signal`, until it is killed */
  int32_t signal;      /* what an interrupt sends to the child; 0: SIGKILL */
  int32_t reserved;    /* 0 */
  char *const *environment;                        /* null: the caller's */
  const posix_spawn_file_actions_t *file_actions; /* as for posix_spawn(3) … */
  const posix_spawnattr_t *attributes;            /* … and these */
} polite_spawn_options_t;

#define POLITE_SPAWN_SEARCH 1u /* the program is searched for in PATH, unless there is a / in it */

/* Runs a program, waits for its end, and leaves no child behind: posix_spawn(3) and waitpid(2). An interruption point. An interrupt
 * sends `signal` to the child, waits for `patience_ns` nanoseconds, kills it if it is still there, and reaps it before the call returns. The
 * child's own children are its business. Carries on after a handler of the program's own. Nobody else may reap the child: neither a wait
 * for any child, nor a SIGCHLD that is ignored.
 *
 * Returns   0, and `*status` is the child's (waitpid(2)), or
 *             POLITE_INTERRUPTED   an interrupt was delivered. There is no child any more; `*status` is that with which it ended, which may have
 *                                  been by itself at that moment; -1 if it was not even begun
 *             POLITE_EINVAL        `path`, `arguments` or `status` is null; `options` has a size, flags, a signal or a time that are not
 *                                  acceptable
 *             POLITE_ECHILD        somebody else has reaped it; `*status` is -1
 *             POLITE_E…            as posix_spawn; there is no child, and `*status` is -1
 * If the child ended before the interrupt came it is 0, and the interrupt stays pending. Where the system has no descriptors for processes
 * (Linux before 5.3), there is no patience. Since 0.1. Not async-signal-safe. */
POLITE_API int polite_spawn_wait(const char *path, char *const *arguments, const polite_spawn_options_t *options, int *status);

/* Runs a command of the shell and waits for its end, system(3): SIGINT and SIGQUIT are ignored and SIGCHLD is blocked meanwhile. An
 * interruption point. An interrupt kills the shell, which is reaped before the call returns; what the shell has begun may go on.
 *
 * Returns   the shell's status (waitpid(2)); for a null command whether there is a shell: 1 or 0; or
 *             POLITE_INTERRUPTED   an interrupt was delivered; there is no shell any more
 *             POLITE_E…            as posix_spawn and waitpid
 * Since 0.1. Not async-signal-safe. */
POLITE_API int polite_system(const char *command);

POLITE_END_C

#endif

#endif

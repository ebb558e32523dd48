// Processes: polite/process.h, which says what each call does, in both forms (polite/interrupted.hpp).
#ifndef POLITE_PROCESS_HPP
#define POLITE_PROCESS_HPP

#include "polite/interrupted.hpp"
#include "polite/process.h"

#if !defined _WIN32

namespace polite {

// Waiting for children. Return the child that they tell about, or 0.
POLITE_BOTH_FORMS(int, waitpid, (int process, int *status, int options), polite_waitpid(process, status, options))
POLITE_BOTH_FORMS(int, wait4, (int process, int *status, int options, rusage *usage), polite_wait4(process, status, options, usage))
POLITE_BOTH_FORMS(void, waitid, (int kind, unsigned id, void *info, int options), polite_waitid(kind, id, info, options))

// Runs a program and waits for its end, leaving no child behind. `*status` is the child's, also after an interrupt.
POLITE_BOTH_FORMS(void, spawn_wait, (const char *path, char *const *arguments, const polite_spawn_options_t *options, int *status),
                  polite_spawn_wait(path, arguments, options, status))

// Runs a command of the shell, and returns the shell's status.
POLITE_BOTH_FORMS(int, system, (const char *command), polite_system(command))

}  // namespace polite

#endif

#endif

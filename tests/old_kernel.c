/* Runs a program as on a kernel before Linux 6.4, which does not know RWF_NOWAIT of pipes and sockets:
 *
 *   old_kernel PROGRAM ARGUMENTS...
 */
#include "seccomp.h"

#include <errno.h>
#include <stdio.h>

int main(int argc, char **argv) {
  enum { FLAGS = 5, NOWAIT = 8 };
  static const filter_step_t steps[] = {
      {LOAD_WORD, 0, 0, NUMBER_OF_CALL},
      {JUMP_IF_EQUAL, 1, 0, SYS_preadv2},
      {JUMP_IF_EQUAL, 0, 3, SYS_pwritev2},
      {LOAD_WORD, 0, 0, ARGUMENT(FLAGS)},
      {JUMP_IF_SET, 0, 1, NOWAIT},
      {RETURN, 0, 0, ANSWER_ERROR | EOPNOTSUPP},
      {RETURN, 0, 0, ALLOW},
  };
  if (argc < 2) return 2;
  if (filter_system_calls(steps, sizeof steps / sizeof *steps) != 0) {
    perror("seccomp");
    return 77;
  }
  execv(argv[1], argv + 1);
  perror(argv[1]);
  return 1;
}

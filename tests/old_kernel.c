/* Runs a program as on a kernel before Linux 6.4, which does not know RWF_NOWAIT of pipes and sockets:
 *
 *   old_kernel PROGRAM ARGUMENTS...
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The filter is written by hand, for musl's compiler does not find the kernel's headers (linux/filter.h, linux/seccomp.h). */
struct instruction {
  uint16_t code;
  uint8_t if_true, if_false;
  uint32_t value;
};
struct program {
  uint16_t length;
  const struct instruction *instructions;
};
enum { LOAD_WORD = 0x20, JUMP_IF_EQUAL = 0x15, JUMP_IF_SET = 0x45, RETURN = 0x06 };
enum { NUMBER_AT = 0, FLAGS_AT = 16 + 5 * 8 }; /* in struct seccomp_data: the sixth argument's lower half */
enum { SET_MODE_FILTER = 1, NOWAIT = 8 };
#define ANSWER_ERROR 0x00050000u
#define ALLOW 0x7fff0000u

int main(int argc, char **argv) {
  static const struct instruction instructions[] = {
      {LOAD_WORD, 0, 0, NUMBER_AT},
      {JUMP_IF_EQUAL, 1, 0, SYS_preadv2},
      {JUMP_IF_EQUAL, 0, 3, SYS_pwritev2},
      {LOAD_WORD, 0, 0, FLAGS_AT},
      {JUMP_IF_SET, 0, 1, NOWAIT},
      {RETURN, 0, 0, ANSWER_ERROR | EOPNOTSUPP},
      {RETURN, 0, 0, ALLOW},
  };
  struct program program = {sizeof instructions / sizeof *instructions, instructions};
  if (argc < 2) return 2;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || syscall(SYS_seccomp, SET_MODE_FILTER, 0, &program) != 0) {
    perror("seccomp");
    return 77;
  }
  execv(argv[1], argv + 1);
  perror(argv[1]);
  return 1;
}

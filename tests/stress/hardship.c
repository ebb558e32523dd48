/* Hard times: membarrier refused, from the beginning or later, and a user whose signal queue is full. */
#include "stress.h"

#include <errno.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
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
enum { LOAD_WORD = 0x20, JUMP_IF_EQUAL = 0x15, RETURN = 0x06 };
enum { SET_MODE_FILTER = 1, FOR_ALL_THREADS = 1 };
#define ANSWER_ERROR 0x00050000u
#define ALLOW 0x7fff0000u

void refuse_membarrier(void) {
  static const struct instruction instructions[] = {
      {LOAD_WORD, 0, 0, 0}, /* the number of the call is what seccomp_data begins with */
      {JUMP_IF_EQUAL, 0, 1, SYS_membarrier},
      {RETURN, 0, 0, ANSWER_ERROR | EPERM},
      {RETURN, 0, 0, ALLOW},
  };
  struct program program = {sizeof instructions / sizeof *instructions, instructions};
  REQUIRE(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
  REQUIRE(syscall(SYS_seccomp, SET_MODE_FILTER, FOR_ALL_THREADS, &program) == 0);
  REQUIRE(syscall(SYS_membarrier, 0, 0, 0) == -1 && errno == EPERM);
}

void hardships_before(void) {
  if (options.no_signal_queue) {
    struct rlimit none = {0, 0};
    REQUIRE(setrlimit(RLIMIT_SIGPENDING, &none) == 0);
  }
  if (options.no_membarrier) refuse_membarrier();
}

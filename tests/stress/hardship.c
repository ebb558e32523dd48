/* Hard times: membarrier refused, from the beginning or later, and a user whose signal queue is full. */
#include "../seccomp.h"
#include "stress.h"

#include <errno.h>
#include <sys/resource.h>

void refuse_membarrier(void) {
  static const filter_step_t steps[] = {
      {LOAD_WORD, 0, 0, NUMBER_OF_CALL},
      {JUMP_IF_EQUAL, 0, 1, SYS_membarrier},
      {RETURN, 0, 0, ANSWER_ERROR | EPERM},
      {RETURN, 0, 0, ALLOW},
  };
  REQUIRE(filter_system_calls(steps, sizeof steps / sizeof *steps) == 0);
  REQUIRE(syscall(SYS_membarrier, 0, 0, 0) == -1 && errno == EPERM);
}

void hardships_before(void) {
  if (options.no_signal_queue) {
    struct rlimit none = {0, 0};
    REQUIRE(setrlimit(RLIMIT_SIGPENDING, &none) == 0);
  }
  if (options.no_membarrier) refuse_membarrier();
}

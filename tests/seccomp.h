/* Filters of system calls (seccomp(2)), written by hand, for musl's compiler does not find the kernel's headers (linux/filter.h, linux/seccomp.h). */
#ifndef SECCOMP_H
#define SECCOMP_H

#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef struct filter_step {
  uint16_t code;
  uint8_t if_true, if_false; /* steps to pass over */
  uint32_t value;
} filter_step_t;

enum { LOAD_WORD = 0x20, JUMP_IF_EQUAL = 0x15, JUMP_IF_SET = 0x45, RETURN = 0x06 };
#define ANSWER_ERROR 0x00050000u
#define ALLOW 0x7fff0000u

/* Where LOAD_WORD finds it, in struct seccomp_data; of an argument the lower half. */
enum { NUMBER_OF_CALL = 0 };
#define ARGUMENT(number) (16 + 8 * (uint32_t)(number))

/* For the process's threads and what they start. 0, or -1 and errno. */
static inline int filter_system_calls(const filter_step_t *steps, size_t count) {
  enum { SET_MODE_FILTER = 1, FOR_ALL_THREADS = 1 };
  struct {
    uint16_t count;
    const filter_step_t *steps;
  } filter = {(uint16_t)count, steps};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
  return (int)syscall(SYS_seccomp, SET_MODE_FILTER, FOR_ALL_THREADS, &filter);
}

#endif

/* For tests in which a thread waits for a byte that does not come: each has a pipe of its own. */
#ifndef PIPE_H
#define PIPE_H

#include "sentences.h"

static int ends[2];

static inline int open_pipe(void **state) {
  make_pipe(ends);
  return clean_thread(state);
}

static inline int close_pipe(void **state) {
  (void)state;
  close_both(ends);
  return 0;
}

#define PIPE_TEST(function) cmocka_unit_test_setup_teardown(function, open_pipe, close_pipe)

static inline void read_byte(actor_t *actor) {
  char byte;
  actor->result = read(ends[0], &byte, 1);
}

#endif

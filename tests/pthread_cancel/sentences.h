/* What the tests of the POSIX sentences stand on. The names in them are the plain ones: polite/pthread_cancel.h makes them
 * polite's, here and in scene.h, as in a program that was written for pthread_cancel. It must come after the system's headers
 * and before any function. */
#ifndef SENTENCES_H
#define SENTENCES_H

#include <fcntl.h>
#include <fenv.h>
#include <mqueue.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <polite/pthread_cancel.h>

#include "../scene.h"

/* The value that a thread left to whoever joins it. */
static inline void *joined(actor_t *actor) {
  void *value = NULL;
  assert_int_equal(pthread_join(actor->pthread, &value), 0);
  return value;
}

static inline void assert_canceled(actor_t *actor) { assert_ptr_equal(joined(actor), PTHREAD_CANCELED); }

static inline void cancel_and_join(actor_t *actor) {
  assert_int_equal(pthread_cancel(actor->pthread), 0);
  assert_canceled(actor);
}

/* For a body: says that it has come to `step`. Then waits until the test says the same of the next one. Neither is a
 * cancellation point. */
static inline void arrive(actor_t *actor, int step) { actor->step = step; }
static inline void await_step(actor_t *actor, int step) {
  while (actor->step < step) sched_yield();
}

static inline int has_ended(polite_thread_t thread) {
  polite_thread_info_t info = {.size = sizeof info};
  return polite_thread_inspect(thread, &info) == POLITE_ESRCH;
}

static inline int state_of_caller(void) {
  int state, ignored;
  CHECK(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state) == 0);
  CHECK(pthread_setcancelstate(state, &ignored) == 0);
  return state;
}

static inline int type_of_caller(void) {
  int type;
  CHECK(pthread_setcanceltype(PTHREAD_CANCEL_DEFERRED, &type) == 0);
  return type;
}

/* The groups of tests, one for each file; the number of failures. */
int run_states(void);
int run_points(void);
int run_endings(void);
int run_threads(void);
int run_conditions(void);
int run_condition_objects(void);
int run_semaphores(void);
int run_c11_threads(void);
int run_every_point(void);

/* What a test wants to be the only thing in a program. */
int run_alone(const char *what);

#endif

/* What the tests stand on: threads that are *known* to be blocked before anything is done to them.
 *
 * Every wait here is for a condition, with a limit so generous that reaching it means that what was waited for will not come. */
#ifndef SCENE_H
#define SCENE_H

#include <polite.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "surroundings.h"

#if defined _WIN32
#include "on_windows.h"
#else
#include "on_unix.h"
#endif

#define LIMIT_SECONDS 60

/* In a test of the window's own doings. */
#define SKIP_BUT_FOR_WINDOW()                                                                \
  do {                                                                                       \
    if (polite_backend() != POLITE_BACKEND_WINDOW) {                                         \
      printf("skipped: %s: there is no window, or nobody is woken through it\n", __func__); \
      return;                                                                                \
    }                                                                                        \
  } while (0)

static inline double seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* A moment for the waits that have a limit: so many seconds from now. */
static inline struct timespec in_seconds(clockid_t clock, int seconds) {
  struct timespec moment;
  clock_gettime(clock, &moment);
  moment.tv_sec += seconds;
  return moment;
}

/* For what runs in other threads than the test's, where cmocka's assertions end the process without a word. */
#define CHECK(condition)                                                                  \
  do {                                                                                    \
    if (!(condition)) {                                                                   \
      fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition);      \
      abort();                                                                            \
    }                                                                                     \
  } while (0)

/* Waits until `condition` holds. */
#define AWAIT(condition)                                                              \
  do {                                                                                \
    double until_ = seconds_now() + LIMIT_SECONDS;                                    \
    while (!(condition)) {                                                            \
      if (seconds_now() > until_) fail_msg("waited in vain for: %s", #condition);     \
      sched_yield();                                                                  \
    }                                                                                 \
  } while (0)

static inline polite_thread_info_t inspect(polite_thread_t thread) {
  polite_thread_info_t info = {.size = sizeof info};
  int result = polite_thread_inspect(thread, &info);
  if (result != 0) fail_msg("inspect: %s", polite_error_name(result));
  return info;
}

/* Whether it is blocked in that call, or, for null, in any. Not if it has ended. Of a function in polite_blocking polite may not know whether
 * it sleeps. */
static inline int is_blocked_in(polite_thread_t thread, const char *call) {
  polite_thread_info_t info = {.size = sizeof info};
  if (polite_thread_inspect(thread, &info) != 0 || info.state == POLITE_THREAD_RUNNING) return 0;
  if (call && strcmp(info.call, call) != 0) return 0;
  return info.state == POLITE_THREAD_BLOCKED || (strcmp(info.call, "blocking") == 0 && system_thread_sleeps(info.system_id));
}

static inline int sleeps(polite_thread_t thread) {
  polite_thread_info_t info = {.size = sizeof info};
  return polite_thread_inspect(thread, &info) == 0 && system_thread_sleeps(info.system_id);
}

/* A thread that runs `body(actor)`, attached from the start. */
typedef struct actor {
  void (*body)(struct actor *);
  pthread_t pthread;
  _Atomic polite_thread_t thread;
  atomic_int step; /* the test's and the body's, to meet at */
  void *with;      /* what the body works on */
  long result;
} actor_t;

static inline void *actor_main(void *argument) {
  actor_t *actor = argument;
  actor->thread = polite_self();
  actor->body(actor);
  return NULL;
}

static inline void start(actor_t *actor, void (*body)(actor_t *), void *with) {
  memset(actor, 0, sizeof *actor);
  actor->body = body;
  actor->with = with;
  assert_int_equal(pthread_create(&actor->pthread, NULL, actor_main, actor), 0);
  AWAIT(actor->thread != 0);
}

static inline void start_blocked(actor_t *actor, void (*body)(actor_t *), void *with, const char *call) {
  start(actor, body, with);
  AWAIT(is_blocked_in(actor->thread, call));
}

static inline long finish(actor_t *actor) {
  assert_int_equal(pthread_join(actor->pthread, NULL), 0);
  return actor->result;
}

/* The calling thread is kept from what one test left pending for the next. */
static inline int clean_thread(void **state) {
  (void)state;
  polite_self();
  polite_shield_restore(0);
  polite_interrupt_clear();
  return 0;
}

#define TEST(function) cmocka_unit_test_setup(function, clean_thread)

static inline void close_both(polite_fd ends[2]) {
  plain_close(ends[0]);
  plain_close(ends[1]);
}

#endif

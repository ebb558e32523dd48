/* Two libraries that polite does not know, each with a call that blocks until there is an item to take, or until it is told to stop. Both check
 * that nobody tells them when polite_blocking has returned. */
#ifndef FOREIGN_LIBRARY_H
#define FOREIGN_LIBRARY_H

#include "scene.h"

/* This one remembers: what it has been told waits in a box. All of it may be called in a signal handler. */
typedef struct pipes {
  box_t items, stops;
  atomic_int in_call;          /* of polite_blocking */
  atomic_int calls, told;      /* how often the call was made, and how often it was told to stop */
  atomic_int hold_fn, hold_stop; /* the call begins late, or telling takes long: for as long as it is not 0 */
  atomic_int telling;
} pipes_t;

static inline void open_pipes(pipes_t *pipes) {
  memset(pipes, 0, sizeof *pipes);
  open_box(&pipes->items);
  open_box(&pipes->stops);
}

static inline void close_pipes(pipes_t *pipes) {
  close_box(&pipes->items);
  close_box(&pipes->stops);
}

static inline void add_item(pipes_t *pipes, char item) { CHECK(put_into(&pipes->items, item)); }

/* The item, above 0; or POLITE_INTERRUPTED, and then it has forgotten that it was to stop. */
static inline polite_ssize_t take_item(void *arg) {
  pipes_t *pipes = arg;
  char item;
  ++pipes->calls;
  while (pipes->hold_fn) sched_yield();
  if (await_either(&pipes->items, &pipes->stops) == 0) return take_out(&pipes->items, &item) ? item : -1;
  CHECK(empty_box(&pipes->stops));
  return POLITE_INTERRUPTED;
}

static inline void stop_taking(void *arg) {
  pipes_t *pipes = arg;
  CHECK(pipes->in_call);
  CHECK(pipes->telling++ == 0);
  ++pipes->told;
  while (pipes->hold_stop) sched_yield();
  CHECK(put_into(&pipes->stops, 0));
  CHECK(pipes->in_call);
  --pipes->telling;
}

static inline polite_ssize_t take_politely(pipes_t *pipes) {
  ++pipes->in_call;
  polite_ssize_t result = polite_blocking(take_item, pipes, stop_taking, pipes);
  --pipes->in_call;
  return result;
}

/* This one forgets what it is told while nobody waits, as SQLite and PostgreSQL do; but it calls back when it has begun. */
typedef struct forgetful {
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  int running, stopped, items;
  void (*begun)(struct forgetful *);
  atomic_int in_call, calls, forgotten;
  atomic_int delay; /* how long it takes to begin */
} forgetful_t;

#define FORGETFUL(begun) {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0, 0, begun, 0, 0, 0, 0}

static inline void stop_forgetful(void *arg) {
  forgetful_t *library = arg;
  CHECK(library->in_call);
  pthread_mutex_lock(&library->mutex);
  if (library->running) library->stopped = 1;
  else ++library->forgotten;
  pthread_cond_signal(&library->changed);
  pthread_mutex_unlock(&library->mutex);
  CHECK(library->in_call);
}

static inline void look_whether_to_stop(forgetful_t *library) {
  if (polite_blocking_requested()) stop_forgetful(library);
}

static inline void add_to_forgetful(forgetful_t *library) {
  pthread_mutex_lock(&library->mutex);
  ++library->items;
  pthread_cond_signal(&library->changed);
  pthread_mutex_unlock(&library->mutex);
}

static inline polite_ssize_t take_from_forgetful(void *arg) {
  forgetful_t *library = arg;
  ++library->calls;
  for (int i = library->delay; i > 0; --i) sched_yield();
  pthread_mutex_lock(&library->mutex);
  library->running = 1;
  pthread_mutex_unlock(&library->mutex);
  if (library->begun) library->begun(library);
  pthread_mutex_lock(&library->mutex);
  while (!library->items && !library->stopped) pthread_cond_wait(&library->changed, &library->mutex);
  polite_ssize_t result = library->items ? 1 : POLITE_INTERRUPTED;
  if (library->items) --library->items;
  library->running = library->stopped = 0;
  pthread_mutex_unlock(&library->mutex);
  return result;
}

static inline polite_ssize_t take_from_forgetful_politely(forgetful_t *library) {
  ++library->in_call;
  polite_ssize_t result = polite_blocking(take_from_forgetful, library, stop_forgetful, library);
  --library->in_call;
  return result;
}

#endif

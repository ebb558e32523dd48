/* Holding threads up at the hooks in the library (src/hooks.h), and the interrupters that are held. */
#ifndef HOLD_H
#define HOLD_H

#include "hooks_in_c.h"
#include "scene.h"

/* Two threads can be held at a time. Whichever is to be held waits when it gets to its place, once, until it is released. */
typedef struct hold {
  atomic_int at;
  _Atomic pthread_t thread;
  atomic_int holding, release;
} hold_t;
static hold_t first = {.at = -1}, second = {.at = -1};

static void hold_in(hold_t *hold, int hook) {
  if (hook != hold->at || !pthread_equal(pthread_self(), hold->thread)) return;
  hold->at = -1;
  hold->holding = 1;
  while (!hold->release) sched_yield();
  hold->holding = 0;
}

static void reached(int hook) {
  hold_in(&first, hook);
  hold_in(&second, hook);
}

static inline void hold_at(hold_t *hold, int hook, pthread_t thread) {
  hold->release = 0;
  hold->thread = thread;
  hold->at = hook;
}

typedef struct shot {
  polite_thread_t at;
  polite_request_t *request;
  atomic_int go;
} shot_t;

static inline void shoot(actor_t *actor) {
  shot_t *shot = actor->with;
  while (!shot->go) sched_yield();
  actor->result = shot->request ? polite_request_post(shot->request, shot->at, 0, 0) : polite_interrupt(shot->at);
}

static int set_hook(void **state) {
  polite_hook = reached;
  return clean_thread(state);
}

#define HELD_TEST(function) cmocka_unit_test_setup(function, set_hook)

#endif

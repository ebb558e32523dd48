/* A thread that blocks in a read, and its interrupter, held up at a place; and a plain wait behind the read, which nothing must disturb. */
#ifndef HELD_READ_H
#define HELD_READ_H

#include "hold.h"

static polite_fd ends[2];

static inline void read_then_wait_plainly(actor_t *actor) {
  char byte;
  actor->result = polite_read(ends[0], &byte, 1);
  actor->step = 1;
  actor->step = wait_plainly(ends[0]) ? 2 : -1;
}

static inline void read_byte(actor_t *actor) {
  char byte;
  actor->result = polite_read(ends[0], &byte, 1);
  actor->step = 1;
}

/* The target blocks in its read, and its interrupter has got to `hook` and is held there. */
typedef struct pair {
  actor_t target, interrupter;
  shot_t shot;
} pair_t;

static inline void hold_interrupter(pair_t *pair, void (*body)(actor_t *), int hook) {
  make_pipe(ends);
  start_blocked(&pair->target, body, NULL, "read");
  pair->shot = (shot_t){pair->target.thread, NULL, 0};
  start(&pair->interrupter, shoot, &pair->shot);
  hold_at(&first, hook, pair->interrupter.pthread);
  pair->shot.go = 1;
  AWAIT(first.holding);
}

/* The target, out of its call, waits until the interrupter has finished: asleep, so that an interrupter of lower priority can. Then it
 * returns `result`, and nothing disturbs the plain wait behind it. */
static inline void expect_it_waits(pair_t *pair, long result) {
  AWAIT(inspect(pair->target.thread).state == POLITE_THREAD_RUNNING && sleeps(pair->target.thread));
  for (int i = 0; i < 1000; ++i) {
    assert_int_equal(pair->target.step, 0);
    sched_yield();
  }
  first.release = 1;
  AWAIT(pair->target.step == 1);
  assert_int_equal(finish(&pair->interrupter), 0);
  assert_int_equal(plain_write(ends[1], "x", 1), 1);
  finish(&pair->target);
  assert_int_equal(pair->target.result, result);
  assert_int_equal(pair->target.step, 2);
  close_both(ends);
}

/* The request is withdrawn while the woken call settles: it goes on as if nothing had been. */
static inline void withdraw_while_it_settles(void (*body)(actor_t *), const char *call) {
  actor_t target;
  polite_request_t request = {0};
  make_pipe(ends);
  start_blocked(&target, body, NULL, call);
  hold_at(&first, HOOK_BEFORE_TAKING, target.pthread);
  assert_int_equal(polite_request_post(&request, target.thread, 0, 0), 0);
  AWAIT(first.holding);
  assert_int_equal(polite_request_withdraw(&request), 0);
  first.release = 1;
  AWAIT(is_blocked_in(target.thread, call));
  assert_int_equal(target.step, 0);
  assert_int_equal(plain_write(ends[1], "x", 1), 1);
  assert_int_equal(finish(&target), 1);
  close_both(ends);
}

#endif

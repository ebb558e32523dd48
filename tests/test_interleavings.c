/* Interleavings that are forced by hooks in the library: one thread is held at a place while another does what would be lost there. */
#include "held_read.h"

/* Rule 7. The interrupter has decided to send a wake and is held up; the call ends on its own meanwhile. It must wait for the wake, or the
 * wake would come into the plain wait behind it. */
static void a_late_wake_is_waited_for(void **state) {
  (void)state;
  pair_t pair;
  hold_interrupter(&pair, read_then_wait_plainly, HOOK_BEFORE_KICK);
  assert_int_equal(plain_write(ends[1], "x", 1), 1);
  expect_it_waits(&pair, 1);
}

/* Rule 9. An interrupter has counted itself in on a record, and the thread ends: it must wait, for its record will be another's. */
static void end_when_told(actor_t *actor) { AWAIT(actor->step == 1); }

/* A thread that attaches when it is told to. It is there before: on Windows none begins while another is at its end. */
static void *attach_when_told(void *actor_) {
  actor_t *actor = actor_;
  actor->step = 1; /* it has begun */
  AWAIT(actor->step == 2);
  actor->thread = polite_self();
  AWAIT(actor->step == 3);
  return NULL;
}

static void the_end_waits_for_those_who_look(void **state) {
  (void)state;
  actor_t target, interrupter, next = {0};
  assert_int_equal(pthread_create(&next.pthread, NULL, attach_when_told, &next), 0);
  AWAIT(next.step == 1);
  start(&target, end_when_told, NULL);
  shot_t shot = {target.thread, NULL, 0};
  start(&interrupter, shoot, &shot);
  hold_at(&first, HOOK_REQUEST_SET, interrupter.pthread);
  shot.go = 1;
  AWAIT(first.holding);
  target.step = 1;
  AWAIT(polite_interrupt(target.thread) == POLITE_ESRCH); /* it is at its end, and waits there */
  for (int i = 0; i < 1000; ++i) {
    assert_true(has_not_ended(target.pthread));
    sched_yield();
  }
  next.step = 2;
  AWAIT(next.thread != 0); /* not in the record of the thread that waits */
  first.release = 1;
  assert_int_equal(finish(&interrupter), 0);
  finish(&target);
  assert_int_equal(inspect(next.thread).pending, 0);
  next.step = 3;
  finish(&next);
}

/* The same, but held before it has looked whose record it is: it finds nobody, and changes nothing for the next owner. */
static void a_record_that_changed_hands(void **state) {
  (void)state;
  actor_t ended, next, interrupter;
  start(&ended, end_when_told, NULL);
  polite_thread_t dead = ended.thread;
  ended.step = 1;
  finish(&ended);
  shot_t shot = {dead, NULL, 0};
  start(&interrupter, shoot, &shot);
  hold_at(&first, HOOK_COUNTED, interrupter.pthread);
  shot.go = 1;
  AWAIT(first.holding);
  make_pipe(ends);
  start_blocked(&next, read_byte, NULL, "read");
  first.release = 1;
  assert_int_equal(finish(&interrupter), POLITE_ESRCH);
  assert_int_equal(polite_interrupt(next.thread), 0);
  assert_int_equal(finish(&next), POLITE_INTERRUPTED);
  close_both(ends);
}

static void withdrawn_while_it_settles(void **state) {
  (void)state;
  withdraw_while_it_settles(read_byte, "read");
}

/* The wake comes, and with it the result: the result is given back, and the interrupt stays (rule 2). */
static void a_result_while_the_interrupt_is_sent(void **state) {
  (void)state;
  pair_t pair;
  hold_interrupter(&pair, read_byte, HOOK_REQUEST_SET);
  assert_int_equal(plain_write(ends[1], "x", 1), 1);
  AWAIT(inspect(pair.target.thread).state == POLITE_THREAD_RUNNING);
  first.release = 1;
  assert_int_equal(finish(&pair.interrupter), 0);
  assert_int_equal(finish(&pair.target), 1);
  close_both(ends);
}

/* A withdrawal waits for a posting of the same object that another thread is in the middle of. */
static void withdraw(actor_t *actor) {
  actor->step = 1;
  actor->result = polite_request_withdraw(actor->with);
  actor->step = 2;
}

static void read_byte_and_stay(actor_t *actor) {
  read_byte(actor);
  AWAIT(actor->step == 9);
}

static void withdrawing_waits_for_posting(void **state) {
  (void)state;
  make_pipe(ends);
  actor_t target, poster, withdrawer;
  polite_request_t request = {0};
  start_blocked(&target, read_byte_and_stay, NULL, "read");
  shot_t shot = {target.thread, &request, 0};
  start(&poster, shoot, &shot);
  hold_at(&first, HOOK_REQUEST_SET, poster.pthread);
  shot.go = 1;
  AWAIT(first.holding);
  start(&withdrawer, withdraw, &request);
  AWAIT(withdrawer.step == 1);
  for (int i = 0; i < 1000; ++i) {
    assert_int_equal(withdrawer.step, 1);
    sched_yield();
  }
  assert_int_equal(polite_request_post(&request, target.thread, 0, 0), POLITE_EALREADY);
  first.release = 1;
  assert_int_equal(finish(&poster), 0);
  long withdrawn = finish(&withdrawer);
  assert_true(withdrawn == 0 || withdrawn == 1);
  if (withdrawn == 0) {
    AWAIT(is_blocked_in(target.thread, "read"));
    assert_int_equal(plain_write(ends[1], "x", 1), 1);
  }
  AWAIT(target.step == 1);
  target.step = 9;
  assert_int_equal(finish(&target), withdrawn == 0 ? 1 : POLITE_INTERRUPTED);
  close_both(ends);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      HELD_TEST(a_late_wake_is_waited_for),     HELD_TEST(the_end_waits_for_those_who_look),
      HELD_TEST(a_record_that_changed_hands),   HELD_TEST(withdrawn_while_it_settles),
      HELD_TEST(a_result_while_the_interrupt_is_sent), HELD_TEST(withdrawing_waits_for_posting),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

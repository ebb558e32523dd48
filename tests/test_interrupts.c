/* Interrupts on oneself and others: exactly once, coalescing, reasons, latched ones, clearing, shields (rules 3, 4, 5, 9). */
#include "scene.h"

static void delivered_exactly_once(void **state) {
  (void)state;
  assert_int_equal(polite_checkpoint(), 0);
  assert_int_equal(polite_interrupt(polite_self()), 0);
  assert_int_equal(polite_interrupt_pending(), 1);
  assert_int_equal(polite_checkpoint(), POLITE_INTERRUPTED);
  assert_int_equal(polite_interrupt_pending(), 0);
  assert_int_equal(polite_checkpoint(), 0);
}

static void several_are_one_and_the_first_reason_is_kept(void **state) {
  (void)state;
  polite_thread_t self = polite_self();
  assert_int_equal(polite_interrupt_with(self, 7, 0), 0);
  assert_int_equal(polite_interrupt_with(self, 8, 0), 1);
  assert_int_equal(polite_interrupt(self), 1);
  assert_int_equal(polite_checkpoint(), POLITE_INTERRUPTED);
  assert_int_equal(polite_interrupt_reason(), 7);
  assert_int_equal(polite_checkpoint(), 0);
  assert_int_equal(polite_interrupt_with(self, POLITE_REASON_MAX, 0), 0);
  assert_int_equal(polite_checkpoint(), POLITE_INTERRUPTED);
  assert_int_equal(polite_interrupt_reason(), POLITE_REASON_MAX);
}

static void latched_is_delivered_until_cleared(void **state) {
  (void)state;
  assert_int_equal(polite_interrupt_with(polite_self(), 3, POLITE_LATCHED), 0);
  for (int i = 0; i < 3; ++i) {
    char byte;
    assert_int_equal(polite_checkpoint(), POLITE_INTERRUPTED);
    assert_int_equal(polite_read(-1, &byte, 1), POLITE_INTERRUPTED);
    assert_int_equal(polite_interrupt_reason(), 3);
  }
  assert_int_equal(polite_interrupt_clear(), 1);
  assert_int_equal(polite_checkpoint(), 0);
  assert_int_equal(polite_interrupt_clear(), 0);
}

static void a_latch_may_be_added(void **state) {
  (void)state;
  polite_thread_t self = polite_self();
  assert_int_equal(polite_interrupt_with(self, 5, 0), 0);
  assert_int_equal(polite_interrupt_with(self, 6, POLITE_LATCHED), 1);
  assert_int_equal(polite_checkpoint(), POLITE_INTERRUPTED);
  assert_int_equal(polite_interrupt_reason(), 5);
  assert_int_equal(polite_checkpoint(), POLITE_INTERRUPTED);
  polite_interrupt_clear();
  assert_int_equal(polite_interrupt_with(self, 9, 0), 0); /* the latch went with what was cleared */
  assert_int_equal(polite_checkpoint(), POLITE_INTERRUPTED);
  assert_int_equal(polite_interrupt_reason(), 9);
  assert_int_equal(polite_checkpoint(), 0);
}

static void shields_nest_and_are_absolute(void **state) {
  (void)state;
  assert_int_equal(polite_shield_enter(), 0);
  assert_int_equal(polite_shield_enter(), 1);
  assert_int_equal(polite_interrupt_with(polite_self(), 1, POLITE_LATCHED), 0);
  assert_int_equal(polite_checkpoint(), 0);
  assert_int_equal(polite_interrupt_pending(), 1);
  assert_int_equal(polite_shield_leave(), 2);
  assert_int_equal(polite_checkpoint(), 0);
  assert_int_equal(polite_shield_leave(), 1);
  assert_int_equal(polite_checkpoint(), POLITE_INTERRUPTED);
  assert_int_equal(polite_shield_leave(), POLITE_UNBALANCED);
}

static void shields_are_restored(void **state) {
  (void)state;
  int depth = polite_shield_enter();
  for (int i = 0; i < 5; ++i) polite_shield_enter();
  assert_int_equal(polite_shield_restore(depth + 7), POLITE_UNBALANCED);
  assert_int_equal(polite_shield_restore(-1), POLITE_EINVAL);
  assert_int_equal(polite_shield_restore(2), 6);
  assert_int_equal(polite_interrupt(polite_self()), 0);
  assert_int_equal(polite_checkpoint(), 0);
  assert_int_equal(polite_shield_restore(depth), 2);
  assert_int_equal(polite_checkpoint(), POLITE_INTERRUPTED);
}

/* A thread in a shielded call is not woken; what it sees of the interrupt comes afterwards. */
static void read_shielded(actor_t *actor) {
  char byte;
  polite_shield_enter();
  actor->result = polite_read(*(polite_fd *)actor->with, &byte, 1);
  polite_shield_leave();
  actor->step = polite_checkpoint() == POLITE_INTERRUPTED;
}

static void a_shielded_blocked_call_is_not_woken(void **state) {
  (void)state;
  polite_fd ends[2];
  make_pipe(ends);
  actor_t actor;
  start_blocked(&actor, read_shielded, ends, "read");
  polite_thread_info_t before = inspect(actor.thread);
  assert_int_equal(before.shielded, 1);
  for (int i = 0; i < 1000; ++i) assert_int_equal(polite_interrupt(actor.thread), i > 0);
  assert_true(is_blocked_in(actor.thread, "read"));
  assert_int_equal(inspect(actor.thread).pending, 1);
  assert_int_equal(plain_write(ends[1], "x", 1), 1);
  assert_int_equal(finish(&actor), 1);
  assert_int_equal(actor.step, 1);
  close_both(ends);
}

/* Rule 2: a call that fails on its own account says so, and the interrupt stays. Rule 3 decides where it is pending before. */
static void fail_after_interrupt(actor_t *actor) {
  polite_fd *ends = actor->with;
  char byte;
  actor->result = polite_read(ends[0], &byte, 1);
  actor->step = polite_interrupt_pending() ? 1 : 2;
}

static void end_of_file_is_a_result(void **state) {
  (void)state;
  polite_fd ends[2];
  make_pipe(ends);
  actor_t actor;
  start_blocked(&actor, fail_after_interrupt, ends, "read");
  plain_close(ends[1]);
  assert_int_equal(finish(&actor), 0);
  assert_int_equal(actor.step, 2);
  plain_close(ends[0]);
}

static void closing_is_no_interruption_point(void **state) {
  (void)state;
  polite_fd ends[2];
  make_pipe(ends);
  polite_interrupt(polite_self());
  assert_int_equal(polite_close(ends[0]), 0);
  assert_false(is_open(ends[0]));
  assert_int_equal(polite_close(ends[0]), POLITE_EBADF);
  assert_int_equal(polite_checkpoint(), POLITE_INTERRUPTED);
  plain_close(ends[1]);
}

static void wait_latched(actor_t *actor) {
  while (polite_nanosleep(3600 * (int64_t)1000000000, NULL) != POLITE_INTERRUPTED) {
  }
  actor->result = polite_interrupt_reason();
}

static void all_but_oneself(void **state) {
  (void)state;
  enum { THREADS = 20 };
  actor_t actors[THREADS];
  for (int i = 0; i < THREADS; ++i) start_blocked(&actors[i], wait_latched, NULL, "nanosleep");
  assert_int_equal(polite_interrupt_all(4, 0), THREADS);
  for (int i = 0; i < THREADS; ++i) assert_int_equal(finish(&actors[i]), 4);
  assert_int_equal(polite_checkpoint(), 0);
  assert_int_equal(polite_interrupt_all(0, 0), 0);
  assert_int_equal(polite_interrupt_all(-1, 0), POLITE_EINVAL);
  assert_int_equal(polite_interrupt_all(0, 64), POLITE_EINVAL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(delivered_exactly_once),
      TEST(several_are_one_and_the_first_reason_is_kept),
      TEST(latched_is_delivered_until_cleared),
      TEST(a_latch_may_be_added),
      TEST(shields_nest_and_are_absolute),
      TEST(shields_are_restored),
      TEST(a_shielded_blocked_call_is_not_woken),
      TEST(end_of_file_is_a_result),
      TEST(closing_is_no_interruption_point),
      TEST(all_but_oneself),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

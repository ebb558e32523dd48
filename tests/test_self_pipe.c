/* The self-pipe: what a thread that chose it is spared, and what its calls keep of the plain ones. */
#include "hold.h"

#include <sys/ioctl.h>

static actor_t target, interrupter;
static shot_t shot;
static int ends[2];

static atomic_int signals;

static void count_signal(int signal) {
  (void)signal;
  ++signals;
}

static void read_byte(actor_t *actor) {
  char byte;
  CHECK(polite_use_backend(POLITE_BACKEND_SELF_PIPE) == 0);
  actor->result = polite_read(ends[0], &byte, 1);
}

/* The interrupter has seen the region, and the thread leaves it before the wake: no signal is for it. Where all threads
 * are on the self-pipe it might end the program. */
static void nobody_is_signalled_who_has_just_left(void **state) {
  (void)state;
  struct sigaction action = {.sa_handler = count_signal}, before;
  sigaction(polite_wake_signal(), polite_backend() == POLITE_BACKEND_WINDOW ? NULL : &action, &before);
  make_pipe(ends);
  start_blocked(&target, read_byte, NULL, "read");
  shot = (shot_t){target.thread, NULL, 0};
  start(&interrupter, shoot, &shot);
  hold_at(&first, HOOK_REGION_SEEN, interrupter.pthread);
  shot.go = 1;
  AWAIT(first.holding);
  assert_int_equal(write(ends[1], "x", 1), 1);
  AWAIT(inspect(target.thread).state == POLITE_THREAD_RUNNING && sleeps(target.thread));
  first.release = 1;
  assert_int_equal(finish(&interrupter), 0);
  assert_int_equal(finish(&target), 1);
  assert_int_equal(signals, 0);
  sigaction(polite_wake_signal(), &before, NULL);
  close_both(ends);
}

static atomic_int in_handler, handler_may_return;

static void wait_in_handler(int signal) {
  (void)signal;
  in_handler = 1;
  while (!handler_may_return) sched_yield();
}

/* The first read is the thread's call of the number that, for a descriptor, would be that of the pipe's end to write to, and 1. */
static void read_through_both(actor_t *actor) {
  char byte;
  const int *other = actor->with;
  for (int i = 0; i < other[1]; ++i) CHECK(polite_poll(NULL, 0, 0) == 0);
  CHECK(polite_read(ends[0], &byte, 1) == POLITE_INTERRUPTED);
  CHECK(polite_use_backend(POLITE_BACKEND_SELF_PIPE) == 0);
  actor->step = 1;
  actor->result = polite_read(ends[0], &byte, 1);
  actor->step = 2;
}

/* What the window remembers of a call with a handler on top is not taken for the descriptor. */
static void changing_over_begins_without_a_descriptor(void **state) {
  (void)state;
  SKIP_BUT_FOR_WINDOW();
  int other[2], bytes = -1;
  make_pipe(ends);
  make_pipe(other);
  in_handler = handler_may_return = 0;
  struct sigaction action = {.sa_handler = wait_in_handler, .sa_flags = SA_RESTART};
  sigaction(SIGUSR1, &action, NULL);
  start_blocked(&target, read_through_both, other, "read");
  pthread_kill(target.pthread, SIGUSR1);
  AWAIT(in_handler);
  assert_int_equal(polite_interrupt(target.thread), 0);
  handler_may_return = 1;
  AWAIT(target.step == 1 && is_blocked_in(target.thread, "read"));
  assert_int_equal(polite_interrupt(target.thread), 0);
  AWAIT(target.step == 2);
  assert_int_equal(finish(&target), POLITE_INTERRUPTED);
  assert_int_equal(ioctl(other[0], FIONREAD, &bytes), 0);
  assert_int_equal(bytes, 0);
  assert_int_equal(write(other[1], "x", 1), 1); /* nor is it closed */
  close_both(ends);
  close_both(other);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      HELD_TEST(nobody_is_signalled_who_has_just_left),
      HELD_TEST(changing_over_begins_without_a_descriptor),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* A loop of libuv as an interruption point.
 *
 * uv_async_send may be called from any thread and from signal handlers, and it is remembered: what is sent before the loop runs is handled when it
 * does. So it is all that it takes. The same on Unix and Windows. */
#include "../scene.h"

#include <uv.h>

typedef struct machine {
  uv_loop_t loop;
  uv_async_t stop; /* sent by whoever interrupts */
  uv_timer_t timer;
  int stopped, rung;
  int early; /* the test's: to be told before the loop runs */
  atomic_int called, told;
} machine_t;

static void on_stop(uv_async_t *handle) {
  machine_t *machine = handle->data;
  machine->stopped = 1;
  uv_stop(&machine->loop);
}

static void on_timer(uv_timer_t *handle) {
  machine_t *machine = handle->data;
  ++machine->rung;
  uv_stop(&machine->loop);
}

static void set_up(machine_t *machine) {
  memset(machine, 0, sizeof *machine);
  assert_int_equal(uv_loop_init(&machine->loop), 0);
  assert_int_equal(uv_async_init(&machine->loop, &machine->stop, on_stop), 0);
  assert_int_equal(uv_timer_init(&machine->loop, &machine->timer), 0);
  machine->stop.data = machine->timer.data = machine;
}

static void take_down(machine_t *machine) {
  uv_close((uv_handle_t *)&machine->stop, NULL);
  uv_close((uv_handle_t *)&machine->timer, NULL);
  assert_int_equal(uv_run(&machine->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(uv_loop_close(&machine->loop), 0);
}

/* --- Politely ------------------------------------------------------------------------------------------------------------- */

static polite_ssize_t run(void *arg) {
  machine_t *machine = arg;
  ++machine->called;
  while (machine->early && !machine->told) sched_yield();
  machine->stopped = 0;
  int rung = machine->rung;
  uv_run(&machine->loop, UV_RUN_DEFAULT);
  return machine->stopped && machine->rung == rung ? POLITE_INTERRUPTED : 0;
}

static void stop(void *arg) {
  machine_t *machine = arg;
  ++machine->told;
  CHECK(uv_async_send(&machine->stop) == 0);
}

/* An interruption point: 0 when a callback has stopped the loop. */
static polite_ssize_t run_politely(machine_t *machine) { return polite_blocking(run, machine, stop, machine); }

/* --- The tests ------------------------------------------------------------------------------------------------------------- */

static void run_once(actor_t *actor) { actor->result = run_politely(actor->with); }

static void a_waiting_loop_is_interrupted(void **state) {
  (void)state;
  machine_t machine;
  actor_t actor;
  set_up(&machine);
  for (int i = 1; i <= 100; ++i) {
    start_blocked(&actor, run_once, &machine, "blocking");
    assert_int_equal(polite_interrupt(actor.thread), 0);
    assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
    assert_int_equal(machine.told, i);
  }
  take_down(&machine);
}

static void told_before_the_loop_runs(void **state) {
  (void)state;
  machine_t machine;
  actor_t actor;
  set_up(&machine);
  machine.early = 1;
  start(&actor, run_once, &machine);
  AWAIT(machine.called == 1);
  assert_int_equal(polite_interrupt(actor.thread), 0);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  take_down(&machine);
}

/* A timer that was running goes on when the loop does. */
static void it_goes_on(void **state) {
  (void)state;
  machine_t machine;
  actor_t actor;
  set_up(&machine);
  assert_int_equal(uv_timer_start(&machine.timer, on_timer, 200, 0), 0);
  start_blocked(&actor, run_once, &machine, "blocking");
  assert_int_equal(polite_interrupt(actor.thread), 0);
  long first = finish(&actor);
  assert_true(first == POLITE_INTERRUPTED || machine.rung == 1);
  if (first != 0) assert_int_equal(run_politely(&machine), 0);
  assert_int_equal(machine.rung, 1);
  take_down(&machine);
}

/* Rule 2. It has rung when it is told to stop: that is the result, and the interrupt stays. What was sent is left over, and the next run,
 * for which nobody was interrupted, is made again. */
static void run_told_late(actor_t *actor) {
  machine_t *machine = actor->with;
  machine->early = 1;
  actor->result = run_politely(machine);
  machine->early = 0;
  CHECK(polite_checkpoint() == POLITE_INTERRUPTED);
  CHECK(uv_timer_start(&machine->timer, on_timer, 1, 0) == 0);
  CHECK(run_politely(machine) == 0);
}

static void a_result_is_not_masked(void **state) {
  (void)state;
  machine_t machine;
  actor_t actor;
  set_up(&machine);
  assert_int_equal(uv_timer_start(&machine.timer, on_timer, 0, 0), 0);
  start(&actor, run_told_late, &machine);
  AWAIT(machine.called == 1);
  assert_int_equal(polite_interrupt(actor.thread), 0);
  assert_int_equal(finish(&actor), 0);
  assert_int_equal(machine.rung, 2);
  take_down(&machine);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_waiting_loop_is_interrupted),
      TEST(told_before_the_loop_runs),
      TEST(it_goes_on),
      TEST(a_result_is_not_masked),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* XSH 2.9.5, 2.9.5.1, and pthread_cancel, pthread_setcancelstate, pthread_setcanceltype, pthread_testcancel. */
#include "pipe.h"

/* --- Cancelability ---------------------------------------------------------------------------------------------------------- */

static void note_own_cancelability(actor_t *actor) {
  CHECK(state_of_caller() == PTHREAD_CANCEL_ENABLE);
  CHECK(type_of_caller() == PTHREAD_CANCEL_DEFERRED);
  actor->result = 1;
}

/* "The cancelability state and type of any newly created threads, including the thread in which main() was first invoked, shall
 * be PTHREAD_CANCEL_ENABLE and PTHREAD_CANCEL_DEFERRED" */
static void threads_begin_enabled_and_deferred(void **state) {
  (void)state;
  assert_int_equal(state_of_caller(), PTHREAD_CANCEL_ENABLE);
  assert_int_equal(type_of_caller(), PTHREAD_CANCEL_DEFERRED);
  int old;
  assert_int_equal(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old), 0);
  actor_t actor;
  start(&actor, note_own_cancelability, NULL); /* not inherited */
  assert_null(joined(&actor));
  assert_int_equal(actor.result, 1);
  assert_int_equal(pthread_setcancelstate(old, NULL), 0);
}

/* "shall atomically both set the calling thread's cancelability state to the indicated state and return the previous
 * cancelability state" */
static void setting_a_state_returns_the_one_before(void **state) {
  (void)state;
  int old = -1;
  assert_int_equal(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old), 0);
  assert_int_equal(old, PTHREAD_CANCEL_ENABLE);
  assert_int_equal(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old), 0);
  assert_int_equal(old, PTHREAD_CANCEL_DISABLE);
  assert_int_equal(pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &old), 0); /* states do not nest */
  assert_int_equal(old, PTHREAD_CANCEL_DISABLE);
  assert_int_equal(pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &old), 0);
  assert_int_equal(old, PTHREAD_CANCEL_ENABLE);
  assert_int_equal(pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL), 0); /* POSIX does not say so; programs do it */
}

/* "may fail if: [EINVAL] The specified state is not …" */
static void other_states_are_refused(void **state) {
  (void)state;
  int old = 77;
  assert_int_equal(pthread_setcancelstate(PTHREAD_CANCEL_ENABLE + PTHREAD_CANCEL_DISABLE + 5, &old), EINVAL);
  assert_int_equal(pthread_setcancelstate(-1, &old), EINVAL);
  assert_int_equal(state_of_caller(), PTHREAD_CANCEL_ENABLE);
}

/* "set the calling thread's cancelability type to the indicated type and return the previous cancelability type". Decided
 * otherwise: there is no asynchronous type. */
static void the_type_is_deferred_and_stays_so(void **state) {
  (void)state;
  int old = -1;
  assert_int_equal(pthread_setcanceltype(PTHREAD_CANCEL_DEFERRED, &old), 0);
  assert_int_equal(old, PTHREAD_CANCEL_DEFERRED);
  assert_int_equal(pthread_setcanceltype(PTHREAD_CANCEL_DEFERRED, NULL), 0);
  assert_int_equal(pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &old), ENOTSUP);
  assert_int_equal(pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS + PTHREAD_CANCEL_DEFERRED + 5, &old), EINVAL);
  assert_int_equal(pthread_setcanceltype(-1, &old), EINVAL);
  assert_int_equal(type_of_caller(), PTHREAD_CANCEL_DEFERRED);
}

/* --- Disabled --------------------------------------------------------------------------------------------------------------- */

static void disabled_then_enabled(actor_t *actor) {
  int old;
  CHECK(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL) == 0);
  CHECK(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL) == 0); /* enabled once, it is enabled again */
  arrive(actor, 1);
  await_step(actor, 2); /* cancelled now */
  pthread_testcancel();
  char byte;
  CHECK(read(ends[0], &byte, 1) == 1);
  CHECK(pthread_setcanceltype(PTHREAD_CANCEL_DEFERRED, &old) == 0 && old == PTHREAD_CANCEL_DEFERRED);
  actor->result = 1;
  CHECK(pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &old) == 0 && old == PTHREAD_CANCEL_DISABLE);
  actor->result = 2; /* enabling is no cancellation point */
  pthread_testcancel();
  actor->result = 3;
}

/* "When cancelability is PTHREAD_CANCEL_DISABLE, cancellation requests against the target thread are held pending";
 * "pthread_testcancel() shall have no effect if cancelability is disabled" */
static void requests_are_held_pending_while_disabled(void **state) {
  (void)state;
  assert_int_equal(write(ends[1], "x", 1), 1);
  actor_t actor;
  start(&actor, disabled_then_enabled, NULL);
  AWAIT(actor.step == 1);
  assert_int_equal(pthread_cancel(actor.pthread), 0);
  actor.step = 2;
  assert_canceled(&actor);
  assert_int_equal(actor.result, 2);
}

static void disabled_read(actor_t *actor) {
  CHECK(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL) == 0);
  arrive(actor, 1);
  read_byte(actor);
}

/* "Each thread maintains its own cancelability state" */
static void each_thread_has_its_own_state(void **state) {
  (void)state;
  actor_t disabled, enabled;
  start(&disabled, disabled_read, NULL);
  AWAIT(disabled.step == 1);
  start_blocked(&enabled, read_byte, NULL, "read");
  assert_int_equal(pthread_cancel(disabled.pthread), 0);
  cancel_and_join(&enabled);
  assert_int_equal(write(ends[1], "x", 1), 1);
  assert_null(joined(&disabled));
  assert_int_equal(disabled.result, 1);
}

/* --- Deferred --------------------------------------------------------------------------------------------------------------- */

static void pending_until_testcancel(actor_t *actor) {
  CHECK(pthread_cancel(pthread_self()) == 0);
  arrive(actor, 1);
  await_step(actor, 2);
  actor->result = 2;
  pthread_testcancel();
  actor->result = 3;
}

/* "cancellation requests are held pending until a cancellation point is reached"; "pthread_testcancel() shall create a
 * cancellation point in the calling thread" */
static void requests_are_held_pending_until_a_point(void **state) {
  (void)state;
  actor_t actor;
  start(&actor, pending_until_testcancel, NULL);
  AWAIT(actor.step == 1);
  assert_int_equal(pthread_cancel(actor.pthread), 0); /* a second request is the same request */
  actor.step = 2;
  assert_canceled(&actor);
  assert_int_equal(actor.result, 2);
}

static void testcancel_alone(actor_t *actor) {
  pthread_testcancel();
  actor->result = 1;
}

static void testcancel_without_a_request_returns(void **state) {
  (void)state;
  actor_t actor;
  start(&actor, testcancel_alone, NULL);
  assert_null(joined(&actor));
  assert_int_equal(actor.result, 1);
}

/* "the thread shall be awakened and the cancellation request shall be acted upon"; a request to a thread that is already awake,
 * or not yet in the call, is the same request */
static void a_request_at_any_moment_is_acted_on(void **state) {
  (void)state;
  for (int i = 0; i < 300; ++i) {
    actor_t actor;
    start(&actor, read_byte, NULL);
    for (int pause = 0; pause < i % 50; ++pause) sched_yield();
    cancel_and_join(&actor);
  }
}

static void *read_at_once(void *result) {
  char byte;
  *(long *)result = read(ends[0], &byte, 1);
  return NULL;
}

/* The same before the thread's first instruction. */
static void a_request_to_a_thread_that_has_not_begun_is_acted_on(void **state) {
  (void)state;
  for (int i = 0; i < 300; ++i) {
    pthread_t thread;
    long result = 77;
    void *value;
    assert_int_equal(pthread_create(&thread, NULL, read_at_once, &result), 0);
    assert_int_equal(pthread_cancel(thread), 0);
    assert_int_equal(pthread_join(thread, &value), 0);
    assert_ptr_equal(value, PTHREAD_CANCELED);
    assert_int_equal(result, 77);
  }
}

/* --- pthread_cancel --------------------------------------------------------------------------------------------------------- */

static void hold_up(void *argument) {
  actor_t *actor = argument;
  arrive(actor, 1);
  await_step(actor, 2);
}

static void held_up_in_its_handler(actor_t *actor) {
  pthread_cleanup_push(hold_up, actor);
  read_byte(actor);
  pthread_cleanup_pop(0);
}

/* "The cancellation processing in the target thread shall run asynchronously with respect to the calling thread returning from
 * pthread_cancel()" */
static void cancelling_does_not_wait_for_the_target(void **state) {
  (void)state;
  actor_t actor;
  start_blocked(&actor, held_up_in_its_handler, NULL, "read");
  assert_int_equal(pthread_cancel(actor.pthread), 0); /* returns, though the handler has to be let go by us */
  AWAIT(actor.step == 1);
  assert_int_equal(pthread_cancel(actor.pthread), 0); /* it is being cancelled, and lives */
  actor.step = 2;
  assert_canceled(&actor);
}

static void end_at_once(actor_t *actor) { (void)actor; }

/* POSIX.1-2024: "It shall not be an error to request cancellation of a zombie thread." Decided otherwise: a thread that has
 * ended is ESRCH, joined or not. */
static void a_thread_that_has_ended_is_no_such_thread(void **state) {
  (void)state;
  actor_t actor;
  start(&actor, end_at_once, NULL);
  AWAIT(has_ended(actor.thread));
  assert_int_equal(pthread_cancel(actor.pthread), ESRCH);
  assert_null(joined(&actor)); /* it could not be cancelled any more */
}

static void set_state_in_handler(int signal) {
  (void)signal;
  int saved = errno, old, ignored;
  CHECK(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old) == 0 && old == PTHREAD_CANCEL_ENABLE);
  char byte;
  CHECK(read(-1, &byte, 1) == -1 && errno == EBADF);
  CHECK(pthread_setcancelstate(old, &ignored) == 0 && ignored == PTHREAD_CANCEL_DISABLE);
  errno = saved;
}

/* POSIX.1-2024: "pthread_setcancelstate() shall be async-signal-safe" */
static void a_signal_handler_may_disable_and_enable(void **state) {
  (void)state;
  struct sigaction action = {.sa_handler = set_state_in_handler, .sa_flags = SA_RESTART}, before;
  sigemptyset(&action.sa_mask);
  sigaction(SIGUSR1, &action, &before);
  actor_t actor;
  start_blocked(&actor, read_byte, NULL, "read");
  for (int i = 0; i < 20; ++i) {
    assert_int_equal(pthread_kill(actor.pthread, SIGUSR1), 0);
    AWAIT(is_blocked_in(actor.thread, "read"));
  }
  cancel_and_join(&actor);
  sigaction(SIGUSR1, &before, NULL);
}

int run_states(void) {
  const struct CMUnitTest tests[] = {
      TEST(threads_begin_enabled_and_deferred),
      TEST(setting_a_state_returns_the_one_before),
      TEST(other_states_are_refused),
      TEST(the_type_is_deferred_and_stays_so),
      PIPE_TEST(requests_are_held_pending_while_disabled),
      PIPE_TEST(each_thread_has_its_own_state),
      TEST(requests_are_held_pending_until_a_point),
      TEST(testcancel_without_a_request_returns),
      PIPE_TEST(a_request_at_any_moment_is_acted_on),
      PIPE_TEST(a_request_to_a_thread_that_has_not_begun_is_acted_on),
      PIPE_TEST(cancelling_does_not_wait_for_the_target),
      TEST(a_thread_that_has_ended_is_no_such_thread),
      PIPE_TEST(a_signal_handler_may_disable_and_enable),
  };
  return cmocka_run_group_tests_name("cancelability", tests, NULL, NULL);
}

/* polite_blocking: interrupts that come before the foreign call has begun, while it blocks, and as it returns. */
#include "foreign_library.h"

#include "hooks_in_c.h"

static pipes_t pipes;

/* The place where a thread waits until it is let on, once; and places that were reached. */
static atomic_int held_at = -1, holding, let_on, regions_left;
static _Atomic pthread_t held;

static void reached(int hook) {
  if (hook == HOOK_REGION_LEFT) ++regions_left;
  if (hook != held_at || !pthread_equal(pthread_self(), held)) return;
  held_at = -1;
  holding = 1;
  while (!let_on) sched_yield();
  holding = 0;
}

static void hold(pthread_t thread, int hook) {
  let_on = 0;
  held = thread;
  held_at = hook;
}

static int open_all(void **state) {
  open_pipes(&pipes);
  return clean_thread(state);
}

static int close_all(void **state) {
  (void)state;
  close_pipes(&pipes);
  return 0;
}

static void take(actor_t *actor) {
  actor->result = take_politely(&pipes);
  actor->step = 1;
}

/* The second call shows what is still pending. */
static void take_twice(actor_t *actor) {
  take(actor);
  CHECK(take_politely(&pipes) == POLITE_INTERRUPTED);
}

static void send_interrupt(actor_t *actor) {
  polite_thread_t *thread = actor->with;
  while (!actor->step) sched_yield();
  actor->result = polite_interrupt(*thread);
}

static void stays_in_its_call(actor_t *actor) {
  for (int i = 0; i < 1000; ++i) {
    assert_int_equal(actor->step, 0);
    sched_yield();
  }
}

static void a_result_is_returned(void **state) {
  (void)state;
  actor_t actor;
  start_blocked(&actor, take, NULL, "blocking");
  add_item(&pipes, 7);
  assert_int_equal(finish(&actor), 7);
  assert_int_equal(pipes.told, 0);
}

static void interrupted_while_it_blocks(void **state) {
  (void)state;
  actor_t actor;
  start_blocked(&actor, take, NULL, "blocking");
  assert_int_equal(polite_interrupt(actor.thread), 0);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  assert_int_equal(pipes.told, 1);
  assert_int_equal(pipes.calls, 1);
}

/* Rule 3: also where there is an item. */
static void pending_at_entry(void **state) {
  (void)state;
  add_item(&pipes, 7);
  polite_interrupt(polite_self());
  assert_int_equal(take_politely(&pipes), POLITE_INTERRUPTED);
  assert_int_equal(pipes.calls, 0);
  assert_int_equal(pipes.told, 0);
  assert_int_equal(polite_interrupt_pending(), 0);
  assert_int_equal(take_politely(&pipes), 7);
}

static void a_latched_one_is_delivered_each_time(void **state) {
  (void)state;
  polite_interrupt_with(polite_self(), 5, POLITE_LATCHED);
  for (int i = 0; i < 3; ++i) assert_int_equal(take_politely(&pipes), POLITE_INTERRUPTED);
  assert_int_equal(polite_interrupt_reason(), 5);
  assert_int_equal(pipes.calls, 0);
}

/* Rule 2. The item and the interrupt come at once: the item is returned, and the interrupt stays. */
static void a_result_and_an_interrupt(void **state) {
  (void)state;
  actor_t actor;
  pipes.hold_fn = 1;
  start(&actor, take_twice, NULL);
  AWAIT(pipes.calls == 1);
  assert_int_equal(polite_interrupt(actor.thread), 0);
  assert_int_equal(pipes.told, 1);
  add_item(&pipes, 7);
  pipes.hold_fn = 0;
  assert_int_equal(finish(&actor), 7);
  assert_int_equal(pipes.calls, 1);
}

/* Whatever else the function returns is its own, an error too, and EINTR. */
static polite_ssize_t return_error(void *error) {
  polite_interrupt(polite_self());
  return *(int *)error;
}

static void do_nothing(void *arg) { (void)arg; }

static void errors_are_results(void **state) {
  (void)state;
  int errors[] = {POLITE_EINTR, POLITE_EAGAIN, POLITE_ECANCELED, POLITE_EIO, -1, 0};
  for (int i = 0; i < 6; ++i) {
    assert_int_equal(polite_blocking(return_error, &errors[i], do_nothing, NULL), errors[i]);
    assert_int_equal(polite_checkpoint(), POLITE_INTERRUPTED);
  }
}

static void without_a_function(void **state) {
  (void)state;
  assert_int_equal(polite_blocking(NULL, NULL, do_nothing, NULL), POLITE_EINVAL);
  assert_int_equal(polite_blocking(take_item, &pipes, NULL, NULL), POLITE_EINVAL);
  assert_int_equal(pipes.calls, 0);
}

/* --- Too early, and too late ---------------------------------------------------------------------------------------------- */

static void told_before_the_call_has_begun(void **state) {
  (void)state;
  actor_t actor;
  pipes.hold_fn = 1;
  start(&actor, take, NULL);
  AWAIT(pipes.calls == 1);
  assert_int_equal(polite_interrupt(actor.thread), 0);
  assert_int_equal(pipes.told, 1);
  pipes.hold_fn = 0;
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
}

/* A library that forgets: it calls back when it has begun, and there the function looks. */
static atomic_int looked;

static void begin_late(forgetful_t *library) {
  (void)library;
  looked = polite_blocking_requested() ? 1 : 2;
}

static polite_ssize_t begin_when_told(void *arg) {
  forgetful_t *library = arg;
  ++library->calls;
  while (!library->forgotten) sched_yield();
  return take_from_forgetful(library);
}

static void take_late(actor_t *actor) {
  forgetful_t *library = actor->with;
  library->in_call = 1;
  actor->result = polite_blocking(begin_when_told, library, stop_forgetful, library);
  library->in_call = 0;
}

static void a_library_that_forgets(void **state) {
  (void)state;
  actor_t actor;
  forgetful_t library = FORGETFUL(look_whether_to_stop);
  start(&actor, take_late, &library);
  AWAIT(library.calls == 1);
  assert_int_equal(polite_interrupt(actor.thread), 0);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  assert_int_equal(library.forgotten, 1);
}

/* If it does not look it stays there, but the next interrupt gets it out. */
static void a_further_interrupt_tells_again(void **state) {
  (void)state;
  actor_t actor;
  forgetful_t library = FORGETFUL(begin_late);
  looked = 0;
  start(&actor, take_late, &library);
  AWAIT(library.calls == 1);
  assert_int_equal(polite_interrupt(actor.thread), 0);
  AWAIT(looked && is_blocked_in(actor.thread, "blocking"));
  assert_int_equal(looked, 1);
  assert_int_equal(polite_interrupt(actor.thread), 1);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
}

/* … but not while one is telling: a function that is not made for it is not called by two threads at once. */
static void never_told_twice_at_a_time(void **state) {
  (void)state;
  actor_t actor, sender;
  start_blocked(&actor, take, NULL, "blocking");
  pipes.hold_stop = 1;
  start(&sender, send_interrupt, &actor.thread);
  sender.step = 1;
  AWAIT(pipes.telling == 1);
  for (int i = 0; i < 1000; ++i) assert_int_equal(polite_interrupt(actor.thread), 1);
  pipes.hold_stop = 0;
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  assert_int_equal(finish(&sender), 0);
  assert_int_equal(pipes.told, 1);
}

/* Rule 7. It is telling when the call returns by itself: the call waits until it has told. */
static void still_telling_when_the_call_returns(void **state) {
  (void)state;
  actor_t actor, sender;
  start_blocked(&actor, take_twice, NULL, "blocking");
  pipes.hold_stop = 1;
  start(&sender, send_interrupt, &actor.thread);
  sender.step = 1;
  AWAIT(pipes.telling == 1);
  regions_left = 0;
  add_item(&pipes, 7);
  AWAIT(regions_left == 1);
  stays_in_its_call(&actor);
  pipes.hold_stop = 0;
  assert_int_equal(finish(&actor), 7);
  assert_int_equal(finish(&sender), 0);
}

/* The same, but it has not begun to tell, or has only just seen that the thread is there. */
static void about_to_tell_when_the_call_returns(void **state) {
  (void)state;
  int places[] = {HOOK_REQUEST_SET, HOOK_REGION_SEEN, HOOK_BEFORE_KICK};
  for (int i = 0; i < 3; ++i) {
    actor_t actor, sender;
    start_blocked(&actor, take_twice, NULL, "blocking");
    start(&sender, send_interrupt, &actor.thread);
    hold(sender.pthread, places[i]);
    sender.step = 1;
    AWAIT(holding);
    regions_left = 0;
    add_item(&pipes, 7);
    AWAIT(regions_left == 1);
    stays_in_its_call(&actor);
    let_on = 1;
    assert_int_equal(finish(&actor), 7);
    assert_int_equal(finish(&sender), 0);
    assert_int_equal(pipes.told, places[i] == HOOK_BEFORE_KICK);
  }
}

/* Told to stop for a request that is gone when it has: the function is called again. */
static void withdrawn_while_it_returns(void **state) {
  (void)state;
  actor_t actor;
  polite_request_t request = {0};
  start_blocked(&actor, take, NULL, "blocking");
  hold(actor.pthread, HOOK_BEFORE_TAKING);
  assert_int_equal(polite_request_post(&request, actor.thread, 0, 0), 0);
  AWAIT(holding);
  assert_int_equal(polite_request_withdraw(&request), 0);
  let_on = 1;
  AWAIT(pipes.calls == 2 && is_blocked_in(actor.thread, "blocking"));
  assert_int_equal(actor.step, 0);
  assert_int_equal(polite_interrupt(actor.thread), 0);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
}

/* --- Where nothing can be delivered --------------------------------------------------------------------------------------- */

static void take_shielded(actor_t *actor) {
  CHECK(polite_shield_enter() == 0);
  take(actor);
  CHECK(polite_shield_leave() == 1);
  CHECK(polite_checkpoint() == POLITE_INTERRUPTED);
}

static void shielded(void **state) {
  (void)state;
  actor_t actor;
  start_blocked(&actor, take_shielded, NULL, "blocking");
  assert_int_equal(polite_interrupt(actor.thread), 0);
  assert_int_equal(pipes.told, 0);
  assert_true(is_blocked_in(actor.thread, "blocking"));
  add_item(&pipes, 7);
  assert_int_equal(finish(&actor), 7);
}

/* What it returns is returned, although it is wrong. */
static polite_ssize_t claim(void *times) {
  CHECK(polite_blocking_requested() == 0);
  ++*(int *)times;
  return POLITE_INTERRUPTED;
}

static void *claim_unattached(void *times) { return (void *)polite_blocking(claim, times, do_nothing, NULL); }

static void a_plain_call(void **state) {
  (void)state;
  int times = 0;
  polite_shield_enter();
  polite_interrupt(polite_self());
  assert_int_equal(polite_blocking(claim, &times, do_nothing, NULL), POLITE_INTERRUPTED);
  assert_int_equal(polite_interrupt_pending(), 1);
  pthread_t thread;
  void *result;
  assert_int_equal(pthread_create(&thread, NULL, claim_unattached, &times), 0);
  assert_int_equal(pthread_join(thread, &result), 0);
  assert_int_equal((intptr_t)result, POLITE_INTERRUPTED);
  assert_int_equal(times, 2);
  polite_shield_leave();
  assert_int_equal(polite_blocking_requested(), 0);
}

/* Rule 5. The function shields itself when it has been told: nothing is delivered, and it is called again, not to be told any more. */
static polite_ssize_t shield_then_take(void *arg) {
  if (pipes.calls == 1) polite_shield_enter();
  return take_item(arg);
}

static void take_within_shield(actor_t *actor) {
  pipes.in_call = 1;
  pipes.calls = 1;
  actor->result = polite_blocking(shield_then_take, &pipes, stop_taking, &pipes);
  pipes.in_call = 0;
  CHECK(polite_shield_leave() == 1);
  CHECK(polite_checkpoint() == POLITE_INTERRUPTED);
}

static void shielded_by_the_function(void **state) {
  (void)state;
  actor_t actor;
  start_blocked(&actor, take_within_shield, NULL, "blocking");
  assert_int_equal(polite_interrupt(actor.thread), 0);
  AWAIT(pipes.calls == 3 && is_blocked_in(actor.thread, "blocking"));
  assert_int_equal(polite_interrupt(actor.thread), 1);
  add_item(&pipes, 7);
  assert_int_equal(finish(&actor), 7);
  assert_int_equal(pipes.told, 1);
}

#define PIPES_TEST(function) cmocka_unit_test_setup_teardown(function, open_all, close_all)

int main(void) {
  const struct CMUnitTest tests[] = {
      PIPES_TEST(a_result_is_returned),
      PIPES_TEST(interrupted_while_it_blocks),
      PIPES_TEST(pending_at_entry),
      PIPES_TEST(a_latched_one_is_delivered_each_time),
      PIPES_TEST(a_result_and_an_interrupt),
      PIPES_TEST(errors_are_results),
      PIPES_TEST(without_a_function),
      PIPES_TEST(told_before_the_call_has_begun),
      PIPES_TEST(a_library_that_forgets),
      PIPES_TEST(a_further_interrupt_tells_again),
      PIPES_TEST(never_told_twice_at_a_time),
      PIPES_TEST(still_telling_when_the_call_returns),
      PIPES_TEST(about_to_tell_when_the_call_returns),
      PIPES_TEST(withdrawn_while_it_returns),
      PIPES_TEST(shielded),
      PIPES_TEST(a_plain_call),
      PIPES_TEST(shielded_by_the_function),
  };
  polite_hook = reached;
  return cmocka_run_group_tests(tests, NULL, NULL);
}

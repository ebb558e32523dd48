/* The program's own APCs: they run while a thread waits in polite, and do not end the wait (rule 7). What they call of polite is the plain
 * call, and unwinding from one across the blocked call is refused. */
#include "../scene.h"
#include "../waits.h"

static atomic_int ran;

static void CALLBACK count(ULONG_PTR argument) {
  (void)argument;
  ++ran;
}

static HANDLE thread_of(const actor_t *actor) {
  HANDLE thread = OpenThread(THREAD_SET_CONTEXT, FALSE, (DWORD)inspect(actor->thread).system_id);
  assert_non_null(thread);
  return thread;
}

/* Ten, one after the other: each ends the system's own wait once. */
static void queue_to(const actor_t *actor, PAPCFUNC function) {
  HANDLE thread = thread_of(actor);
  for (int i = 1; i <= 10; ++i) {
    int before = ran;
    assert_true(QueueUserAPC(function, thread, 0));
    AWAIT(ran > before);
  }
  CloseHandle(thread);
}

/* --- Each wait ----------------------------------------------------------------------------------------------------------------- */

static void wait_once(actor_t *actor) {
  const wait_t *wait = actor->with;
  actor->result = wait->wait(ORDINARY, 0);
  CHECK(wait->done((int)actor->result) == 0);
}

static void they_run_in_waits_and_end_none(void **state) {
  (void)state;
  for (size_t i = 0; i < WAITS; ++i) {
    const wait_t *wait = &waits[i];
    actor_t actor;
    wait->close();
    start_blocked(&actor, wait_once, (void *)wait, wait->call);
    queue_to(&actor, count);
    assert_true(is_blocked_in(actor.thread, wait->call));
    wait->let_go(actor.thread);
    assert_int_equal(finish(&actor), 0);
    assert_int_equal(wait->destroy(), 0);
  }
}

static void sleep_long(actor_t *actor) {
  int64_t left;
  actor->result = polite_nanosleep((int64_t)3600 * 1000000000, &left);
}

static void they_run_in_sleeps(void **state) {
  (void)state;
  actor_t actor;
  start_blocked(&actor, sleep_long, NULL, "nanosleep");
  queue_to(&actor, count);
  assert_true(is_blocked_in(actor.thread, "nanosleep"));
  assert_int_equal(polite_interrupt(actor.thread), 0);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
}

static void *until_set(void *event) {
  WaitForSingleObject(event, INFINITE);
  return NULL;
}

static void join(actor_t *actor) {
  polite_thread_t *joined = actor->with;
  actor->result = polite_thread_join(*joined, NULL);
}

static void they_run_in_joins(void **state) {
  (void)state;
  actor_t actor;
  polite_thread_t joined;
  HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);
  assert_int_equal(polite_thread_create(&joined, NULL, until_set, event), 0);
  start_blocked(&actor, join, &joined, "join");
  queue_to(&actor, count);
  assert_true(is_blocked_in(actor.thread, "join"));
  SetEvent(event);
  assert_int_equal(finish(&actor), POLITE_RETURNED);
  CloseHandle(event);
}

/* --- Calls in an APC ----------------------------------------------------------------------------------------------------------- */

static atomic_int unwound, checked, slept;

/* An interrupt that came meanwhile is the blocked call's. */
static void CALLBACK call_polite(ULONG_PTR argument) {
  (void)argument;
  int64_t left = -1;
  slept = polite_nanosleep(1000000, &left);
  checked = polite_checkpoint();
  unwound = polite_unwind();
  ++ran;
}

static void *sleep_within_boundary(void *actor_) {
  sleep_long(actor_);
  return NULL;
}

static void sleep_in_call(actor_t *actor) { CHECK(polite_call(sleep_within_boundary, actor, NULL) == POLITE_RETURNED); }

static void calls_in_one_are_plain(void **state) {
  (void)state;
  actor_t actor;
  start_blocked(&actor, sleep_in_call, NULL, "nanosleep");
  slept = checked = unwound = 1;
  queue_to(&actor, call_polite);
  assert_int_equal(slept, 0);
  assert_int_equal(checked, 0);
  assert_int_equal(unwound, POLITE_INSIDE);
  assert_true(is_blocked_in(actor.thread, "nanosleep"));
  assert_int_equal(polite_interrupt(actor.thread), 0);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
}

static void CALLBACK interrupt_oneself(ULONG_PTR argument) {
  (void)argument;
  slept = polite_interrupt(polite_self());
  checked = polite_nanosleep(1000000, NULL); /* pending by now, and not delivered here */
  ++ran;
}

static void an_interrupt_in_one_is_for_what_is_beneath(void **state) {
  (void)state;
  actor_t actor;
  start_blocked(&actor, sleep_long, NULL, "nanosleep");
  HANDLE thread = thread_of(&actor);
  assert_true(QueueUserAPC(interrupt_oneself, thread, 0));
  CloseHandle(thread);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  assert_int_equal(slept, 0);
  assert_int_equal(checked, 0);
}

int main(void) {
  polite_self();
  const struct CMUnitTest tests[] = {
      TEST(they_run_in_waits_and_end_none), TEST(they_run_in_sleeps),     TEST(they_run_in_joins),
      TEST(calls_in_one_are_plain),         TEST(an_interrupt_in_one_is_for_what_is_beneath),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

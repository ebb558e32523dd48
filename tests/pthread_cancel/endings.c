/* XSH 2.9.5.3, and pthread_cleanup_push, pthread_cleanup_pop, pthread_exit: in which order a thread ends, and what it leaves. */
#include "pipe.h"

static char log_text[100]; /* what has happened, a letter for each; written by one thread at a time */

static void append(char letter) {
  size_t length = strlen(log_text);
  CHECK(length + 1 < sizeof log_text);
  log_text[length] = letter;
}

static void log_letter(void *letter) { append(*(const char *)letter); }

static int clean(void **state) {
  memset(log_text, 0, sizeof log_text);
  return open_pipe(state);
}

#define ENDING_TEST(function) cmocka_unit_test_setup_teardown(function, clean, close_pipe)

/* --- Cleanup handlers ------------------------------------------------------------------------------------------------------- */

static void three_scopes(actor_t *actor) {
  pthread_cleanup_push(log_letter, (void *)"a");
  pthread_cleanup_push(log_letter, (void *)"b");
  pthread_cleanup_push(log_letter, (void *)"c");
  pthread_cleanup_pop(1);
  pthread_cleanup_push(log_letter, (void *)"d");
  pthread_cleanup_pop(0);
  pthread_cleanup_push(log_letter, (void *)"e");
  read_byte(actor);
  append('!');
  pthread_cleanup_pop(0);
  pthread_cleanup_pop(0);
  pthread_cleanup_pop(0);
}

/* "invoked one by one in LIFO sequence"; "pthread_cleanup_pop() shall remove the routine at the top of the calling thread's
 * cancellation cleanup stack and optionally invoke it (if execute is non-zero)" */
static void handlers_run_latest_first(void **state) {
  (void)state;
  actor_t actor;
  start_blocked(&actor, three_scopes, NULL, "read");
  assert_string_equal(log_text, "c");
  cancel_and_join(&actor);
  assert_string_equal(log_text, "ceba");
}

static void handlers_run_only_if_something_ends(void **state) {
  (void)state;
  assert_int_equal(write(ends[1], "x", 1), 1);
  actor_t actor;
  start(&actor, three_scopes, NULL);
  assert_null(joined(&actor));
  assert_string_equal(log_text, "c!");
}

typedef struct scope {
  actor_t *actor;
  int local;
} scope_t;

static void look_at_scope(void *argument) {
  scope_t *scope = argument;
  scope->actor->result = scope->local;
}

static void scope_with_a_local(actor_t *actor) {
  volatile int guard = 4711;
  scope_t scope = {actor, 0};
  pthread_cleanup_push(look_at_scope, &scope);
  scope.local = 42;
  char byte;
  read(ends[0], &byte, 1) == 1 ? append('!') : append('?');
  CHECK(guard == 4711);
  pthread_cleanup_pop(0);
}

/* "When the cancellation cleanup handler for a scope is invoked, the storage for that scope remains valid." */
static void a_handler_finds_its_scope_valid(void **state) {
  (void)state;
  actor_t actor;
  start_blocked(&actor, scope_with_a_local, NULL, "read");
  cancel_and_join(&actor);
  assert_int_equal(actor.result, 42);
  assert_string_equal(log_text, "");
}

static int state_in_handler, type_in_handler, state_in_destructor, type_in_destructor;

static void meet_points(void *argument) {
  actor_t *actor = argument;
  char byte;
  pthread_cancel(pthread_self());
  pthread_testcancel();
  CHECK(write(ends[1], "x", 1) == 1 && read(ends[0], &byte, 1) == 1);
  actor->result++;
}

static void handler_that_meets_points(void *argument) {
  state_in_handler = state_of_caller();
  type_in_handler = type_of_caller();
  meet_points(argument);
}

static pthread_key_t key;
static void destructor_that_meets_points(void *argument) {
  state_in_destructor = state_of_caller();
  type_in_destructor = type_of_caller();
  meet_points(argument);
}

static void ends_by_request(actor_t *actor) {
  pthread_setspecific(key, actor);
  pthread_cleanup_push(handler_that_meets_points, actor);
  read_byte(actor);
  pthread_cleanup_pop(0);
}

static void ends_by_exit(actor_t *actor) {
  pthread_setspecific(key, actor);
  pthread_cleanup_push(handler_that_meets_points, actor);
  pthread_exit(actor);
  pthread_cleanup_pop(0);
}

static void ends_by_returning(actor_t *actor) { pthread_setspecific(key, actor); }

/* "When a cancellation request is acted upon, or when a thread calls pthread_exit(), the thread first disables cancellation …";
 * it "shall remain set to PTHREAD_CANCEL_DISABLE until the thread has terminated" */
static void an_ending_thread_is_not_cancelled_again(void **state) {
  (void)state;
  assert_int_equal(pthread_key_create(&key, destructor_that_meets_points), 0);
  actor_t actor;
  start_blocked(&actor, ends_by_request, NULL, "read");
  cancel_and_join(&actor);
  assert_int_equal(actor.result, 2);
  start(&actor, ends_by_exit, NULL);
  assert_ptr_equal(joined(&actor), &actor);
  assert_int_equal(actor.result, 2);
  start(&actor, ends_by_returning, NULL);
  assert_null(joined(&actor));
  assert_int_equal(actor.result, 1);
  pthread_key_delete(key);
}

static void assert_disabled_at_the_end(void) {
  assert_int_equal(state_in_handler, PTHREAD_CANCEL_DISABLE);
  assert_int_equal(type_in_handler, PTHREAD_CANCEL_DEFERRED);
  assert_int_equal(state_in_destructor, PTHREAD_CANCEL_DISABLE);
  assert_int_equal(type_in_destructor, PTHREAD_CANCEL_DEFERRED);
  state_in_handler = type_in_handler = state_in_destructor = type_in_destructor = -1;
}

/* "… by setting its cancelability state to PTHREAD_CANCEL_DISABLE and its cancelability type to PTHREAD_CANCEL_DEFERRED" */
static void an_ending_thread_says_that_it_is_disabled(void **state) {
  (void)state;
  assert_int_equal(pthread_key_create(&key, destructor_that_meets_points), 0);
  actor_t actor;
  start_blocked(&actor, ends_by_request, NULL, "read");
  cancel_and_join(&actor);
  assert_disabled_at_the_end();
  start(&actor, ends_by_exit, NULL);
  assert_ptr_equal(joined(&actor), &actor);
  assert_disabled_at_the_end();
  pthread_key_delete(key);
}

static void point_in_handler(void *argument) {
  actor_t *actor = argument;
  actor->result++;
  pthread_testcancel();
}

static void point_in_a_popped_handler(actor_t *actor) {
  pthread_cleanup_push(log_letter, (void *)"a");
  pthread_cleanup_push(point_in_handler, actor);
  CHECK(pthread_cancel(pthread_self()) == 0);
  pthread_cleanup_pop(1);
  pthread_testcancel();
  append('!');
  pthread_cleanup_pop(0);
}

/* "shall be popped from the cancellation cleanup stack and invoked": once. In POSIX a handler that is popped may be cancelled.
 * Decided otherwise: it runs shielded like those that run at the end, and the request is acted on afterwards. */
static void a_popped_handler_runs_once(void **state) {
  (void)state;
  actor_t actor;
  start(&actor, point_in_a_popped_handler, NULL);
  assert_canceled(&actor);
  assert_int_equal(actor.result, 1);
  assert_string_equal(log_text, "a");
}

static void handler_with_a_scope_of_its_own(void *argument) {
  (void)argument;
  pthread_cleanup_push(log_letter, (void *)"x");
  append('h');
  pthread_cleanup_pop(1);
}

static void handlers_in_handlers(actor_t *actor) {
  pthread_cleanup_push(log_letter, (void *)"a");
  pthread_cleanup_push(handler_with_a_scope_of_its_own, NULL);
  read_byte(actor);
  pthread_cleanup_pop(0);
  pthread_cleanup_pop(0);
}

static void a_handler_may_have_scopes(void **state) {
  (void)state;
  actor_t actor;
  start_blocked(&actor, handlers_in_handlers, NULL, "read");
  cancel_and_join(&actor);
  assert_string_equal(log_text, "hxa");
}

/* --- Thread-specific data ----------------------------------------------------------------------------------------------------
 * */

static void log_destructor(void *letter) { append(*(const char *)letter); }

static void with_specific_data(actor_t *actor) {
  pthread_setspecific(key, "d");
  pthread_cleanup_push(log_letter, (void *)"a");
  pthread_cleanup_push(log_letter, (void *)"b");
  if (actor->with) pthread_exit(actor->with);
  read_byte(actor);
  pthread_cleanup_pop(0);
  pthread_cleanup_pop(0);
}

/* "If the last cancellation cleanup handler returns, thread-specific data destructors … will be run"; pthread_exit: "After all
 * cancellation cleanup handlers have been executed, … appropriate destructor functions shall be called" */
static void destructors_run_after_the_last_handler(void **state) {
  (void)state;
  assert_int_equal(pthread_key_create(&key, log_destructor), 0);
  actor_t actor;
  start_blocked(&actor, with_specific_data, NULL, "read");
  cancel_and_join(&actor);
  assert_string_equal(log_text, "bad");
  start(&actor, with_specific_data, &actor);
  assert_ptr_equal(joined(&actor), &actor);
  assert_string_equal(log_text, "badbad");
  pthread_key_delete(key);
}

static void destructor_that_is_held_up(void *argument) {
  actor_t *actor = argument;
  arrive(actor, 1);
  await_step(actor, 2);
  append('d');
}

static void ends_slowly(actor_t *actor) {
  pthread_setspecific(key, actor);
  read_byte(actor);
}

static void join_it(actor_t *actor) {
  actor_t *target = actor->with;
  void *value = NULL;
  actor->result = pthread_join(target->pthread, &value);
  append(value == PTHREAD_CANCELED ? 'j' : '?');
}

/* "After all cancellation cleanup handlers and thread-specific data destructors have returned, thread execution is terminated";
 * "pthread_join() shall suspend execution of the calling thread until the target thread terminates"; "When a pthread_join()
 * returns successfully, the target thread has been terminated" */
static void a_join_waits_for_the_destructors(void **state) {
  (void)state;
  assert_int_equal(pthread_key_create(&key, destructor_that_is_held_up), 0);
  actor_t target, joiner;
  start_blocked(&target, ends_slowly, NULL, "read");
  assert_int_equal(pthread_cancel(target.pthread), 0);
  AWAIT(target.step == 1);
  start_blocked(&joiner, join_it, &target, "join");
  assert_string_equal(log_text, "");
  target.step = 2;
  assert_null(joined(&joiner));
  assert_int_equal(joiner.result, 0);
  assert_string_equal(log_text, "dj");
  pthread_key_delete(key);
}

/* --- The value, and what an ending thread leaves ---------------------------------------------------------------------------- */

static void *const canceled = PTHREAD_CANCELED; /* "expands to a constant expression of type (void *)" */

static void exit_with_request_pending(actor_t *actor) {
  CHECK(pthread_cancel(pthread_self()) == 0);
  pthread_exit(actor);
}

static void *return_with_request_pending(void *argument) {
  CHECK(pthread_cancel(pthread_self()) == 0);
  return argument;
}

/* "If the thread has terminated because of a call to pthread_exit(), the value_ptr argument is made available"; "by acting on a
 * cancellation request, a status of PTHREAD_CANCELED"; "The function's return value shall serve as the thread's exit status" */
static void the_value_says_how_it_ended(void **state) {
  (void)state;
  actor_t actor;
  pthread_t thread;
  void *value;
  assert_non_null(canceled);
  start_blocked(&actor, read_byte, NULL, "read");
  assert_int_equal(pthread_cancel(actor.pthread), 0);
  assert_ptr_equal(joined(&actor), canceled);
  start(&actor, exit_with_request_pending, NULL);
  assert_ptr_equal(joined(&actor), &actor);
  assert_int_equal(pthread_create(&thread, NULL, return_with_request_pending, &value), 0);
  assert_int_equal(pthread_join(thread, &value), 0);
  assert_ptr_equal(value, &value);
  start_blocked(&actor, read_byte, NULL, "read");
  assert_int_equal(pthread_cancel(actor.pthread), 0);
  assert_int_equal(pthread_join(actor.pthread, NULL), 0); /* the value may be of no interest */
}

static void (*volatile leave)(void *) = pthread_exit; /* so that the compiler does not take the recursion for an endless one */

static void deep(actor_t *actor, int depth) {
  pthread_cleanup_push(log_letter, (void *)"a");
  if (depth == 0) leave(actor);
  else deep(actor, depth - 1);
  append('!');
  pthread_cleanup_pop(0);
}

static void exit_from_the_depth(actor_t *actor) { deep(actor, 9); }

/* "pthread_exit() cannot return to its caller"; handlers "that have been pushed and not yet popped shall be popped in the
 * reverse order that they were pushed and then executed" */
static void exit_runs_the_handlers_of_all_callers(void **state) {
  (void)state;
  actor_t actor;
  start(&actor, exit_from_the_depth, NULL);
  assert_ptr_equal(joined(&actor), &actor);
  assert_string_equal(log_text, "aaaaaaaaaa");
}

static pthread_mutex_t left_locked = PTHREAD_MUTEX_INITIALIZER;

static void lock_and_read(actor_t *actor) {
  int own[2];
  CHECK(pthread_mutex_lock(&left_locked) == 0 && pipe(own) == 0);
  actor->step = own[0];
  close(own[1]);
  read_byte(actor);
}

/* "Thread termination does not release any application visible process resources, including, but not limited to, mutexes and file
 * descriptors" */
static void nothing_is_released_for_the_thread(void **state) {
  (void)state;
  actor_t actor;
  start_blocked(&actor, lock_and_read, NULL, "read");
  cancel_and_join(&actor);
  assert_int_equal(pthread_mutex_trylock(&left_locked), EBUSY);
  assert_int_equal(close(actor.step), 0);
}

int run_endings(void) {
  const struct CMUnitTest tests[] = {
      ENDING_TEST(handlers_run_latest_first),
      ENDING_TEST(handlers_run_only_if_something_ends),
      ENDING_TEST(a_handler_finds_its_scope_valid),
      ENDING_TEST(an_ending_thread_is_not_cancelled_again),
      ENDING_TEST(an_ending_thread_says_that_it_is_disabled),
      ENDING_TEST(a_popped_handler_runs_once),
      ENDING_TEST(a_handler_may_have_scopes),
      ENDING_TEST(destructors_run_after_the_last_handler),
      ENDING_TEST(a_join_waits_for_the_destructors),
      ENDING_TEST(the_value_says_how_it_ended),
      ENDING_TEST(exit_runs_the_handlers_of_all_callers),
      ENDING_TEST(nothing_is_released_for_the_thread),
  };
  return cmocka_run_group_tests_name("how threads end", tests, NULL, NULL);
}

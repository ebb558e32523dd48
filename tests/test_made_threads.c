/* Threads that polite makes: from before their first instruction until they are joined. */
#include "broken.h"
#include "random.h"

#include <polite/unwind.h>

#include <limits.h>

static polite_thread_t make(void *(*fn)(void *), void *arg) {
  polite_thread_t thread;
  assert_int_equal(polite_thread_create(&thread, NULL, fn, arg), 0);
  assert_true(thread != 0);
  return thread;
}

static int join(polite_thread_t thread) { return polite_thread_join(thread, NULL); }

static void *give_back(void *argument) { return argument; }

static void *exit_with(void *argument) {
  polite_exit(argument);
  return NULL;
}

static void *sleep_unwinding(void *argument) {
  polite_nanosleep_or_unwind(INT64_MAX, NULL);
  return argument;
}

static void *sleep_returning(void *argument) {
  (void)argument;
  return (void *)(intptr_t)polite_nanosleep(INT64_MAX, NULL);
}

static void *end_by_system(void *argument) {
  end_thread_by_system(argument);
  return NULL;
}

static void *read_a_byte(void *ends) {
  char byte;
  polite_read(((polite_fd *)ends)[0], &byte, 1);
  return NULL;
}

/* --- How it ended -------------------------------------------------------------------------------------------------------------- */

static void the_joiner_learns_how_it_ended(void **state) {
  (void)state;
  int here;
  void *result = NULL;
  assert_int_equal(polite_thread_join(make(give_back, &here), &result), POLITE_RETURNED);
  assert_ptr_equal(result, &here);
  result = NULL;
  assert_int_equal(polite_thread_join(make(exit_with, &here), &result), POLITE_EXITED);
  assert_ptr_equal(result, &here);
  result = NULL;
  assert_int_equal(polite_thread_join(make(end_by_system, &here), &result), POLITE_EXITED);
  assert_ptr_equal(result, kept_by_system(&here));
  polite_thread_t thread = make(sleep_unwinding, &here);
  AWAIT(is_blocked_in(thread, "nanosleep"));
  polite_interrupt(thread);
  assert_int_equal(polite_thread_join(thread, &result), POLITE_UNWOUND);
  assert_ptr_equal(result, POLITE_CANCELED);
  thread = make(sleep_returning, NULL);
  polite_interrupt(thread);
  assert_int_equal(polite_thread_join(thread, &result), POLITE_RETURNED);
  assert_int_equal((intptr_t)result, POLITE_INTERRUPTED);
}

static polite_thread_t handle_of_all;

static void *compare_handles(void *argument) {
  (void)argument;
  return (void *)(uintptr_t)(handle_of_all == polite_self());
}

/* --- The beginning ------------------------------------------------------------------------------------------------------------- */

static void an_interrupt_is_never_too_early(void **state) {
  (void)state;
  for (int i = 0; i < 2000; ++i) {
    polite_thread_t thread = make(sleep_returning, NULL);
    assert_in_range(polite_interrupt_with(thread, i, 0), 0, 2);
    void *result;
    assert_int_equal(polite_thread_join(thread, &result), POLITE_RETURNED);
    assert_int_equal((intptr_t)result, POLITE_INTERRUPTED);
  }
}

static void its_handle_is_there_when_it_begins(void **state) {
  (void)state;
  for (int i = 0; i < 500; ++i) {
    void *same;
    handle_of_all = 0;
    assert_int_equal(polite_thread_create(&handle_of_all, NULL, compare_handles, NULL), 0);
    assert_int_equal(polite_thread_join(handle_of_all, &same), POLITE_RETURNED);
    assert_true(same);
  }
}

static void *interrupt_and_leave_shield(void *argument) {
  (void)argument;
  CHECK(polite_checkpoint() == 0 && polite_interrupt_pending());
  CHECK(polite_shield_leave() == 1);
  return (void *)(intptr_t)polite_checkpoint();
}

static atomic_int go;

static void *await_go(void *argument) {
  AWAIT(go);
  return interrupt_and_leave_shield(argument);
}

static void it_may_start_shielded(void **state) {
  (void)state;
  polite_thread_options_t options = {.size = sizeof options, .flags = POLITE_THREAD_SHIELDED};
  polite_thread_t thread;
  void *result;
  go = 0;
  assert_int_equal(polite_thread_create(&thread, &options, await_go, NULL), 0);
  polite_interrupt(thread);
  go = 1;
  assert_int_equal(polite_thread_join(thread, &result), POLITE_RETURNED);
  assert_int_equal((intptr_t)result, POLITE_INTERRUPTED);
}

static char name[100];
static size_t stack_size;

static void *look_at_myself(void *argument) {
  my_name(name, sizeof name);
  stack_size = my_stack_size();
  return argument;
}

static void it_has_the_name_and_the_stack_that_were_asked_for(void **state) {
  (void)state;
  polite_thread_options_t options = {.size = sizeof options, .stack_size = 1 << 20, .name = "a name that is too long"};
  polite_thread_t thread;
  assert_int_equal(polite_thread_create(&thread, &options, look_at_myself, NULL), 0);
  assert_int_equal(join(thread), POLITE_RETURNED);
  assert_string_equal(name, "a name that is ");
  assert_in_range(stack_size, 1 << 20, (1 << 20) + 65536);
}

#if defined _WIN32
NOT_ON_WINDOWS(it_starts_with_its_makers_signals, "there are no signals")
#else
static void *give_mask(void *mask) {
  pthread_sigmask(SIG_SETMASK, NULL, mask);
  return NULL;
}

static void it_starts_with_its_makers_signals(void **state) {
  (void)state;
  sigset_t some, before, found;
  sigemptyset(&some);
  sigaddset(&some, SIGUSR2);
  pthread_sigmask(SIG_BLOCK, &some, &before);
  assert_int_equal(join(make(give_mask, &found)), POLITE_RETURNED);
  assert_true(sigismember(&found, SIGUSR2));
  assert_false(sigismember(&found, SIGUSR1));
  assert_false(sigismember(&found, polite_wake_signal()));
  pthread_sigmask(SIG_SETMASK, &before, &found);
  assert_true(sigismember(&found, SIGUSR2));
  assert_false(sigismember(&found, SIGUSR1));
}
#endif

static void bad_input_makes_no_thread(void **state) {
  (void)state;
  polite_thread_t thread = 1;
  polite_thread_options_t options = {.size = sizeof options};
  assert_int_equal(polite_thread_create(NULL, NULL, give_back, NULL), POLITE_EINVAL);
  assert_int_equal(polite_thread_create(&thread, NULL, NULL, NULL), POLITE_EINVAL);
  assert_true(thread == 0);
  options.size = 4;
  assert_int_equal(polite_thread_create(&thread, &options, give_back, NULL), POLITE_EINVAL);
  options.size = sizeof options;
  options.flags = 1u << 31;
  assert_int_equal(polite_thread_create(&thread, &options, give_back, NULL), POLITE_EINVAL);
  options.flags = 0;
  options.stack_size = 1;
  if (LEAST_STACK > 0) assert_int_equal(polite_thread_create(&thread, &options, give_back, NULL), POLITE_EINVAL);
  options.stack_size = (uint64_t)1 << 62;
  assert_in_range(-polite_thread_create(&thread, &options, give_back, NULL), 1, 200);
  assert_true(thread == 0);
}

/* --- Joining ------------------------------------------------------------------------------------------------------------------- */

static void who_cannot_be_joined(void **state) {
  (void)state;
  polite_thread_t ended = make(give_back, NULL);
  assert_int_equal(join(ended), POLITE_RETURNED);
  assert_int_equal(join(ended), POLITE_ESRCH);
  assert_int_equal(polite_thread_detach(ended), POLITE_ESRCH);
  assert_int_equal(polite_interrupt(ended), POLITE_ESRCH);
  assert_int_equal(join(0), POLITE_ESRCH);
  assert_int_equal(join(polite_self()), POLITE_EDEADLK);
  assert_int_equal(polite_thread_detach(polite_self()), POLITE_EINVAL);  /* polite did not make it */
}

static void *join_itself(void *argument) {
  (void)argument;
  return (void *)(intptr_t)polite_thread_join(polite_self(), NULL);
}

static void a_thread_cannot_join_itself(void **state) {
  (void)state;
  void *result;
  assert_int_equal(polite_thread_join(make(join_itself, NULL), &result), POLITE_RETURNED);
  assert_int_equal((intptr_t)result, POLITE_EDEADLK);
}

static void join_the_other(actor_t *actor) { actor->result = join(*(polite_thread_t *)actor->with); }

static void joining_can_be_interrupted_and_done_again(void **state) {
  (void)state;
  polite_fd ends[2];
  make_pipe(ends);
  polite_thread_t thread = make(read_a_byte, ends);
  AWAIT(is_blocked_in(thread, "read"));
  actor_t joiner;
  start_blocked(&joiner, join_the_other, &thread, "join");
  assert_int_equal(join(thread), POLITE_EINVAL);  /* somebody else is at it */
  assert_int_equal(polite_thread_detach(thread), POLITE_EINVAL);
  polite_interrupt(joiner.thread);
  assert_int_equal(finish(&joiner), POLITE_INTERRUPTED);
  assert_true(is_blocked_in(thread, "read"));
  polite_interrupt(polite_self());
  assert_int_equal(join(thread), POLITE_INTERRUPTED);
  start_blocked(&joiner, join_the_other, &thread, "join");
  assert_int_equal(plain_write(ends[1], "x", 1), 1);
  assert_int_equal(finish(&joiner), POLITE_RETURNED);
  assert_int_equal(join(thread), POLITE_ESRCH);
  close_both(ends);
}

static void joining_has_a_deadline(void **state) {
  (void)state;
  polite_thread_t thread = make(sleep_unwinding, NULL);
  assert_int_equal(polite_thread_join_until(thread, NULL, 0), POLITE_ETIMEDOUT);
  assert_int_equal(polite_thread_join_until(thread, NULL, INT64_MIN), POLITE_ETIMEDOUT);
  int64_t deadline = polite_now() + 20000000;
  assert_int_equal(polite_thread_join_until(thread, NULL, deadline), POLITE_ETIMEDOUT);
  assert_true(polite_now() >= deadline);
  polite_interrupt(thread);
  assert_int_equal(polite_thread_join_until(thread, NULL, polite_now() + LIMIT_SECONDS * (int64_t)1000000000), POLITE_UNWOUND);
}

static void an_ended_thread_is_joined_with_a_deadline_in_the_past(void **state) {
  (void)state;
  polite_thread_t thread = make(give_back, NULL);
  AWAIT(polite_interrupt(thread) == POLITE_ESRCH);
  polite_interrupt(polite_self());
  assert_int_equal(join(thread), POLITE_INTERRUPTED);  /* at entry, although it would not wait (rule 3) */
  assert_in_range(polite_thread_join_until(thread, NULL, polite_now() + LIMIT_SECONDS * (int64_t)1000000000), 0, 0);
  assert_int_equal(join(thread), POLITE_ESRCH);
}

/* --- Detaching ------------------------------------------------------------------------------------------------------------------ */

static void a_detached_thread_leaves_nothing(void **state) {
  (void)state;
  polite_thread_options_t options = {.size = sizeof options, .flags = POLITE_THREAD_DETACHED};
  for (int i = 0; i < 2000; ++i) {
    polite_thread_t thread;
    if (i % 2) {
      assert_int_equal(polite_thread_create(&thread, &options, give_back, NULL), 0);
    } else {
      thread = make(give_back, NULL);
      assert_int_equal(polite_thread_detach(thread), 0);
    }
    int error = join(thread);
    assert_true(error == POLITE_EINVAL || error == POLITE_ESRCH);
    error = polite_thread_detach(thread);
    assert_true(error == POLITE_EINVAL || error == POLITE_ESRCH);
    if (i % 100 == 0) AWAIT(join(thread) == POLITE_ESRCH);
  }
}

static void *detach_myself(void *argument) {
  CHECK(polite_thread_detach(polite_self()) == 0);
  CHECK(polite_thread_detach(polite_self()) == POLITE_EINVAL);
  return argument;
}

static void a_thread_may_detach_itself(void **state) {
  (void)state;
  polite_thread_t thread = make(detach_myself, NULL);
  AWAIT(polite_interrupt(thread) == POLITE_ESRCH);
  AWAIT(polite_thread_join(thread, NULL) == POLITE_ESRCH);  /* until then it is POLITE_EINVAL */
}

static void an_ended_thread_may_be_detached(void **state) {
  (void)state;
  polite_thread_t thread = make(give_back, NULL);
  AWAIT(polite_interrupt(thread) == POLITE_ESRCH);
  assert_int_equal(polite_thread_detach(thread), 0);
  AWAIT(polite_thread_detach(thread) == POLITE_ESRCH);  /* until the thread has done with its own end it is POLITE_EINVAL */
}

/* --- The end: cleanup handlers, then thread-specific data, then join --------------------------------------------------------------- */

static char order[16];
static data_key_t key;

static void note(char letter) {
  size_t length = strlen(order);
  order[length] = letter;
}

static void run_handler(void *argument) {
  (void)argument;
  note('h');
}

static atomic_int held_up;

static void destroy_slowly(void *ends) {
  char byte;
  held_up = 1;
  CHECK(polite_self() != 0 && polite_checkpoint() == 0);  /* shielded, though one is pending */
  CHECK(plain_read(((polite_fd *)ends)[0], &byte, 1) == 1);
  note('d');
}

/* Not before its joiner is there: on Windows no other thread begins while one is in its destructors. */
static void *unwind_with_data(void *ends) {
  polite_cleanup_t node = {{0}};
  CHECK(polite_park_uninterruptible() == 0);
  set_data(key, ends);
  polite_cleanup_push(&node, run_handler, NULL);
  polite_interrupt_with(polite_self(), 0, POLITE_LATCHED);
  polite_checkpoint_or_unwind();
  return NULL;
}

static void join_and_note(actor_t *actor) {
  actor->result = join(*(polite_thread_t *)actor->with);
  note('j');
}

static void destructors_run_after_handlers_and_before_join_returns(void **state) {
  (void)state;
  polite_fd ends[2];
  make_pipe(ends);
  memset(order, 0, sizeof order);
  held_up = 0;
  make_key(&key, destroy_slowly);
  polite_thread_t thread = make(unwind_with_data, ends);
  actor_t joiner;
  start_blocked(&joiner, join_and_note, &thread, "join");
  assert_int_equal(polite_unpark(thread), 0);
  AWAIT(held_up);
  assert_true(is_blocked_in(joiner.thread, "join"));
  assert_int_equal(polite_thread_join_until(thread, NULL, 0), POLITE_EINVAL);
  assert_int_equal(plain_write(ends[1], "x", 1), 1);
  assert_int_equal(finish(&joiner), POLITE_UNWOUND);
  assert_string_equal(order, "hdj");
  delete_key(key);
  close_both(ends);
}

/* --- Many at once ----------------------------------------------------------------------------------------------------------------- */

static void *make_and_join_some(void *argument) {
  enum { ROUNDS = 200 };
  struct random random = random_from(1, (uintptr_t)argument);
  for (int i = 0; i < ROUNDS; ++i) {
    polite_thread_t thread;
    CHECK(polite_thread_create(&thread, NULL, i % 3 ? sleep_unwinding : give_back, NULL) == 0);
    CHECK(polite_interrupt(thread) >= 0 || i % 3 == 0);
    if (random_once_in(&random, 4)) {
      CHECK(polite_thread_detach(thread) == 0);
    } else {
      int how = polite_thread_join(thread, NULL);
      CHECK(how == (i % 3 ? POLITE_UNWOUND : POLITE_RETURNED));
    }
  }
  return NULL;
}

static void many_threads_make_and_join(void **state) {
  (void)state;
  polite_thread_t makers[8];
  for (int i = 0; i < 8; ++i) makers[i] = make(make_and_join_some, (void *)(uintptr_t)(i + 1));
  for (int i = 0; i < 8; ++i) assert_int_equal(join(makers[i]), POLITE_RETURNED);
}

/* --- Forks ------------------------------------------------------------------------------------------------------------------------ */

#if defined _WIN32
NOT_ON_WINDOWS(a_child_cannot_join_its_parents_threads, "there is no fork")
#else
static void a_child_cannot_join_its_parents_threads(void **state) {
  (void)state;
#if UNDER_TSAN || UNDER_QEMU
  skip();  /* which does not let a fork's child make threads */
#endif
  polite_thread_t sleeping = make(sleep_unwinding, NULL), ended = make(give_back, NULL);
  AWAIT(polite_interrupt(ended) == POLITE_ESRCH);
  pid_t child = fork();
  if (child == 0) {
    int good = join(sleeping) == POLITE_ESRCH && join(ended) == POLITE_ESRCH && polite_thread_detach(ended) == POLITE_ESRCH;
    polite_thread_t own;
    good = good && polite_thread_create(&own, NULL, give_back, NULL) == 0 && join(own) == POLITE_RETURNED;
    _exit(good ? 0 : 1);
  }
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
  polite_interrupt(sleeping);
  assert_int_equal(join(sleeping), POLITE_UNWOUND);
  assert_int_equal(join(ended), POLITE_RETURNED);
}
#endif

/* --- Broken programs --------------------------------------------------------------------------------------------------------------- */

static void nothing(void *argument) { (void)argument; }

static void *end_without_popping(void *argument) {
  static polite_cleanup_t node;
  polite_cleanup_push(&node, nothing, NULL);
  return argument;
}

static int make_one_that_does_not_pop(void) {
  polite_thread_t thread;
  return polite_thread_create(&thread, NULL, end_without_popping, NULL) != 0 || join(thread) != POLITE_RETURNED;
}

static void what_a_thread_did_not_pop_is_told(void **state) {
  (void)state;
#if UNDER_TSAN || UNDER_QEMU
  skip();
#endif
  expect_broken(make_one_that_does_not_pop, "not popped");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(the_joiner_learns_how_it_ended),
      TEST(an_interrupt_is_never_too_early),
      TEST(its_handle_is_there_when_it_begins),
      TEST(it_may_start_shielded),
      TEST(it_has_the_name_and_the_stack_that_were_asked_for),
      TEST(it_starts_with_its_makers_signals),
      TEST(bad_input_makes_no_thread),
      TEST(who_cannot_be_joined),
      TEST(a_thread_cannot_join_itself),
      TEST(joining_can_be_interrupted_and_done_again),
      TEST(joining_has_a_deadline),
      TEST(an_ended_thread_is_joined_with_a_deadline_in_the_past),
      TEST(a_detached_thread_leaves_nothing),
      TEST(a_thread_may_detach_itself),
      TEST(an_ended_thread_may_be_detached),
      TEST(destructors_run_after_handlers_and_before_join_returns),
      TEST(many_threads_make_and_join),
      TEST(a_child_cannot_join_its_parents_threads),
      TEST(what_a_thread_did_not_pop_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* XSH pthread_join, pthread_detach, pthread_create; and the thread of main(). */
#include "pipe.h"

static void join_it(actor_t *actor) {
  actor_t *target = actor->with;
  void *value = NULL;
  actor->result = pthread_join(target->pthread, &value);
  actor->step = value == PTHREAD_CANCELED;
}

/* --- pthread_join, pthread_detach ------------------------------------------------------------------------------------------- */

/* "If the thread calling pthread_join() is canceled, then the target thread shall not be detached" */
static void a_cancelled_join_leaves_its_target(void **state) {
  (void)state;
  actor_t target, joiner;
  start_blocked(&target, read_byte, NULL, "read");
  start_blocked(&joiner, join_it, &target, "join");
  cancel_and_join(&joiner);
  assert_true(is_blocked_in(target.thread, "read"));
  assert_int_equal(write(ends[1], "x", 1), 1);
  assert_null(joined(&target));
  assert_int_equal(target.result, 1);
}

static atomic_int handled;
static void count(int signal) {
  (void)signal;
  ++handled;
}

/* "pthread_join() shall not return an error code of [EINTR]" */
static void a_signal_does_not_end_a_join(void **state) {
  (void)state;
  struct sigaction action = {.sa_handler = count}, before;
  sigemptyset(&action.sa_mask);
  sigaction(SIGUSR1, &action, &before);
  handled = 0;
  actor_t target, joiner;
  start_blocked(&target, read_byte, NULL, "read");
  start_blocked(&joiner, join_it, &target, "join");
  for (int i = 1; i <= 5; ++i) {
    assert_int_equal(pthread_kill(joiner.pthread, SIGUSR1), 0);
    AWAIT(handled == i && is_blocked_in(joiner.thread, "join"));
  }
  assert_int_equal(pthread_cancel(target.pthread), 0);
  assert_null(joined(&joiner));
  assert_int_equal(joiner.result, 0);
  assert_int_equal(joiner.step, 1);
  sigaction(SIGUSR1, &before, NULL);
}

static void say_that_it_ended(void *argument) { arrive(argument, 1); }

static void detached_reader(actor_t *actor) {
  pthread_cleanup_push(say_that_it_ended, actor);
  read_byte(actor);
  pthread_cleanup_pop(0);
}

/* "If thread has not terminated, pthread_detach() shall not cause it to terminate." It can still be cancelled. */
static void a_detached_thread_goes_on(void **state) {
  (void)state;
  static actor_t actor; /* outlives us, if it has to */
  start_blocked(&actor, detached_reader, NULL, "read");
  assert_int_equal(pthread_detach(actor.pthread), 0);
  assert_true(is_blocked_in(actor.thread, "read"));
  assert_int_equal(pthread_cancel(actor.pthread), 0);
  AWAIT(actor.step == 1 && has_ended(actor.thread));
}

/* In the rationale of pthread_detach: in a handler for a pthread_join it is "nearly essential". */
static void detach_target(void *argument) {
  actor_t *target = argument;
  CHECK(pthread_detach(target->pthread) == 0);
}

static void join_or_detach(actor_t *actor) {
  actor_t *target = actor->with;
  pthread_cleanup_push(detach_target, target);
  pthread_join(target->pthread, NULL);
  pthread_cleanup_pop(0);
}

static void the_handler_of_a_join_may_detach(void **state) {
  (void)state;
  static actor_t target;
  actor_t joiner;
  start_blocked(&target, detached_reader, NULL, "read");
  start_blocked(&joiner, join_or_detach, &target, "join");
  cancel_and_join(&joiner);
  assert_int_equal(write(ends[1], "x", 1), 1);
  AWAIT(has_ended(target.thread));
}

/* --- The main thread, in a program of its own ------------------------------------------------------------------------------- */

static pthread_t main_thread;
static _Atomic polite_thread_t main_handle;
static int handler_of_main;

static void *outlive_main(void *argument) {
  void *value = NULL;
  CHECK(pthread_join(main_thread, &value) == 0 && value == &main_thread);
  return argument;
}

static void exit_main(void) {
  pthread_t thread;
  main_thread = pthread_self();
  CHECK(pthread_create(&thread, NULL, outlive_main, NULL) == 0 && pthread_detach(thread) == 0);
  pthread_exit(&main_thread);
}

static void *cancel_main(void *argument) {
  void *value = NULL;
  while (!is_blocked_in(main_handle, "read")) sched_yield();
  CHECK(pthread_cancel(main_thread) == 0);
  CHECK(pthread_join(main_thread, &value) == 0 && value == PTHREAD_CANCELED);
  CHECK(handler_of_main == 5);
  return argument;
}

static void note_main(void *argument) { *(int *)argument = 5; }

static void be_cancelled_as_main(void) {
  pthread_t thread;
  char byte;
  CHECK(pipe(ends) == 0);
  main_thread = pthread_self();
  main_handle = polite_self();
  CHECK(pthread_create(&thread, NULL, cancel_main, NULL) == 0 && pthread_detach(thread) == 0);
  pthread_cleanup_push(note_main, &handler_of_main);
  CHECK(read(ends[0], &byte, 1) == 77);
  pthread_cleanup_pop(0);
}

int run_alone(const char *what) {
  alarm(LIMIT_SECONDS);
  if (strcmp(what, "exit_main") == 0) exit_main();
  if (strcmp(what, "be_cancelled_as_main") == 0) be_cancelled_as_main();
  return 99;
}

static int status_of_program(const char *what) {
  int status;
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    execl("/proc/self/exe", "test_sentences", what, (char *)NULL);
    _exit(98);
  }
  assert_int_equal(waitpid(child, &status, 0), child);
  return status;
}

/* "The process shall exit with an exit status of 0 after the last thread has been terminated." */
static void the_last_thread_ends_the_process_with_0(void **state) {
  (void)state;
  if (UNDER_QEMU) skip();
  assert_int_equal(status_of_program("exit_main"), 0);
}

/* 2.9.5: "allows a thread to terminate the execution of any other thread in the process" */
static void the_main_thread_can_be_cancelled(void **state) {
  (void)state;
  if (UNDER_QEMU) skip();
  assert_int_equal(status_of_program("be_cancelled_as_main"), 0);
}

/* --- pthread_create --------------------------------------------------------------------------------------------------------- */

typedef struct birth {
  pthread_t self;
  size_t stack_size;
  sigset_t blocked, pending;
  stack_t alternate;
  int rounding, detach_state;
} birth_t;

static void *note_birth(void *argument) {
  birth_t *birth = argument;
  pthread_attr_t attributes;
  birth->self = pthread_self();
  pthread_sigmask(SIG_BLOCK, NULL, &birth->blocked);
  sigpending(&birth->pending);
  sigaltstack(NULL, &birth->alternate);
  birth->rounding = fegetround();
  CHECK(pthread_getattr_np(pthread_self(), &attributes) == 0);
  pthread_attr_getstacksize(&attributes, &birth->stack_size);
  pthread_attr_getdetachstate(&attributes, &birth->detach_state);
  pthread_attr_destroy(&attributes);
  return argument;
}

/* "executing start_routine with arg as its sole argument"; "shall store the ID of the created thread"; "The signal mask shall be
 * inherited"; "The set of signals pending for the new thread shall be empty"; "the alternate stack shall not be inherited"; "The
 * floating-point environment shall be inherited" */
static void a_thread_begins_as_described(void **state) {
  (void)state;
  sigset_t set, before;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigaddset(&set, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &set, &before);
  pthread_kill(pthread_self(), SIGUSR1);
  static char memory[65536];
  stack_t alternate = {.ss_sp = memory, .ss_size = sizeof memory}, no_alternate = {.ss_flags = SS_DISABLE};
  assert_int_equal(sigaltstack(&alternate, NULL), 0);
  int rounding = fegetround();
  fesetround(FE_UPWARD);

  birth_t birth;
  pthread_t thread;
  void *value;
  int created = pthread_create(&thread, NULL, note_birth, &birth);
  fesetround(rounding);
  assert_int_equal(created, 0);
  sigdelset(&set, SIGTERM);
  assert_int_equal(sigtimedwait(&set, NULL, &(struct timespec){0, 0}), SIGUSR1);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  sigaltstack(&no_alternate, NULL);
  assert_int_equal(pthread_join(thread, &value), 0);
  assert_ptr_equal(value, &birth);
  assert_true(pthread_equal(thread, birth.self));
  assert_true(sigismember(&birth.blocked, SIGUSR1) && sigismember(&birth.blocked, SIGTERM));
  assert_false(sigismember(&birth.blocked, SIGINT));
  assert_false(sigismember(&birth.pending, SIGUSR1));
  assert_true(birth.alternate.ss_sp != memory); /* ASan gives each thread one */
  assert_int_equal(birth.rounding, FE_UPWARD);
  assert_int_equal(birth.detach_state, PTHREAD_CREATE_JOINABLE);
}

/* "with attributes specified by attr"; "If the attributes specified by attr are modified later, the thread's attributes shall
 * not be affected" */
static void a_thread_has_the_attributes_asked_for(void **state) {
  (void)state;
  pthread_attr_t attributes;
  birth_t birth;
  pthread_t thread;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 1 << 20);
  assert_int_equal(pthread_create(&thread, &attributes, note_birth, &birth), 0);
  pthread_attr_setstacksize(&attributes, 2 << 20);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  assert_int_equal(pthread_join(thread, NULL), 0);
  assert_true(birth.stack_size >= 1 << 20 && birth.stack_size < 2 << 20); /* musl gives a little more */

  static actor_t actor;
  memset(&actor, 0, sizeof actor);
  actor.body = detached_reader;
  assert_int_equal(pthread_create(&actor.pthread, &attributes, actor_main, &actor), 0); /* now a detached one */
  AWAIT(actor.thread && is_blocked_in(actor.thread, "read"));
  assert_int_equal(pthread_cancel(actor.pthread), 0);
  AWAIT(actor.step == 1 && has_ended(actor.thread));
  pthread_attr_destroy(&attributes);
}

/* "If pthread_create() fails, no new thread is created"; "[EAGAIN] The system lacked the necessary resources" */
static void a_thread_that_cannot_be_created_is_not(void **state) {
  (void)state;
  pthread_attr_t attributes;
  pthread_t thread;
  birth_t birth;
  pthread_attr_init(&attributes);
  assert_int_equal(pthread_attr_setstacksize(&attributes, (size_t)1 << 60), 0);
  for (int i = 0; i < 100; ++i) assert_int_equal(pthread_create(&thread, &attributes, note_birth, &birth), EAGAIN);
  pthread_attr_destroy(&attributes);
  int others = 0;
  for (polite_thread_t other = 0; (other = polite_thread_next(other));) others += other != polite_self();
  assert_int_equal(others, 0);
}

int run_threads(void) {
  const struct CMUnitTest tests[] = {
      PIPE_TEST(a_cancelled_join_leaves_its_target),
      PIPE_TEST(a_signal_does_not_end_a_join),
      PIPE_TEST(a_detached_thread_goes_on),
      PIPE_TEST(the_handler_of_a_join_may_detach),
      PIPE_TEST(the_last_thread_ends_the_process_with_0),
      PIPE_TEST(the_main_thread_can_be_cancelled),
      PIPE_TEST(a_thread_begins_as_described),
      PIPE_TEST(a_thread_has_the_attributes_asked_for),
      PIPE_TEST(a_thread_that_cannot_be_created_is_not),
  };
  return cmocka_run_group_tests_name("how threads begin, are joined and detached", tests, NULL, NULL);
}

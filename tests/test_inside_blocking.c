/* What may be done in a function of polite_blocking, and on top of it: calls of polite, jumps, unwinding, handlers, forks, the thread's end. */
#include "foreign_library.h"

#include <sys/wait.h>

static pipes_t pipes;

static int open_all(void **state) {
  open_pipes(&pipes);
  return clean_thread(state);
}

static int close_all(void **state) {
  (void)state;
  close_pipes(&pipes);
  return 0;
}

static void do_nothing(void *arg) { (void)arg; }

/* --- Calls of polite ------------------------------------------------------------------------------------------------------ */

static polite_ssize_t call_inside(void *arg) {
  char byte;
  (void)arg;
  CHECK(polite_interrupt(polite_self()) == 0);
  CHECK(polite_blocking_requested() == 1);
  CHECK(polite_interrupt_pending() == 1);
  CHECK(polite_checkpoint() == 0);
  CHECK(polite_read(pipes.items.ends[0], &byte, 1) == 1);
  return byte;
}

static void calls_inside_are_plain(void **state) {
  (void)state;
  add_item(&pipes, 7);
  assert_int_equal(polite_blocking(call_inside, NULL, do_nothing, NULL), 7);
  assert_int_equal(polite_blocking_requested(), 0);
  assert_int_equal(polite_checkpoint(), POLITE_INTERRUPTED);
}

/* Nested: the inner one is plain, and what its function returns is returned; the outer one delivers. */
static void stop_never(void *arg) {
  (void)arg;
  CHECK(!"the inner call is told to stop");
}

static polite_ssize_t nest(void *arg) {
  (void)arg;
  return polite_blocking(take_item, &pipes, stop_never, NULL);
}

static void take_nested(actor_t *actor) {
  pipes.in_call = 1;
  actor->result = polite_blocking(nest, NULL, stop_taking, &pipes);
  pipes.in_call = 0;
}

static void nested(void **state) {
  (void)state;
  actor_t actor;
  start_blocked(&actor, take_nested, NULL, "blocking");
  assert_int_equal(polite_interrupt(actor.thread), 0);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  assert_int_equal(pipes.calls, 1);
}

/* --- Leaving it otherwise ------------------------------------------------------------------------------------------------- */

static polite_ssize_t unwind_inside(void *arg) {
  (void)arg;
  CHECK(polite_unwind() == POLITE_INSIDE);
  CHECK(polite_exit(NULL) == POLITE_INSIDE);
  return 7;
}

static void *block_and_unwind(void *result) {
  *(polite_ssize_t *)result = polite_blocking(unwind_inside, NULL, do_nothing, NULL);
  return result;
}

static void unwinding_out_of_it_is_refused(void **state) {
  (void)state;
  polite_ssize_t result = 0;
  assert_int_equal(polite_call(block_and_unwind, &result, NULL), POLITE_RETURNED);
  assert_int_equal(result, 7);
}

static void *unwind(void *arg) {
  polite_unwind();
  return arg;
}

static polite_ssize_t unwind_within(void *arg) {
  (void)arg;
  CHECK(polite_call(unwind, NULL, NULL) == POLITE_UNWOUND);
  return take_item(&pipes);
}

static void take_after_unwinding(actor_t *actor) {
  pipes.in_call = 1;
  actor->result = polite_blocking(unwind_within, NULL, stop_taking, &pipes);
  pipes.in_call = 0;
}

static void unwinding_within_it(void **state) {
  (void)state;
  actor_t actor;
  start_blocked(&actor, take_after_unwinding, NULL, "blocking");
  assert_int_equal(polite_interrupt(actor.thread), 0);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
}

/* Having said so it jumps. Nobody is told to stop any more, and the thread is woken as any other. */
static jmp_buf out;

static polite_ssize_t jump(void *arg) {
  (void)arg;
  CHECK(polite_jumped() == 0);
  longjmp(out, 1);
}

static void jump_and_take(actor_t *actor) {
  char byte;
  if (setjmp(out) == 0) polite_blocking(jump, NULL, stop_never, NULL);
  actor->step = 1;
  struct pollfd fd = {pipes.items.ends[0], POLLIN, 0};
  actor->result = poll(&fd, 1, -1);
  CHECK(actor->result == 1 && polite_checkpoint() == POLITE_INTERRUPTED);
  CHECK(polite_read(pipes.items.ends[0], &byte, 1) == 1);
  actor->result = take_politely(&pipes);
}

static void jumping_out_of_it(void **state) {
  (void)state;
  actor_t actor;
  start(&actor, jump_and_take, NULL);
  AWAIT(actor.step == 1);
  assert_int_equal(inspect(actor.thread).state, POLITE_THREAD_RUNNING);
  for (int i = 0; i < 10000; ++i) assert_int_equal(polite_interrupt(actor.thread), i > 0);
  add_item(&pipes, 7);
  AWAIT(is_blocked_in(actor.thread, "blocking"));
  assert_int_equal(polite_interrupt(actor.thread), 0);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  assert_int_equal(pipes.told, 1);
}

/* A thread that ends in it: by the time destructors of the program's own run, nobody tells it to stop. */
static pthread_key_t key;

static void end_slowly(void *actor_) {
  actor_t *actor = actor_;
  actor->step = 1;
  while (actor->step == 1) sched_yield();
}

static polite_ssize_t end(void *arg) {
  (void)arg;
  pthread_exit(NULL);
}

static void end_inside(actor_t *actor) {
  pthread_setspecific(key, actor);
  polite_blocking(end, NULL, stop_never, NULL);
}

static void the_thread_ends_in_it(void **state) {
  (void)state;
  actor_t actor;
  assert_int_equal(pthread_key_create(&key, end_slowly), 0);
  start(&actor, end_inside, NULL);
  AWAIT(actor.step == 1);
  for (int i = 0; i < 1000; ++i) assert_int_equal(polite_interrupt(actor.thread), i > 0);
  polite_thread_t thread = actor.thread;
  actor.step = 2;
  finish(&actor);
  assert_int_equal(polite_interrupt(thread), POLITE_ESRCH);
  pthread_key_delete(key);
}

/* --- On top of it --------------------------------------------------------------------------------------------------------- */

/* The handler's own calls are plain. It interrupts the thread that it runs in, and is told to stop within. */
static atomic_int handled;

static void on_signal(int signal) {
  (void)signal;
  CHECK(polite_blocking_requested() == 0);
  CHECK(polite_interrupt(polite_self()) == 0);
  CHECK(pipes.told == 1);
  CHECK(polite_blocking_requested() == 1);
  CHECK(polite_checkpoint() == 0);
  handled = 1;
}

static void take(actor_t *actor) { actor->result = take_politely(&pipes); }

static void take_on_other_stack(actor_t *actor) {
  stack_t stack = {.ss_sp = malloc(1 << 16), .ss_size = 1 << 16}, off = {.ss_flags = SS_DISABLE};
  CHECK(sigaltstack(&stack, NULL) == 0);
  take(actor);
  CHECK(sigaltstack(&off, NULL) == 0);
  free(stack.ss_sp);
}

static void a_handler_on_top(void **state) {
  (void)state;
  void (*bodies[])(actor_t *) = {take, take_on_other_stack};
  for (int i = 0; i < 2; ++i) {
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART | (i ? SA_ONSTACK : 0)};
    assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
    handled = pipes.told = 0;
    actor_t actor;
    start_blocked(&actor, bodies[i], NULL, "blocking");
    pthread_kill(actor.pthread, SIGUSR1);
    assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
    assert_int_equal(handled, 1);
  }
}

/* Rule 12: in the child nothing is pending, what the function was told before is void, and it can be told anew. */
static polite_ssize_t fork_then_take(void *status_) {
  int *status = status_;
  if (pipes.calls > 0) return take_item(&pipes);
  CHECK(polite_interrupt(polite_self()) == 0);
  pid_t child = fork();
  if (child == 0) {
    *status = -1;
    CHECK(polite_blocking_requested() == 0);
    CHECK(polite_interrupt_pending() == 0);
    return take_item(&pipes);
  }
  CHECK(waitpid(child, status, 0) == child);
  return take_item(&pipes);
}

static void a_fork_in_it(void **state) {
  (void)state;
  int status = 0;
  pipes.in_call = 1;
  add_item(&pipes, 7);
  polite_ssize_t result = polite_blocking(fork_then_take, &status, stop_taking, &pipes);
  if (status == -1) {
    CHECK(result == 7 && polite_interrupt_pending() == 0);
    CHECK(polite_interrupt(polite_self()) == 0 && take_politely(&pipes) == POLITE_INTERRUPTED);
    _exit(3);
  }
  assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 3);
  assert_int_equal(result, POLITE_INTERRUPTED);
}

#define PIPES_TEST(function) cmocka_unit_test_setup_teardown(function, open_all, close_all)

int main(void) {
  const struct CMUnitTest tests[] = {
      PIPES_TEST(calls_inside_are_plain),
      PIPES_TEST(nested),
      PIPES_TEST(unwinding_out_of_it_is_refused),
      PIPES_TEST(unwinding_within_it),
      PIPES_TEST(jumping_out_of_it),
      PIPES_TEST(the_thread_ends_in_it),
      PIPES_TEST(a_handler_on_top),
      PIPES_TEST(a_fork_in_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

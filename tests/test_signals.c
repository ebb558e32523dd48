/* Signals around a blocked call: foreign handlers, nested calls in them, wakes sent by others (rules 6, 7, 8, 10). */
#include "scene.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>

static int pipe_ends[2], other_ends[2];

static int open_pipes(void **state) {
  make_pipe(pipe_ends);
  make_pipe(other_ends);
  return clean_thread(state);
}

static int close_pipes(void **state) {
  (void)state;
  close_both(pipe_ends);
  close_both(other_ends);
  signal(SIGUSR1, SIG_DFL);
  return 0;
}

static void handle(int signal, void (*handler)(int), int flags) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
  sigemptyset(&action.sa_mask);
  assert_int_equal(sigaction(signal, &action, NULL), 0);
}

static void read_byte(actor_t *actor) {
  char byte;
  actor->result = polite_read(pipe_ends[0], &byte, 1);
}

static void poll_pipe(actor_t *actor) {
  struct pollfd fd = {pipe_ends[0], POLLIN, 0};
  actor->result = polite_poll(&fd, 1, -1);
}

static void sleep_a_while(actor_t *actor) { actor->result = polite_nanosleep(300000000, NULL); }

static atomic_int handled;
static void count(int signal) {
  (void)signal;
  ++handled;
}

/* --- Rule 8: a foreign EINTR is the caller's -------------------------------------------------------------------------------- */

static void eintr_is_passed_on(void **state) {
  (void)state;
  handle(SIGUSR1, count, 0);
  actor_t actor;
  start_blocked(&actor, read_byte, NULL, "read");
  pthread_kill(actor.pthread, SIGUSR1);
  assert_int_equal(finish(&actor), POLITE_EINTR);
  start_blocked(&actor, poll_pipe, NULL, "poll");
  pthread_kill(actor.pthread, SIGUSR1);
  assert_int_equal(finish(&actor), POLITE_EINTR);
}

static void restarting_calls_restart(void **state) {
  (void)state;
  handle(SIGUSR1, count, SA_RESTART);
  handled = 0;
  actor_t actor;
  start_blocked(&actor, read_byte, NULL, "read");
  for (int i = 1; i <= 100; ++i) {
    pthread_kill(actor.pthread, SIGUSR1);
    AWAIT(handled == i && is_blocked_in(actor.thread, "read"));
  }
  assert_int_equal(write(pipe_ends[1], "x", 1), 1);
  assert_int_equal(finish(&actor), 1);
}

static void sleep_by_clock(actor_t *actor) {
  struct timespec time = {0, 300000000};
  actor->result = polite_clock_nanosleep(CLOCK_REALTIME, 0, &time, NULL);
}

static void sleeps_carry_on(void **state) {
  (void)state;
  handle(SIGUSR1, count, 0);
  void (*bodies[])(actor_t *) = {sleep_a_while, sleep_by_clock};
  for (int body = 0; body < 2; ++body) {
    handled = 0;
    actor_t actor;
    double began = seconds_now();
    start(&actor, bodies[body], NULL);
    for (int i = 1; i <= 20; ++i) {
      pthread_kill(actor.pthread, SIGUSR1);
      AWAIT(handled >= i);
    }
    assert_int_equal(finish(&actor), 0);
    assert_true(seconds_now() - began >= 0.3);
  }
}

/* --- The wake signal, sent by somebody else --------------------------------------------------------------------------------- */

static void read_and_poll_until_a_byte_comes(actor_t *actor) {
  poll_pipe(actor);
  if (actor->result == 1) read_byte(actor);
}

static void a_foreign_wake_changes_nothing(void **state) {
  (void)state;
  actor_t actor;
  start_blocked(&actor, read_and_poll_until_a_byte_comes, NULL, "poll");
  for (int i = 0; i < 1000; ++i) pthread_kill(actor.pthread, polite_wake_signal());
  AWAIT(is_blocked_in(actor.thread, "poll"));
  assert_int_equal(write(pipe_ends[1], "x", 1), 1);
  assert_int_equal(finish(&actor), 1);

  start_blocked(&actor, read_byte, NULL, "read");
  for (int i = 0; i < 1000; ++i) kill(getpid(), polite_wake_signal()), pthread_kill(actor.pthread, polite_wake_signal());
  assert_int_equal(polite_interrupt(actor.thread), 0);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
}

/* --- Handlers on top of a blocked call -------------------------------------------------------------------------------------- */

static atomic_int may_return;

/* Rule 8. A handler that blocks the wake runs on top of the call, which a wake for a request that is gone follows: the EINTR is the handler's. */
static void stay_until_told(int signal) {
  (void)signal;
  ++handled;
  while (!may_return) sched_yield();
}

/* Whether a wake has been sent to the thread and waits behind its signal mask. */
static int wake_is_pending(polite_thread_t thread) {
  return (in_status(inspect(thread).system_id, "SigPnd", 16) >> (polite_wake_signal() - 1)) & 1;
}

static void eintr_after_a_wake_for_nothing(void (*body)(actor_t *), const char *call, int blocked) {
  struct sigaction action = {.sa_handler = stay_until_told};
  if (blocked) sigfillset(&action.sa_mask);
  sigaction(SIGUSR1, &action, NULL);
  handled = may_return = 0;
  actor_t actor;
  polite_request_t request = {0};
  start_blocked(&actor, body, NULL, call);
  pthread_kill(actor.pthread, SIGUSR1);
  AWAIT(handled == 1);
  assert_true(polite_request_post(&request, actor.thread, 0, 0) >= 0);
  AWAIT(wake_is_pending(actor.thread));
  assert_int_equal(polite_request_withdraw(&request), 0);
  may_return = 1;
  assert_int_equal(finish(&actor), POLITE_EINTR);
}

static void eintr_is_told_from_a_wake_for_nothing(void **state) {
  (void)state;
  SKIP_BUT_FOR_WINDOW();
  eintr_after_a_wake_for_nothing(read_byte, "read", 1);
  eintr_after_a_wake_for_nothing(read_byte, "read", 0);
  eintr_after_a_wake_for_nothing(poll_pipe, "poll", 0);
}

/* In the handler: calls that are plain, a shield, a checkpoint; and it stays until the interrupt has been sent. */
static void call_on_top(int signal) {
  (void)signal;
  char byte = 'y';
  CHECK(polite_write(other_ends[1], &byte, 1) == 1);
  CHECK(polite_read(other_ends[0], &byte, 1) == 1);
  CHECK(polite_shield_enter() >= 0);
  ++handled;
  while (!may_return) sched_yield();
  CHECK(polite_checkpoint() == 0);
  CHECK(polite_shield_leave() >= 1);
  CHECK(polite_checkpoint() == 0);
  CHECK(polite_write(other_ends[1], &byte, 1) == 1);
  CHECK(polite_read(other_ends[0], &byte, 1) == 1);
}

static void interrupted_beneath_a_handler(void (*body)(actor_t *), const char *call, int flags) {
  handle(SIGUSR1, call_on_top, flags);
  handled = may_return = 0;
  actor_t actor;
  start_blocked(&actor, body, NULL, call);
  pthread_kill(actor.pthread, SIGUSR1);
  AWAIT(handled == 1);
  assert_true(polite_interrupt(actor.thread) >= 0);
  may_return = 1;
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
}

static void interrupted_while_a_handler_runs(void **state) {
  (void)state;
  interrupted_beneath_a_handler(read_byte, "read", SA_RESTART);
  interrupted_beneath_a_handler(read_byte, "read", 0);
  interrupted_beneath_a_handler(poll_pipe, "poll", SA_RESTART);
}

static void wait_on_top(int signal) {
  (void)signal;
  ++handled;
  char byte;
  CHECK(polite_read(other_ends[0], &byte, 1) == 1); /* blocks, and is plain: nothing disturbs it but its byte */
}

/* Rule 7 allows a plain call in such a handler to be disturbed; a read that restarts is not. */
static void a_nested_blocked_read_is_not_delivered_to(void **state) {
  (void)state;
  handle(SIGUSR1, wait_on_top, SA_RESTART);
  handled = 0;
  actor_t actor;
  start_blocked(&actor, read_byte, NULL, "read");
  pthread_kill(actor.pthread, SIGUSR1);
  AWAIT(handled == 1);
  assert_true(polite_interrupt(actor.thread) >= 0);
  assert_int_equal(write(other_ends[1], "x", 1), 1);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
}

/* The target itself clears the request, in a handler on top of the call: the call goes on. */
static void clear_on_top(int signal) {
  (void)signal;
  ++handled;
  while (!may_return) sched_yield();
  polite_interrupt_clear();
}

static void cleared_on_top_of_the_call(void **state) {
  (void)state;
  handle(SIGUSR1, clear_on_top, SA_RESTART);
  handled = may_return = 0;
  actor_t actor;
  start_blocked(&actor, read_byte, NULL, "read");
  pthread_kill(actor.pthread, SIGUSR1);
  AWAIT(handled == 1);
  assert_true(polite_interrupt(actor.thread) >= 0);
  may_return = 1;
  AWAIT(!inspect(actor.thread).pending && is_blocked_in(actor.thread, "read"));
  assert_int_equal(write(pipe_ends[1], "x", 1), 1);
  assert_int_equal(finish(&actor), 1);
}

static void interrupt_oneself(int signal) {
  (void)signal;
  CHECK(polite_interrupt_with(polite_self(), 6, 0) == 0);
}

static void a_handler_may_interrupt_its_own_thread(void **state) {
  (void)state;
  for (int flags = 0; flags <= SA_RESTART; flags += SA_RESTART) {
    handle(SIGUSR1, interrupt_oneself, flags);
    actor_t actor;
    start_blocked(&actor, read_byte, NULL, "read");
    pthread_kill(actor.pthread, SIGUSR1);
    assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
    start_blocked(&actor, poll_pipe, NULL, "poll");
    pthread_kill(actor.pthread, SIGUSR1);
    assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  }
}

/* A handler on an alternate stack, which may be above or below the call's. */
static void read_with_alternate_stack(actor_t *actor) {
  stack_t stack = {.ss_sp = actor->with, .ss_size = 65536};
  CHECK(sigaltstack(&stack, NULL) == 0);
  read_byte(actor);
  stack.ss_flags = SS_DISABLE;
  sigaltstack(&stack, NULL);
}

static void handlers_on_an_alternate_stack(void **state) {
  (void)state;
  static char low[65536];
  char *places[2] = {low, mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)};
  for (int i = 0; i < 2; ++i) {
    handle(SIGUSR1, call_on_top, SA_RESTART | SA_ONSTACK);
    handled = may_return = 0;
    actor_t actor;
    start_blocked(&actor, read_with_alternate_stack, places[i], "read");
    pthread_kill(actor.pthread, SIGUSR1);
    AWAIT(handled == 1);
    assert_true(polite_interrupt(actor.thread) >= 0);
    may_return = 1;
    assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  }
  munmap(places[1], 65536);
}

/* --- Nothing of the program is used up, and nothing else is disturbed -------------------------------------------------------- */

static void no_room_in_the_signal_queue(void **state) {
  (void)state;
  struct rlimit before, none;
  getrlimit(RLIMIT_SIGPENDING, &before);
  none = before;
  none.rlim_cur = 0;
  assert_int_equal(setrlimit(RLIMIT_SIGPENDING, &none), 0);
  for (int i = 0; i < 100; ++i) {
    actor_t actor;
    start_blocked(&actor, read_byte, NULL, "read");
    assert_int_equal(polite_interrupt(actor.thread), 0);
    assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  }
  setrlimit(RLIMIT_SIGPENDING, &before);
}

/* --- Rule 7: a thread that is not in a region is not signalled -------------------------------------------------------------- */

static void poll_plainly(actor_t *actor) {
  struct pollfd fd = {pipe_ends[0], POLLIN, 0};
  actor->step = 1;
  actor->result = poll(&fd, 1, -1);
  if (actor->result < 0) actor->result = -errno;
}

static void a_plain_call_is_not_disturbed(void **state) {
  (void)state;
  actor_t actor;
  start(&actor, poll_plainly, NULL);
  AWAIT(actor.step == 1);
  for (int i = 0; i < 20000; ++i) polite_interrupt(actor.thread);
  assert_int_equal(write(pipe_ends[1], "x", 1), 1);
  assert_int_equal(finish(&actor), 1);
}

#define SIGNAL_TEST(function) cmocka_unit_test_setup_teardown(function, open_pipes, close_pipes)

int main(void) {
  const struct CMUnitTest tests[] = {
      SIGNAL_TEST(eintr_is_passed_on),
      SIGNAL_TEST(eintr_is_told_from_a_wake_for_nothing),
      SIGNAL_TEST(restarting_calls_restart),
      SIGNAL_TEST(sleeps_carry_on),
      SIGNAL_TEST(a_foreign_wake_changes_nothing),
      SIGNAL_TEST(interrupted_while_a_handler_runs),
      SIGNAL_TEST(a_nested_blocked_read_is_not_delivered_to),
      SIGNAL_TEST(cleared_on_top_of_the_call),
      SIGNAL_TEST(a_handler_may_interrupt_its_own_thread),
      SIGNAL_TEST(handlers_on_an_alternate_stack),
      SIGNAL_TEST(no_room_in_the_signal_queue),
      SIGNAL_TEST(a_plain_call_is_not_disturbed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Masks and handlers of signals by their plain names: the wake signal is left out of what a thread blocks, and held back while a handler
 * of the program's own runs. Built with polite/dropin.h, and once more with polite/pthread_cancel.h. */
#include "scene.h"

#ifdef WITH_PTHREAD_CANCEL
#include <polite/pthread_cancel.h>
#else
#include <polite/dropin.h>
#endif

#include <stdbool.h>
#include <sys/syscall.h>

static int ends[2];

static void count(int signal) { (void)signal; }

static bool is_blocked(int signal) {
  sigset_t now;
  CHECK(pthread_sigmask(SIG_BLOCK, NULL, &now) == 0);
  return sigismember(&now, signal);
}

static struct sigaction action_of(void (*handler)(int), int flags) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = handler;
  action.sa_flags = flags;
  return action;
}

/* Before polite has a handler for it the signal is the program's; so this comes first. */
static void the_wake_signal_is_the_programs_until_polite_starts(void **state) {
  (void)state;
  struct sigaction action = action_of(count, 0), before;
  assert_int_equal(sigaction(SIGURG, &action, NULL), 0);
  assert_int_equal(sigaction(SIGURG, NULL, &before), 0);
  assert_true(before.sa_handler == count);
  assert_true(signal(SIGURG, SIG_DFL) == count);
}

static void the_wake_signals_handler_stays(void **state) {
  (void)state;
  struct sigaction action = action_of(SIG_IGN, 0), before;
  if (polite_backend() != POLITE_BACKEND_WINDOW) skip(); /* it is not used */
  errno = 0;
  assert_int_equal(sigaction(SIGURG, &action, NULL), -1);
  assert_int_equal(errno, EINVAL);
  errno = 0;
  assert_true(signal(SIGURG, SIG_DFL) == SIG_ERR && errno == EINVAL);
  assert_int_equal(sigaction(SIGURG, NULL, &before), 0);
  assert_true(before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN);
}

/* --- Masks ------------------------------------------------------------------------------------------------------------------------ */

static void block(int how) {
  sigset_t all;
  sigfillset(&all);
  CHECK(pthread_sigmask(how, &all, NULL) == 0);
}

static void block_in_the_process(int how) {
  sigset_t all;
  sigfillset(&all);
  CHECK(sigprocmask(how, &all, NULL) == 0);
}

static const struct way {
  void (*block)(int);
  int how;
} ways[] = {{block, SIG_BLOCK}, {block, SIG_SETMASK}, {block_in_the_process, SIG_BLOCK}, {block_in_the_process, SIG_SETMASK}};

static void block_and_read(actor_t *actor) {
  const struct way *way = actor->with;
  char byte;
  way->block(way->how);
  CHECK(is_blocked(SIGUSR1) && is_blocked(SIGTERM) && !is_blocked(SIGURG));
  actor->result = polite_read(ends[0], &byte, 1);
}

static void a_thread_that_blocks_every_signal_is_woken(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof ways / sizeof *ways; ++i) {
    actor_t actor;
    start_blocked(&actor, block_and_read, (void *)&ways[i], "read");
    assert_int_equal(polite_interrupt(actor.thread), 0);
    assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  }
}

/* --- Handlers --------------------------------------------------------------------------------------------------------------------- */

static actor_t *reader;
static atomic_bool held, pending;

/* On top of the read: interrupted meanwhile. */
static void wait_for_the_interrupt(int signal) {
  sigset_t now;
  (void)signal;
  held = is_blocked(SIGURG);
  reader->step = 1;
  while (reader->step != 2) sched_yield();
  pending = sigpending(&now) == 0 && sigismember(&now, SIGURG);
}

static void read_a_byte(actor_t *actor) {
  char byte;
  actor->result = polite_read(ends[0], &byte, 1);
}

static void interrupt_in_handler(void) {
  actor_t actor;
  held = pending = false;
  reader = &actor;
  start_blocked(&actor, read_a_byte, NULL, "read");
  pthread_kill(actor.pthread, SIGUSR1);
  AWAIT(actor.step == 1);
  assert_in_range(polite_interrupt(actor.thread), 0, 2);
  actor.step = 2;
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
}

static void assert_held_back(void) {
  assert_true(held);
  assert_int_equal(pending, polite_backend() == POLITE_BACKEND_WINDOW);
}

static void a_handler_is_not_disturbed_by_a_wake(void **state) {
  (void)state;
  struct sigaction action = action_of(wait_for_the_interrupt, SA_RESTART);
  assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
  interrupt_in_handler();
  assert_held_back();
  assert_true(signal(SIGUSR1, SIG_DFL) == wait_for_the_interrupt);
  assert_true(signal(SIGUSR1, wait_for_the_interrupt) == SIG_DFL);
  interrupt_in_handler();
  assert_held_back();
  signal(SIGUSR1, SIG_DFL);
}

static void what_was_set_is_read_back(void **state) {
  (void)state;
  struct sigaction action = action_of(count, SA_RESTART), before;
  sigaddset(&action.sa_mask, SIGTERM);
  assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
  assert_int_equal(sigaction(SIGUSR1, NULL, &before), 0);
  assert_true(before.sa_handler == count && (before.sa_flags & SA_RESTART));
  assert_true(sigismember(&before.sa_mask, SIGTERM) && !sigismember(&before.sa_mask, SIGURG));

  sigaddset(&action.sa_mask, SIGURG); /* if it was the program's wish, it stays */
  assert_int_equal(sigaction(SIGUSR1, &action, &before), 0);
  assert_false(sigismember(&before.sa_mask, SIGURG));
  action = action_of(SIG_IGN, 0);
  assert_int_equal(sigaction(SIGUSR1, &action, &before), 0);
  assert_true(sigismember(&before.sa_mask, SIGURG));
  assert_int_equal(sigaction(SIGUSR1, NULL, &before), 0);
  assert_true(before.sa_handler == SIG_IGN && !sigismember(&before.sa_mask, SIGURG));

  assert_true(signal(SIGUSR1, count) == SIG_IGN);
  assert_int_equal(sigaction(SIGUSR1, NULL, &before), 0);
  assert_true(before.sa_handler == count && (before.sa_flags & SA_RESTART) && !sigismember(&before.sa_mask, SIGURG));
  assert_true(signal(SIGUSR1, SIG_DFL) == count);
  assert_true(signal(SIGKILL, count) == SIG_ERR && errno == EINVAL);
  assert_int_equal(sigaction(0, &action, NULL), -1);
}

/* --- Jumps out of handlers that bring no mask back ---------------------------------------------------------------------------------- */

static jmp_buf place;

static void jump_away(int signal) {
  (void)signal;
  _longjmp(place, 1);
}

static void jump_and_read(actor_t *actor) {
  char byte;
  if (_setjmp(place) == 0) raise(SIGUSR1);
  if (actor->with) {
    sigset_t own;
    CHECK(is_blocked(SIGUSR1) && is_blocked(SIGURG));
    sigemptyset(&own);
    sigaddset(&own, SIGUSR1);
    CHECK(pthread_sigmask(SIG_UNBLOCK, &own, NULL) == 0);
  }
  CHECK(!is_blocked(SIGUSR1) && !is_blocked(SIGURG));
  actor->result = polite_read(ends[0], &byte, 1);
}

static void a_thread_that_jumped_out_of_a_handler_is_woken(void **state) {
  (void)state;
  for (int unblocks = 0; unblocks < 2; ++unblocks) {
    struct sigaction action = action_of(jump_away, unblocks ? 0 : SA_NODEFER);
    actor_t actor;
    assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
    start_blocked(&actor, jump_and_read, unblocks ? &action : NULL, "read");
    assert_int_equal(polite_interrupt(actor.thread), 0);
    assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  }
  signal(SIGUSR1, SIG_DFL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_wake_signal_is_the_programs_until_polite_starts), TEST(the_wake_signals_handler_stays),
      TEST(a_thread_that_blocks_every_signal_is_woken), TEST(a_handler_is_not_disturbed_by_a_wake), TEST(what_was_set_is_read_back),
      TEST(a_thread_that_jumped_out_of_a_handler_is_woken),
  };
  if (pipe(ends) != 0) return 1;
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Running a program as a call: no child is left behind on any path, and what became of it is told (rule 2). */
#include "scene.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

typedef struct run {
  const char *command;
  polite_spawn_options_t options;
  int status;
} run_t;

static char *const *shell(const char *command) {
  static _Thread_local char *arguments[4];
  arguments[0] = (char *)(uintptr_t) "sh";
  arguments[1] = (char *)(uintptr_t) "-c";
  arguments[2] = (char *)(uintptr_t)command;
  return arguments;
}

static int ready[2]; /* the child's descriptor 3 is ready[1] */
static posix_spawn_file_actions_t actions;

static void run(actor_t *actor) {
  run_t *with = actor->with;
  with->options.size = sizeof with->options;
  with->options.file_actions = &actions;
  actor->result = polite_spawn_wait("/bin/sh", shell(with->command), &with->options, &with->status);
  actor->step = polite_interrupt_pending() ? 1 : 2;
}

static int open_ready(void **state) {
  make_pipe(ready);
  fcntl(ready[0], F_SETFD, FD_CLOEXEC);
  fcntl(ready[1], F_SETFD, FD_CLOEXEC);
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ready[1], 3);
  return clean_thread(state);
}

/* Nobody is left, neither running nor to be reaped. */
static int no_child_is_left(void **state) {
  (void)state;
  posix_spawn_file_actions_destroy(&actions);
  close_both(ready);
  return waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD ? 0 : -1;
}
#define SPAWN_TEST(function) cmocka_unit_test_setup_teardown(function, open_ready, no_child_is_left)

static void await_ready(actor_t *actor) {
  char byte;
  assert_int_equal(read(ready[0], &byte, 1), 1);
  AWAIT(is_blocked_in(actor->thread, "waitpid"));
}

#define FOR_EVER "while :; do :; done"
#define SAY_READY "printf r >&3; "

static void a_program_is_run(void **state) {
  (void)state;
  char *environment[] = {(char *)(uintptr_t) "ANSWER=42", NULL};
  polite_spawn_options_t options = {.size = sizeof options, .environment = environment, .flags = POLITE_SPAWN_SEARCH};
  int status = 77;
  assert_int_equal(polite_spawn_wait("/bin/sh", shell("exit 7"), NULL, &status), 0);
  assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 7);
  assert_int_equal(polite_spawn_wait("sh", shell("exit $ANSWER"), &options, &status), 0);
  assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 42);
  assert_int_equal(polite_spawn_wait("/bin/sh", shell("kill -TERM $$"), NULL, &status), 0);
  assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

static void an_interrupt_ends_the_child(void **state) {
  (void)state;
  run_t with = {.command = SAY_READY FOR_EVER};
  actor_t actor;
  start(&actor, run, &with);
  await_ready(&actor);
  assert_int_equal(polite_interrupt(actor.thread), 0);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  assert_int_equal(actor.step, 2);
  assert_true(WIFSIGNALED(with.status) && WTERMSIG(with.status) == SIGKILL);
}

/* It is given the time to end by itself. */
static void a_child_is_asked_first(void **state) {
  (void)state;
  run_t with = {.command = "trap 'exit 3' TERM; " SAY_READY FOR_EVER, .options = {.signal = SIGTERM, .patience_ns = INT64_MAX}};
  actor_t actor;
  start(&actor, run, &with);
  await_ready(&actor);
  assert_int_equal(polite_interrupt(actor.thread), 0);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  assert_true(WIFEXITED(with.status) && WEXITSTATUS(with.status) == 3);
}

static void a_child_that_does_not_listen_is_killed(void **state) {
  (void)state;
  for (int64_t patience = 0; patience <= 5000000; patience += 2500000) {
    run_t with = {.command = "trap '' TERM; " SAY_READY FOR_EVER, .options = {.signal = SIGTERM, .patience_ns = patience}};
    actor_t actor;
    start(&actor, run, &with);
    await_ready(&actor);
    assert_int_equal(polite_interrupt(actor.thread), 0);
    assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
    assert_true(WIFSIGNALED(with.status) && WTERMSIG(with.status) == SIGKILL);
  }
}

static void a_pending_interrupt_begins_nothing(void **state) {
  (void)state;
  int status = 77;
  polite_interrupt(polite_self());
  assert_int_equal(polite_spawn_wait("/bin/sh", shell("exit 7"), NULL, &status), POLITE_INTERRUPTED);
  assert_int_equal(status, -1);
  polite_interrupt(polite_self());
  assert_int_equal(polite_system("exit 7"), POLITE_INTERRUPTED);
}

static void in_a_shield_it_runs_to_its_end(void **state) {
  (void)state;
  int status = 77;
  polite_shield_enter();
  polite_interrupt(polite_self());
  assert_int_equal(polite_spawn_wait("/bin/sh", shell("exit 7"), NULL, &status), 0);
  assert_int_equal(WEXITSTATUS(status), 7);
  status = polite_system("exit 8");
  assert_int_equal(WEXITSTATUS(status), 8);
  assert_int_equal(polite_interrupt_pending(), 1);
}

/* Rule 2: its end, or the interrupt. Whichever it was, the child's status is told. */
static void end_and_interrupt_at_once(void **state) {
  (void)state;
  for (int i = 0; i < 60; ++i) {
    run_t with = {.command = SAY_READY "exit 5"};
    actor_t actor;
    char byte;
    start(&actor, run, &with);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    polite_interrupt(actor.thread);
    long result = finish(&actor);
    int exited = WIFEXITED(with.status) && WEXITSTATUS(with.status) == 5;
    if (result == 0) {
      assert_true(exited);
    } else {
      assert_int_equal(result, POLITE_INTERRUPTED);
      assert_int_equal(actor.step, 2);
      assert_true(exited || (WIFSIGNALED(with.status) && WTERMSIG(with.status) == SIGKILL));
    }
  }
}

static void bad_input(void **state) {
  (void)state;
  int status = 77;
  polite_spawn_options_t bad[] = {{.size = 8}, {.size = sizeof *bad, .flags = 2}, {.size = sizeof *bad, .patience_ns = -1},
                                  {.size = sizeof *bad, .signal = -1}, {.size = sizeof *bad, .signal = 1000},
                                  {.size = sizeof *bad, .reserved = 1}};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i)
    assert_int_equal(polite_spawn_wait("/bin/sh", shell(""), &bad[i], &status), POLITE_EINVAL);
  assert_int_equal(polite_spawn_wait(NULL, shell(""), NULL, &status), POLITE_EINVAL);
  assert_int_equal(polite_spawn_wait("/bin/sh", NULL, NULL, &status), POLITE_EINVAL);
  assert_int_equal(polite_spawn_wait("/bin/sh", shell(""), NULL, NULL), POLITE_EINVAL);
  assert_int_equal(status, 77);
  assert_int_equal(polite_spawn_wait("/no/such/program", shell(""), NULL, &status), POLITE_ENOENT);
  assert_int_equal(status, -1);
}

/* --- system(3) -------------------------------------------------------------------------------------------------------------- */

static void run_command(actor_t *actor) {
  const char *command = actor->with;
  actor->result = polite_system(command);
  sigset_t mask;
  pthread_sigmask(SIG_BLOCK, NULL, &mask);
  actor->step = sigismember(&mask, SIGCHLD) ? 1 : 2;
}

static atomic_int interrupts;
static void count(int signal) { (void)signal, ++interrupts; }

static void is_handled_by_count(int signal) {
  struct sigaction now;
  sigaction(signal, NULL, &now);
  assert_true(now.sa_handler == count);
}

/* SIGINT and SIGQUIT are for the shell, which has their default actions, and not for us; afterwards all is as it was. */
static void a_command_is_run(void **state) {
  (void)state;
  struct sigaction counting = {.sa_handler = count}, before[2];
  assert_int_equal(polite_system(NULL), 1);
  int status = polite_system("exit 9");
  assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 9);
  sigaction(SIGINT, &counting, &before[0]);
  sigaction(SIGQUIT, &counting, &before[1]);
  status = polite_system("kill -INT $PPID; kill -QUIT $PPID; exit 4");
  assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 4);
  assert_int_equal(interrupts, 0);
  is_handled_by_count(SIGINT);
  is_handled_by_count(SIGQUIT);
  status = polite_system("kill -INT $$");
  assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
  sigaction(SIGINT, &before[0], NULL);
  sigaction(SIGQUIT, &before[1], NULL);
}

static void an_interrupt_ends_the_command(void **state) {
  (void)state;
  struct sigaction counting = {.sa_handler = count}, before;
  char command[100];
  sigaction(SIGINT, &counting, &before);
  snprintf(command, sizeof command, "printf r >/proc/%d/fd/%d; " FOR_EVER, (int)getpid(), ready[1]);
  actor_t actors[2];
  for (int i = 0; i < 2; ++i) {
    start(&actors[i], run_command, command);
    await_ready(&actors[i]);
  }
  for (int i = 0; i < 2; ++i) {
    kill(getpid(), SIGINT);
    assert_int_equal(interrupts, 0); /* as long as one of them is in it */
    assert_int_equal(polite_interrupt(actors[i].thread), 0);
    assert_int_equal(finish(&actors[i]), POLITE_INTERRUPTED);
    assert_int_equal(actors[i].step, 2);
  }
  is_handled_by_count(SIGINT);
  sigaction(SIGINT, &before, NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      SPAWN_TEST(a_program_is_run),
      SPAWN_TEST(an_interrupt_ends_the_child),
      SPAWN_TEST(a_child_is_asked_first),
      SPAWN_TEST(a_child_that_does_not_listen_is_killed),
      SPAWN_TEST(a_pending_interrupt_begins_nothing),
      SPAWN_TEST(in_a_shield_it_runs_to_its_end),
      SPAWN_TEST(end_and_interrupt_at_once),
      SPAWN_TEST(bad_input),
      SPAWN_TEST(a_command_is_run),
      SPAWN_TEST(an_interrupt_ends_the_command),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

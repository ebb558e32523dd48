/* Rule 12: after fork, also _Fork, the child's one thread works, with nothing pending, and is nobody's target but its own. */
#include "scene.h"

#include <sys/syscall.h>
#include <sys/wait.h>

static polite_thread_t parent, other;

static int ends[2];
static void read_byte(actor_t *actor) {
  char byte;
  actor->result = polite_read(ends[0], &byte, 1);
}

static int wait_for(pid_t child) {
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  return status;
}

static void nothing_is_pending(void) {
  char byte;
  CHECK(polite_interrupt_pending() == 0);
  CHECK(polite_checkpoint() == 0);
  CHECK(polite_read(-1, &byte, 1) == POLITE_EBADF);
}

static void it_is_its_own_target(void) {
  char byte;
  int own[2];
  CHECK(pipe(own) == 0 && write(own[1], "x", 1) == 1);
  CHECK(polite_self() == parent);
  CHECK(polite_interrupt_with(polite_self(), 3, 0) == 0);
  CHECK(polite_read(own[0], &byte, 1) == POLITE_INTERRUPTED && polite_interrupt_reason() == 3);
  CHECK(polite_read(own[0], &byte, 1) == 1);
}

static void it_reaches_nobody_else(void) {
  CHECK(polite_interrupt(other) == POLITE_ESRCH);
  int met = 0;
  for (polite_thread_t thread = 0; (thread = polite_thread_next(thread));) met += thread == parent ? 1 : 1000;
  CHECK(met == 1);
}

static void new_threads_can_be_interrupted(void) {
  actor_t actor;
  make_pipe(ends);
  start_blocked(&actor, read_byte, NULL, "read");
  CHECK(polite_interrupt(actor.thread) == 0);
  CHECK(finish(&actor) == POLITE_INTERRUPTED);
}

/* The child's checks, in different orders, for whatever comes first has to notice the fork. */
static void check_child(int first) {
  void (*checks[])(void) = {nothing_is_pending, it_is_its_own_target, it_reaches_nobody_else, new_threads_can_be_interrupted};
  int count = UNDER_QEMU ? 3 : 4; /* without the threads */
  for (int i = 0; i < count; ++i) checks[(first + i) % count]();
}

static void with_something_pending(pid_t (*make)(void)) {
  make_pipe(ends);
  actor_t actor;
  start_blocked(&actor, read_byte, NULL, "read");
  parent = polite_self();
  other = actor.thread;
  for (int first = 0; first < 4; ++first) {
    polite_request_t request = {0};
    polite_request_post(&request, parent, 0, POLITE_LATCHED);
    polite_interrupt_with(parent, 9, POLITE_LATCHED);
    pid_t child = make();
    if (child == 0) {
      check_child(first);
      CHECK(polite_request_withdraw(&request) == 0);
      nothing_is_pending();
      _exit(0);
    }
    assert_int_equal(wait_for(child), 0);
    assert_int_equal(polite_checkpoint(), POLITE_INTERRUPTED); /* the parent's is still there */
    assert_int_equal(polite_interrupt_clear(), 1);
    assert_int_equal(polite_request_withdraw(&request), 1);
  }
  polite_interrupt(actor.thread);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  close_both(ends);
}

/* Of POSIX 2024; a libc may be older. */
extern __attribute__((weak)) pid_t _Fork(void);

static pid_t raw_clone(void) { return (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); }

static void a_child_of_fork(void **state) { (void)state; with_something_pending(fork); }
static void a_child_of_underscore_fork(void **state) {
  (void)state;
  if (!_Fork || UNDER_QEMU) skip();
  with_something_pending(_Fork);
}
static void a_child_of_a_raw_clone(void **state) {
  (void)state;
  if (UNDER_QEMU) skip();
  with_something_pending(raw_clone);
}

/* The thread that forked does nothing but block; another thread of the child interrupts it. */
static void interrupt_when_blocked(actor_t *actor) {
  AWAIT(is_blocked_in(parent, "read"));
  CHECK(polite_interrupt(parent) == 0);
  actor->result = 0;
}

static void the_survivor_can_be_interrupted(void **state) {
  (void)state;
  if (UNDER_QEMU) skip();
  parent = polite_self();
  pid_t child = fork();
  if (child == 0) {
    actor_t actor = {.body = interrupt_when_blocked};
    int own[2];
    char byte;
    CHECK(pipe(own) == 0 && pthread_create(&actor.pthread, NULL, actor_main, &actor) == 0);
    CHECK(polite_read(own[0], &byte, 1) == POLITE_INTERRUPTED);
    _exit(0);
  }
  assert_int_equal(wait_for(child), 0);
}

/* Request objects that were posted before the fork are as new in the child. */
static void request_objects_are_as_new(void **state) {
  (void)state;
  parent = polite_self();
  polite_request_t a = {0}, b = {0};
  assert_int_equal(polite_request_post(&a, parent, 1, 0), 0);
  pid_t child = fork();
  if (child == 0) {
    CHECK(polite_request_post(&a, polite_self(), 2, 0) == 0);
    CHECK(polite_request_post(&b, polite_self(), 3, 0) == 1);
    CHECK(polite_request_withdraw(&a) == 0);
    CHECK(polite_checkpoint() == POLITE_INTERRUPTED && polite_interrupt_reason() == 3);
    CHECK(polite_request_withdraw(&b) == 1 && polite_interrupt_pending() == 0);
    _exit(0);
  }
  assert_int_equal(wait_for(child), 0);
  assert_int_equal(polite_request_withdraw(&a), 0);
}

static void a_child_of_a_child(void **state) {
  (void)state;
  parent = polite_self();
  other = 0;
  pid_t child = fork();
  if (child == 0) {
    it_is_its_own_target();
    polite_interrupt_with(polite_self(), 1, POLITE_LATCHED);
    pid_t grandchild = fork();
    if (grandchild == 0) {
      check_child(0);
      _exit(0);
    }
    _exit(wait_for(grandchild) != 0);
  }
  assert_int_equal(wait_for(child), 0);
}

/* A fork in the middle of others' interrupts must not leave the child something that is never finished. */
static void interrupt_all_the_time(actor_t *actor) {
  while (!actor->step) polite_interrupt(parent);
}

static void while_others_interrupt(void **state) {
  (void)state;
  parent = polite_self();
  other = 0;
  actor_t interrupters[2];
  for (int i = 0; i < 2; ++i) start(&interrupters[i], interrupt_all_the_time, NULL);
  for (int i = 0; i < 300; ++i) {
    pid_t child = fork();
    if (child == 0) {
      alarm(LIMIT_SECONDS);
      char byte;
      int own[2];
      CHECK(pipe(own) == 0 && write(own[1], "x", 1) == 1);
      CHECK(polite_read(own[0], &byte, 1) == 1);
      it_is_its_own_target();
      _exit(0);
    }
    assert_int_equal(wait_for(child), 0);
  }
  for (int i = 0; i < 2; ++i) {
    interrupters[i].step = 1;
    finish(&interrupters[i]);
  }
  polite_interrupt_clear();
}

/* In a handler on top of a blocked call: the child's call is blocked still when the handler returns, and can be interrupted. */
static atomic_int forked;
static void fork_on_top(int signal) {
  (void)signal;
  pid_t child = fork();
  if (child == 0) {
    CHECK(polite_interrupt(polite_self()) == 0);
    return; /* to the call, which is now the child's */
  }
  forked = child;
}

static void *read_and_fork_on_top(void *argument) {
  pid_t whole = getpid();
  actor_main(argument);
  actor_t *actor = argument;
  if (getpid() != whole) _exit(actor->result == POLITE_INTERRUPTED ? 0 : 1);
  return NULL;
}

static void on_top_of_a_blocked_call(void **state) {
  (void)state;
  make_pipe(ends);
  struct sigaction action = {.sa_handler = fork_on_top, .sa_flags = SA_RESTART};
  sigaction(SIGUSR1, &action, NULL);
  actor_t actor = {.body = read_byte};
  pthread_create(&actor.pthread, NULL, read_and_fork_on_top, &actor);
  AWAIT(actor.thread != 0 && is_blocked_in(actor.thread, "read"));
  pthread_kill(actor.pthread, SIGUSR1);
  AWAIT(forked != 0);
  assert_int_equal(wait_for(forked), 0);
  AWAIT(is_blocked_in(actor.thread, "read"));
  assert_int_equal(polite_interrupt(actor.thread), 0);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  close_both(ends);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_child_of_fork),
      TEST(a_child_of_underscore_fork),
      TEST(a_child_of_a_raw_clone),
      TEST(the_survivor_can_be_interrupted),
      TEST(request_objects_are_as_new),
      TEST(a_child_of_a_child),
      TEST(while_others_interrupt),
      TEST(on_top_of_a_blocked_call),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Programs that block every signal in their threads: no interrupt is lost. Blocked before the thread attached, it is woken; blocked later,
 * by means that polite does not see, whoever interrupts it is told that it cannot be woken (rules 6, 13). What polite does see is the
 * plain names' business (pthread_cancel/test_corners.c). */
#include "scene.h"

#include <sys/syscall.h>

static int pipe_ends[2];

static int open_pipe(void **state) {
  make_pipe(pipe_ends);
  return clean_thread(state);
}

static int close_pipe(void **state) {
  (void)state;
  close_both(pipe_ends);
  return 0;
}

static void read_byte(actor_t *actor) {
  char byte;
  actor->result = polite_read(pipe_ends[0], &byte, 1);
}

static void block_by_libc(void) {
  sigset_t all;
  sigfillset(&all);
  CHECK(pthread_sigmask(SIG_BLOCK, &all, NULL) == 0);
}

static void block_by_system_call(void) {
  uint64_t all = ~(uint64_t)0;
  CHECK(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, NULL, sizeof all) == 0);
}

static void (*const ways_to_block[])(void) = {block_by_libc, block_by_system_call};
enum { WAYS_TO_BLOCK = 2 };

/* The body's way to block. */
static void block_all(const actor_t *actor) {
  void (*const *way)(void) = actor->with;
  (*way)();
}

static void *attach_with_all_blocked(void *argument) {
  block_all(argument);
  return actor_main(argument);
}

/* Attaching lets the wake signal in. */
static void blocked_before_attaching(void **state) {
  (void)state;
  for (int way = 0; way < WAYS_TO_BLOCK; ++way) {
    actor_t actor = {.body = read_byte, .with = (void *)(uintptr_t)&ways_to_block[way]};
    pthread_create(&actor.pthread, NULL, attach_with_all_blocked, &actor);
    AWAIT(actor.thread != 0 && is_blocked_in(actor.thread, "read"));
    assert_int_equal(polite_interrupt(actor.thread), 0);
    assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  }
}

static void block_and_read(actor_t *actor) {
  block_all(actor);
  read_byte(actor);
  actor->step = 1;
  if (actor->result == 1) read_byte(actor);
}

/* On the self-pipe it is woken all the same. Otherwise it cannot be, which whoever asks is told, every time; but the request is not lost: the
 * second read begins with it. */
static void blocked_after_attaching(void **state) {
  (void)state;
  for (int way = 0; way < WAYS_TO_BLOCK; ++way) {
    actor_t actor;
    start_blocked(&actor, block_and_read, (void *)(uintptr_t)&ways_to_block[way], "read");
    if (polite_backend() == POLITE_BACKEND_SELF_PIPE) {
      assert_int_equal(polite_interrupt(actor.thread), 0);
      assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
      continue;
    }
    assert_int_equal(polite_interrupt(actor.thread), 2);
    assert_int_equal(polite_interrupt(actor.thread), 2);
    assert_int_equal(write(pipe_ends[1], "x", 1), 1);
    assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  }
}

static void block_and_wait_to_go_on(actor_t *actor) {
  block_all(actor);
  actor->step = 1;
  while (actor->step == 1) sched_yield();
  read_byte(actor);
}

/* Whoever is not blocked needs no wake. */
static void interrupted_before_the_call_with_all_blocked(void **state) {
  (void)state;
  for (int way = 0; way < WAYS_TO_BLOCK; ++way) {
    actor_t actor;
    start(&actor, block_and_wait_to_go_on, (void *)(uintptr_t)&ways_to_block[way]);
    AWAIT(actor.step == 1);
    assert_int_equal(polite_interrupt(actor.thread), 0);
    actor.step = 2;
    assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  }
}

static void block_read_and_let_in(actor_t *actor) {
  uint64_t before;
  CHECK(syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &before, sizeof before) == 0);
  block_all(actor);
  read_byte(actor);
  CHECK(actor->result == 1);
  CHECK(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &before, NULL, sizeof before) == 0);
  CHECK(polite_checkpoint() == POLITE_INTERRUPTED);
  actor->step = 1;
  read_byte(actor);
}

/* It was blocked for a while only: afterwards it is woken as ever. */
static void blocked_for_a_while(void **state) {
  (void)state;
  SKIP_BUT_FOR_WINDOW();
  for (int way = 0; way < WAYS_TO_BLOCK; ++way) {
    actor_t actor;
    start_blocked(&actor, block_read_and_let_in, (void *)(uintptr_t)&ways_to_block[way], "read");
    assert_int_equal(polite_interrupt(actor.thread), 2);
    assert_int_equal(write(pipe_ends[1], "x", 1), 1);
    AWAIT(actor.step == 1 && is_blocked_in(actor.thread, "read"));
    assert_int_equal(polite_interrupt(actor.thread), 0);
    assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  }
}

#define PIPE_TEST(function) cmocka_unit_test_setup_teardown(function, open_pipe, close_pipe)

int main(void) {
  const struct CMUnitTest tests[] = {
      PIPE_TEST(blocked_before_attaching),
      PIPE_TEST(blocked_after_attaching),
      PIPE_TEST(interrupted_before_the_call_with_all_blocked),
      PIPE_TEST(blocked_for_a_while),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

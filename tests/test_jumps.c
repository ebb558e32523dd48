/* A region that its thread left by a jump (trap "a stale region"): siglongjmp out of a handler on top of a blocked call, and a vfork
 * child that ended inside one. */
#include "scene.h"

#include <poll.h>
#include <setjmp.h>
#include <sys/wait.h>

static int ends[2];
static sigjmp_buf out;
static atomic_int jumped;

static void jump(int signal) {
  (void)signal;
  siglongjmp(out, 1);
}

static void handle(int flags) {
  struct sigaction action = {.sa_handler = jump, .sa_flags = flags};
  sigaction(SIGUSR1, &action, NULL);
}

static long read_byte(void) {
  char byte;
  return polite_read(ends[0], &byte, 1);
}

/* Deeper in the stack than the call that was left, with a frame that writes all over it. (ASan's has holes, in which that call would seem to go on.) */
static long __attribute__((noinline, no_sanitize("address"))) read_deeper(int depth) {
  volatile char room[512];
  memset((char *)room, depth, sizeof room);
  long result = depth ? read_deeper(depth - 1) : read_byte();
  return result + (room[0] != (char)depth);
}

static void jump_then_read(actor_t *actor) {
  if (sigsetjmp(out, 1) == 0) {
    read_byte();
    CHECK(!"comes back");
  }
  jumped = 1;
  actor->result = actor->with ? read_deeper(20) : read_byte();
}

static void the_next_call_can_be_interrupted(void **state) {
  (void)state;
  int flags[] = {0, SA_RESTART};
  for (int i = 0; i < 4; ++i) {
    handle(flags[i % 2]);
    make_pipe(ends);
    jumped = 0;
    actor_t actor;
    start_blocked(&actor, jump_then_read, i < 2 ? NULL : ends, "read");
    pthread_kill(actor.pthread, SIGUSR1);
    AWAIT(jumped);
    AWAIT(is_blocked_in(actor.thread, "read") && sleeps(actor.thread)); /* in the next call: the one that was left seems to go on until then */
    assert_int_equal(polite_interrupt(actor.thread), 0);
    assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
    close_both(ends);
  }
}

/* The next call a little above the one that was left, by every distance up to a signal frame's: what the kernel saved for the handler is
 * still there, just beneath, and must not be taken for that of a handler that runs. */
static void __attribute__((noinline)) read_beneath(size_t distance) {
  volatile char *room = __builtin_alloca(distance + 16);
  room[0] = 0;
  read_byte();
}

static void jump_then_read_above(actor_t *actor) {
  if (sigsetjmp(out, 1) == 0) {
    read_beneath(*(size_t *)actor->with);
    CHECK(!"comes back");
  }
  jumped = 1;
  actor->result = read_byte();
}

static void a_call_a_little_above_is_not_nested(void **state) {
  (void)state;
  handle(SA_RESTART);
  for (size_t distance = 0; distance < 1536; distance += 16) {
    make_pipe(ends);
    jumped = 0;
    actor_t actor;
    start_blocked(&actor, jump_then_read_above, &distance, "read");
    pthread_kill(actor.pthread, SIGUSR1);
    AWAIT(jumped && is_blocked_in(actor.thread, "read"));
    assert_int_equal(polite_interrupt(actor.thread), 0);
    assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
    close_both(ends);
  }
}

/* With polite_jumped, plain calls after the jump are not disturbed either, whatever is sent. */
static void jump_and_say_so(actor_t *actor) {
  if (sigsetjmp(out, 1) == 0) {
    read_byte();
    CHECK(!"comes back");
  }
  actor->result = polite_jumped();
  jumped = 1;
  struct pollfd fd = {ends[0], POLLIN, 0};
  actor->result = poll(&fd, 1, -1);
  if (actor->result == 1) actor->result = polite_checkpoint();
}

static void saying_so_is_the_sure_way(void **state) {
  (void)state;
  handle(SA_RESTART);
  make_pipe(ends);
  jumped = 0;
  actor_t actor;
  start_blocked(&actor, jump_and_say_so, NULL, "read");
  pthread_kill(actor.pthread, SIGUSR1);
  AWAIT(jumped);
  for (int i = 0; i < 10000; ++i) assert_int_equal(polite_interrupt(actor.thread), i > 0);
  assert_int_equal(write(ends[1], "x", 1), 1);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  assert_int_equal(polite_jumped(), 0); /* nothing to do */
  close_both(ends);
}

/* A vfork child shares its parent's memory, record and all; killed in a blocked call, it leaves its region behind. */
static void vfork_and_kill(actor_t *actor) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  pid_t child = vfork();
#pragma GCC diagnostic pop
  if (child == 0) {
    alarm(1); /* the only way to end a call that nobody can reach: its parent waits */
    read_byte();
    _exit(1);
  }
  int status;
  CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status));
  jumped = 1;
  actor->result = read_byte();
}

static void a_vfork_child_that_was_killed(void **state) {
  (void)state;
  make_pipe(ends);
  jumped = 0;
  actor_t actor;
  start(&actor, vfork_and_kill, NULL);
  AWAIT(jumped);
  AWAIT(is_blocked_in(actor.thread, "read"));
  assert_int_equal(polite_interrupt(actor.thread), 0);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  close_both(ends);
}

/* The same call from the same place: what the first one left in its frame is there still. */
static void park_again(actor_t *actor) {
  sigsetjmp(out, 1);
  ++jumped;
  actor->result = polite_park();
  actor->step = 1;
}

static void parking_again_can_be_interrupted(void **state) {
  (void)state;
  handle(0);
  jumped = 0;
  actor_t actor;
  start_blocked(&actor, park_again, NULL, "park");
  pthread_kill(actor.pthread, SIGUSR1);
  AWAIT(jumped == 2 && sleeps(actor.thread));
  assert_int_equal(polite_interrupt(actor.thread), 0);
  AWAIT(actor.step == 1);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(the_next_call_can_be_interrupted),
      TEST(parking_again_can_be_interrupted),
      TEST(a_call_a_little_above_is_not_nested),
      TEST(saying_so_is_the_sure_way),
      TEST(a_vfork_child_that_was_killed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

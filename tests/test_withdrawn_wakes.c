/* A wake whose request is withdrawn before the thread has looked: the thread goes on waiting, and the next interrupt reaches it (rule 6).
 *
 * When a wake is on its way nobody sends another. So a thread that comes out of its sleep, finds nothing, and stays where it is would not be
 * woken again. Which of the two is first, the withdrawal or the look, is left to chance, in as many rounds as it takes to see both. */
#include "waits.h"

enum { ROUNDS_EACH = 300 };

/* A condition's wait may end for no reason; then it is begun again, as its users do. */
static void wait_once(actor_t *actor) {
  const wait_t *wait = actor->with;
  do {
    actor->result = wait->wait(ORDINARY, 0);
    CHECK(wait->done((int)actor->result) == 0);
  } while (actor->result == 0 && wait->object == &condition && !signalled);
}

static void sleep_long(actor_t *actor) { actor->result = polite_nanosleep((int64_t)3600 * 1000000000, NULL); }

/* It may be delivered all the same, in which case the thread may be gone. */
static void wake_for_nothing(polite_thread_t thread) {
  polite_request_t request;
  memset(&request, 0, sizeof request);
  int posted = polite_request_post(&request, thread, 1, 0);
  assert_true(posted >= 0 || posted == POLITE_ESRCH);
  polite_request_withdraw(&request);
}

static int has_ended(polite_thread_t thread) {
  polite_thread_info_t info = {.size = sizeof info};
  return polite_thread_inspect(thread, &info) == POLITE_ESRCH;
}

/* Once it has looked, and sleeps again. */
static void expect_next_to_arrive(actor_t *actor) {
  for (int i = 0; i < 20; ++i) wake_for_nothing(actor->thread);
  AWAIT(is_blocked_in(actor->thread, NULL) || has_ended(actor->thread));
  int sent = polite_interrupt(actor->thread);
  assert_true(sent == 0 || sent == POLITE_ESRCH);
  assert_int_equal(finish(actor), POLITE_INTERRUPTED);
}

static void in_waits(void **state) {
  (void)state;
  for (size_t i = 0; i < WAITS; ++i) {
    for (int round = 0; round < ROUNDS_EACH; ++round) {
      actor_t actor;
      waits[i].close();
      start_blocked(&actor, wait_once, (void *)&waits[i], waits[i].call);
      expect_next_to_arrive(&actor);
      waits[i].let_go(0); /* nobody is there any more, so this is for the next one */
      if (waits[i].wait == park) assert_int_equal(polite_park(), 0);
      assert_int_equal(waits[i].destroy(), 0);
    }
  }
}

static void in_sleeps(void **state) {
  (void)state;
  for (int round = 0; round < ROUNDS_EACH; ++round) {
    actor_t actor;
    start_blocked(&actor, sleep_long, NULL, NULL);
    expect_next_to_arrive(&actor);
  }
}

static void read_once(actor_t *actor) {
  char byte;
  polite_fd *fd = actor->with;
  actor->result = polite_read(*fd, &byte, 1);
}

/* What comes back without a byte has been interrupted: not what woke it is told, but why. */
static void in_reads(void **state) {
  (void)state;
  polite_fd ends[2];
  make_pipe(ends);
  for (int round = 0; round < ROUNDS_EACH; ++round) {
    actor_t actor;
    start_blocked(&actor, read_once, &ends[0], NULL);
    expect_next_to_arrive(&actor);
  }
  close_both(ends);
}

int main(void) {
  polite_self();
  const struct CMUnitTest tests[] = {TEST(in_waits), TEST(in_sleeps), TEST(in_reads)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* XSH sem_wait, sem_timedwait: the waits, and that a request takes no post with it. */
#include "sentences.h"

static atomic_int hold; /* threads are not to go on when their wait has returned */
static atomic_int handled;

static void count(int signal) {
  (void)signal;
  ++handled;
}
static sem_t semaphore;

static int new_semaphore(void **state) {
  assert_int_equal(sem_init(&semaphore, 0, 0), 0);
  return clean_thread(state);
}

static int destroy_semaphore(void **state) {
  (void)state;
  return sem_destroy(&semaphore);
}

#define SEMAPHORE_TEST(function) cmocka_unit_test_setup_teardown(function, new_semaphore, destroy_semaphore)

static void wait_for_semaphore(actor_t *actor) {
  actor->step = sem_wait(&semaphore) == 0 ? 1 : -errno;
  while (hold) sched_yield();
  pthread_testcancel();
}

static int value_of_semaphore(void) {
  int value;
  assert_int_equal(sem_getvalue(&semaphore, &value), 0);
  return value;
}

/* "the calling thread shall not return from the call to sem_wait() until it either locks the semaphore or the call is
 * interrupted by a signal"; "If the call was unsuccessful, the state of the semaphore shall be unchanged" */
static void a_post_goes_to_one_that_takes_it(void **state) {
  (void)state;
  for (int i = 0; i < 300; ++i) {
    actor_t doomed, other;
    hold = 1;
    start(&doomed, wait_for_semaphore, NULL);
    start(&other, wait_for_semaphore, NULL);
    if (i & 1) AWAIT(is_blocked_in(doomed.thread, "sem_wait") && is_blocked_in(other.thread, "sem_wait"));
    if (i & 2) assert_int_equal(pthread_cancel(doomed.pthread), 0);
    assert_int_equal(sem_post(&semaphore), 0);
    if (!(i & 2)) assert_int_equal(pthread_cancel(doomed.pthread), 0);
    hold = 0;
    assert_canceled(&doomed);
    AWAIT(doomed.step == 1 || other.step == 1);
    if (doomed.step == 1) assert_int_equal(sem_post(&semaphore), 0);
    assert_null(joined(&other));
    assert_int_equal(other.step, 1);
    assert_int_equal(value_of_semaphore(), 0);
  }
}

/* "sem_wait() is interruptible by the delivery of a signal" */
static void a_signal_ends_a_semaphore_wait(void **state) {
  (void)state;
  struct sigaction action = {.sa_handler = count}, before;
  sigemptyset(&action.sa_mask);
  sigaction(SIGUSR1, &action, &before);
  actor_t actor;
  start_blocked(&actor, wait_for_semaphore, NULL, "sem_wait");
  assert_int_equal(pthread_kill(actor.pthread, SIGUSR1), 0);
  assert_null(joined(&actor));
  assert_int_equal(actor.step, -EINTR);
  sigaction(SIGUSR1, &before, NULL);
}

/* "Under no circumstance shall the function fail with a timeout if the semaphore can be locked immediately"; "[ETIMEDOUT] The
 * semaphore could not be locked before the specified timeout expired"; "[EINVAL] The process or thread would have blocked, and
 * … less than zero or greater than or equal to 1000 million"; the clock is CLOCK_REALTIME */
static void a_timed_semaphore_wait_ends_with_its_time(void **state) {
  (void)state;
  struct timespec past = in_seconds(CLOCK_REALTIME, -10), bad = {past.tv_sec + 3600, 1000000000};
  assert_int_equal(sem_post(&semaphore), 0);
  assert_int_equal(sem_timedwait(&semaphore, &past), 0);
  errno = 0;
  assert_int_equal(sem_timedwait(&semaphore, &past), -1);
  assert_int_equal(errno, ETIMEDOUT);
  assert_int_equal(sem_timedwait(&semaphore, &bad), -1);
  assert_int_equal(errno, EINVAL);
  assert_int_equal(value_of_semaphore(), 0);
}

int run_semaphores(void) {
  const struct CMUnitTest tests[] = {
      SEMAPHORE_TEST(a_post_goes_to_one_that_takes_it),
      SEMAPHORE_TEST(a_signal_ends_a_semaphore_wait),
      SEMAPHORE_TEST(a_timed_semaphore_wait_ends_with_its_time),
  };
  return cmocka_run_group_tests_name("semaphores", tests, NULL, NULL);
}

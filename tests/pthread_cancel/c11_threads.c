/* C11's threads: made by thrd_create they are polite's, as those of pthread_create; POSIX.1-2024 has their cancellation points. What
 * a cancel does in each is in every_point.c. */
#include "sentences.h"

#include <limits.h>
#include <threads.h>

static cnd_t condition;
static mtx_t mutex;
static atomic_int waiting, woken, unwound, finished;
static _Atomic pthread_t here;

static void have_condition(void) {
  assert_int_equal(mtx_init(&mutex, mtx_plain), thrd_success);
  assert_int_equal(cnd_init(&condition), thrd_success);
  waiting = woken = unwound = finished = 0;
}

static void drop_condition(void) {
  cnd_destroy(&condition);
  assert_int_equal(mtx_trylock(&mutex), thrd_success);
  mtx_unlock(&mutex);
  mtx_destroy(&mutex);
}

static void unlock(void *unused) {
  (void)unused;
  CHECK(mtx_trylock(&mutex) == thrd_busy);
  CHECK(mtx_unlock(&mutex) == thrd_success);
  ++unwound;
}

static int wait_for_signal(void *unused) {
  (void)unused;
  here = thrd_current();
  CHECK(mtx_lock(&mutex) == thrd_success);
  pthread_cleanup_push(unlock, NULL);
  ++waiting;
  CHECK(cnd_wait(&condition, &mutex) == thrd_success);
  ++woken;
  pthread_cleanup_pop(1);
  return 7;
}

/* Both are asleep, or about to be: whoever has the mutex finds them so. */
static void await_waiters(int count) {
  for (int now = 0; now < count; sched_yield()) {
    mtx_lock(&mutex);
    now = waiting;
    mtx_unlock(&mutex);
  }
}

/* "the mutex is (in effect) re-acquired before calling the first cancellation cleanup handler", and the thread's result is an int. */
static void a_thread_is_cancelled_with_its_mutex(void **state) {
  (void)state;
  thrd_t thread;
  int result = 0;
  have_condition();
  assert_int_equal(thrd_create(&thread, wait_for_signal, NULL), thrd_success);
  await_waiters(1);
  assert_true(thrd_equal(here, thread));
  assert_int_equal(pthread_cancel(thread), 0);
  assert_int_equal(thrd_join(thread, &result), thrd_success);
  assert_int_equal(result, -1);
  assert_int_equal(woken, 0);
  assert_int_equal(unwound, 1);
  drop_condition();
}

static void a_signal_wakes_one_and_a_broadcast_all(void **state) {
  (void)state;
  enum { COUNT = 4 };
  thrd_t threads[COUNT];
  have_condition();
  for (int i = 0; i < COUNT; ++i) assert_int_equal(thrd_create(&threads[i], wait_for_signal, NULL), thrd_success);
  await_waiters(COUNT);
  assert_int_equal(cnd_signal(&condition), thrd_success);
  AWAIT(woken == 1);
  assert_int_equal(cnd_broadcast(&condition), thrd_success);
  for (int i = 0; i < COUNT; ++i) {
    int result = 0;
    assert_int_equal(thrd_join(threads[i], &result), thrd_success);
    assert_int_equal(result, 7);
  }
  assert_int_equal(woken, COUNT);
  drop_condition();
}

static void a_wait_ends_with_its_time(void **state) {
  (void)state;
  struct timespec past = {1, 0}, bad = {1, 1000000000};
  have_condition();
  assert_int_equal(mtx_lock(&mutex), thrd_success);
  assert_int_equal(cnd_timedwait(&condition, &mutex, &past), thrd_timedout);
  assert_int_equal(cnd_timedwait(&condition, &mutex, &bad), thrd_error);
  assert_int_equal(mtx_trylock(&mutex), thrd_busy);
  mtx_unlock(&mutex);
  drop_condition();
}

static int return_it(void *number) { return *(int *)number; }
static int exit_with_it(void *number) { thrd_exit(*(int *)number); }

static void a_result_is_an_int(void **state) {
  (void)state;
  static const int numbers[] = {0, 1, -1, INT_MAX, INT_MIN};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; ++i) {
    for (int exits = 0; exits < 2; ++exits) {
      int number = numbers[i], result = 1234;
      thrd_t thread;
      assert_int_equal(thrd_create(&thread, exits ? exit_with_it : return_it, &number), thrd_success);
      assert_int_equal(thrd_join(thread, &result), thrd_success);
      assert_int_equal(result, number);
      assert_int_equal(thrd_create(&thread, return_it, &number), thrd_success);
      assert_int_equal(thrd_join(thread, NULL), thrd_success);
    }
  }
}

static int wait_and_say_so(void *unused) {
  wait_for_signal(unused);
  finished = 1;
  return 0;
}

static void a_detached_thread_is_nobodys_to_join(void **state) {
  (void)state;
  thrd_t thread;
  have_condition();
  assert_int_equal(thrd_create(&thread, wait_and_say_so, NULL), thrd_success);
  assert_int_equal(thrd_detach(thread), thrd_success);
  assert_int_equal(thrd_detach(thread), thrd_error);
  assert_int_equal(thrd_join(thread, NULL), thrd_error);
  await_waiters(1);
  cnd_signal(&condition);
  AWAIT(finished);
  drop_condition();
}

static void handle(int signal) { (void)signal; }

static void sleep_long(actor_t *actor) {
  struct timespec hour = {3600, 0}, left = {0, 0};
  actor->result = thrd_sleep(&hour, &left);
  actor->step = left.tv_sec > 0;
}

/* "0 if the requested time has elapsed, -1 if it has been interrupted by a signal, or a negative value … if it fails" */
static void a_sleep_says_how_it_ended(void **state) {
  (void)state;
  struct timespec moment = {0, 1}, bad = {0, -1};
  struct sigaction action = {.sa_handler = handle};
  assert_int_equal(thrd_sleep(&moment, NULL), 0);
  assert_true(thrd_sleep(&bad, NULL) < -1);
  assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
  actor_t actor;
  start_blocked(&actor, sleep_long, NULL, "nanosleep");
  assert_int_equal(pthread_kill(actor.pthread, SIGUSR1), 0);
  joined(&actor);
  assert_int_equal(actor.result, -1);
  assert_int_equal(actor.step, 1);
  signal(SIGUSR1, SIG_DFL);
}

int run_c11_threads(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_thread_is_cancelled_with_its_mutex), TEST(a_signal_wakes_one_and_a_broadcast_all), TEST(a_wait_ends_with_its_time),
      TEST(a_result_is_an_int), TEST(a_detached_thread_is_nobodys_to_join), TEST(a_sleep_says_how_it_ended),
  };
  return cmocka_run_group_tests_name("C11's threads", tests, NULL, NULL);
}

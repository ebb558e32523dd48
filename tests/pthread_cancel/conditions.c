/* XSH pthread_cond_wait, _timedwait, _signal, _broadcast: the waits, what a request does to one, and that it takes nothing with
 * it that was meant for another. */
#include "conditions.h"

static void wait_long_for_predicate(actor_t *actor) {
  struct timespec hour = in_seconds(CLOCK_REALTIME, 3600);
  CHECK(pthread_mutex_lock(&mutex) == 0);
  pthread_cleanup_push(unlock_and_note, actor);
  ++waiting;
  while (!predicate) CHECK(pthread_cond_timedwait(&condition, &mutex, &hour) == 0);
  ++returned;
  pthread_cleanup_pop(1);
}

/* --- A request during a wait ------------------------------------------------------------------------------------------------ */

/* "the mutex is re-acquired before calling the first cancellation cleanup handler" */
static void a_cancelled_wait_holds_the_mutex_in_its_handlers(void **state) {
  (void)state;
  void (*const bodies[])(actor_t *) = {wait_for_predicate, wait_long_for_predicate};
  const char *const calls[] = {"cond_wait", "cond_timedwait"};
  for (int i = 0; i < 2; ++i) {
    actor_t actor;
    start_blocked(&actor, bodies[i], NULL, calls[i]);
    lock();
    assert_int_equal(pthread_cancel(actor.pthread), 0);
    for (int j = 0; j < 100; ++j) sched_yield(); /* it may come as far as our mutex, and no further */
    assert_int_equal(actor.step, 0);
    unlock();
    assert_canceled(&actor);
    assert_int_equal(actor.step, 9);
    assert_int_equal(actor.result, 0);
  }
}

static void wait_with_request_pending(actor_t *actor) {
  CHECK(pthread_cancel(pthread_self()) == 0);
  wait_for_predicate(actor);
}

/* The same of a request that was pending before the wait. */
static void a_wait_that_does_not_begin_holds_the_mutex_in_its_handlers(void **state) {
  (void)state;
  actor_t actor;
  start(&actor, wait_with_request_pending, NULL);
  assert_canceled(&actor);
  assert_int_equal(actor.step, 9);
  assert_int_equal(actor.result, 0);
}

/* "the thread is no longer considered to be waiting for the condition" */
static void a_cancelled_thread_waits_no_more(void **state) {
  (void)state;
  actor_t first, second;
  start_blocked(&first, wait_for_predicate, NULL, "cond_wait");
  cancel_and_join(&first);
  start_blocked(&second, wait_for_predicate, NULL, "cond_wait");
  lock();
  predicate = 1;
  assert_int_equal(pthread_cond_signal(&condition), 0); /* were the first still there, it might get this */
  unlock();
  assert_null(joined(&second));
  assert_int_equal(returned, 1);
}

static void wait_once(actor_t *actor) {
  CHECK(pthread_mutex_lock(&mutex) == 0);
  pthread_cleanup_push(unlock_and_note, actor);
  ++waiting;
  CHECK(pthread_cond_wait(&condition, &mutex) == 0);
  ++returned;
  pthread_cleanup_pop(1);
  while (hold) sched_yield();
  pthread_testcancel();
}

/* "shall not consume any condition signal that may be directed concurrently at the condition variable if there are other
 * threads blocked on the condition variable" */
static void a_cancelled_thread_takes_no_signal_with_it(void **state) {
  (void)state;
  for (int i = 0; i < 400; ++i) {
    actor_t doomed, other;
    waiting = returned = 0;
    hold = 1;
    start(&doomed, wait_once, NULL); /* first, as the one that a signal is likely to choose */
    await_waiting(1);
    start(&other, wait_once, NULL);
    await_waiting(2);
    if (i & 1) lock(); /* so that both are on their way when it is released */
    if (i & 2) assert_int_equal(pthread_cancel(doomed.pthread), 0);
    assert_int_equal(pthread_cond_signal(&condition), 0);
    if (!(i & 2)) assert_int_equal(pthread_cancel(doomed.pthread), 0);
    if (i & 1) unlock();
    hold = 0;
    assert_canceled(&doomed);
    /* Either of the two has had the signal. If it is the doomed one, it has returned, and was cancelled afterwards. */
    AWAIT(returned >= 1);
    assert_int_equal(pthread_cond_broadcast(&condition), 0);
    assert_null(joined(&other));
  }
}

/* "the next wait operation on that condition variable shall form a new dynamic binding": a cancelled thread leaves no binding
 * behind. */
static pthread_mutex_t other_mutex = PTHREAD_MUTEX_INITIALIZER;
static void unlock_other(void *argument) {
  actor_t *actor = argument;
  actor->result = pthread_mutex_unlock(&other_mutex);
}

static void wait_with_other_mutex(actor_t *actor) {
  CHECK(pthread_mutex_lock(&other_mutex) == 0);
  pthread_cleanup_push(unlock_other, actor);
  while (!predicate) CHECK(pthread_cond_wait(&condition, &other_mutex) == 0);
  pthread_cleanup_pop(1);
}

static void another_mutex_may_be_used_next(void **state) {
  (void)state;
  actor_t first, second;
  start_blocked(&first, wait_for_predicate, NULL, "cond_wait");
  cancel_and_join(&first);
  start_blocked(&second, wait_with_other_mutex, NULL, "cond_wait");
  pthread_mutex_lock(&other_mutex);
  predicate = 1;
  pthread_cond_broadcast(&condition);
  pthread_mutex_unlock(&other_mutex);
  assert_null(joined(&second));
  assert_int_equal(second.result, 0);
}

/* --- Waiting ---------------------------------------------------------------------------------------------------------------- */

/* Begins to wait when the test's thread is asleep for the mutex, which is therefore woken in the very moment at which it is
 * released. */
static void wait_when_the_mutex_is_wanted(actor_t *actor) {
  polite_thread_t *other = actor->with;
  CHECK(pthread_mutex_lock(&mutex) == 0);
  arrive(actor, 1);
  while (!sleeps(*other)) sched_yield();
  CHECK(pthread_cond_wait(&condition, &mutex) == 0);
  actor->result = pthread_mutex_unlock(&mutex);
}

/* "atomically release mutex and cause the calling thread to block": whoever has the mutex afterwards signals a thread that is
 * blocked. */
static void no_signal_is_lost_once_the_mutex_is_released(void **state) {
  (void)state;
  polite_thread_t self = polite_self();
  for (int i = 0; i < 100; ++i) {
    actor_t actor;
    start(&actor, wait_when_the_mutex_is_wanted, &self);
    AWAIT(actor.step == 1);
    lock();
    assert_int_equal(pthread_cond_signal(&condition), 0);
    unlock();
    assert_null(joined(&actor));
    assert_int_equal(actor.result, 0); /* "Upon successful return, the mutex … shall be owned by the calling thread" */
  }
}

enum { MANY = 8 };

/* "pthread_cond_broadcast() shall unblock all threads currently blocked"; "pthread_cond_signal() shall unblock at least one";
 * they "may be called by a thread whether or not it currently owns the mutex" */
static void signals_and_broadcasts_reach_those_who_wait(void **state) {
  (void)state;
  actor_t actors[MANY];
  for (int with_mutex = 0; with_mutex < 2; ++with_mutex) {
    waiting = returned = 0;
    for (int i = 0; i < MANY; ++i) start(&actors[i], wait_once, NULL);
    await_waiting(MANY);
    for (int signals = 1; signals <= MANY / 2; ++signals) {
      if (with_mutex) lock();
      assert_int_equal(pthread_cond_signal(&condition), 0);
      if (with_mutex) unlock();
      AWAIT(returned >= signals);
    }
    if (with_mutex) lock();
    assert_int_equal(pthread_cond_broadcast(&condition), 0);
    if (with_mutex) unlock();
    for (int i = 0; i < MANY; ++i) {
      assert_null(joined(&actors[i]));
      assert_int_equal(actors[i].result, 0);
    }
    assert_int_equal(returned, MANY);
  }
}

/* "shall have no effect if there are no threads currently blocked" */
static void a_signal_that_nobody_waits_for_is_gone(void **state) {
  (void)state;
  assert_int_equal(pthread_cond_signal(&condition), 0);
  assert_int_equal(pthread_cond_broadcast(&condition), 0);
  actor_t actor;
  start_blocked(&actor, wait_for_predicate, NULL, "cond_wait");
  cancel_and_join(&actor);
}

/* "an error is returned if the absolute time specified by abstime passes …, or … has already been passed at the time of the
 * call"; it "shall nonetheless release and re-acquire the mutex"; "[EINVAL] … a nanosecond value less than zero or greater than
 * or equal to 1000 million" */
static void a_timed_wait_ends_with_its_time(void **state) {
  (void)state;
  struct timespec past = in_seconds(CLOCK_REALTIME, -10), bad = past, soon = in_seconds(CLOCK_REALTIME, 0);
  lock();
  assert_int_equal(pthread_cond_timedwait(&condition, &mutex, &past), ETIMEDOUT);
  unlock();
  lock();
  soon.tv_nsec += 20000000;
  if (soon.tv_nsec >= 1000000000) soon.tv_sec++, soon.tv_nsec -= 1000000000;
  int result;
  while ((result = pthread_cond_timedwait(&condition, &mutex, &soon)) == 0) {
  }
  assert_int_equal(result, ETIMEDOUT);
  struct timespec now = in_seconds(CLOCK_REALTIME, 0);
  assert_true(now.tv_sec > soon.tv_sec || (now.tv_sec == soon.tv_sec && now.tv_nsec >= soon.tv_nsec));
  bad.tv_nsec = 1000000000;
  assert_int_equal(pthread_cond_timedwait(&condition, &mutex, &bad), EINVAL);
  bad.tv_nsec = -1;
  assert_int_equal(pthread_cond_timedwait(&condition, &mutex, &bad), EINVAL);
  unlock(); /* "prior to modifying the state of the mutex" */
}

/* "[EPERM] The mutex type is PTHREAD_MUTEX_ERRORCHECK …, and the current thread does not own the mutex." */
static void only_the_owner_of_a_checking_mutex_may_wait(void **state) {
  (void)state;
  struct timespec past = in_seconds(CLOCK_REALTIME, -10);
  assert_int_equal(pthread_cond_wait(&condition, &mutex), EPERM);
  assert_int_equal(pthread_cond_timedwait(&condition, &mutex, &past), EPERM);
}

static void wait_on_monotonic_clock(actor_t *actor) {
  struct timespec past = in_seconds(CLOCK_MONOTONIC, -1), hour = in_seconds(CLOCK_MONOTONIC, 3600);
  CHECK(pthread_mutex_lock(&mutex) == 0);
  CHECK(pthread_cond_timedwait(actor->with, &mutex, &past) == ETIMEDOUT);
  pthread_cleanup_push(unlock_and_note, actor);
  while (pthread_cond_timedwait(actor->with, &mutex, &hour) == 0) {
  }
  pthread_cleanup_pop(1);
}

/* "The condition variable shall have a clock attribute which specifies the clock that shall be used"; pthread_cond_init: "with
 * attributes referenced by attr" */
static void a_condition_has_the_clock_asked_for(void **state) {
  (void)state;
  pthread_condattr_t attributes;
  pthread_cond_t monotonic;
  pthread_condattr_init(&attributes);
  assert_int_equal(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC), 0);
  assert_int_equal(pthread_cond_init(&monotonic, &attributes), 0);
  pthread_condattr_destroy(&attributes);
  actor_t actor;
  start_blocked(&actor, wait_on_monotonic_clock, &monotonic, "cond_timedwait");
  cancel_and_join(&actor);
  assert_int_equal(actor.result, 0);
  assert_int_equal(pthread_cond_destroy(&monotonic), 0);
}

static atomic_int handled;
static void count(int signal) {
  (void)signal;
  ++handled;
}

/* "upon return from the signal handler the thread resumes waiting … as if it was not interrupted, or it shall return zero";
 * "These functions shall not return an error code of [EINTR]" */
static void a_signal_does_not_end_a_wait(void **state) {
  (void)state;
  void (*const bodies[])(actor_t *) = {wait_for_predicate, wait_long_for_predicate}; /* they check the result */
  struct sigaction action = {.sa_handler = count}, before;
  sigemptyset(&action.sa_mask);
  sigaction(SIGUSR1, &action, &before);
  for (int body = 0; body < 2; ++body) {
    actor_t actor;
    handled = 0;
    predicate = 0;
    start_blocked(&actor, bodies[body], NULL, NULL);
    for (int i = 1; i <= 5; ++i) {
      assert_int_equal(pthread_kill(actor.pthread, SIGUSR1), 0);
      AWAIT(handled == i && is_blocked_in(actor.thread, NULL));
    }
    lock();
    predicate = 1;
    pthread_cond_signal(&condition);
    unlock();
    assert_null(joined(&actor));
  }
  sigaction(SIGUSR1, &before, NULL);
}

/* --- Robust mutexes --------------------------------------------------------------------------------------------------------- */

static pthread_mutex_t robust;

static void consistent_then_unlock(void *argument) {
  actor_t *actor = argument;
  actor->result = pthread_mutex_consistent(&robust) == 0 && pthread_mutex_unlock(&robust) == 0;
}

static void wait_with_robust_mutex(actor_t *actor) {
  CHECK(pthread_mutex_lock(&robust) == 0);
  pthread_cleanup_push(consistent_then_unlock, actor);
  actor->step = pthread_cond_wait(&condition, &robust);
  pthread_cleanup_pop(1);
}

static void die_as_owner(actor_t *actor) {
  CHECK(pthread_mutex_lock(&robust) == 0);
  if (actor->with) CHECK(pthread_cond_signal(&condition) == 0);
}

/* "[EOWNERDEAD] The mutex is a robust mutex and the previous owning thread terminated while holding the mutex lock. The mutex
 * lock shall be acquired by the calling thread" */
static void a_dead_owner_is_told_after_the_wait(void **state) {
  (void)state;
  if (UNDER_QEMU) skip();
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  pthread_mutex_init(&robust, &attributes);
  pthread_mutexattr_destroy(&attributes);
  actor_t waiter, owner;
  start_blocked(&waiter, wait_with_robust_mutex, NULL, "cond_wait");
  start(&owner, die_as_owner, &owner);
  assert_null(joined(&owner));
  assert_null(joined(&waiter));
  assert_int_equal(waiter.step, EOWNERDEAD);
  assert_int_equal(waiter.result, 1);

  /* Where the wait is cancelled it is the handler's to deal with. */
  start_blocked(&waiter, wait_with_robust_mutex, NULL, "cond_wait");
  start(&owner, die_as_owner, NULL);
  assert_null(joined(&owner));
  cancel_and_join(&waiter);
  assert_int_equal(waiter.result, 1);
  assert_int_equal(pthread_mutex_destroy(&robust), 0);
}

int run_conditions(void) {
  const struct CMUnitTest tests[] = {
      CONDITION_TEST(a_cancelled_wait_holds_the_mutex_in_its_handlers),
      CONDITION_TEST(a_wait_that_does_not_begin_holds_the_mutex_in_its_handlers),
      CONDITION_TEST(a_cancelled_thread_waits_no_more),
      CONDITION_TEST(a_cancelled_thread_takes_no_signal_with_it),
      CONDITION_TEST(another_mutex_may_be_used_next),
      CONDITION_TEST(no_signal_is_lost_once_the_mutex_is_released),
      CONDITION_TEST(signals_and_broadcasts_reach_those_who_wait),
      CONDITION_TEST(a_signal_that_nobody_waits_for_is_gone),
      CONDITION_TEST(a_timed_wait_ends_with_its_time),
      CONDITION_TEST(only_the_owner_of_a_checking_mutex_may_wait),
      CONDITION_TEST(a_condition_has_the_clock_asked_for),
      CONDITION_TEST(a_signal_does_not_end_a_wait),
      CONDITION_TEST(a_dead_owner_is_told_after_the_wait),
  };
  return cmocka_run_group_tests_name("condition variables", tests, NULL, NULL);
}

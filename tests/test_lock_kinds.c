/* What is particular to each lock: kinds, owners, orders, counts, and the errors of polite/lock.h, polite/semaphore.h and polite/park.h. */
#include "on_top.h"
#include "scene.h"

static polite_mutex_t mutex;
static polite_rwlock_t rwlock;
static polite_condition_t condition;
static polite_semaphore_t semaphore;
static polite_event_t event;
static polite_barrier_t barrier;

/* Does one thing in another thread, and tells its result. */
static void do_one(actor_t *actor) {
  int (*one)(void) = (int (*)(void))(uintptr_t)actor->with;
  actor->result = one();
}

static long elsewhere(int (*one)(void)) {
  actor_t actor;
  start(&actor, do_one, (void *)(uintptr_t)one);
  return finish(&actor);
}

static void start_elsewhere(actor_t *actor, int (*one)(void), const char *call) {
  start_blocked(actor, do_one, (void *)(uintptr_t)one, call);
}

/* --- Mutexes */

static int lock(void) { return polite_mutex_lock(&mutex); }
static int try_lock(void) { return polite_mutex_trylock(&mutex); }
static int unlock(void) { return polite_mutex_unlock(&mutex); }
static int lock_and_unlock(void) { return lock() ? -1 : unlock(); }

static void only_the_owner_unlocks(void **state) {
  (void)state;
  for (int kind = POLITE_MUTEX_PLAIN; kind <= POLITE_MUTEX_ERRORCHECK; ++kind) {
    assert_int_equal(polite_mutex_init(&mutex, kind), 0);
    assert_int_equal(unlock(), POLITE_EPERM);
    assert_int_equal(lock(), 0);
    assert_int_equal(elsewhere(unlock), POLITE_EPERM);
    assert_int_equal(elsewhere(try_lock), POLITE_EBUSY);
    assert_int_equal(polite_mutex_destroy(&mutex), POLITE_EBUSY);
    actor_t waiter;
    start_elsewhere(&waiter, lock_and_unlock, "mutex_lock");
    assert_int_equal(elsewhere(unlock), POLITE_EPERM); /* with somebody who waits, too */
    assert_int_equal(unlock(), 0);
    assert_int_equal(finish(&waiter), 0);
    assert_int_equal(unlock(), POLITE_EPERM);
    assert_int_equal(polite_mutex_destroy(&mutex), 0);
  }
  assert_int_equal(polite_mutex_init(&mutex, 3), POLITE_EINVAL);
  assert_int_equal(polite_mutex_init(&mutex, -1), POLITE_EINVAL);
}

static void locked_once_more(void **state) {
  (void)state;
  assert_int_equal(polite_mutex_init(&mutex, POLITE_MUTEX_PLAIN), 0);
  assert_int_equal(lock(), 0);
  assert_int_equal(try_lock(), POLITE_EBUSY);
  assert_int_equal(polite_mutex_lock_until(&mutex, 0), POLITE_ETIMEDOUT);
  assert_int_equal(unlock(), 0);

  assert_int_equal(polite_mutex_init(&mutex, POLITE_MUTEX_ERRORCHECK), 0);
  assert_int_equal(lock(), 0);
  assert_int_equal(lock(), POLITE_EDEADLK);
  assert_int_equal(polite_mutex_lock_uninterruptible(&mutex), POLITE_EDEADLK);
  assert_int_equal(polite_mutex_lock_until(&mutex, 0), POLITE_EDEADLK);
  assert_int_equal(try_lock(), POLITE_EBUSY);
  polite_interrupt(polite_self());
  assert_int_equal(lock(), POLITE_INTERRUPTED); /* rule 3 */
  assert_int_equal(unlock(), 0);

  assert_int_equal(polite_mutex_init(&mutex, POLITE_MUTEX_RECURSIVE), 0);
  assert_int_equal(lock(), 0);
  assert_int_equal(lock(), 0);
  assert_int_equal(try_lock(), 0);
  assert_int_equal(polite_mutex_lock_until(&mutex, 0), 0);
  for (int i = 0; i < 3; ++i) {
    assert_int_equal(unlock(), 0);
    assert_int_equal(elsewhere(try_lock), POLITE_EBUSY);
    assert_int_equal(elsewhere(unlock), POLITE_EPERM);
  }
  assert_int_equal(unlock(), 0);
  assert_int_equal(unlock(), POLITE_EPERM);
  assert_int_equal(elsewhere(lock_and_unlock), 0);
  assert_int_equal(polite_mutex_destroy(&mutex), 0);
}

/* The count of a recursive mutex is full. (It is 32 bits of the object, at the place where this test finds it.) */
static void locked_too_often(void **state) {
  (void)state;
  assert_int_equal(polite_mutex_init(&mutex, POLITE_MUTEX_RECURSIVE), 0);
  lock();
  lock();
  uint32_t *words = (uint32_t *)&mutex, *depth = NULL;
  for (size_t i = 4; i < sizeof mutex / sizeof *words; ++i) {
    uint32_t before = words[i];
    lock();
    if (words[i] == before + 1) depth = &words[i];
    unlock();
  }
  assert_non_null(depth);
  uint32_t before = *depth;
  *depth = UINT32_MAX;
  assert_int_equal(lock(), POLITE_EAGAIN);
  assert_int_equal(try_lock(), POLITE_EAGAIN);
  *depth = before;
  unlock();
  unlock();
  assert_int_equal(polite_mutex_destroy(&mutex), 0);
}

/* Rule 3: what releases is no interruption point. */
static void releasing_releases(void **state) {
  (void)state;
  assert_int_equal(lock(), 0);
  assert_int_equal(polite_rwlock_rdlock(&rwlock), 0);
  polite_interrupt(polite_self());
  assert_int_equal(unlock(), 0);
  assert_int_equal(polite_rwlock_unlock(&rwlock), 0);
  assert_int_equal(polite_condition_signal(&condition), 0);
  assert_int_equal(polite_condition_broadcast(&condition), 0);
  assert_int_equal(polite_semaphore_post(&semaphore), 0);
  assert_int_equal(polite_semaphore_trywait(&semaphore), 0);
  assert_int_equal(polite_event_set(&event), 0);
  assert_int_equal(polite_event_trywait(&event), 0);
  assert_int_equal(polite_event_reset(&event), 0);
  assert_int_equal(polite_unpark(polite_self()), 0);
  assert_int_equal(polite_checkpoint(), POLITE_INTERRUPTED);
  assert_int_equal(polite_park(), 0);
}

/* --- Read-write locks */

static int read_lock(void) { return polite_rwlock_rdlock(&rwlock); }
static int write_lock(void) { return polite_rwlock_wrlock(&rwlock); }
static int try_to_read(void) { return polite_rwlock_tryrdlock(&rwlock); }
static int try_to_write(void) { return polite_rwlock_trywrlock(&rwlock); }
static int leave(void) { return polite_rwlock_unlock(&rwlock); }
static int read_once(void) { return read_lock() ? -1 : leave(); }
static int write_once(void) {
  int result = write_lock();
  return result ? result : leave();
}

static void readers_together_writers_alone(void **state) {
  (void)state;
  assert_int_equal(leave(), POLITE_EPERM);
  assert_int_equal(read_lock(), 0);
  assert_int_equal(elsewhere(read_once), 0);
  assert_int_equal(elsewhere(try_to_write), POLITE_EBUSY);
  assert_int_equal(polite_rwlock_destroy(&rwlock), POLITE_EBUSY);
  assert_int_equal(leave(), 0);
  assert_int_equal(leave(), POLITE_EPERM);
  assert_int_equal(write_lock(), 0);
  assert_int_equal(elsewhere(try_to_read), POLITE_EBUSY);
  assert_int_equal(elsewhere(try_to_write), POLITE_EBUSY);
  assert_int_equal(elsewhere(leave), POLITE_EPERM);
  assert_int_equal(write_lock(), POLITE_EDEADLK);
  assert_int_equal(read_lock(), POLITE_EDEADLK);
  polite_interrupt(polite_self());
  assert_int_equal(write_lock(), POLITE_INTERRUPTED);
  assert_int_equal(leave(), 0);
  assert_int_equal(polite_rwlock_destroy(&rwlock), 0);
}

/* Readers wait behind a writer who waits; when he is interrupted, or too late, they need not wait any more. */
static void a_writer_who_gives_up(void **state) {
  (void)state;
  actor_t writer, readers[3];
  assert_int_equal(read_lock(), 0);
  start_elsewhere(&writer, write_once, "rwlock_wrlock");
  assert_int_equal(try_to_read(), POLITE_EBUSY);
  for (int i = 0; i < 3; ++i) start_elsewhere(&readers[i], read_once, "rwlock_rdlock");
  assert_int_equal(polite_interrupt(writer.thread), 0);
  assert_int_equal(finish(&writer), POLITE_INTERRUPTED);
  for (int i = 0; i < 3; ++i) assert_int_equal(finish(&readers[i]), 0);
  assert_int_equal(leave(), 0);
  assert_int_equal(polite_rwlock_destroy(&rwlock), 0);
}

/* --- Orders */

static _Atomic int order[8], arrived;
static void note_order(actor_t *actor) {
  polite_semaphore_wait(&semaphore);
  order[arrived++] = (int)(intptr_t)actor->with;
}

static void units_go_by_arrival(void **state) {
  (void)state;
  actor_t waiters[4];
  arrived = 0;
  for (int i = 0; i < 4; ++i) start_blocked(&waiters[i], note_order, (void *)(intptr_t)i, "semaphore_wait");
  assert_int_equal(polite_interrupt(waiters[1].thread), 0);
  finish(&waiters[1]);
  for (int i = 1; i <= 3; ++i) {
    assert_int_equal(polite_semaphore_post(&semaphore), 0);
    AWAIT(arrived == i + 1);
  }
  for (int i = 0; i < 4; ++i)
    if (i != 1) finish(&waiters[i]);
  assert_int_equal(order[0], 1);
  assert_int_equal(order[1], 0);
  assert_int_equal(order[2], 2);
  assert_int_equal(order[3], 3);
  assert_int_equal(polite_semaphore_destroy(&semaphore), 0);
}

/* --- Conditions */

static int wait_signalled(void) {
  lock();
  int result = polite_condition_wait(&condition, &mutex);
  if (unlock() != 0) return -1;
  return result;
}

static void one_signal_one_thread(void **state) {
  (void)state;
  actor_t waiters[4];
  assert_int_equal(polite_condition_wait(&condition, &mutex), POLITE_EPERM);
  assert_int_equal(polite_condition_signal(&condition), 0); /* for nobody */
  for (int i = 0; i < 4; ++i) start_elsewhere(&waiters[i], wait_signalled, "condition_wait");
  assert_int_equal(polite_condition_destroy(&condition), POLITE_EBUSY);
  assert_int_equal(polite_condition_signal(&condition), 0);
  assert_int_equal(finish(&waiters[0]), 0);
  for (int i = 1; i < 4; ++i) assert_true(is_blocked_in(waiters[i].thread, "condition_wait"));
  assert_int_equal(polite_condition_broadcast(&condition), 0);
  for (int i = 1; i < 4; ++i) assert_int_equal(finish(&waiters[i]), 0);
  assert_int_equal(polite_condition_destroy(&condition), 0);
}

/* Interrupted with the mutex in other hands: the interrupt is taken, and the mutex is waited for all the same. */
static void comes_back_with_the_mutex(void **state) {
  (void)state;
  actor_t waiter;
  start_elsewhere(&waiter, wait_signalled, "condition_wait");
  assert_int_equal(lock(), 0);
  assert_int_equal(polite_interrupt(waiter.thread), 0);
  AWAIT(is_blocked_in(waiter.thread, "mutex_lock"));
  assert_int_equal(polite_interrupt(waiter.thread), 0);
  assert_true(is_blocked_in(waiter.thread, "mutex_lock"));
  assert_int_equal(unlock(), 0);
  assert_int_equal(finish(&waiter), POLITE_INTERRUPTED);
  assert_int_equal(polite_mutex_destroy(&mutex), 0);
}

static int wait_thrice_locked(void) {
  lock();
  lock();
  lock();
  int result = polite_condition_wait(&condition, &mutex);
  for (int i = 0; i < 3; ++i)
    if (unlock() != 0) return -1;
  return unlock() == POLITE_EPERM ? result : -1;
}

static void a_recursive_mutex_is_unlocked_altogether(void **state) {
  (void)state;
  actor_t waiter;
  assert_int_equal(polite_mutex_init(&mutex, POLITE_MUTEX_RECURSIVE), 0);
  start_elsewhere(&waiter, wait_thrice_locked, "condition_wait");
  assert_int_equal(try_lock(), 0);
  assert_int_equal(polite_condition_signal(&condition), 0);
  assert_int_equal(unlock(), 0);
  assert_int_equal(finish(&waiter), 0);
  assert_int_equal(polite_mutex_destroy(&mutex), 0);
}

#if defined _WIN32
NOT_ON_WINDOWS(a_mutex_of_libcs_that_is_not_locked, "polite waits with no mutex of libc's there")
#elif !UNDER_TSAN /* it ends the program for that */
/* An error of libc's unlocking: nothing was done, and nobody's signal is taken. */
static void a_mutex_of_libcs_that_is_not_locked(void **state) {
  (void)state;
  pthread_mutex_t checked;
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
  pthread_mutex_init(&checked, &attributes);
  assert_int_equal(polite_condition_wait_pthread(&condition, &checked), POLITE_EPERM);
  assert_int_equal(polite_condition_destroy(&condition), 0);
  pthread_mutex_destroy(&checked);
}
#endif

/* --- Counts and kinds */

static void counts(void **state) {
  (void)state;
  assert_int_equal(polite_semaphore_init(&semaphore, 2), 0);
  assert_int_equal(polite_semaphore_wait(&semaphore), 0);
  assert_int_equal(polite_semaphore_wait_until(&semaphore, 0), 0);
  assert_int_equal(polite_semaphore_trywait(&semaphore), POLITE_EAGAIN);
  assert_int_equal(polite_semaphore_init(&semaphore, POLITE_SEMAPHORE_MAX), 0);
  assert_int_equal(polite_semaphore_post(&semaphore), POLITE_EOVERFLOW);
  assert_int_equal(polite_semaphore_wait(&semaphore), 0);
  assert_int_equal(polite_semaphore_post(&semaphore), 0);
  assert_int_equal(polite_semaphore_init(&semaphore, POLITE_SEMAPHORE_MAX + 1u), POLITE_EINVAL);
  assert_int_equal(polite_semaphore_destroy(&semaphore), 0);
  assert_int_equal(polite_semaphore_trywait(&semaphore), POLITE_EAGAIN); /* as new */

  assert_int_equal(polite_event_init(&event, 2), POLITE_EINVAL);
  assert_int_equal(polite_event_trywait(&event), POLITE_EAGAIN);
  polite_event_set(&event);
  assert_int_equal(polite_event_wait(&event), 0);
  assert_int_equal(polite_event_trywait(&event), 0);
  polite_event_reset(&event);
  assert_int_equal(polite_event_trywait(&event), POLITE_EAGAIN);
  assert_int_equal(polite_event_init(&event, POLITE_EVENT_AUTO), 0);
  polite_event_set(&event);
  polite_event_set(&event);
  assert_int_equal(polite_event_wait(&event), 0);
  assert_int_equal(polite_event_trywait(&event), POLITE_EAGAIN);
  assert_int_equal(polite_event_destroy(&event), 0);

  assert_int_equal(polite_barrier_wait(&barrier), POLITE_BARRIER_LAST);
  assert_int_equal(polite_barrier_init(&barrier, 0), POLITE_EINVAL);

  assert_int_equal(polite_unpark(0), POLITE_ESRCH);
  assert_int_equal(polite_unpark(polite_self()), 0);
  assert_int_equal(polite_unpark(polite_self()), 1);
  assert_int_equal(polite_park(), 0);
  assert_int_equal(polite_park_until(0), POLITE_ETIMEDOUT);
}

/* All who wait are let pass, also if it is reset at once; of an automatic event one. */
static int wait_for_event(void) { return polite_event_wait(&event); }

static void setting_and_resetting(void **state) {
  (void)state;
  for (int kind = POLITE_EVENT_MANUAL; kind <= POLITE_EVENT_AUTO; ++kind) {
    actor_t waiters[3];
    assert_int_equal(polite_event_init(&event, kind), 0);
    for (int i = 0; i < 3; ++i) start_elsewhere(&waiters[i], wait_for_event, "event_wait");
    for (int i = 0; i < (kind == POLITE_EVENT_AUTO ? 3 : 1); ++i) polite_event_set(&event);
    polite_event_reset(&event);
    for (int i = 0; i < 3; ++i) assert_int_equal(finish(&waiters[i]), 0);
    assert_int_equal(polite_event_destroy(&event), 0);
  }
}

/* A barrier for three; one gives up, and has not arrived. */
static int at_barrier(void) { return polite_barrier_wait(&barrier); }

static void one_gives_up(void **state) {
  (void)state;
  actor_t one, two, three;
  assert_int_equal(polite_barrier_init(&barrier, 3), 0);
  for (int round = 0; round < 3; ++round) {
    start_elsewhere(&one, at_barrier, "barrier_wait");
    start_elsewhere(&two, at_barrier, "barrier_wait");
    assert_int_equal(polite_barrier_destroy(&barrier), POLITE_EBUSY);
    assert_int_equal(polite_interrupt(one.thread), 0);
    assert_int_equal(finish(&one), POLITE_INTERRUPTED);
    start_elsewhere(&three, at_barrier, "barrier_wait");
    assert_true(is_blocked_in(two.thread, "barrier_wait"));
    assert_int_equal(at_barrier(), POLITE_BARRIER_LAST);
    assert_int_equal(finish(&two), 0);
    assert_int_equal(finish(&three), 0);
  }
  assert_int_equal(polite_barrier_destroy(&barrier), 0);
}

/* A permit that nobody waits for is in nobody's way, and stays. */
static void a_permit_waits(void **state) {
  (void)state;
  polite_fd ends[2];
  char byte = 'x';
  make_pipe(ends);
  assert_int_equal(polite_unpark(polite_self()), 0);
  assert_int_equal(polite_write(ends[1], &byte, 1), 1);
  assert_int_equal(polite_read(ends[0], &byte, 1), 1);
  polite_interrupt(polite_self());
  assert_int_equal(polite_read(ends[0], &byte, 1), POLITE_INTERRUPTED);
  polite_interrupt(polite_self());
  assert_int_equal(polite_park(), POLITE_INTERRUPTED);
  assert_int_equal(polite_park(), 0);
  assert_int_equal(polite_park_until(0), POLITE_ETIMEDOUT);
  close_both(ends);
}

#if !defined __SANITIZE_THREAD__ /* it calls a program's own handlers when it sees fit (CMakeLists.txt) */
/* What releases may be called by handlers, also on top of the wait that it ends. */
static polite_thread_t to_unpark;

static void release_in_handler(int signal) {
  (void)signal;
  CHECK(polite_semaphore_post(&semaphore) == 0);
  CHECK(polite_event_set(&event) == 0);
  CHECK(polite_condition_broadcast(&condition) == 0);
  CHECK(polite_unpark(to_unpark) >= 0);
}

static int wait_for_unit(void) { return polite_semaphore_wait(&semaphore); }
static int wait_for_permit(void) { return polite_park(); }

static void releasing_in_handlers(void **state) {
  (void)state;
  static const struct {
    int (*wait)(void);
    const char *call;
  } bodies[] = {{wait_for_unit, "semaphore_wait"}, {wait_for_event, "event_wait"}, {wait_signalled, "condition_wait"}, {wait_for_permit, "park"}};
  for (int i = 0; i < 4; ++i) {
    actor_t waiter;
    polite_semaphore_init(&semaphore, 0);
    polite_event_reset(&event);
    start_elsewhere(&waiter, bodies[i].wait, bodies[i].call);
    to_unpark = waiter.thread;
    assert_true(run_on_top(waiter.pthread, release_in_handler, 1));
    assert_int_equal(finish(&waiter), 0);
  }
  assert_int_equal(polite_semaphore_destroy(&semaphore), 0);
  assert_int_equal(polite_event_destroy(&event), 0);
}
#endif

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(only_the_owner_unlocks), TEST(locked_once_more), TEST(locked_too_often), TEST(releasing_releases),
      TEST(readers_together_writers_alone), TEST(a_writer_who_gives_up), TEST(units_go_by_arrival), TEST(one_signal_one_thread),
      TEST(comes_back_with_the_mutex), TEST(a_recursive_mutex_is_unlocked_altogether),
      TEST(counts), TEST(setting_and_resetting), TEST(one_gives_up), TEST(a_permit_waits),
#if !UNDER_TSAN
      TEST(a_mutex_of_libcs_that_is_not_locked), TEST(releasing_in_handlers),
#endif
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

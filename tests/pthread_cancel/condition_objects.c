/* XSH pthread_cond_init, pthread_cond_destroy: how long a condition variable has to last, and for whom. */
#include "conditions.h"

enum { MANY = 8 };

static pthread_cond_t *brief_condition;

static void wait_on_brief_condition(actor_t *actor) {
  CHECK(pthread_mutex_lock(&mutex) == 0);
  ++waiting;
  while (!predicate) CHECK(pthread_cond_wait(brief_condition, &mutex) == 0);
  actor->result = pthread_mutex_unlock(&mutex);
}

/* "It shall be safe to destroy an initialized condition variable upon which no threads are currently blocked", which is so as
 * soon as a broadcast has returned, though those who were woken are still in their calls. */
static void a_condition_may_be_destroyed_after_a_broadcast(void **state) {
  (void)state;
  for (int round = 0; round < 100; ++round) {
    void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(memory != MAP_FAILED);
    brief_condition = memory;
    waiting = 0;
    predicate = 0;
    assert_int_equal(pthread_cond_init(brief_condition, NULL), 0);
    actor_t actors[MANY];
    for (int i = 0; i < MANY; ++i) start(&actors[i], wait_on_brief_condition, NULL);
    await_waiting(MANY);
    lock();
    predicate = 1;
    assert_int_equal(pthread_cond_broadcast(brief_condition), 0);
    unlock();
    assert_int_equal(pthread_cond_destroy(brief_condition), 0);
    memset(memory, 0xa5, 4096);
    assert_int_equal(munmap(memory, 4096), 0);
    for (int i = 0; i < MANY; ++i) assert_null(joined(&actors[i]));
  }
}

static atomic_int in_handler, leave_handler;
static void be_held_up(int signal) {
  (void)signal;
  in_handler = 1;
  while (!leave_handler) sched_yield();
}

static void wait_on_brief_condition_for_its_own(actor_t *actor) {
  CHECK(pthread_mutex_lock(&mutex) == 0);
  ++waiting;
  while (!*(int *)actor->with) {
    int result = pthread_cond_wait(brief_condition, &mutex);
    if (result != 0) actor->result = result;
  }
  CHECK(pthread_mutex_unlock(&mutex) == 0);
  arrive(actor, 1);
}

static void destroy_then_unmap(actor_t *actor) {
  actor->result = pthread_cond_destroy(brief_condition);
  munmap(brief_condition, 4096);
  arrive(actor, 1);
}

static void destroy_then_make_anew(actor_t *actor) {
  actor->result = pthread_cond_destroy(brief_condition);
  CHECK(pthread_cond_init(brief_condition, NULL) == 0);
  arrive(actor, 1);
}

/* A waiter is in a signal handler when it is woken, and the condition variable is gone, or is another, when it comes back.
 * Either it finds out by itself, or destroying waits for it. */
static void held_up_when_woken(void (*meanwhile)(actor_t *), int with_another_waiter) {
  struct sigaction action = {.sa_handler = be_held_up, .sa_flags = SA_RESTART}, before;
  sigemptyset(&action.sa_mask);
  sigaction(SIGUSR1, &action, &before);
  brief_condition = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  assert_true(brief_condition != MAP_FAILED);
  assert_int_equal(pthread_cond_init(brief_condition, NULL), 0);
  int woken = 0, other_woken = 0;
  actor_t waiter, destroyer, other;
  in_handler = leave_handler = 0;
  start_blocked(&waiter, wait_on_brief_condition_for_its_own, &woken, "cond_wait");
  assert_int_equal(pthread_kill(waiter.pthread, SIGUSR1), 0);
  AWAIT(in_handler);
  lock();
  woken = 1;
  assert_int_equal(pthread_cond_broadcast(brief_condition), 0);
  unlock();
  start(&destroyer, meanwhile, NULL);
  AWAIT(destroyer.step == 1 || sleeps(destroyer.thread));
  if (destroyer.step == 1 && with_another_waiter) {
    start_blocked(&other, wait_on_brief_condition_for_its_own, &other_woken, "cond_wait");
  } else {
    with_another_waiter = 0;
  }
  leave_handler = 1;
  AWAIT(waiter.step == 1);
  assert_null(joined(&waiter));
  assert_int_equal(waiter.result, 0);
  assert_null(joined(&destroyer));
  if (with_another_waiter) {
    lock();
    other_woken = 1;
    pthread_cond_broadcast(brief_condition);
    unlock();
    assert_null(joined(&other));
  }
  sigaction(SIGUSR1, &before, NULL);
}

static void a_woken_thread_does_not_need_the_condition(void **state) {
  (void)state;
  held_up_when_woken(destroy_then_unmap, 0);
}

static void a_woken_thread_is_not_taken_for_a_waiter_of_the_next(void **state) {
  (void)state;
  held_up_when_woken(destroy_then_make_anew, 1);
}

/* The same where one of them is cancelled. */
static void a_condition_may_be_destroyed_after_a_cancelled_wait(void **state) {
  (void)state;
  for (int round = 0; round < 100; ++round) {
    actor_t actor;
    start(&actor, wait_for_predicate, NULL);
    cancel_and_join(&actor);
    assert_int_equal(pthread_cond_destroy(&condition), 0);
    memset(&condition, 0xa5, sizeof condition);
    assert_int_equal(pthread_cond_init(&condition, NULL), 0); /* "A destroyed condition variable object can be reinitialized" */
  }
}

static pthread_cond_t static_condition = PTHREAD_COND_INITIALIZER;

static void wait_on_static_condition(actor_t *actor) {
  CHECK(pthread_mutex_lock(&mutex) == 0);
  pthread_cleanup_push(unlock_and_note, actor);
  while (!predicate) CHECK(pthread_cond_wait(&static_condition, &mutex) == 0);
  pthread_cleanup_pop(1);
}

/* "The effect shall be equivalent to dynamic initialization by a call to pthread_cond_init() with parameter attr specified as
 * NULL" */
static void the_initializer_makes_a_condition(void **state) {
  (void)state;
  actor_t cancelled, signalled;
  start_blocked(&cancelled, wait_on_static_condition, NULL, "cond_wait");
  cancel_and_join(&cancelled);
  start_blocked(&signalled, wait_on_static_condition, NULL, "cond_wait");
  lock();
  predicate = 1;
  assert_int_equal(pthread_cond_signal(&static_condition), 0);
  unlock();
  assert_null(joined(&signalled));
  assert_int_equal(pthread_cond_destroy(&static_condition), 0);
}

typedef struct shared {
  pthread_mutex_t mutex;
  pthread_cond_t condition;
  int predicate;
} shared_t;

/* pthread_cond_init with the attribute process-shared: it is refused, or it works between processes. */
static void a_shared_condition_is_shared(void **state) {
  (void)state;
  shared_t *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  assert_true(shared != MAP_FAILED);
  pthread_mutexattr_t mutex_attributes;
  pthread_mutexattr_init(&mutex_attributes);
  pthread_mutexattr_setpshared(&mutex_attributes, PTHREAD_PROCESS_SHARED);
  pthread_mutex_init(&shared->mutex, &mutex_attributes);
  pthread_mutexattr_destroy(&mutex_attributes);
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  int made = pthread_cond_init(&shared->condition, &attributes);
  pthread_condattr_destroy(&attributes);
  if (made != 0) {
    assert_true(made == ENOTSUP || made == EINVAL);
  } else {
    fflush(NULL);
    pthread_mutex_lock(&shared->mutex);
    pid_t child = fork();
    if (child == 0) {
      alarm(LIMIT_SECONDS);
      CHECK(pthread_mutex_lock(&shared->mutex) == 0); /* not before the parent waits */
      shared->predicate = 1;
      CHECK(pthread_cond_signal(&shared->condition) == 0);
      CHECK(pthread_mutex_unlock(&shared->mutex) == 0);
      _exit(0);
    }
    struct timespec limit = in_seconds(CLOCK_REALTIME, LIMIT_SECONDS);
    while (!shared->predicate) assert_int_equal(pthread_cond_timedwait(&shared->condition, &shared->mutex, &limit), 0);
    pthread_mutex_unlock(&shared->mutex);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(pthread_cond_destroy(&shared->condition), 0);
  }
  pthread_mutex_destroy(&shared->mutex);
  munmap(shared, sizeof *shared);
}

int run_condition_objects(void) {
  const struct CMUnitTest tests[] = {
      CONDITION_TEST(a_condition_may_be_destroyed_after_a_broadcast),
      CONDITION_TEST(a_condition_may_be_destroyed_after_a_cancelled_wait),
      CONDITION_TEST(a_woken_thread_does_not_need_the_condition),
      CONDITION_TEST(a_woken_thread_is_not_taken_for_a_waiter_of_the_next),
      CONDITION_TEST(the_initializer_makes_a_condition),
      TEST(a_shared_condition_is_shared),
  };
  return cmocka_run_group_tests_name("condition variables as objects", tests, NULL, NULL);
}

/* What the tests of condition variables have in common: a mutex, a condition variable, and threads that wait with them. */
#ifndef CONDITIONS_H
#define CONDITIONS_H

#include "sentences.h"

static pthread_mutex_t mutex; /* of the kind that tells whether its owner is the caller */
static pthread_cond_t condition;
static int predicate;
static atomic_int waiting, returned;
static atomic_int hold; /* threads are not to go on when their wait has returned */

static inline int new_condition(void **state) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
  assert_int_equal(pthread_mutex_init(&mutex, &attributes), 0);
  pthread_mutexattr_destroy(&attributes);
  assert_int_equal(pthread_cond_init(&condition, NULL), 0);
  waiting = returned = hold = 0;
  predicate = 0;
  return clean_thread(state);
}

static inline int destroy_condition(void **state) {
  (void)state;
  assert_int_equal(pthread_cond_destroy(&condition), 0);
  assert_int_equal(pthread_mutex_destroy(&mutex), 0);
  return 0;
}

#define CONDITION_TEST(function) cmocka_unit_test_setup_teardown(function, new_condition, destroy_condition)

static inline void unlock_and_note(void *argument) {
  actor_t *actor = argument;
  actor->result = pthread_mutex_unlock(&mutex); /* 0 only for its owner */
  arrive(actor, 9);
}

/* Waits until the predicate holds, as programs do; the mutex is held in between, so `waiting` is exact to whoever has it. */
static inline void wait_for_predicate(actor_t *actor) {
  CHECK(pthread_mutex_lock(&mutex) == 0);
  pthread_cleanup_push(unlock_and_note, actor);
  ++waiting;
  while (!predicate) CHECK(pthread_cond_wait(&condition, &mutex) == 0);
  ++returned;
  pthread_cleanup_pop(1);
}

static inline void lock(void) { assert_int_equal(pthread_mutex_lock(&mutex), 0); }
static inline void unlock(void) { assert_int_equal(pthread_mutex_unlock(&mutex), 0); }

/* Until so many have given the mutex up, which only waiting does. */
static inline void await_waiting(int count) {
  for (int now = 0; now < count;) {
    lock();
    now = waiting;
    unlock();
    sched_yield();
  }
}

#endif

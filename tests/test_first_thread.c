/* The process's first attached thread: what it begins with, others may have been at before. A program of its own, as nobody may have
 * attached yet. */
#include "scene.h"

static polite_semaphore_t semaphore;
static polite_mutex_t mutex;
static _Atomic uint64_t system_id;

static void *wait_unattached(void *result) {
  CHECK(polite_mutex_lock(&mutex) == 0);
  system_id = my_system_id();
  *(int *)result = polite_semaphore_wait(&semaphore);
  CHECK(polite_mutex_unlock(&mutex) == 0);
  return NULL;
}

/* A thread that nobody can name waits all the same, and is not forgotten. */
static void who_waits_already_is_not_forgotten(void **state) {
  (void)state;
  pthread_t thread;
  int result = 1;
  assert_int_equal(pthread_create(&thread, NULL, wait_unattached, &result), 0);
  AWAIT(system_id != 0 && system_thread_sleeps(system_id));
  assert_true(polite_self() != 0);
  assert_int_equal(polite_mutex_trylock(&mutex), POLITE_EBUSY);
  assert_int_equal(polite_semaphore_destroy(&semaphore), POLITE_EBUSY);
  assert_int_equal(polite_semaphore_post(&semaphore), 0);
  assert_int_equal(pthread_join(thread, NULL), 0);
  assert_int_equal(result, 0);
  assert_int_equal(polite_semaphore_trywait(&semaphore), POLITE_EAGAIN);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(who_waits_already_is_not_forgotten)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Locks in a process of which no thread has attached yet: the first one that does is no fork, and who waits goes on waiting. */
#include "scene.h"

static polite_semaphore_t semaphore;

static void *wait_for_unit(void *nothing) {
  CHECK(polite_semaphore_wait(&semaphore) == 0);
  return nothing;
}

static void the_first_to_attach(void **state) {
  (void)state;
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, NULL, wait_for_unit, NULL), 0);
  AWAIT(polite_semaphore_destroy(&semaphore) == POLITE_EBUSY); /* somebody is in its queue */
  assert_int_not_equal(polite_self(), 0);
  assert_int_equal(polite_semaphore_destroy(&semaphore), POLITE_EBUSY);
  assert_int_equal(polite_semaphore_post(&semaphore), 0);
  assert_int_equal(pthread_join(thread, NULL), 0);
  assert_int_equal(polite_semaphore_destroy(&semaphore), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(the_first_to_attach)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

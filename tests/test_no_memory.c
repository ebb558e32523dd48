/* No memory when a thread attaches: it has no handle, and its calls are plain calls. Nothing else changes. */
#include "scene.h"

#include <netdb.h>
#include <sys/resource.h>

enum { RECORDS_WITHOUT_ALLOCATION = 16 }; /* the static chunk's (record.cpp) */

static void wait_for_the_end(actor_t *actor) { AWAIT(*(atomic_int *)actor->with); }

static atomic_int no_memory_now, tried;
static int ends[2];

static void *attach_late(void *unused) {
  char byte;
  AWAIT(no_memory_now);
  CHECK(polite_self() == 0);
  CHECK(polite_shield_enter() == POLITE_UNATTACHED);
  CHECK(polite_shield_restore(0) == POLITE_UNATTACHED);
  CHECK(polite_shield_leave() == POLITE_UNBALANCED);
  CHECK(polite_read(ends[0], &byte, 1) == 1);
  CHECK(polite_checkpoint() == 0 && polite_interrupt_pending() == 0);
  tried = 1;
  AWAIT(!no_memory_now);
  CHECK(polite_self() != 0);
  return unused;
}

static void no_memory_no_handle(void **state) {
  (void)state;
  static actor_t actors[RECORDS_WITHOUT_ALLOCATION];
  atomic_int end = 0;
  pthread_t late;
  make_pipe(ends);
  assert_int_equal(write(ends[1], "x", 1), 1);
  assert_int_equal(pthread_create(&late, NULL, attach_late, NULL), 0);
  for (int i = 1; i < RECORDS_WITHOUT_ALLOCATION; ++i) start(&actors[i], wait_for_the_end, &end);

  struct rlimit before, none;
  getrlimit(RLIMIT_AS, &before);
  none = before;
  none.rlim_cur = 1;
  assert_int_equal(setrlimit(RLIMIT_AS, &none), 0);
  no_memory_now = 1;
  AWAIT(tried);
  assert_int_equal(setrlimit(RLIMIT_AS, &before), 0);
  no_memory_now = 0;
  pthread_join(late, NULL);

  end = 1;
  for (int i = 1; i < RECORDS_WITHOUT_ALLOCATION; ++i) finish(&actors[i]);
  close_both(ends);
}

/* Before any thread has ended whose stack the next one could have. */
static void no_thread_for_a_name(void **state) {
  (void)state;
  if (UNDER_ASAN) skip(); /* it ends the process for want of memory */
  struct rlimit before, none;
  struct addrinfo *list = NULL;
  getrlimit(RLIMIT_AS, &before);
  none = before;
  none.rlim_cur = 1;
  assert_int_equal(setrlimit(RLIMIT_AS, &none), 0);
  int result = polite_getaddrinfo("localhost", NULL, NULL, &list);
  assert_int_equal(setrlimit(RLIMIT_AS, &before), 0);
  assert_int_equal(result, POLITE_EAGAIN);
  assert_null(list);
}

int main(void) {
  const struct CMUnitTest tests[] = {TEST(no_thread_for_a_name), TEST(no_memory_no_handle)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

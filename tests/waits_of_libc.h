/* Waits that have to do with libc's objects, for the table of waits.h: Unix's alone. */
#ifndef WAITS_OF_LIBC_H
#define WAITS_OF_LIBC_H

/* --- The condition, with a mutex of libc's */
static pthread_mutex_t of_libc = PTHREAD_MUTEX_INITIALIZER;
static int wait_with_pthread(enum form form, int64_t deadline) {
  CHECK(pthread_mutex_lock(&of_libc) == 0);
  if (form == UNINTERRUPTIBLE) polite_shield_enter();
  int result = signalled ? polite_checkpoint()
               : form == UNTIL ? polite_condition_wait_pthread_until(&condition, &of_libc, deadline)
                               : polite_condition_wait_pthread(&condition, &of_libc);
  if (form == UNINTERRUPTIBLE) polite_shield_leave();
  return result;
}
static void signal_with_pthread(polite_thread_t thread) {
  (void)thread;
  assert_int_equal(pthread_mutex_lock(&of_libc), 0);
  signalled = 1;
  assert_int_equal(polite_condition_broadcast(&condition), 0);
  assert_int_equal(pthread_mutex_unlock(&of_libc), 0);
}
static int done_with_pthread(int result) {
  (void)result;
  return pthread_mutex_unlock(&of_libc);
}

/* --- libc's semaphore. There is no uninterruptible form but libc's own */
static sem_t of_libcs;
static void close_libcs(void) { assert_int_equal(sem_init(&of_libcs, 0, 0), 0); }
static int wait_for_libcs(enum form form, int64_t deadline) {
  if (form == UNTIL) return polite_sem_wait_until(&of_libcs, deadline);
  if (form == UNINTERRUPTIBLE) polite_shield_enter();
  int result = polite_sem_wait(&of_libcs);
  if (form == UNINTERRUPTIBLE) polite_shield_leave();
  return result;
}
static void post_to_libcs(polite_thread_t thread) {
  (void)thread;
  assert_int_equal(sem_post(&of_libcs), 0);
}

#define WAITS_OF_LIBC                                                                                                                  \
  {"condition_wait", &condition, close_condition, wait_with_pthread, signal_with_pthread, done_with_pthread, destroy_condition},       \
      {NULL, NULL, close_libcs, wait_for_libcs, post_to_libcs, nothing_taken, nothing_to_destroy},

#endif

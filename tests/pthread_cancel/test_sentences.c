/* polite/pthread_cancel.h against POSIX.1-2017, XSH, sentence by sentence: each test is named for what a sentence demands, or has
 * it in its comment. Where polite decides otherwise the test says so and checks what was decided.
 *
 *   states.c              2.9.5, 2.9.5.1; pthread_cancel, pthread_setcancelstate, pthread_setcanceltype, pthread_testcancel
 *   no_points.c           2.9.5.2: what is no cancellation point; close
 *   every_point.c         2.9.5.2 for each cancellation point, from point_table.c
 *   endings.c             2.9.5.3; pthread_cleanup_push, pthread_cleanup_pop, pthread_exit
 *   threads.c             pthread_join, pthread_detach, pthread_create
 *   conditions.c          pthread_cond_wait, pthread_cond_timedwait, pthread_cond_signal, pthread_cond_broadcast
 *   condition_objects.c   pthread_cond_init, pthread_cond_destroy
 *   semaphores.c          sem_wait, sem_timedwait
 *   c11_threads.c         thrd_…, cnd_… */
#include "sentences.h"

int main(int count, char **arguments) {
  if (count > 1) return run_alone(arguments[1]);
  sigset_t set; /* no thread is to get what is meant for sigwait */
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  pthread_sigmask(SIG_BLOCK, &set, NULL);
  int failed = run_states() + run_points() + run_endings() + run_threads();
  return failed + run_conditions() + run_condition_objects() + run_semaphores() + run_c11_threads() + run_every_point() != 0;
}

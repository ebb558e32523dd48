/* Where threads, cancellation and libc meet in ways that are easily got wrong. Each was. */
#include "../scene.h"

#include <polite/pthread_cancel.h>

#include "plain_threads.h"

#include <fcntl.h>
#include <sys/stat.h>

static void *give_back(void *argument) { return argument; }

static int create_by_polite(pthread_t *thread, void *(*fn)(void *), void *argument) {
  return pthread_create(thread, NULL, fn, argument);
}

static int attached_threads(void) {
  int count = 0;
  for (polite_thread_t thread = 0; (thread = polite_thread_next(thread));) ++count;
  return count;
}

/* --- libc's own signals --------------------------------------------------------------------------------------------------------- */

static atomic_int stop, changes;

static void *change_user(void *argument) {
  for (changes = 0; !stop; ++changes) CHECK(setuid(getuid()) == 0);
  return argument;
}

/* setuid signals every thread and waits, with a lock that making a thread takes; and that is not fair, so it may be a long wait. */
static void threads_are_made_while_the_user_is_changed(void **state) {
  (void)state;
  pthread_t changer;
  stop = 0;
  assert_int_equal(pthread_create(&changer, NULL, change_user, NULL), 0);
  for (int i = 0; i < 2000 && changes < 5000; ++i) {
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, give_back, NULL), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
  }
  stop = 1;
  assert_int_equal(pthread_join(changer, NULL), 0);
}

/* --- Ending once more, in a destructor that runs before ours ----------------------------------------------------------------------- */

static pthread_key_t oldest_key; /* made by main before anything is attached */
static void (*in_destructor)(void *);

static void oldest_destructor(void *value) {
  void (*action)(void *) = in_destructor;
  if (action) action(value);
}

static void *set_value(void *value) {
  pthread_setspecific(oldest_key, value);
  return NULL;
}

static void exit_again(void *value) { pthread_exit(value); }

static void a_destructor_may_exit(void **state) {
  (void)state;
  int before = attached_threads();
  pthread_t thread;
  void *result;
  in_destructor = exit_again;
  assert_int_equal(pthread_create(&thread, NULL, set_value, &before), 0);
  assert_int_equal(pthread_join(thread, &result), 0);
  assert_ptr_equal(result, &before);
  assert_int_equal(attached_threads(), before);
}

static void enable_and_test(void *value) {
  int state;
  (void)value;
  CHECK(pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &state) == 0 && state == PTHREAD_CANCEL_DISABLE);
  pthread_cancel(pthread_self());
  pthread_testcancel();
}

static void a_destructor_is_not_canceled(void **state) {
  (void)state;
  pthread_t thread;
  void *result;
  in_destructor = enable_and_test;
  assert_int_equal(pthread_create(&thread, NULL, set_value, state), 0);
  assert_int_equal(pthread_join(thread, &result), 0);
  assert_null(result);
}

static void *set_value_and_cancel_oneself(void *value) {
  set_value(value);
  CHECK(pthread_cancel(pthread_self()) == 0);
  return NULL;
}

static void test_for_cancel(void *value) {
  (void)value;
  pthread_testcancel();
}

/* A thread of another's may be canceled there; its end must be noticed all the same. */
static void the_end_of_another_s_thread_is_noticed(void **state) {
  (void)state;
  int before = attached_threads();
  pthread_t thread;
  in_destructor = test_for_cancel;
  assert_int_equal(plain_create(&thread, set_value_and_cancel_oneself, &before), 0);
  assert_int_equal(plain_join(thread, NULL), 0);
  assert_int_equal(attached_threads(), before);
  assert_int_equal(polite_interrupt_all(0, 0), before - 1);
}

static void disable_and_enable(void *value) {
  int state;
  (void)value;
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
  pthread_setcancelstate(state, NULL);
}

static void a_thread_that_attaches_at_its_end_is_gone_after_it(void **state) {
  (void)state;
  int before = attached_threads();
  in_destructor = disable_and_enable;
  for (int i = 0; i < 3; ++i) {
    pthread_t thread;
    assert_int_equal(plain_create(&thread, set_value, &before), 0);
    assert_int_equal(plain_join(thread, NULL), 0);
  }
  assert_int_equal(attached_threads(), before);
}

/* --- The state, and the handlers that restore it ------------------------------------------------------------------------------------- */

static void set_state(void *wanted) { CHECK(pthread_setcancelstate(*(int *)wanted, NULL) == 0); }

static void *restore_by_handler(void *argument) {
  int before, enabled = PTHREAD_CANCEL_ENABLE, disabled = PTHREAD_CANCEL_DISABLE;
  CHECK(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before) == 0);
  pthread_cleanup_push(set_state, &before);
  pthread_cleanup_pop(1);
  CHECK(inspect(polite_self()).shielded == 0);
  pthread_cleanup_push(set_state, &disabled);
  pthread_cleanup_pop(1);
  CHECK(inspect(polite_self()).shielded == 1);
  pthread_cleanup_push(set_state, &enabled);
  pthread_cleanup_pop(1);
  pthread_cancel(pthread_self());
  pthread_testcancel();
  return argument;
}

static void a_handler_may_restore_the_state(void **state) {
  (void)state;
  pthread_t thread;
  void *result;
  assert_int_equal(pthread_create(&thread, NULL, restore_by_handler, NULL), 0);
  assert_int_equal(pthread_join(thread, &result), 0);
  assert_ptr_equal(result, PTHREAD_CANCELED);
}

static void *disable_and_leave(void *argument) {
  CHECK(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL) == 0);
  polite_exit(argument);
  return NULL;
}

/* A boundary restores the shields, of which the state is one. */
static void a_call_that_is_left_leaves_the_state(void **state) {
  (void)state;
  int before;
  assert_int_equal(polite_call(disable_and_leave, NULL, NULL), POLITE_EXITED);
  assert_int_equal(inspect(polite_self()).shielded, 0);
  assert_int_equal(pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &before), 0);
  assert_int_equal(before, PTHREAD_CANCEL_ENABLE);
}

/* --- Conditions ------------------------------------------------------------------------------------------------------------------------ */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static _Atomic polite_thread_t waiter;

static void *wait_for_ever(void *argument) {
  waiter = polite_self();
  pthread_mutex_lock(&mutex);
  for (;;) pthread_cond_wait(&condition, &mutex);
  return argument;
}

static void exit_on_signal(int signal) {
  (void)signal;
  pthread_exit(NULL);
}

/* Not something to be done, but a waiter that is gone must not be waited for. */
static void a_wait_may_be_left_by_an_exit_from_a_handler(void **state) {
  (void)state;
  struct sigaction action = {.sa_handler = exit_on_signal}, before;
  sigaction(SIGUSR1, &action, &before);
  pthread_t thread;
  waiter = 0;
  assert_int_equal(pthread_create(&thread, NULL, wait_for_ever, NULL), 0);
  AWAIT(waiter && is_blocked_in(waiter, "cond_wait"));
  assert_int_equal(pthread_kill(thread, SIGUSR1), 0);
  assert_int_equal(pthread_join(thread, NULL), 0);
  assert_int_equal(pthread_cond_destroy(&condition), 0);
  sigaction(SIGUSR1, &before, NULL);
}

/* --- Threads that hold all signals back ------------------------------------------------------------------------------------------------- */

static void *block_all_and_wait(void *which) {
  sigset_t all, now;
  sigfillset(&all);
  CHECK((which ? pthread_sigmask(SIG_SETMASK, &all, NULL) : sigprocmask(SIG_BLOCK, &all, NULL)) == 0);
  CHECK(pthread_sigmask(SIG_SETMASK, NULL, &now) == 0);
  CHECK(sigismember(&now, SIGUSR1) && sigismember(&now, SIGTERM) && !sigismember(&now, polite_wake_signal()));
  waiter = polite_self();
  pause();
  return NULL;
}

static void a_thread_that_blocks_all_signals_is_canceled(void **state) {
  for (int i = 0; i < 2; ++i) {
    pthread_t thread;
    void *result;
    waiter = 0;
    assert_int_equal(pthread_create(&thread, NULL, block_all_and_wait, i ? state : NULL), 0);
    AWAIT(waiter && is_blocked_in(waiter, "pause"));
    assert_int_equal(pthread_cancel(thread), 0);
    assert_int_equal(pthread_join(thread, &result), 0);
    assert_ptr_equal(result, PTHREAD_CANCELED);
  }
}

/* --- Making threads ----------------------------------------------------------------------------------------------------------------------- */

typedef struct job {
  pthread_t thread;
} job_t;

static atomic_int jobs_done;

static void *do_job(void *job_) {
  job_t *job = job_;
  CHECK(pthread_equal(job->thread, pthread_self()));
  memset(job, 0xee, sizeof *job);
  free(job);
  ++jobs_done;
  return NULL;
}

static void the_name_is_there_when_the_thread_begins(void **state) {
  (void)state;
  enum { JOBS = 1000 };
  pthread_attr_t detached;
  pthread_attr_init(&detached);
  pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
  jobs_done = 0;
  for (int i = 0; i < JOBS; ++i) {
    job_t *job = calloc(1, sizeof *job);
    assert_int_equal(pthread_create(&job->thread, &detached, do_job, job), 0);
  }
  AWAIT(jobs_done == JOBS);
  pthread_attr_destroy(&detached);
}

#if defined PTHREAD_ATTR_NO_SIGMASK_NP
static void *give_mask(void *mask) {
  pthread_sigmask(SIG_SETMASK, NULL, mask);
  return NULL;
}

static void the_signals_of_the_attributes_are_kept(void **state) {
  (void)state;
  pthread_attr_t attributes;
  sigset_t wanted, found;
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGUSR2);
  pthread_attr_init(&attributes);
  pthread_attr_setsigmask_np(&attributes, &wanted);
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, &attributes, give_mask, &found), 0);
  assert_int_equal(pthread_join(thread, NULL), 0);
  assert_true(sigismember(&found, SIGUSR2));
  assert_false(sigismember(&found, SIGUSR1));
  pthread_attr_destroy(&attributes);
}
#endif

static void *make_and_join(void *argument) {
  for (int i = 0; i < 5000; ++i) {
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, give_back, argument) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
  }
  return argument;
}

/* From a join on libc may call another thread by the same name. */
static void each_thread_can_be_joined(void **state) {
  (void)state;
  pthread_t makers[6];
  for (int i = 0; i < 6; ++i) assert_int_equal(pthread_create(&makers[i], NULL, make_and_join, NULL), 0);
  for (int i = 0; i < 6; ++i) assert_int_equal(pthread_join(makers[i], NULL), 0);
}

/* --- open ----------------------------------------------------------------------------------------------------------------------------------- */

static void a_file_without_a_name_has_its_mode(void **state) {
  (void)state;
  int fd = open("/tmp", O_TMPFILE | O_RDWR, 0640);
  if (fd < 0 && errno == EOPNOTSUPP) skip();
  assert_true(fd >= 0);
  struct stat about;
  assert_int_equal(fstat(fd, &about), 0);
  assert_int_equal(about.st_mode & 0777, 0640);
  close(fd);
}

/* --- pthread_exit in a call with a boundary of its own -------------------------------------------------------------------------------- */

static char handlers_run[8];

static void note_handler(void *letter) {
  size_t length = strlen(handlers_run);
  handlers_run[length] = *(char *)letter;
}

static void *exit_within(void *result) {
  pthread_cleanup_push(note_handler, "i");
  pthread_exit(result);
  pthread_cleanup_pop(0);
  return NULL;
}

static void *call_what_exits(void *result) {
  pthread_cleanup_push(note_handler, "o");
  polite_call(exit_within, result, NULL);
  CHECK(!"comes back");
  pthread_cleanup_pop(0);
  return NULL;
}

/* "The pthread_exit() function shall terminate the calling thread": polite_exit leaves the innermost call, pthread_exit all of them. */
static void pthread_exit_ends_the_thread(void **state) {
  (void)state;
  int (*create[])(pthread_t *, void *(*)(void *), void *) = {create_by_polite, plain_create};
  for (int i = 0; i < 2; ++i) {
    pthread_t thread;
    void *result;
    memset(handlers_run, 0, sizeof handlers_run);
    assert_int_equal(create[i](&thread, call_what_exits, &handlers_run), 0);
    assert_int_equal(i ? plain_join(thread, &result) : pthread_join(thread, &result), 0);
    assert_ptr_equal(result, &handlers_run);
    assert_string_equal(handlers_run, "io");
  }
}

/* --- pthread_once ------------------------------------------------------------------------------------------------------------------------- */

static pthread_once_t once = PTHREAD_ONCE_INIT;
static atomic_int begun, completed;

static void initialize(void) {
  if (begun++ == 0) pthread_testcancel();
  ++completed;
}

static void *initialize_once(void *argument) {
  pthread_once(&once, initialize);
  return argument;
}

static void *absorb_and_do_it_again(void *argument) {
  void *result;
  CHECK(pthread_cancel(pthread_self()) == 0);
  CHECK(polite_call(initialize_once, argument, &result) == POLITE_UNWOUND);
  pthread_once(&once, initialize);
  return argument;
}

/* "If init_routine is a cancellation point and is canceled, the effect on once_control shall be as if pthread_once() was never called." */
static void a_canceled_once_was_never_called(void **state) {
  (void)state;
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, NULL, absorb_and_do_it_again, NULL), 0);
  assert_int_equal(pthread_join(thread, NULL), 0);
  assert_int_equal(begun, 2);
  assert_int_equal(completed, 1);
}

int main(void) {
  umask(022);
  if (pthread_key_create(&oldest_key, oldest_destructor) != 0) return 1;
  const struct CMUnitTest tests[] = {
      TEST(threads_are_made_while_the_user_is_changed),
      TEST(a_destructor_may_exit),
      TEST(a_destructor_is_not_canceled),
      TEST(the_end_of_another_s_thread_is_noticed),
      TEST(a_thread_that_attaches_at_its_end_is_gone_after_it),
      TEST(a_handler_may_restore_the_state),
      TEST(a_call_that_is_left_leaves_the_state),
      TEST(a_wait_may_be_left_by_an_exit_from_a_handler),
      TEST(a_thread_that_blocks_all_signals_is_canceled),
      TEST(the_name_is_there_when_the_thread_begins),
#if defined PTHREAD_ATTR_NO_SIGMASK_NP
      TEST(the_signals_of_the_attributes_are_kept),
#endif
      TEST(each_thread_can_be_joined),
      TEST(pthread_exit_ends_the_thread),
      TEST(a_canceled_once_was_never_called),
      TEST(a_file_without_a_name_has_its_mode),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

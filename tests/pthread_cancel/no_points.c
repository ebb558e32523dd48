/* XSH 2.9.5.2: what is no cancellation point. */
#include "sentences.h"

#include <dirent.h>

static void nothing(void) {}
static void no_effect(void *argument) { (void)argument; }
static void *return_argument(void *argument) { return argument; }
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void call_what_is_no_point(actor_t *actor) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
  pthread_barrier_t barrier;
  pthread_key_t key;
  pthread_t other;
  sem_t semaphore;
  sigset_t set;
  int own[2], sock, old;
  CHECK(pthread_cancel(pthread_self()) == 0);

  CHECK(pthread_mutex_lock(&mutex) == 0 && pthread_mutex_trylock(&mutex) == EBUSY && pthread_mutex_unlock(&mutex) == 0);
  CHECK(pthread_cond_signal(&condition) == 0 && pthread_cond_broadcast(&condition) == 0 && pthread_cond_destroy(&condition) == 0);
  CHECK(pthread_cond_init(&condition, NULL) == 0 && pthread_cond_destroy(&condition) == 0);
  CHECK(sem_init(&semaphore, 0, 1) == 0 && sem_trywait(&semaphore) == 0 && sem_post(&semaphore) == 0);
  CHECK(pthread_barrier_init(&barrier, NULL, 1) == 0 && pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD);
  CHECK(pthread_once(&once, nothing) == 0);
  CHECK(pthread_key_create(&key, no_effect) == 0 && pthread_setspecific(key, actor) == 0 && pthread_key_delete(key) == 0);
  CHECK(pthread_create(&other, NULL, return_argument, NULL) == 0 && pthread_detach(other) == 0);
  CHECK(sigemptyset(&set) == 0 && pthread_sigmask(SIG_BLOCK, &set, NULL) == 0 && sigpending(&set) == 0);
  CHECK(pthread_kill(pthread_self(), 0) == 0 && kill(getpid(), 0) == 0 && sched_yield() == 0);
  CHECK(pipe(own) == 0 && fcntl(own[0], F_GETFD) == 0 && dup2(own[0], own[1]) == own[1]);
  CHECK((sock = socket(AF_UNIX, SOCK_STREAM, 0)) >= 0 && shutdown(sock, SHUT_RDWR) == 0 && listen(sock, 1) == -1);
  CHECK(close(own[0]) == 0 && close(own[1]) == 0 && close(sock) == 0);
  CHECK(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old) == 0 && pthread_setcancelstate(old, &old) == 0);
  CHECK(pthread_setcanceltype(PTHREAD_CANCEL_DEFERRED, &old) == 0);
  pthread_cleanup_push(no_effect, NULL);
  pthread_cleanup_pop(1);
  actor->result = 1;
  pthread_testcancel();
  actor->result = 2;
}

/* "An implementation shall not introduce cancellation points into any other functions" */
static void no_other_function_is_a_point(void **state) {
  (void)state;
  actor_t actor;
  start(&actor, call_what_is_no_point, NULL);
  assert_canceled(&actor);
  assert_int_equal(actor.result, 1);
}

static void lock_and_go_on(actor_t *actor) {
  arrive(actor, 1);
  CHECK(pthread_mutex_lock(&mutex) == 0);
  actor->result = 1;
  CHECK(pthread_mutex_unlock(&mutex) == 0);
  pthread_testcancel();
  actor->result = 2;
}

/* The same of a function that blocks: a mutex is waited for to the end. */
static void a_thread_that_waits_for_a_mutex_gets_it(void **state) {
  (void)state;
  assert_int_equal(pthread_mutex_lock(&mutex), 0);
  actor_t actor;
  start(&actor, lock_and_go_on, NULL);
  AWAIT(actor.step == 1 && sleeps(actor.thread));
  assert_int_equal(pthread_cancel(actor.pthread), 0);
  assert_int_equal(pthread_mutex_unlock(&mutex), 0);
  assert_canceled(&actor);
  assert_int_equal(actor.result, 1);
}

static void call_allowed_points(actor_t *actor) {
  char text[100];
  struct stat info;
  pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
  CHECK(pthread_cancel(pthread_self()) == 0);
  FILE *file = tmpfile();
  CHECK(file && fprintf(file, "line\n") == 5 && fflush(file) == 0 && fseek(file, 0, SEEK_SET) == 0);
  CHECK(fgets(text, sizeof text, file) && fgetc(file) == EOF && fstat(fileno(file), &info) == 0 && fclose(file) == 0);
  CHECK(access("/", F_OK) == 0 && stat("/", &info) == 0 && getcwd(text, sizeof text));
  DIR *directory = opendir("/");
  CHECK(directory && closedir(directory) == 0);
  CHECK(pthread_rwlock_rdlock(&lock) == 0 && pthread_rwlock_unlock(&lock) == 0);
  CHECK(pthread_rwlock_wrlock(&lock) == 0 && pthread_rwlock_unlock(&lock) == 0);
  actor->result = 1;
  pthread_testcancel();
}

/* "A cancellation point may also occur when a thread is executing the following functions". Decided: in none of them. */
static void the_allowed_points_are_none(void **state) {
  (void)state;
  actor_t actor;
  start(&actor, call_allowed_points, NULL);
  assert_canceled(&actor);
  assert_int_equal(actor.result, 1);
}

static void close_with_a_request_pending(actor_t *actor) {
  int own[2];
  char byte;
  CHECK(pipe(own) == 0);
  CHECK(pthread_cancel(pthread_self()) == 0);
  CHECK(close(own[1]) == 0);
  CHECK(fcntl(own[1], F_GETFD) == -1 && errno == EBADF);
  CHECK(close(own[1]) == -1 && errno == EBADF);
  actor->result = own[0];
  CHECK(read(own[0], &byte, 1) == 77); /* does not return */
}

/* "close() shall deallocate the file descriptor". In POSIX it is a cancellation point. Decided otherwise: it always releases, and
 * the request stays pending. */
static void close_releases_and_leaves_the_request_pending(void **state) {
  (void)state;
  actor_t actor;
  start(&actor, close_with_a_request_pending, NULL);
  assert_canceled(&actor);
  assert_int_equal(close((int)actor.result), 0);
}

int run_points(void) {
  const struct CMUnitTest tests[] = {
      TEST(no_other_function_is_a_point),
      TEST(a_thread_that_waits_for_a_mutex_gets_it),
      TEST(the_allowed_points_are_none),
      TEST(close_releases_and_leaves_the_request_pending),
  };
  return cmocka_run_group_tests_name("what is no cancellation point", tests, NULL, NULL);
}

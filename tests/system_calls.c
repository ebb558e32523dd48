/* For system_calls.sh, between two markers (getppid), `count` times:
 *
 *     system_calls COUNT            reads a byte in an attached thread
 *     system_calls COUNT libc       the same, by libc
 *     system_calls COUNT interrupt  interrupts a thread that is not in a call
 *     system_calls COUNT wait       waits for a condition until a time in the past */
#include <polite.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static polite_thread_t idle;
static pthread_barrier_t attached;

static void *attach_and_wait(void *unused) {
  idle = polite_self();
  pthread_barrier_wait(&attached);
  pthread_barrier_wait(&attached);
  return unused;
}

static int interrupt_idle(int count) {
  pthread_t thread;
  pthread_barrier_init(&attached, NULL, 2);
  if (pthread_create(&thread, NULL, attach_and_wait, NULL) != 0) return 1;
  pthread_barrier_wait(&attached);
  getppid();
  for (int i = 0; i < count; ++i)
    if (polite_interrupt(idle) != (i > 0)) return 1;
  getppid();
  pthread_barrier_wait(&attached);
  return pthread_join(thread, NULL);
}

static int read_bytes(int count, int use_libc) {
  int fd = open("/dev/zero", O_RDONLY);
  char byte;
  getppid();
  for (int i = 0; i < count; ++i)
    if ((use_libc ? read(fd, &byte, 1) : polite_read(fd, &byte, 1)) != 1) return 1;
  getppid();
  return 0;
}

/* Behind polite/pthread_cancel.h. */
int polite_pthread_cond_timedwait(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);

static int wait_until_past(int count) {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
  struct timespec past = {1, 0};
  pthread_mutex_lock(&mutex);
  getppid();
  for (int i = 0; i < count; ++i)
    if (polite_pthread_cond_timedwait(&condition, &mutex, &past) != ETIMEDOUT) return 1;
  getppid();
  return 0;
}

int main(int argc, char **argv) {
  const char *what = argc > 2 ? argv[2] : "";
  if (argc < 2 || !polite_self()) return 1;
  int count = atoi(argv[1]);
  if (strcmp(what, "wait") == 0) return wait_until_past(count);
  return strcmp(what, "interrupt") == 0 ? interrupt_idle(count) : read_bytes(count, strcmp(what, "libc") == 0);
}

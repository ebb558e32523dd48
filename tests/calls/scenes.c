/* The scenes that are about no descriptor: time, children, signals; and how all of them begin and end. */
#include "scenes.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/wait.h>

void begin_scene(scene_t *s) {
  memset(s, 0, sizeof *s);
  s->here = s->there = s->third = s->messages = s->semaphores = -1;
  for (int i = 0; i < CROWD; ++i) s->crowd[i] = -1;
}

static void close_descriptor(int fd) {
  if (fd >= 0) close(fd);
}

void end_scene(scene_t *s) {
  if (s->end) s->end(s);
  close_descriptor(s->here);
  close_descriptor(s->there);
  close_descriptor(s->third);
  for (int i = 0; i < CROWD; ++i) close_descriptor(s->crowd[i]);
  if (s->messages >= 0) msgctl(s->messages, IPC_RMID, NULL);
  if (s->semaphores >= 0) semctl(s->semaphores, 0, IPC_RMID);
  if (s->memory) munmap(s->memory, 4096);
  if (s->child > 0) waitpid(s->child, NULL, 0);
  if (s->name[0]) unlink(s->name);
}

void nothing(scene_t *s) { (void)s; }

void long_sleep(scene_t *s) { s->sleep = 3600 * (int64_t)1000000000; }
void short_sleep(scene_t *s) { s->sleep = 1; }

void living_child(scene_t *s) {
  empty_pipe(s);
  s->child = fork();
  assert_true(s->child >= 0);
  if (s->child == 0) {
    char byte;
    close(s->there);
    _exit(read(s->here, &byte, 1) == 0 ? 7 : 1);
  }
}

void end_child(scene_t *s) {
  close(s->there);
  s->there = -1;
  siginfo_t info; /* it is a zombie from here on, or has been waited for */
  assert_true(waitid(P_PID, (id_t)s->child, &info, WEXITED | WNOWAIT) == 0 || errno == ECHILD);
}

void block_the_signal(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  assert_int_equal(pthread_sigmask(SIG_BLOCK, &set, NULL), 0);
}

void send_blocked_signal(scene_t *s) {
  (void)s;
  assert_int_equal(kill(getpid(), SIGUSR2), 0);
}

/* What is particular to one call: what the system would leave behind, what releases and is no interruption point, what has no place in
 * the table. */
#include "table.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/syscall.h>

/* The system's trap: woken between two messages, it would leave a code in the socket that the next call gets. */
static void nothing_is_left_in_the_socket(void **state) {
  (void)state;
  scene_t scene;
  begin_scene(&scene);
  empty_datagrams(&scene);
  feed(&scene);
  assert_int_equal(run_recvmmsg(&scene), 1);
  polite_interrupt(polite_self());
  assert_int_equal(run_recvmmsg(&scene), POLITE_INTERRUPTED);
  char byte;
  assert_int_equal(recv(scene.here, &byte, 1, MSG_DONTWAIT), -1);
  assert_int_equal(errno, EAGAIN);
  end_scene(&scene);
}

/* Any call by its number; those whose results look like what the library says to itself, too. */
static void calls_by_number(void **state) {
  (void)state;
  scene_t scene;
  begin_scene(&scene);
  file(&scene);
  assert_int_equal(polite_syscall(SYS_getpid, 0, 0, 0, 0, 0, 0), getpid());
  assert_int_equal(polite_syscall(SYS_read, -1, 0, 0, 0, 0, 0), POLITE_EBADF);
#if LONG_MAX > 0x1fffffffc
  assert_true(polite_syscall(SYS_lseek, scene.here, 0xfffffffc, SEEK_SET, 0, 0, 0) == 0xfffffffc);
  assert_true(polite_syscall(SYS_lseek, scene.here, 0x1fffffffc, SEEK_SET, 0, 0, 0) == 0x1fffffffc);
#endif
  polite_interrupt(polite_self());
  assert_int_equal(polite_syscall(SYS_lseek, scene.here, 0, SEEK_SET, 0, 0, 0), POLITE_INTERRUPTED);
  polite_interrupt(polite_self());
  assert_int_equal(polite_syscall(SYS_getpid, 0, 0, 0, 0, 0, 0), POLITE_INTERRUPTED);
  const long none[] = {-1, LONG_MIN, 511, 512, LONG_MAX, LONG_MAX / 2 + 1, SYS_clone, SYS_clone3, SYS_rt_sigreturn};
  for (size_t i = 0; i < sizeof none / sizeof *none; ++i)
    assert_int_equal(polite_syscall(none[i], 0, 0, 0, 0, 0, 0), POLITE_ENOSYS);
  end_scene(&scene);
}

/* Giving up a lock releases (rule 3). */
static void unlocking_is_no_interruption_point(void **state) {
  (void)state;
  scene_t scene;
  begin_scene(&scene);
  struct flock all = {.l_type = F_WRLCK}, none = {.l_type = F_UNLCK};
  locked_file(&scene);
  polite_interrupt(polite_self());
  assert_int_equal(polite_lock(scene.there, F_OFD_SETLKW, &none), 0);
  assert_true(polite_interrupt_clear());
  assert_int_equal(polite_lock(scene.here, F_OFD_SETLKW, &all), 0);
  assert_int_equal(polite_lock(scene.here, F_OFD_SETLK, &all), POLITE_EINVAL);
  assert_int_equal(polite_lock(scene.here, F_OFD_SETLKW, NULL), POLITE_EFAULT);
  end_scene(&scene);
}

static void giving_up_other_locks_is_no_interruption_point(void **state) {
  (void)state;
  scene_t scene;
  begin_scene(&scene);
  file(&scene);
  polite_interrupt(polite_self());
  assert_int_equal(polite_flock(scene.here, LOCK_UN), 0);
  assert_int_equal(polite_flock(scene.here, LOCK_UN | LOCK_NB), 0);
  assert_int_equal(polite_lockf(scene.here, F_TLOCK, 0), 0);
  assert_int_equal(polite_lockf(scene.here, F_TEST, 0), 0);
  assert_int_equal(polite_lockf(scene.here, F_ULOCK, 0), 0);
  assert_true(polite_interrupt_clear());
  end_scene(&scene);
  begin_scene(&scene);
  locked_file(&scene);
  assert_int_equal(polite_lockf(scene.here, F_TEST, 0), POLITE_EACCES);
  assert_int_equal(polite_lockf(scene.here, F_TLOCK, 0), POLITE_EAGAIN);
  end_scene(&scene);
}

/* The one call that never has anything to do. */
#if !UNDER_TSAN
static void on_signal(int signal) { (void)signal; }
#endif
static void pause_once(actor_t *actor) { actor->result = polite_pause(); }

static void a_pause_ends_by_a_handler_or_an_interrupt(void **state) {
  (void)state;
#if !UNDER_TSAN
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART}, before;
  sigaction(SIGUSR1, &action, &before);
#endif
  actor_t actor;
  start_blocked(&actor, pause_once, NULL, "pause");
  polite_interrupt(actor.thread);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  polite_interrupt(polite_self());
  assert_int_equal(polite_pause(), POLITE_INTERRUPTED);
#if !UNDER_TSAN
  start_blocked(&actor, pause_once, NULL, "pause");
  pthread_kill(actor.pthread, SIGUSR1);
  assert_int_equal(finish(&actor), POLITE_EINTR);
  sigaction(SIGUSR1, &before, NULL);
#endif
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(nothing_is_left_in_the_socket),
      TEST(calls_by_number),
      TEST(unlocking_is_no_interruption_point),
      TEST(giving_up_other_locks_is_no_interruption_point),
      TEST(a_pause_ends_by_a_handler_or_an_interrupt),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Bad input to the calls that stand for the system's own: the same mistakes as with the plain calls, and the same errors. */
#include "scene.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <termios.h>

static void null_pointers(void **state) {
  (void)state;
  int sockets[2];
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
  assert_int_equal(polite_recvmsg(sockets[0], NULL, 0), POLITE_EFAULT);
  assert_int_equal(polite_sendmsg(sockets[0], NULL, 0), POLITE_EFAULT);
  close_both(sockets);
  assert_int_equal(polite_poll(NULL, 1, 0), POLITE_EFAULT);
}

static void bad_descriptors(void **state) {
  (void)state;
  char byte = 0;
  polite_iovec_t piece = {&byte, 1};
  struct iovec io = {&byte, 1};
  struct msghdr message = {.msg_iov = &io, .msg_iovlen = 1};
  struct sockaddr address = {0};
  assert_int_equal(polite_read(-1, &byte, 1), POLITE_EBADF);
  assert_int_equal(polite_read(INT_MAX, &byte, 1), POLITE_EBADF);
  assert_int_equal(polite_readv(-1, &piece, 1), POLITE_EBADF);
  assert_int_equal(polite_pread(-1, &byte, 1, 0), POLITE_EBADF);
  assert_int_equal(polite_write(-1, &byte, 1), POLITE_EBADF);
  assert_int_equal(polite_writev(-1, &piece, 1), POLITE_EBADF);
  assert_int_equal(polite_pwrite(-1, &byte, 1, 0), POLITE_EBADF);
  assert_int_equal(polite_recv(-1, &byte, 1, 0), POLITE_EBADF);
  assert_int_equal(polite_recvfrom(-1, &byte, 1, 0, NULL, NULL), POLITE_EBADF);
  assert_int_equal(polite_recvmsg(-1, &message, 0), POLITE_EBADF);
  assert_int_equal(polite_send(-1, &byte, 1, 0), POLITE_EBADF);
  assert_int_equal(polite_sendto(-1, &byte, 1, 0, NULL, 0), POLITE_EBADF);
  assert_int_equal(polite_sendmsg(-1, &message, 0), POLITE_EBADF);
  assert_int_equal(polite_accept(-1, NULL, NULL), POLITE_EBADF);
  assert_int_equal(polite_accept4(-1, NULL, NULL, 0), POLITE_EBADF);
  assert_int_equal(polite_connect(-1, &address, sizeof address), POLITE_EBADF);
  assert_int_equal(polite_close(-1), POLITE_EBADF);
  assert_int_equal(polite_preadv(-1, &piece, 1, 0), POLITE_EBADF);
  assert_int_equal(polite_pwritev(-1, &piece, 1, 0), POLITE_EBADF);
  assert_int_equal(polite_preadv2(-1, &piece, 1, 0, 0), UNDER_QEMU ? POLITE_ENOSYS : POLITE_EBADF);
  assert_int_equal(polite_pwritev2(-1, &piece, 1, 0, 0), UNDER_QEMU ? POLITE_ENOSYS : POLITE_EBADF);
  assert_int_equal(polite_fsync(-1), POLITE_EBADF);
  assert_int_equal(polite_fdatasync(-1), POLITE_EBADF);
  assert_int_equal(polite_tcdrain(-1), POLITE_EBADF);
  struct epoll_event event;
  struct termios settings = {0};
  assert_int_equal(polite_epoll_wait(-1, &event, 1, 0), POLITE_EBADF);
  assert_int_equal(polite_epoll_wait(-1, &event, 1, 1), POLITE_EBADF);
  assert_int_equal(polite_epoll_pwait2(-1, &event, 1, NULL, NULL), UNDER_QEMU ? POLITE_ENOSYS : POLITE_EBADF);
  assert_int_equal(polite_sendfile(-1, -1, NULL, 1), POLITE_EBADF);
  assert_int_equal(polite_splice(-1, NULL, -1, NULL, 1, 0), POLITE_EBADF);
  assert_int_equal(polite_copy_file_range(-1, NULL, -1, NULL, 1, 0), POLITE_EBADF);
  assert_int_equal(polite_recvmmsg(-1, NULL, 0, 0, NULL), UNDER_QEMU ? POLITE_EFAULT : POLITE_EBADF);
  assert_int_equal(polite_sendmmsg(-1, NULL, 0, 0), UNDER_QEMU ? POLITE_EFAULT : POLITE_EBADF);
  assert_int_equal(polite_ioctl(-1, 0, NULL), UNDER_QEMU ? POLITE_ENOSYS : POLITE_EBADF);
  assert_int_equal(polite_tcsetattr(-1, TCSANOW, &settings), POLITE_EBADF);
  assert_int_equal(polite_tcsetattr(-1, TCSADRAIN, &settings), POLITE_EBADF);
  assert_int_equal(polite_tcsetattr(-1, 77, &settings), POLITE_EINVAL);
  assert_int_equal(polite_flock(-1, LOCK_EX), POLITE_EBADF);
  assert_int_equal(polite_flock(-1, LOCK_UN), POLITE_EBADF);
  assert_int_equal(polite_lockf(-1, F_LOCK, 0), POLITE_EBADF);
  assert_int_equal(polite_lockf(-1, F_TEST, 0), POLITE_EBADF);
  size_t moved = 5;
  assert_int_equal(polite_read_full(-1, &byte, 1, &moved), POLITE_EBADF);
  assert_int_equal(moved, 0);
}

static void waits_that_make_no_sense(void **state) {
  (void)state;
  struct timespec bad = {0, 1000000000}, negative = {-1, 0}, some = {1, 0};
  sigset_t set;
  sigemptyset(&set);
  char page[1];
  assert_int_equal(polite_clock_nanosleep(CLOCK_MONOTONIC, 0, NULL, NULL), POLITE_EFAULT);
  assert_int_equal(polite_clock_nanosleep(CLOCK_MONOTONIC, 0, &bad, NULL), POLITE_EINVAL);
  assert_int_equal(polite_clock_nanosleep(CLOCK_MONOTONIC, 0, &negative, NULL), POLITE_EINVAL);
  assert_int_equal(polite_clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &bad, NULL), POLITE_EINVAL);
  assert_int_equal(polite_clock_nanosleep(12345, 0, &some, NULL), POLITE_EINVAL);
  assert_int_equal(polite_clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &some, NULL), POLITE_EINVAL);
  assert_int_equal(polite_clock_nanosleep(CLOCK_MONOTONIC_COARSE, 0, &some, NULL), -clock_nanosleep(CLOCK_MONOTONIC_COARSE, 0, &some, NULL));
  assert_int_equal(polite_pselect(-1, NULL, NULL, NULL, NULL, NULL), POLITE_EINVAL);
  assert_int_equal(polite_pselect(0, NULL, NULL, NULL, &bad, NULL), POLITE_EINVAL);
  assert_int_equal(polite_sigsuspend(NULL), POLITE_EFAULT);
  assert_int_equal(polite_sigwaitinfo(NULL, NULL), POLITE_EFAULT);
  assert_int_equal(polite_sigtimedwait(&set, NULL, &bad), POLITE_EINVAL);
  assert_int_equal(polite_sigtimedwait(&set, NULL, &negative), POLITE_EINVAL);
  assert_int_equal(polite_sigtimedwait(&set, NULL, &(struct timespec){0, 0}), POLITE_EAGAIN);
  assert_int_equal(polite_waitid(99, 0, NULL, WEXITED), POLITE_EINVAL);
  assert_int_equal(polite_waitid(P_ALL, 0, NULL, 0), POLITE_EINVAL);
  assert_int_equal(polite_waitid(P_ALL, 0, NULL, WEXITED), POLITE_ECHILD);
  assert_int_equal(polite_wait4(-1, NULL, 0, NULL), POLITE_ECHILD);
  assert_int_equal(polite_wait4(-1, NULL, -1, NULL), POLITE_EINVAL);
  assert_int_equal(polite_msync(page, 1, MS_SYNC | MS_ASYNC), POLITE_EINVAL);
  struct sembuf down = {0, -1, 0};
  long message[2] = {1, 0};
  assert_int_equal(polite_mq_receive(-1, page, 1, NULL), POLITE_EBADF);
  assert_int_equal(polite_mq_send(-1, page, 1, 0), POLITE_EBADF);
  assert_int_equal(polite_mq_timedreceive(-1, page, 1, NULL, &bad), POLITE_EINVAL);
  assert_int_equal(polite_msgrcv(-1, message, 1, 0, 0), POLITE_EINVAL);
  assert_int_equal(polite_msgsnd(-1, message, 1, 0), POLITE_EINVAL);
  assert_int_equal(polite_semop(-1, &down, 1), POLITE_EINVAL);
  assert_int_equal(polite_semtimedop(-1, &down, 1, &some), POLITE_EINVAL);
  assert_int_equal(polite_semtimedop(0, &down, 1, &bad), POLITE_EINVAL);
  int epoll = epoll_create1(0);
  struct epoll_event event;
  assert_int_equal(polite_epoll_wait(epoll, &event, 0, 0), POLITE_EINVAL);
  assert_int_equal(polite_epoll_wait(epoll, &event, -1, 1), POLITE_EINVAL);
  assert_int_equal(polite_epoll_pwait2(epoll, &event, 1, &bad, NULL), UNDER_QEMU ? POLITE_ENOSYS : POLITE_EINVAL);
  close(epoll);
  int ends[2];
  make_pipe(ends);
  assert_int_equal(polite_ioctl(ends[0], TCGETS, NULL), POLITE_ENOTTY);
  assert_int_equal(polite_tcdrain(ends[0]), POLITE_ENOTTY);
  assert_int_equal(polite_tcsetattr(ends[0], TCSADRAIN, NULL), POLITE_EFAULT);
  close_both(ends);
  assert_int_equal(polite_flock(0, 77), POLITE_EINVAL);
  assert_int_equal(polite_lockf(0, 77, 0), POLITE_EINVAL);
}

static void nonblocking_descriptors_say_so(void **state) {
  (void)state;
  int ends[2];
  char byte;
  make_pipe(ends);
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  assert_int_equal(polite_read(ends[0], &byte, 1), POLITE_EAGAIN);
  close_both(ends);
}

static void a_bad_time(void **state) {
  (void)state;
  struct timespec bad = {0, 1000000000};
  assert_int_equal(polite_ppoll(NULL, 0, &bad, NULL), POLITE_EINVAL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(null_pointers),
      TEST(bad_descriptors),
      TEST(waits_that_make_no_sense),
      TEST(nonblocking_descriptors_say_so),
      TEST(a_bad_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

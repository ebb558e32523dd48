/* Bad input: a clear negative error, nothing changed, never a crash. */
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
  int ends[2];
  make_pipe(ends);
  assert_int_equal(write(ends[1], "abc", 3), 3);
  assert_int_equal(polite_read(ends[0], NULL, 1), POLITE_EFAULT);
  assert_int_equal(polite_readv(ends[0], NULL, 1), POLITE_EFAULT);
  assert_int_equal(polite_write(ends[1], NULL, 1), POLITE_EFAULT);
  assert_int_equal(polite_read_full(ends[0], NULL, 1, NULL), POLITE_EINVAL);
  size_t moved = 7;
  assert_int_equal(polite_read_full(ends[0], NULL, 1, &moved), POLITE_EFAULT);
  assert_int_equal(moved, 0);
  assert_int_equal(polite_write_all(ends[1], NULL, 1, &moved), POLITE_EFAULT);
  assert_int_equal(polite_poll(NULL, 1, 0), POLITE_EFAULT);
  assert_int_equal(polite_thread_inspect(polite_self(), NULL), POLITE_EINVAL);
  assert_int_equal(polite_request_post(NULL, polite_self(), 0, 0), POLITE_EINVAL);
  assert_int_equal(polite_request_withdraw(NULL), POLITE_EINVAL);
  int sockets[2];
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
  assert_int_equal(polite_recvmsg(sockets[0], NULL, 0), POLITE_EFAULT);
  assert_int_equal(polite_sendmsg(sockets[0], NULL, 0), POLITE_EFAULT);
  close_both(sockets);
  char bytes[3];
  assert_int_equal(polite_read(ends[0], bytes, 3), 3); /* nothing was lost by all that */
  assert_memory_equal(bytes, "abc", 3);
  close_both(ends);
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

/* The same mistakes as with the plain calls, and the same errors. */
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

static void lengths_that_are_too_long(void **state) {
  (void)state;
  int ends[2];
  char byte = 'x';
  size_t moved = 5;
  make_pipe(ends);
  assert_int_equal(write(ends[1], "x", 1), 1);
  assert_true(polite_read(ends[0], &byte, (size_t)SSIZE_MAX + 1) < 0);
  assert_true(polite_write(ends[1], &byte, SIZE_MAX) < 0);
  assert_int_equal(polite_read_full(ends[0], &byte, (size_t)SSIZE_MAX + 1, &moved), POLITE_EINVAL);
  assert_int_equal(polite_write_all(ends[1], &byte, SIZE_MAX, &moved), POLITE_EINVAL);
  assert_int_equal(moved, 5);
  assert_int_equal(polite_read(ends[0], &byte, 1), 1);
  close_both(ends);
}

static void flags_reasons_and_times(void **state) {
  (void)state;
  polite_thread_t self = polite_self();
  polite_request_t request = {0};
  assert_int_equal(polite_interrupt_with(self, -1, 0), POLITE_EINVAL);
  assert_int_equal(polite_interrupt_with(self, POLITE_REASON_MAX + 1, 0), POLITE_EINVAL);
  assert_int_equal(polite_interrupt_with(self, 0, 2), POLITE_EINVAL);
  assert_int_equal(polite_request_post(&request, self, -1, 0), POLITE_EINVAL);
  assert_int_equal(polite_request_post(&request, self, 0, ~POLITE_LATCHED), POLITE_EINVAL);
  assert_int_equal(polite_request_post(&request, 0, 0, 0), POLITE_ESRCH);
  assert_int_equal(polite_interrupt_pending(), 0);
  int64_t left = 5;
  assert_int_equal(polite_nanosleep(-1, &left), POLITE_EINVAL);
  assert_int_equal(left, 5);
  struct timespec bad = {0, 1000000000};
  assert_int_equal(polite_ppoll(NULL, 0, &bad, NULL), POLITE_EINVAL);
  polite_thread_info_t info = {.size = 3};
  assert_int_equal(polite_thread_inspect(self, &info), POLITE_EINVAL);
  info.size = sizeof info;
  assert_int_equal(polite_thread_inspect(0, &info), POLITE_ESRCH);
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

static void every_code_has_a_name_and_a_sentence(void **state) {
  (void)state;
  assert_string_equal(polite_error_name(0), "POLITE_OK");
  assert_string_equal(polite_error_name(POLITE_INTERRUPTED), "POLITE_INTERRUPTED");
  assert_string_equal(polite_error_name(POLITE_UNBALANCED), "POLITE_UNBALANCED");
  assert_string_equal(polite_error_name(POLITE_EBADF), "POLITE_EBADF");
  assert_string_equal(polite_error_name(POLITE_EAGAIN), "POLITE_EAGAIN");
  assert_string_equal(polite_error_name(POLITE_EOPNOTSUPP), "POLITE_EOPNOTSUPP");
  assert_string_equal(polite_error_name(-100000), "POLITE_UNKNOWN");
  assert_string_equal(polite_strerror(POLITE_EBADF), strerror(EBADF));
  for (int code = -1; code > -134; --code)
    if (code != -41 && code != -58) assert_string_not_equal(polite_error_name(code), "POLITE_UNKNOWN"); /* Linux has no such */
  for (int code = -10010; code < 200; ++code) assert_non_null(polite_strerror(code));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(null_pointers),           TEST(bad_descriptors), TEST(waits_that_make_no_sense),
      TEST(lengths_that_are_too_long), TEST(flags_reasons_and_times),
      TEST(nonblocking_descriptors_say_so), TEST(every_code_has_a_name_and_a_sentence),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

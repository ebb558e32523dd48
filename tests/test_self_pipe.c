/* The self-pipe: what a thread that chose it is spared, and what its calls keep of the plain ones. */
#include "hold.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <termios.h>

#if !defined RWF_NOWAIT
#define RWF_NOWAIT 8 /* linux/fs.h, which musl does not bring along */
#endif

static actor_t target, interrupter;
static shot_t shot;
static int ends[2];

static atomic_int signals;

static void count_signal(int signal) {
  (void)signal;
  ++signals;
}

static void read_byte(actor_t *actor) {
  char byte;
  CHECK(polite_use_backend(POLITE_BACKEND_SELF_PIPE) == 0);
  actor->result = polite_read(ends[0], &byte, 1);
}

/* The interrupter has seen the region, and the thread leaves it before the wake: no signal is for it. Where all threads
 * are on the self-pipe it might end the program. */
static void nobody_is_signalled_who_has_just_left(void **state) {
  (void)state;
  struct sigaction action = {.sa_handler = count_signal}, before;
  sigaction(polite_wake_signal(), polite_backend() == POLITE_BACKEND_WINDOW ? NULL : &action, &before);
  make_pipe(ends);
  start_blocked(&target, read_byte, NULL, "read");
  shot = (shot_t){target.thread, NULL, 0};
  start(&interrupter, shoot, &shot);
  hold_at(&first, HOOK_REGION_SEEN, interrupter.pthread);
  shot.go = 1;
  AWAIT(first.holding);
  assert_int_equal(write(ends[1], "x", 1), 1);
  AWAIT(inspect(target.thread).state == POLITE_THREAD_RUNNING && sleeps(target.thread));
  first.release = 1;
  assert_int_equal(finish(&interrupter), 0);
  assert_int_equal(finish(&target), 1);
  assert_int_equal(signals, 0);
  sigaction(polite_wake_signal(), &before, NULL);
  close_both(ends);
}

static atomic_int in_handler, handler_may_return;

static void wait_in_handler(int signal) {
  (void)signal;
  in_handler = 1;
  while (!handler_may_return) sched_yield();
}

/* The first read is the thread's call of the number that, for a descriptor, would be that of the pipe's end to write to, and 1. */
static void read_through_both(actor_t *actor) {
  char byte;
  const int *other = actor->with;
  for (int i = 0; i < other[1]; ++i) CHECK(polite_poll(NULL, 0, 0) == 0);
  CHECK(polite_read(ends[0], &byte, 1) == POLITE_INTERRUPTED);
  CHECK(polite_use_backend(POLITE_BACKEND_SELF_PIPE) == 0);
  actor->step = 1;
  actor->result = polite_read(ends[0], &byte, 1);
  actor->step = 2;
}

/* What the window remembers of a call with a handler on top is not taken for the descriptor. */
static void changing_over_begins_without_a_descriptor(void **state) {
  (void)state;
  if (UNDER_TSAN) skip(); /* it keeps handlers back */
  SKIP_BUT_FOR_WINDOW();
  int other[2], bytes = -1;
  make_pipe(ends);
  make_pipe(other);
  in_handler = handler_may_return = 0;
  struct sigaction action = {.sa_handler = wait_in_handler, .sa_flags = SA_RESTART};
  sigaction(SIGUSR1, &action, NULL);
  start_blocked(&target, read_through_both, other, "read");
  pthread_kill(target.pthread, SIGUSR1);
  AWAIT(in_handler);
  assert_int_equal(polite_interrupt(target.thread), 0);
  handler_may_return = 1;
  AWAIT(target.step == 1 && is_blocked_in(target.thread, "read"));
  assert_int_equal(polite_interrupt(target.thread), 0);
  AWAIT(target.step == 2);
  assert_int_equal(finish(&target), POLITE_INTERRUPTED);
  assert_int_equal(ioctl(other[0], FIONREAD, &bytes), 0);
  assert_int_equal(bytes, 0);
  assert_int_equal(write(other[1], "x", 1), 1); /* nor is it closed */
  close_both(ends);
  close_both(other);
}

/* --- Calls, in the test's own thread ------------------------------------------------------------------------------------------ */

static int on_self_pipe(void **state) {
  polite_hook = reached;
  clean_thread(state);
  return polite_use_backend(POLITE_BACKEND_SELF_PIPE);
}

#define CALL_TEST(function) cmocka_unit_test_setup(function, on_self_pipe)

static void make_sockets(int type, int both[2]) { assert_int_equal(socketpair(AF_UNIX, type, 0, both), 0); }

static void connect_both(int both[2]) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int listening = socket(AF_INET, SOCK_STREAM, 0);
  assert_int_equal(bind(listening, (struct sockaddr *)&address, size), 0);
  assert_int_equal(listen(listening, 1), 0);
  assert_int_equal(getsockname(listening, (struct sockaddr *)&address, &size), 0);
  both[0] = socket(AF_INET, SOCK_STREAM, 0);
  assert_int_equal(connect(both[0], (struct sockaddr *)&address, size), 0);
  both[1] = accept(listening, NULL, NULL);
  assert_true(both[1] >= 0);
  close(listening);
}

/* MSG_WAITALL joins neither messages nor what has only been peeked at. */
static void waiting_for_all_is_for_streams(void **state) {
  (void)state;
  char buf[8] = "";
  make_sockets(SOCK_DGRAM, ends);
  assert_int_equal(send(ends[0], "abc", 3, 0), 3);
  assert_int_equal(send(ends[0], "def", 3, 0), 3);
  assert_int_equal(polite_recv(ends[1], buf, 6, MSG_WAITALL), 3);
  close_both(ends);
  make_sockets(SOCK_STREAM, ends);
  assert_int_equal(send(ends[0], "abc", 3, 0), 3);
  assert_int_equal(polite_recv(ends[1], buf, 6, MSG_WAITALL | MSG_PEEK), 3);
  close_both(ends);
}

typedef union {
  char room[CMSG_SPACE(sizeof(int))];
  struct cmsghdr header;
} rights_t;

static void receive_all(actor_t *actor) {
  char buf[9];
  rights_t rights;
  struct iovec piece = {buf, sizeof buf};
  struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1, .msg_control = &rights, .msg_controllen = sizeof rights};
  CHECK(polite_use_backend(POLITE_BACKEND_SELF_PIPE) == 0);
  actor->result = polite_recvmsg(ends[1], &message, MSG_WAITALL);
  struct cmsghdr *got = CMSG_FIRSTHDR(&message);
  CHECK(got && got->cmsg_type == SCM_RIGHTS);
  memcpy(actor->with, CMSG_DATA(got), sizeof(int));
}

/* They end the call, as in the plain one: what comes next would be written over them. */
static void descriptors_are_not_lost_among_bytes(void **state) {
  (void)state;
  int other[2], got = -1;
  rights_t rights = {.header = {.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
  struct iovec piece = {"abc", 3};
  struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1, .msg_control = &rights, .msg_controllen = sizeof rights};
  make_sockets(SOCK_STREAM, ends);
  make_pipe(other);
  memcpy(CMSG_DATA(&rights.header), &other[0], sizeof(int));
  start_blocked(&target, receive_all, &got, "recvmsg");
  assert_int_equal(sendmsg(ends[0], &message, 0), 3);
  assert_int_equal(send(ends[0], "defghi", 6, 0), 6);
  assert_int_equal(finish(&target), 3);
  assert_true(fcntl(got, F_GETFD) >= 0);
  close(got);
  close_both(other);
  close_both(ends);
}

static void receive_eight(actor_t *actor) {
  char buf[8];
  CHECK(polite_use_backend(POLITE_BACKEND_SELF_PIPE) == 0);
  actor->result = polite_recv(ends[1], buf, sizeof buf, MSG_WAITALL);
}

/* An error that follows upon some bytes is the next call's. */
static void an_error_is_not_lost_behind_bytes(void **state) {
  (void)state;
  char buf[8];
  int waiting;
  struct linger reset = {1, 0};
  connect_both(ends);
  start_blocked(&target, receive_eight, NULL, "recv");
  assert_int_equal(send(ends[0], "abc", 3, 0), 3);
  AWAIT(ioctl(ends[1], FIONREAD, &waiting) == 0 && waiting == 0 && is_blocked_in(target.thread, "recv") && sleeps(target.thread));
  assert_int_equal(setsockopt(ends[0], SOL_SOCKET, SO_LINGER, &reset, sizeof reset), 0);
  close(ends[0]);
  assert_int_equal(finish(&target), 3);
  assert_int_equal(polite_recv(ends[1], buf, sizeof buf, 0), POLITE_ECONNRESET);
  close(ends[1]);
}

/* The queue of errors, RWF_NOWAIT. */
static void what_never_waits_does_not(void **state) {
  (void)state;
  char buf[8];
  polite_iovec_t piece = {buf, sizeof buf};
  struct msghdr message = {.msg_iov = (struct iovec *)&piece, .msg_iovlen = 1};
  int sock = socket(AF_INET, SOCK_DGRAM, 0);
  assert_int_equal(polite_recvmsg(sock, &message, MSG_ERRQUEUE), POLITE_EAGAIN);
  close(sock);
  if (UNDER_QEMU) return;
  make_pipe(ends);
  long plainly = syscall(SYS_preadv2, ends[0], &piece, 1L, -1L, -1L, RWF_NOWAIT) < 0 ? -errno : 0; /* before Linux 6.4 pipes do not know the flag */
  assert_true(plainly == -EAGAIN || plainly == -EOPNOTSUPP);
  assert_int_equal(polite_preadv2(ends[0], &piece, 1, -1, RWF_NOWAIT), plainly);
  assert_int_equal(polite_preadv2(ends[0], &piece, 1, -1, 1 << 30), POLITE_EOPNOTSUPP);
  close_both(ends);
}

static void a_terminal_is_read_and_written_as_it_says(void **state) {
  (void)state;
  char buf[8];
  polite_iovec_t pieces[] = {{NULL, 0}, {"abc", 3}, {"def", 3}};
  struct termios settings;
  int master = posix_openpt(O_RDWR | O_NOCTTY);
  assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
  int slave = open(ptsname(master), O_RDWR | O_NOCTTY);
  assert_int_equal(tcgetattr(slave, &settings), 0);
  cfmakeraw(&settings);
  settings.c_cc[VMIN] = settings.c_cc[VTIME] = 0;
  assert_int_equal(tcsetattr(slave, TCSANOW, &settings), 0);
  assert_int_equal(polite_writev(slave, pieces, 3), 6);
  assert_int_equal(read(master, buf, sizeof buf), 6);
  assert_int_equal(polite_read(slave, buf, sizeof buf), 0);
  settings.c_cc[VTIME] = 1;
  assert_int_equal(tcsetattr(slave, TCSANOW, &settings), 0);
  assert_int_equal(polite_read(slave, buf, sizeof buf), 0);
  assert_int_equal(write(master, "xy", 2), 2);
  assert_int_equal(polite_read(slave, buf, sizeof buf), 2);
  close(slave);
  close(master);
}

static void an_empty_message_is_sent(void **state) {
  (void)state;
  char byte;
  make_sockets(SOCK_DGRAM, ends);
  assert_int_equal(polite_write(ends[0], "", 0), 0);
  assert_int_equal(recv(ends[1], &byte, 1, MSG_DONTWAIT), 0);
  close_both(ends);
}

static int in[2], out[2];

static void splice_once(actor_t *actor) {
  CHECK(polite_use_backend(POLITE_BACKEND_SELF_PIPE) == 0);
  actor->result = polite_splice(in[1], NULL, out[0], NULL, 100, 0);
}

static void interrupt_splice(void) {
  start_blocked(&target, splice_once, NULL, "splice");
  AWAIT(sleeps(target.thread));
  assert_int_equal(polite_interrupt(target.thread), 0);
  assert_int_equal(finish(&target), POLITE_INTERRUPTED);
}

static void swap(int both[2]) {
  int first_one = both[0];
  both[0] = both[1];
  both[1] = first_one;
}

/* From a socket with nothing in it, and to one that is full. */
static void splicing_with_sockets_is_interrupted(void **state) {
  (void)state;
  char page[4096] = "";
  connect_both(in);
  make_pipe(out);
  swap(out);
  interrupt_splice();
  close_both(in);
  close_both(out);
  make_pipe(in);
  swap(in);
  assert_int_equal(write(in[0], page, 100), 100);
  make_sockets(SOCK_STREAM, out);
  while (send(out[0], page, sizeof page, MSG_DONTWAIT) > 0) {
  }
  interrupt_splice();
  close_both(in);
  close_both(out);
}

/* A handler with SA_RESTART does not end it. */
static void splicing_is_restarted(void **state) {
  (void)state;
  struct sigaction action = {.sa_handler = count_signal, .sa_flags = SA_RESTART}, before;
  assert_int_equal(sigaction(SIGUSR1, &action, &before), 0);
  make_pipe(in);
  make_pipe(out);
  swap(in);
  swap(out);
  signals = 0;
  start_blocked(&target, splice_once, NULL, "splice");
  assert_int_equal(pthread_kill(target.pthread, SIGUSR1), 0);
  AWAIT(signals == 1 && is_blocked_in(target.thread, "splice") && sleeps(target.thread));
  assert_int_equal(polite_interrupt(target.thread), 0);
  assert_int_equal(finish(&target), POLITE_INTERRUPTED);
  assert_int_equal(sigaction(SIGUSR1, &before, NULL), 0);
  close_both(in);
  close_both(out);
}

static void splice_bytes(actor_t *actor) {
  CHECK(polite_use_backend(POLITE_BACKEND_SELF_PIPE) == 0);
  while ((actor->result = polite_splice(in[1], NULL, out[0], NULL, 1, 0)) == 1) ++actor->step;
}

/* All wait for the same byte: to whom it does not come waits on, and is not told to try again. */
static void who_comes_too_late_waits_on(void **state) {
  (void)state;
  enum { ALL = 6, BYTES = 3000 };
  actor_t actors[ALL];
  int moved = 0, failed = 0;
  char name[] = "/tmp/polite-splice-XXXXXX";
  out[0] = mkstemp(name);
  assert_true(out[0] >= 0);
  unlink(name);
  make_pipe(in);
  swap(in);
  for (int i = 0; i < ALL; ++i) start(&actors[i], splice_bytes, NULL);
  for (int i = 0; i < BYTES; ++i) { /* so that the pipe is now empty when one comes, now not */
    assert_int_equal(write(in[0], "x", 1), 1);
    for (int pause = i % 64; pause > 0; --pause) sched_yield();
  }
  AWAIT(__extension__({
    moved = 0;
    for (int i = 0; i < ALL; ++i) moved += actors[i].step, failed |= actors[i].result < 0;
    moved == BYTES || failed;
  }));
  for (int i = 0; i < ALL; ++i) polite_interrupt(actors[i].thread);
  for (int i = 0; i < ALL; ++i) assert_int_equal(finish(&actors[i]), POLITE_INTERRUPTED);
  assert_int_equal(moved, BYTES);
  close_both(in);
  close(out[0]);
}

static void select_exception(actor_t *actor) {
  fd_set set;
  FD_ZERO(&set);
  FD_SET(ends[0], &set);
  CHECK(polite_use_backend(POLITE_BACKEND_SELF_PIPE) == 0);
  actor->result = polite_select(ends[0] + 1, NULL, NULL, &set, NULL);
}

/* That the other end is gone is no exception; poll says it all the time. */
static void select_sleeps(void **state) {
  (void)state;
  make_sockets(SOCK_STREAM, ends);
  close(ends[1]);
  start_blocked(&target, select_exception, NULL, "select");
  AWAIT(sleeps(target.thread));
  for (int i = 0; i < 1000; ++i) {
    assert_true(sleeps(target.thread));
    sched_yield();
  }
  assert_int_equal(polite_interrupt(target.thread), 0);
  assert_int_equal(finish(&target), POLITE_INTERRUPTED);
  close(ends[0]);
}

static void errno_is_the_programs(void **state) {
  (void)state;
  char byte;
  errno = 0;
  assert_int_equal(polite_read(-1, &byte, 1), POLITE_EBADF);
  assert_int_equal(errno, 0);
}

static void not_all_that_is_done_with_a_futex_waits(void **state) {
  (void)state;
  int word = 1;
  assert_int_equal(polite_syscall(SYS_futex, (long)&word, FUTEX_WAKE, 1, 0, 0, 0), 0);
}

/* --- Forks ------------------------------------------------------------------------------------------------------------------- */

extern __attribute__((weak)) pid_t _Fork(void);

static int end_of_child(pid_t child) {
  int status = -1;
  assert_true(child > 0 && waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

/* How many of 200 descriptors are open. */
static int open_descriptors(void) {
  int open = 0;
  for (int fd = 0; fd < 200; ++fd) open += fcntl(fd, F_GETFD) >= 0;
  return open;
}

static void poll_for_ever(actor_t *actor) {
  CHECK(polite_use_backend(POLITE_BACKEND_SELF_PIPE) == 0);
  actor->result = polite_poll(NULL, 0, -1);
}

static void a_child_inherits_nobodys_end(void **state) {
  (void)state;
  assert_int_equal(polite_poll(NULL, 0, 1), 0);
  int before = open_descriptors();
  start_blocked(&target, poll_for_ever, NULL, "poll");
  AWAIT(sleeps(target.thread));
  pid_t child = fork();
  if (child == 0) _exit(open_descriptors() - before + 2);
  assert_int_equal(end_of_child(child), 1); /* without our own */
  assert_int_equal(polite_interrupt(target.thread), 0);
  assert_int_equal(finish(&target), POLITE_INTERRUPTED);
}

static int is_the_pipe(int fd, const struct stat *as_made) {
  struct stat now;
  return fstat(fd, &now) == 0 && now.st_ino == as_made->st_ino;
}

/* The number of the end that it had from its parent is by then another descriptor's. */
static void a_late_noticed_child_closes_nothing_of_the_programs(void **state) {
  (void)state;
  if (!_Fork || UNDER_QEMU) skip();
  assert_int_equal(polite_poll(NULL, 0, 1), 0);
  pid_t child = _Fork();
  if (child == 0) {
    int pipes[100], answer = 0;
    struct stat made[100];
    for (int fd = 3; fd < 200; ++fd) close(fd);
    for (int i = 0; i < 100; i += 2)
      if (pipe(&pipes[i]) != 0) _exit(3);
    for (int i = 0; i < 100; ++i) fstat(pipes[i], &made[i]);
    if (polite_poll(NULL, 0, 1) != 0) answer = 2;
    for (int i = 0; i < 100; ++i)
      if (!is_the_pipe(pipes[i], &made[i])) answer = 1;
    _exit(answer);
  }
  assert_int_equal(end_of_child(child), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      HELD_TEST(nobody_is_signalled_who_has_just_left),
      HELD_TEST(changing_over_begins_without_a_descriptor),
      CALL_TEST(waiting_for_all_is_for_streams),
      CALL_TEST(descriptors_are_not_lost_among_bytes),
      CALL_TEST(an_error_is_not_lost_behind_bytes),
      CALL_TEST(what_never_waits_does_not),
      CALL_TEST(a_terminal_is_read_and_written_as_it_says),
      CALL_TEST(an_empty_message_is_sent),
      CALL_TEST(splicing_with_sockets_is_interrupted),
      CALL_TEST(splicing_is_restarted),
      CALL_TEST(who_comes_too_late_waits_on),
      CALL_TEST(select_sleeps),
      CALL_TEST(errno_is_the_programs),
      CALL_TEST(not_all_that_is_done_with_a_futex_waits),
      CALL_TEST(a_child_inherits_nobodys_end),
      CALL_TEST(a_late_noticed_child_closes_nothing_of_the_programs),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

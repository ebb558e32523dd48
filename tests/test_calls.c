/* Every wrapped call, from one table: interrupted while it is known to be blocked, and again afterwards to see that nothing was lost (rules
 * 2, 4, 6); interrupt pending at entry although there is work to do (rule 3). */
#include "scene.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/io_uring.h>
#include <linux/seccomp.h>
#include <mqueue.h>
#include <poll.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>

typedef struct scene {
  int here, there; /* the call's descriptor, and its other end */
  struct sockaddr_un address;
  int64_t sleep;
  char name[64]; /* of a file */
  pid_t child;
  void *memory;
  int third;         /* one more descriptor */
  int messages, semaphores; /* of System V */
  actor_t other;     /* a thread, if there is a body */
} scene_t;

typedef struct call {
  const char *name;
  void (*prepare)(scene_t *);  /* so that the call blocks */
  long (*run)(scene_t *);
  void (*unblock)(scene_t *);  /* so that it has something to do */
  long done;                   /* its result then; -1: a descriptor */
  int how;
} call_t;

enum {
  NEVER_BLOCKS = 1,
  NO_DESCRIPTOR = 2, /* it is about none */
  NOT_MEANWHILE = 4, /* what unblocks it does so for the next call only */
  NEEDS_A_RING = 8, /* sandboxes often refuse io_uring */
  NOT_IN_QEMU = 64, /* which does not know it, or lets signals wait for its end */
};

/* --- Pipes and sockets with nothing in them, and full ones ------------------------------------------------------------------ */

static void empty_pipe(scene_t *s) {
  int ends[2];
  make_pipe(ends);
  s->here = ends[0];
  s->there = ends[1];
}

static void empty_socket(scene_t *s) {
  int ends[2];
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  s->here = ends[0];
  s->there = ends[1];
}

static void fill(int fd) {
  static const char zeros[4096];
  fcntl(fd, F_SETFL, O_NONBLOCK);
  for (size_t piece = sizeof zeros; piece; piece /= 2)
    while (write(fd, zeros, piece) > 0) {
    }
  fcntl(fd, F_SETFL, 0);
}

static void full_pipe(scene_t *s) {
  int ends[2];
  make_pipe(ends);
  s->here = ends[1];
  s->there = ends[0];
  fill(s->here);
}

static void full_socket(scene_t *s) {
  empty_socket(s);
  fill(s->here);
}

static void feed(scene_t *s) { assert_int_equal(write(s->there, "x", 1), 1); }

static void drain(scene_t *s) {
  char bytes[4096];
  fcntl(s->there, F_SETFL, O_NONBLOCK);
  while (read(s->there, bytes, sizeof bytes) > 0) {
  }
  fcntl(s->there, F_SETFL, 0);
}

static long run_read(scene_t *s) {
  char byte;
  return polite_read(s->here, &byte, 1);
}
static long run_readv(scene_t *s) {
  char byte;
  polite_iovec_t piece = {&byte, 1};
  return polite_readv(s->here, &piece, 1);
}
static long run_recv(scene_t *s) {
  char byte;
  return polite_recv(s->here, &byte, 1, 0);
}
static long run_recvfrom(scene_t *s) {
  char byte;
  return polite_recvfrom(s->here, &byte, 1, 0, NULL, NULL);
}
static long run_recvmsg(scene_t *s) {
  char byte;
  struct iovec piece = {&byte, 1};
  struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
  return polite_recvmsg(s->here, &message, 0);
}
static long run_read_full(scene_t *s) {
  char byte;
  size_t moved = 77;
  int result = polite_read_full(s->here, &byte, 1, &moved);
  CHECK(moved == (result == 0));
  return result;
}
static long run_write(scene_t *s) { return polite_write(s->here, "x", 1); }
static long run_writev(scene_t *s) {
  polite_iovec_t piece = {(void *)"x", 1};
  return polite_writev(s->here, &piece, 1);
}
static long run_send(scene_t *s) { return polite_send(s->here, "x", 1, 0); }
static long run_sendto(scene_t *s) { return polite_sendto(s->here, "x", 1, 0, NULL, 0); }
static long run_sendmsg(scene_t *s) {
  struct iovec piece = {(void *)"x", 1};
  struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
  return polite_sendmsg(s->here, &message, 0);
}
static long run_write_all(scene_t *s) {
  size_t moved = 77;
  int result = polite_write_all(s->here, "x", 1, &moved);
  CHECK(moved == (result == 0));
  return result;
}

/* With an offset of -1 they are readv and writev. */
static long run_preadv2(scene_t *s) {
  char byte;
  polite_iovec_t piece = {&byte, 1};
  return polite_preadv2(s->here, &piece, 1, -1, 0);
}
static long run_pwritev2(scene_t *s) {
  polite_iovec_t piece = {(void *)"x", 1};
  return polite_pwritev2(s->here, &piece, 1, -1, 0);
}

static void empty_datagrams(scene_t *s) {
  int ends[2];
  assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
  s->here = ends[0];
  s->there = ends[1];
}
/* Of two messages it waits for the first only. */
static long run_recvmmsg(scene_t *s) {
  char bytes[2];
  struct iovec pieces[] = {{bytes, 1}, {bytes + 1, 1}};
  struct mmsghdr messages[2] = {{.msg_hdr = {.msg_iov = pieces, .msg_iovlen = 1}}, {.msg_hdr = {.msg_iov = pieces + 1, .msg_iovlen = 1}}};
  long result = polite_recvmmsg(s->here, messages, 2, 0, NULL);
  if (result == 1) CHECK(messages[0].msg_len == 1 && bytes[0] == 'x');
  return result;
}
static long run_sendmmsg(scene_t *s) {
  struct iovec piece = {(void *)"x", 1};
  struct mmsghdr messages[2] = {{.msg_hdr = {.msg_iov = &piece, .msg_iovlen = 1}}, {.msg_hdr = {.msg_iov = &piece, .msg_iovlen = 1}}};
  long result = polite_sendmmsg(s->here, messages, 2, 0);
  if (result == 2) CHECK(messages[0].msg_len == 1 && messages[1].msg_len == 1);
  return result;
}

/* --- Moving from descriptor to descriptor ----------------------------------------------------------------------------------- */

static int letters(void) {
  char name[] = "/tmp/polite-test-XXXXXX";
  int fd = mkstemp(name);
  assert_true(fd >= 0);
  unlink(name);
  assert_int_equal(write(fd, "abc", 3), 3);
  return fd;
}
static void full_pipe_and_file(scene_t *s) {
  full_pipe(s);
  s->third = letters();
}
static void full_socket_and_file(scene_t *s) {
  full_socket(s);
  s->third = letters();
}
static long run_sendfile(scene_t *s) {
  int64_t offset = 1;
  long result = polite_sendfile(s->here, s->third, &offset, 1);
  CHECK(offset == (result == 1 ? 2 : 1));
  return result;
}

static long run_splice(scene_t *s) {
  int ends[2];
  make_pipe(ends);
  long result = polite_splice(s->here, NULL, ends[1], NULL, 1, 0);
  close_both(ends);
  return result;
}

/* --- Files and terminals, for calls that a test cannot block: the system wakes nobody who waits for a disk, and a pseudo-terminal has
 *     always sent everything ---------------------------------------------------------------------------------------------------- */

static void file(scene_t *s) {
  char name[] = "/tmp/polite-test-XXXXXX";
  s->here = mkstemp(name);
  assert_true(s->here >= 0);
  unlink(name);
  s->there = dup(s->here);
}
static void fill_file(scene_t *s) { assert_int_equal(pwrite(s->here, "xy", 2, 0), 2); }
static long run_pread(scene_t *s) {
  char byte = 0;
  long result = polite_pread(s->here, &byte, 1, 1);
  if (result == 1) CHECK(byte == 'y');
  return result;
}
static long run_pwrite(scene_t *s) { return polite_pwrite(s->here, "z", 1, 1); }
static long run_preadv(scene_t *s) {
  char bytes[2] = {0};
  polite_iovec_t pieces[] = {{bytes + 1, 1}, {bytes, 1}};
  long result = polite_preadv(s->here, pieces, 2, 0);
  if (result == 2) CHECK(bytes[0] == 'y' && bytes[1] == 'x');
  return result;
}
static long run_pwritev(scene_t *s) {
  polite_iovec_t pieces[] = {{(void *)"a", 1}, {(void *)"b", 1}};
  char bytes[2];
  long result = polite_pwritev(s->here, pieces, 2, 1);
  if (result == 2) CHECK(pread(s->here, bytes, 2, 1) == 2 && memcmp(bytes, "ab", 2) == 0);
  return result;
}
static long run_fsync(scene_t *s) { return polite_fsync(s->here); }
static long run_fdatasync(scene_t *s) { return polite_fdatasync(s->here); }

static void mapped_file(scene_t *s) {
  file(s);
  assert_int_equal(ftruncate(s->here, 4096), 0);
  s->memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, s->here, 0);
  assert_true(s->memory != MAP_FAILED);
}
static void write_to_memory(scene_t *s) { *(char *)s->memory = 'x'; }
static long run_msync(scene_t *s) { return polite_msync(s->memory, 4096, MS_SYNC); }

static void terminal(scene_t *s) {
  s->here = posix_openpt(O_RDWR | O_NOCTTY);
  assert_true(s->here >= 0);
  assert_int_equal(unlockpt(s->here), 0);
  s->there = open(ptsname(s->here), O_RDWR | O_NOCTTY);
  assert_true(s->there >= 0);
}
static long run_copy_file_range(scene_t *s) {
  int64_t in = 0, out = 8;
  char byte = 0;
  long result = polite_copy_file_range(s->here, &in, s->there, &out, 1, 0);
  if (result == 1) CHECK(in == 1 && out == 9 && pread(s->here, &byte, 1, 8) == 1 && byte == 'x');
  return result;
}

static long run_tcsetattr(scene_t *s) {
  struct termios before, after;
  CHECK(tcgetattr(s->there, &before) == 0);
  before.c_cc[VMIN] ^= 1;
  long result = polite_tcsetattr(s->there, TCSADRAIN, &before);
  CHECK(tcgetattr(s->there, &after) == 0 && (before.c_cc[VMIN] == after.c_cc[VMIN]) == (result == 0));
  return result;
}
static long run_tcdrain(scene_t *s) { return polite_tcdrain(s->there); }

/* --- Connections ------------------------------------------------------------------------------------------------------------ */

static int connected_to(scene_t *s, int flags) {
  int fd = socket(AF_UNIX, SOCK_STREAM | flags, 0);
  CHECK(fd >= 0);
  if (connect(fd, (struct sockaddr *)&s->address, sizeof s->address) == 0) return fd;
  close(fd);
  return -1;
}

static void listener(scene_t *s, int backlog) {
  static atomic_int number;
  memset(&s->address, 0, sizeof s->address);
  s->address.sun_family = AF_UNIX;
  snprintf(s->address.sun_path + 1, sizeof s->address.sun_path - 1, "polite-%d-%d", (int)getpid(), number++);
  s->here = socket(AF_UNIX, SOCK_STREAM, 0);
  assert_int_equal(bind(s->here, (struct sockaddr *)&s->address, sizeof s->address), 0);
  assert_int_equal(listen(s->here, backlog), 0);
  s->there = -1;
}

static void idle_listener(scene_t *s) { listener(s, 8); }
static void knock(scene_t *s) {
  s->there = connected_to(s, 0);
  assert_true(s->there >= 0);
}
static long run_accept(scene_t *s) { return polite_accept(s->here, NULL, NULL); }
static long run_accept4(scene_t *s) { return polite_accept4(s->here, NULL, NULL, SOCK_CLOEXEC); }

static void busy_listener(scene_t *s) {
  listener(s, 0);
  s->there = s->here;
  s->here = socket(AF_UNIX, SOCK_STREAM, 0);
  while (connected_to(s, SOCK_NONBLOCK) >= 0) { /* its backlog is full in the end; the descriptors end with the process */
  }
}
static void make_room(scene_t *s) {
  int fd = accept(s->there, NULL, NULL);
  assert_true(fd >= 0);
  close(fd);
}
static long run_connect(scene_t *s) { return polite_connect(s->here, (struct sockaddr *)&s->address, sizeof s->address); }

/* --- Waiting ---------------------------------------------------------------------------------------------------------------- */

static long run_poll(scene_t *s) {
  struct pollfd fd = {s->here, POLLIN, 0};
  return polite_poll(&fd, 1, -1);
}
static long run_poll_with_limit(scene_t *s) {
  struct pollfd fd = {s->here, POLLIN, 0};
  return polite_poll(&fd, 1, 3600 * 1000);
}
static long run_ppoll(scene_t *s) {
  struct pollfd fd = {s->here, POLLIN, 0};
  struct timespec hour = {3600, 0};
  sigset_t all; /* would block the wake, too, if it were let */
  sigfillset(&all);
  long result = polite_ppoll(&fd, 1, &hour, &all);
  CHECK(hour.tv_sec == 3600);
  return result;
}

static void idle_epoll(scene_t *s) {
  struct epoll_event event = {.events = EPOLLIN, .data = {.fd = 77}};
  empty_pipe(s);
  s->third = s->here;
  s->here = epoll_create1(0);
  assert_int_equal(epoll_ctl(s->here, EPOLL_CTL_ADD, s->third, &event), 0);
}
static long run_epoll_wait(scene_t *s) {
  struct epoll_event event = {.events = 0};
  long result = polite_epoll_wait(s->here, &event, 1, -1);
  CHECK(result != 1 || (event.events == EPOLLIN && event.data.fd == 77));
  return result;
}
static long run_epoll_pwait(scene_t *s) {
  struct epoll_event event;
  sigset_t all;
  sigfillset(&all);
  return polite_epoll_pwait(s->here, &event, 1, 3600 * 1000, &all);
}
static long run_epoll_pwait2(scene_t *s) {
  struct epoll_event event;
  struct timespec hour = {3600, 0};
  sigset_t all;
  sigfillset(&all);
  long result = polite_epoll_pwait2(s->here, &event, 1, &hour, &all);
  CHECK(hour.tv_sec == 3600);
  return result;
}

/* An io_uring in which nothing is done until somebody submits an operation that does nothing. */
static void idle_ring(scene_t *s) {
  struct io_uring_params params = {0};
  s->here = (int)syscall(SYS_io_uring_setup, 1, &params);
  assert_true(s->here >= 0);
  s->there = -1;
  uint32_t *ring = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, s->here, IORING_OFF_SQ_RING);
  struct io_uring_sqe *entry = mmap(NULL, sizeof *entry, PROT_READ | PROT_WRITE, MAP_SHARED, s->here, IORING_OFF_SQES);
  assert_true(ring != MAP_FAILED && entry != MAP_FAILED);
  memset(entry, 0, sizeof *entry);
  entry->opcode = IORING_OP_NOP;
  ring[params.sq_off.array / sizeof *ring] = 0;
  ring[params.sq_off.tail / sizeof *ring] = 1;
  munmap(entry, sizeof *entry);
  s->memory = ring;
}
static void submit(scene_t *s) { assert_int_equal(syscall(SYS_io_uring_enter, s->here, 1, 0, 0, NULL, 0), 1); }
static long run_io_uring_enter(scene_t *s) {
  sigset_t all;
  sigfillset(&all);
  return polite_io_uring_enter(s->here, 0, 1, IORING_ENTER_GETEVENTS, &all, 8);
}
static long run_io_uring_enter_with_limit(scene_t *s) {
  sigset_t all;
  struct timespec hour = {3600, 0};
  sigfillset(&all);
  struct io_uring_getevents_arg argument = {.sigmask = (uintptr_t)&all, .sigmask_sz = 8, .ts = (uintptr_t)&hour};
  return polite_io_uring_enter(s->here, 0, 1, IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG, &argument, sizeof argument);
}

/* An ioctl that waits: for the system calls that another thread leaves to us. */
static void leave_calls_to_others(actor_t *actor) {
  struct sock_filter instructions[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getpgid, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {sizeof instructions / sizeof *instructions, instructions};
  CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
  actor->result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
  actor->step = 1;
  while (actor->step == 1) sched_yield();
  syscall(SYS_getpgid, 0);
}
static void quiet_thread(scene_t *s) {
  start(&s->other, leave_calls_to_others, NULL);
  AWAIT(s->other.step == 1);
  s->here = (int)s->other.result;
  s->there = -1;
  assert_true(s->here >= 0);
}
static void have_it_call(scene_t *s) { s->other.step = 2; }
static long run_ioctl(scene_t *s) {
  struct seccomp_notif call;
  memset(&call, 0, sizeof call);
  long result = polite_ioctl(s->here, SECCOMP_IOCTL_NOTIF_RECV, &call);
  if (result == 0) CHECK(call.data.nr == SYS_getpgid);
  return result;
}

static void long_sleep(scene_t *s) {
  empty_pipe(s);
  s->sleep = 3600 * (int64_t)1000000000;
}
static void short_sleep(scene_t *s) { s->sleep = 1; }
static long run_nanosleep(scene_t *s) {
  int64_t left = -1;
  int result = polite_nanosleep(s->sleep, &left);
  if (result == 0) CHECK(left == 0);
  else CHECK(left >= 0 && left <= s->sleep);
  return result;
}

static long run_select(scene_t *s) {
  fd_set readable;
  FD_ZERO(&readable);
  FD_SET(s->here, &readable);
  return polite_select(s->here + 1, &readable, NULL, NULL, NULL);
}
static long run_select_with_limit(scene_t *s) {
  fd_set readable;
  struct timeval hour = {3600, 1500000};
  FD_ZERO(&readable);
  FD_SET(s->here, &readable);
  long result = polite_select(s->here + 1, &readable, NULL, NULL, &hour);
  CHECK(hour.tv_sec > 3500 && hour.tv_sec <= 3601 && hour.tv_usec < 1000000);  /* what is left */
  CHECK(result != 1 || FD_ISSET(s->here, &readable));
  return result;
}

static long run_pselect(scene_t *s) {
  fd_set readable;
  struct timespec hour = {3600, 0};
  sigset_t all;
  FD_ZERO(&readable);
  FD_SET(s->here, &readable);
  sigfillset(&all);
  long result = polite_pselect(s->here + 1, &readable, NULL, NULL, &hour, &all);
  CHECK(hour.tv_sec == 3600 && hour.tv_nsec == 0);
  return result;
}

static long run_clock_nanosleep(scene_t *s) {
  struct timespec time = {s->sleep / 1000000000, s->sleep % 1000000000}, left = {-1, -1};
  int result = polite_clock_nanosleep(CLOCK_REALTIME, 0, &time, &left);
  if (result == 0) CHECK(left.tv_sec == -1);
  else CHECK(left.tv_sec >= 0 && left.tv_sec < 3600 && left.tv_nsec >= 0 && left.tv_nsec < 1000000000);
  return result;
}
static long run_clock_nanosleep_until(scene_t *s) {
  struct timespec until, left = {-1, -1};
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += s->sleep / 1000000000;
  int result = polite_clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &until, &left);
  CHECK(left.tv_sec == -1);
  return result;
}

/* --- Files that are waited for, children, signals ----------------------------------------------------------------------------- */

static void lonely_fifo(scene_t *s) {
  empty_pipe(s);
  close(s->there);
  s->there = -1;
  snprintf(s->name, sizeof s->name, "/tmp/polite-fifo-%d-%d", (int)getpid(), s->here);
  unlink(s->name);
  assert_int_equal(mkfifo(s->name, 0600), 0);
}
static void open_other_end(scene_t *s) {
  s->there = open(s->name, O_RDWR);
  assert_true(s->there >= 0);
}
static long run_open(scene_t *s) { return polite_open(s->name, O_RDONLY, 0); }
static long run_openat(scene_t *s) { return polite_openat(AT_FDCWD, s->name, O_RDONLY | O_CLOEXEC, 0); }

/* Locks of open file descriptions: two of the same process are in each other's way. */
static void locked_file(scene_t *s) {
  struct flock all = {.l_type = F_WRLCK};
  snprintf(s->name, sizeof s->name, "/tmp/polite-lock-XXXXXX");
  s->here = mkstemp(s->name);
  s->there = open(s->name, O_RDWR);
  unlink(s->name);
  assert_int_equal(fcntl(s->there, F_OFD_SETLK, &all), 0);
}
static void unlock(scene_t *s) {
  struct flock none = {.l_type = F_UNLCK};
  assert_int_equal(fcntl(s->there, F_OFD_SETLK, &none), 0);
}
static long run_lock(scene_t *s) {
  struct flock all = {.l_type = F_WRLCK};
  return polite_lock(s->here, F_OFD_SETLKW, &all);
}

static long run_lockf(scene_t *s) { return polite_lockf(s->here, F_LOCK, 0); }

static void flocked_file(scene_t *s) {
  file(s);
  close(s->there);
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", s->here);
  s->there = open(path, O_RDWR);
  assert_int_equal(flock(s->there, LOCK_EX), 0);
}
static void unflock(scene_t *s) { assert_int_equal(flock(s->there, LOCK_UN), 0); }
static long run_flock(scene_t *s) { return polite_flock(s->here, LOCK_SH); }

static void child(scene_t *s) {
  empty_pipe(s);
  s->child = fork();
  if (s->child == 0) {
    char byte;
    close(s->there);
    _exit(read(s->here, &byte, 1) == 0 ? 7 : 1);
  }
}
static void end_child(scene_t *s) {
  close(s->there);
  s->there = -1;
}
static long run_waitpid(scene_t *s) {
  int status;
  int result = polite_waitpid(s->child, &status, 0);
  return result == s->child && WIFEXITED(status) && WEXITSTATUS(status) == 7 ? 0 : result;
}

static long run_wait4(scene_t *s) {
  int status;
  struct rusage usage;
  memset(&usage, -1, sizeof usage);
  int result = polite_wait4(s->child, &status, 0, &usage);
  if (result > 0) CHECK(usage.ru_utime.tv_sec >= 0);
  return result == s->child && WIFEXITED(status) && WEXITSTATUS(status) == 7 ? 0 : result;
}
static long run_waitid(scene_t *s) {
  siginfo_t info = {0};
  int result = polite_waitid(P_PID, (unsigned)s->child, &info, WEXITED);
  if (result == 0) CHECK(info.si_pid == s->child && info.si_status == 7);
  return result;
}

static void no_signal(scene_t *s) { empty_pipe(s); }
static void send_signal(scene_t *s) {
  (void)s;
  kill(getpid(), SIGUSR2);  /* which all threads block: main does so before it makes any */
}
static long run_sigwait(scene_t *s) {
  (void)s;
  sigset_t set;
  int signal = 0;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  sigaddset(&set, polite_wake_signal());  /* would eat the wake, if it were let */
  int result = polite_sigwait(&set, &signal);
  if (result == 0) CHECK(signal == SIGUSR2);
  return result;
}

static long run_sigwaitinfo(scene_t *s) {
  (void)s;
  sigset_t all;
  siginfo_t info;
  sigfillset(&all);
  int result = polite_sigwaitinfo(&all, &info);
  if (result > 0) CHECK(result == info.si_signo && info.si_code == SI_USER && info.si_pid == getpid());
  return result;
}
static long run_sigtimedwait(scene_t *s) {
  (void)s;
  sigset_t all;
  struct timespec hour = {3600, 0};
  sigfillset(&all);
  return polite_sigtimedwait(&all, NULL, &hour);
}

#if !UNDER_TSAN
static void on_signal(int signal) { (void)signal; }

static void handled_signal(scene_t *s) {
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
  empty_pipe(s);
  sigaction(SIGUSR2, &action, NULL);
}
static long run_sigsuspend(scene_t *s) {
  (void)s;
  sigset_t all_but_one;
  sigfillset(&all_but_one);
  sigdelset(&all_but_one, SIGUSR2);
  return polite_sigsuspend(&all_but_one);
}
#endif

/* --- Queues and semaphores -------------------------------------------------------------------------------------------------- */

static void empty_queue(scene_t *s) {
  struct mq_attr attributes = {.mq_maxmsg = 1, .mq_msgsize = 8};
  char name[64];
  snprintf(name, sizeof name, "/polite-test-%d", (int)getpid());
  s->here = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attributes);
  assert_true(s->here >= 0);
  mq_unlink(name);
  s->there = -1;
}
static void send_message(scene_t *s) { assert_int_equal(mq_send(s->here, "abc", 3, 7), 0); }
static void full_queue(scene_t *s) {
  empty_queue(s);
  send_message(s);
}
static void receive_message(scene_t *s) {
  char message[8];
  assert_int_equal(mq_receive(s->here, message, 8, NULL), 3);
}
static long run_mq_receive(scene_t *s) {
  char message[8];
  unsigned priority = 0;
  long result = polite_mq_receive(s->here, message, 8, &priority);
  CHECK(result != 3 || (priority == 7 && memcmp(message, "abc", 3) == 0));
  return result;
}
static long run_mq_timedreceive(scene_t *s) {
  char message[8];
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += 3600;
  return polite_mq_timedreceive(s->here, message, 8, NULL, &until);
}
static long run_mq_send(scene_t *s) { return polite_mq_send(s->here, "x", 1, 0); }
static long run_mq_timedsend(scene_t *s) {
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += 3600;
  return polite_mq_timedsend(s->here, "x", 1, 0, &until);
}

typedef struct message {
  long type;
  char text[8];
} message_t;
static void empty_queue_of_system_v(scene_t *s) {
  s->here = s->there = -1;
  s->messages = msgget(IPC_PRIVATE, 0600) + 1;
  assert_true(s->messages > 0);
}
static void send_to_system_v(scene_t *s) {
  message_t message = {5, "abc"};
  assert_int_equal(msgsnd(s->messages - 1, &message, 8, 0), 0);
}
static void full_queue_of_system_v(scene_t *s) {
  struct msqid_ds queue;
  empty_queue_of_system_v(s);
  assert_int_equal(msgctl(s->messages - 1, IPC_STAT, &queue), 0);
  queue.msg_qbytes = 8;
  assert_int_equal(msgctl(s->messages - 1, IPC_SET, &queue), 0);
  send_to_system_v(s);
}
static void receive_from_system_v(scene_t *s) {
  message_t message;
  assert_int_equal(msgrcv(s->messages - 1, &message, 8, 0, 0), 8);
}
static long run_msgrcv(scene_t *s) {
  message_t message = {0};
  long result = polite_msgrcv(s->messages - 1, &message, 8, 5, 0);
  CHECK(result != 8 || (message.type == 5 && strcmp(message.text, "abc") == 0));
  return result;
}
static long run_msgsnd(scene_t *s) {
  message_t message = {6, "x"};
  return polite_msgsnd(s->messages - 1, &message, 8, 0);
}

static void semaphore(scene_t *s) {
  s->here = s->there = -1;
  s->semaphores = semget(IPC_PRIVATE, 2, 0600) + 1;
  assert_true(s->semaphores > 0);
}
static void raise_semaphore(scene_t *s) { assert_int_equal(semctl(s->semaphores - 1, 1, SETVAL, 1), 0); }
static long run_semop(scene_t *s) {
  struct sembuf both[] = {{0, 1, 0}, {1, -1, 0}}; /* the first could be done alone, and must not be */
  long result = polite_semop(s->semaphores - 1, both, 2);
  CHECK(semctl(s->semaphores - 1, 0, GETVAL) == (result == 0));
  return result;
}
static long run_semtimedop(scene_t *s) {
  struct sembuf down = {1, -1, 0};
  struct timespec hour = {3600, 0};
  long result = polite_semtimedop(s->semaphores - 1, &down, 1, &hour);
  CHECK(hour.tv_sec == 3600);
  return result;
}

static long run_syscall(scene_t *s) {
  char byte;
  return polite_syscall(SYS_read, s->here, (long)&byte, 1, 0, 0, 0);
}

static const call_t calls[] = {
    {"read", empty_pipe, run_read, feed, 1, 0},
    {"readv", empty_pipe, run_readv, feed, 1, 0},
    {"read", empty_socket, run_read, feed, 1, 0},
    {"read", empty_pipe, run_read_full, feed, 0, 0},
    {"write", full_pipe, run_write, drain, 1, 0},
    {"writev", full_pipe, run_writev, drain, 1, 0},
    {"write", full_socket, run_write, drain, 1, 0},
    {"write", full_pipe, run_write_all, drain, 0, 0},
    {"pread", file, run_pread, fill_file, 1, NEVER_BLOCKS},
    {"pwrite", file, run_pwrite, fill_file, 1, NEVER_BLOCKS},
    {"preadv", file, run_preadv, fill_file, 2, NEVER_BLOCKS},
    {"pwritev", file, run_pwritev, fill_file, 2, NEVER_BLOCKS},
    {"preadv2", empty_pipe, run_preadv2, feed, 1, NOT_IN_QEMU},
    {"preadv2", empty_socket, run_preadv2, feed, 1, NOT_IN_QEMU},
    {"pwritev2", full_pipe, run_pwritev2, drain, 1, NOT_IN_QEMU},
    {"pwritev2", full_socket, run_pwritev2, drain, 1, NOT_IN_QEMU},
    {"recvmmsg", empty_datagrams, run_recvmmsg, feed, 1, 0},
    {"sendmmsg", full_socket, run_sendmmsg, drain, 2, 0},
    {"sendfile", full_pipe_and_file, run_sendfile, drain, 1, NOT_IN_QEMU},
    {"sendfile", full_socket_and_file, run_sendfile, drain, 1, NOT_IN_QEMU},
    {"splice", empty_pipe, run_splice, feed, 1, NOT_IN_QEMU},
    {"splice", empty_socket, run_splice, feed, 1, NOT_IN_QEMU},
    {"copy_file_range", file, run_copy_file_range, fill_file, 1, NEVER_BLOCKS},
    {"epoll_wait", idle_epoll, run_epoll_wait, feed, 1, 0},
    {"epoll_wait", idle_epoll, run_epoll_pwait, feed, 1, 0},
    {"epoll_pwait2", idle_epoll, run_epoll_pwait2, feed, 1, NOT_IN_QEMU},
    {"io_uring_enter", idle_ring, run_io_uring_enter, submit, 0, NEEDS_A_RING},
    {"io_uring_enter", idle_ring, run_io_uring_enter_with_limit, submit, 0, NEEDS_A_RING},
    {"syscall", empty_pipe, run_syscall, feed, 1, NO_DESCRIPTOR},
    {"mq_timedreceive", empty_queue, run_mq_receive, send_message, 3, 0},
    {"mq_timedreceive", empty_queue, run_mq_timedreceive, send_message, 3, 0},
    {"mq_timedsend", full_queue, run_mq_send, receive_message, 0, 0},
    {"mq_timedsend", full_queue, run_mq_timedsend, receive_message, 0, 0},
    {"msgrcv", empty_queue_of_system_v, run_msgrcv, send_to_system_v, 8, NO_DESCRIPTOR},
    {"msgsnd", full_queue_of_system_v, run_msgsnd, receive_from_system_v, 0, NO_DESCRIPTOR},
    {"semop", semaphore, run_semop, raise_semaphore, 0, NO_DESCRIPTOR},
    {"semtimedop", semaphore, run_semtimedop, raise_semaphore, 0, NO_DESCRIPTOR},
    {"ioctl", quiet_thread, run_ioctl, have_it_call, 0, NOT_IN_QEMU},
    {"tcsetattr", terminal, run_tcsetattr, feed, 0, NEVER_BLOCKS},
    {"fsync", file, run_fsync, fill_file, 0, NEVER_BLOCKS},
    {"fdatasync", file, run_fdatasync, fill_file, 0, NEVER_BLOCKS},
    {"msync", mapped_file, run_msync, write_to_memory, 0, NEVER_BLOCKS},
    {"tcdrain", terminal, run_tcdrain, feed, 0, NEVER_BLOCKS},
    {"recv", empty_socket, run_recv, feed, 1, 0},
    {"recvfrom", empty_socket, run_recvfrom, feed, 1, 0},
    {"recvmsg", empty_socket, run_recvmsg, feed, 1, 0},
    {"send", full_socket, run_send, drain, 1, 0},
    {"sendto", full_socket, run_sendto, drain, 1, 0},
    {"sendmsg", full_socket, run_sendmsg, drain, 1, 0},
    {"accept", idle_listener, run_accept, knock, -1, 0},
    {"accept4", idle_listener, run_accept4, knock, -1, 0},
    {"connect", busy_listener, run_connect, make_room, 0, 0},
    {"poll", empty_pipe, run_poll, feed, 1, NO_DESCRIPTOR},
    {"poll", empty_pipe, run_poll_with_limit, feed, 1, NO_DESCRIPTOR},
    {"ppoll", empty_pipe, run_ppoll, feed, 1, NO_DESCRIPTOR},
    {"select", empty_pipe, run_select, feed, 1, NO_DESCRIPTOR},
    {"select", empty_pipe, run_select_with_limit, feed, 1, NO_DESCRIPTOR},
    {"select", empty_pipe, run_pselect, feed, 1, NO_DESCRIPTOR},
    {"open", lonely_fifo, run_open, open_other_end, -1, NO_DESCRIPTOR},
    {"open", lonely_fifo, run_openat, open_other_end, -1, NO_DESCRIPTOR},
    {"fcntl", locked_file, run_lock, unlock, 0, 0},
    {"fcntl", locked_file, run_lockf, unlock, 0, 0},
    {"flock", flocked_file, run_flock, unflock, 0, 0},
    {"wait4", child, run_wait4, end_child, 0, NO_DESCRIPTOR},
    {"waitid", child, run_waitid, end_child, 0, NO_DESCRIPTOR},
    {"waitpid", child, run_waitpid, end_child, 0, NO_DESCRIPTOR},
    {"sigwait", no_signal, run_sigwait, send_signal, 0, NO_DESCRIPTOR},
    {"sigtimedwait", no_signal, run_sigwaitinfo, send_signal, SIGUSR2, NO_DESCRIPTOR},
    {"sigtimedwait", no_signal, run_sigtimedwait, send_signal, SIGUSR2, NO_DESCRIPTOR},
#if !UNDER_TSAN
    {"sigsuspend", handled_signal, run_sigsuspend, send_signal, POLITE_EINTR, NO_DESCRIPTOR},
#endif
    {"nanosleep", long_sleep, run_nanosleep, short_sleep, 0, NO_DESCRIPTOR | NOT_MEANWHILE},
    {"nanosleep", long_sleep, run_clock_nanosleep, short_sleep, 0, NO_DESCRIPTOR | NOT_MEANWHILE},
    {"nanosleep", long_sleep, run_clock_nanosleep_until, short_sleep, 0, NO_DESCRIPTOR | NOT_MEANWHILE},
};
enum { CALLS = sizeof calls / sizeof *calls };

static int without = UNDER_QEMU ? NOT_IN_QEMU : 0; /* what is not to be had here */
static void look_around(void) {
  struct io_uring_params params = {0};
  int ring = (int)syscall(SYS_io_uring_setup, 1, &params);
  if (ring >= 0) close(ring);
  else without |= NEEDS_A_RING, printf("skipped: io_uring_enter, there is no io_uring here\n");
}

static void assert_done(const call_t *call, long result) {
  if (call->done == -1) {
    assert_true(result >= 0);
    close((int)result);
  } else if (result != call->done) {
    fail_msg("%s: %ld (%s)", call->name, result, polite_error_name((int)result));
  }
}

static void assert_interrupted(const call_t *call, long result) {
  if (result != POLITE_INTERRUPTED) fail_msg("%s: %ld (%s)", call->name, result, polite_error_name((int)result));
}

static void end_scene(scene_t *s) {
  if (s->other.body && s->other.step == 1) s->other.step = 2;
  close(s->here);
  if (s->other.body) finish(&s->other);
  if (s->there >= 0) close(s->there);
  if (s->third) close(s->third);
  if (s->messages) msgctl(s->messages - 1, IPC_RMID, NULL);
  if (s->semaphores) semctl(s->semaphores - 1, 0, IPC_RMID);
  if (s->memory) munmap(s->memory, 4096);
  if (s->child > 0) waitpid(s->child, NULL, 0);
  if (s->name[0]) unlink(s->name);
}

typedef struct play {
  const call_t *call;
  scene_t scene;
} play_t;

static void call_once(actor_t *actor) {
  play_t *play = actor->with;
  actor->result = play->call->run(&play->scene);
}

static void interrupted_while_blocked(void **state) {
  (void)state;
  for (const call_t *call = calls; call < calls + CALLS; ++call) {
    if (call->how & (NEVER_BLOCKS | without)) continue;
    play_t play = {call, {0}};
    call->prepare(&play.scene);
    actor_t actor;
    start_blocked(&actor, call_once, &play, call->name);
    assert_int_equal(polite_interrupt(actor.thread), 0);
    assert_interrupted(call, finish(&actor));

    call->unblock(&play.scene);
    assert_done(call, call->run(&play.scene));
    end_scene(&play.scene);
  }
}

/* Rule 2: what was done before the interrupt came is returned, and the interrupt stays pending. */
static void call_and_wait_to_go_on(actor_t *actor) {
  call_once(actor);
  actor->step = 1;
  while (actor->step == 1) sched_yield();
  CHECK(actor->result == POLITE_INTERRUPTED || polite_checkpoint() == POLITE_INTERRUPTED);
}

static void work_completed_first(void **state) {
  (void)state;
  for (const call_t *call = calls; call < calls + CALLS; ++call) {
    if (call->how & without) continue;
    play_t play = {call, {0}};
    call->prepare(&play.scene);
    actor_t actor;
    if (call->how & (NEVER_BLOCKS | NOT_MEANWHILE)) {
      call->unblock(&play.scene);
      start(&actor, call_and_wait_to_go_on, &play);
    } else {
      start_blocked(&actor, call_and_wait_to_go_on, &play, call->name);
      call->unblock(&play.scene);
    }
    AWAIT(actor.step == 1);
    assert_int_equal(polite_interrupt(actor.thread), 0);
    actor.step = 2;
    assert_done(call, finish(&actor));
    end_scene(&play.scene);
  }
}

/* Both at once: it is one of the two, and then the other is still there. */
static void work_and_interrupt_at_once(void **state) {
  (void)state;
  for (const call_t *call = calls; call < calls + CALLS; ++call) {
    if (call->how & (NEVER_BLOCKS | NOT_MEANWHILE | without) || call->done == POLITE_EINTR) continue;
    for (int round = 0; round < 20; ++round) {
      play_t play = {call, {0}};
      call->prepare(&play.scene);
      actor_t actor;
      start_blocked(&actor, call_and_wait_to_go_on, &play, call->name);
      if (round & 1) polite_interrupt(actor.thread);
      call->unblock(&play.scene);
      if (!(round & 1)) polite_interrupt(actor.thread);
      AWAIT(actor.step == 1);
      actor.step = 2;
      long result = finish(&actor);
      assert_done(call, result == POLITE_INTERRUPTED ? call->run(&play.scene) : result);
      end_scene(&play.scene);
    }
  }
}

static void interrupt_pending_at_entry(void **state) {
  (void)state;
  for (const call_t *call = calls; call < calls + CALLS; ++call) {
    if (call->how & without) continue;
    scene_t scene = {0};
    call->prepare(&scene);
    call->unblock(&scene);
    assert_int_equal(polite_interrupt(polite_self()), 0);
    assert_interrupted(call, call->run(&scene));
    assert_false(polite_interrupt_pending());
    assert_done(call, call->run(&scene));
    end_scene(&scene);
  }
}

static void shielded_call_is_left_alone(void **state) {
  (void)state;
  for (const call_t *call = calls; call < calls + CALLS; ++call) {
    if (call->how & without) continue;
    scene_t scene = {0};
    call->prepare(&scene);
    call->unblock(&scene);
    polite_shield_enter();
    assert_int_equal(polite_interrupt(polite_self()), 0);
    assert_done(call, call->run(&scene));
    polite_shield_leave();
    assert_int_equal(polite_checkpoint(), POLITE_INTERRUPTED);
    end_scene(&scene);
  }
}

/* The system's trap: woken between two messages, it would leave a code in the socket that the next call gets. */
static void nothing_is_left_in_the_socket(void **state) {
  (void)state;
  scene_t scene = {0};
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
  scene_t scene = {0};
  file(&scene);
  assert_int_equal(polite_syscall(SYS_getpid, 0, 0, 0, 0, 0, 0), getpid());
  assert_int_equal(polite_syscall(SYS_read, -1, 0, 0, 0, 0, 0), POLITE_EBADF);
  assert_true(polite_syscall(SYS_lseek, scene.here, 0xfffffffc, SEEK_SET, 0, 0, 0) == 0xfffffffc);
  assert_true(polite_syscall(SYS_lseek, scene.here, 0x1fffffffc, SEEK_SET, 0, 0, 0) == 0x1fffffffc);
  polite_interrupt(polite_self());
  assert_int_equal(polite_syscall(SYS_lseek, scene.here, 0, SEEK_SET, 0, 0, 0), POLITE_INTERRUPTED);
  polite_interrupt(polite_self());
  assert_int_equal(polite_syscall(SYS_getpid, 0, 0, 0, 0, 0, 0), POLITE_INTERRUPTED);
  const long none[] = {-1, LONG_MIN, 511, 512, LONG_MAX, 1L << 32, SYS_clone, SYS_clone3, SYS_rt_sigreturn};
  for (size_t i = 0; i < sizeof none / sizeof *none; ++i)
    assert_int_equal(polite_syscall(none[i], 0, 0, 0, 0, 0, 0), POLITE_ENOSYS);
  end_scene(&scene);
}

/* Giving up a lock releases (rule 3). */
static void unlocking_is_no_interruption_point(void **state) {
  (void)state;
  scene_t scene = {0};
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
  scene_t scene = {0};
  file(&scene);
  polite_interrupt(polite_self());
  assert_int_equal(polite_flock(scene.here, LOCK_UN), 0);
  assert_int_equal(polite_flock(scene.here, LOCK_UN | LOCK_NB), 0);
  assert_int_equal(polite_lockf(scene.here, F_TLOCK, 0), 0);
  assert_int_equal(polite_lockf(scene.here, F_TEST, 0), 0);
  assert_int_equal(polite_lockf(scene.here, F_ULOCK, 0), 0);
  assert_true(polite_interrupt_clear());
  end_scene(&scene);
  locked_file(&scene);
  assert_int_equal(polite_lockf(scene.here, F_TEST, 0), POLITE_EACCES);
  assert_int_equal(polite_lockf(scene.here, F_TLOCK, 0), POLITE_EAGAIN);
  end_scene(&scene);
}

/* What inspect says is what the tests wait for; so it is tested for all of them. */
static void inspect_names_the_call(void **state) {
  (void)state;
  for (const call_t *call = calls; call < calls + CALLS; ++call) {
    if (call->how & (NEVER_BLOCKS | without)) continue;
    play_t play = {call, {0}};
    call->prepare(&play.scene);
    actor_t actor;
    start_blocked(&actor, call_once, &play, call->name);
    polite_thread_info_t info = inspect(actor.thread);
    assert_int_equal(info.object, call->how & NO_DESCRIPTOR ? -1 : play.scene.here);
    polite_interrupt(actor.thread);
    finish(&actor);
    end_scene(&play.scene);
  }
}

/* The one call that never has anything to do. */
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

/* The first of two interrupts is consumed; the call can be made again and interrupted again. */
static void call_many_times(actor_t *actor) {
  play_t *play = actor->with;
  while ((actor->result = play->call->run(&play->scene)) == POLITE_INTERRUPTED) actor->step++;
}

static void interrupted_again_and_again(void **state) {
  (void)state;
  for (const call_t *call = calls; call < calls + CALLS; ++call) {
    if (call->how & (NEVER_BLOCKS | NOT_MEANWHILE | without)) continue;
    play_t play = {call, {0}};
    call->prepare(&play.scene);
    actor_t actor;
    start(&actor, call_many_times, &play);
    for (int i = 0; i < 50; ++i) {
      AWAIT(actor.step == i && is_blocked_in(actor.thread, call->name));
      assert_int_equal(polite_interrupt(actor.thread), 0);
    }
    AWAIT(actor.step == 50 && is_blocked_in(actor.thread, call->name));
    call->unblock(&play.scene);
    assert_done(call, finish(&actor));
    end_scene(&play.scene);
  }
}

int main(void) {
  sigset_t set;
  look_around();
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  pthread_sigmask(SIG_BLOCK, &set, NULL);
  const struct CMUnitTest tests[] = {
      TEST(interrupted_while_blocked),   TEST(interrupt_pending_at_entry),  TEST(shielded_call_is_left_alone),
      TEST(inspect_names_the_call),      TEST(interrupted_again_and_again),
      TEST(work_completed_first),        TEST(work_and_interrupt_at_once),
      TEST(nothing_is_left_in_the_socket), TEST(calls_by_number),
      TEST(unlocking_is_no_interruption_point), TEST(giving_up_other_locks_is_no_interruption_point),
      TEST(a_pause_ends_by_a_handler_or_an_interrupt),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

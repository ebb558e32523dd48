/* The drop-in's names do what polite/dropin.h says. Compiled as C and as C++, by matrix.sh, in all the ways in which the header may
 * be met: before the system's headers (-DDROPIN_FIRST) or after them, fortified or not. */
#ifdef DROPIN_FIRST
#include "polite/dropin.h"
#endif

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <mqueue.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#ifdef __cplusplus
#include <sstream>
#endif

#ifndef DROPIN_FIRST
#include "polite/dropin.h"
#endif

#ifdef __cplusplus
#define ZERO {}
#else
#define ZERO {0}
#endif

#define CHECK(condition)                                                     \
  do {                                                                       \
    if (!(condition)) {                                                      \
      fprintf(stderr, "%s:%d: %s (errno %d)\n", __FILE__, __LINE__, #condition, errno); \
      exit(1);                                                               \
    }                                                                        \
  } while (0)

/* Names that are none of the drop-in's business. */
struct operations {
  int (*read)(int);
  int (*accept)(int);
  int close;
};

static int add_one(int n) { return n + 1; }

static void members_keep_their_names(void) {
  struct operations operations = {add_one, add_one, 40};
  CHECK(operations.read(operations.close) == 41);
  CHECK(operations.accept(1) == 2);
#ifdef __cplusplus
  struct Stream {
    int read(int n) { return n; }
    int accept() { return read(3); }
    void close() {}
  } stream;
  stream.close();
  CHECK(stream.accept() == 3);
  std::istringstream text("word");
  char word[5] = {};
  CHECK(text.read(word, 4) && strcmp(word, "word") == 0);
#endif
}

/* Addresses are polite's. */
static ssize_t (*const read_pointer)(int, void *, size_t) = read;
struct table {
  ssize_t (*receive)(int, void *, size_t, int);
  int (*shut)(int);
};
static const struct table table = {recv, close};
static __typeof__(&nanosleep) const sleep_pointer = nanosleep;

/* Something to block on. */
static int pipes[2], full[2], sockets[2], listener;
static struct sockaddr_in address;

static ssize_t in_read(void) { char byte[8]; return read(pipes[0], byte, sizeof byte); }
static ssize_t in_pointer(void) { char byte[8]; return read_pointer(pipes[0], byte, sizeof byte); }
static ssize_t in_recv(void) { char byte[8]; return recv(sockets[0], byte, sizeof byte, 0); }
static ssize_t in_table(void) { char byte[8]; return table.receive(sockets[0], byte, sizeof byte, 0); }
static ssize_t in_accept(void) { return accept(listener, NULL, NULL); }
static ssize_t in_write(void) { return write(full[1], "x", 1); }

static ssize_t in_readv(void) {
  char byte[8];
  struct iovec piece = {byte, sizeof byte};
  return readv(pipes[0], &piece, 1);
}

static ssize_t in_writev(void) {
  char byte[8] = "";
  struct iovec piece = {byte, sizeof byte};
  return writev(full[1], &piece, 1);
}

static ssize_t in_recvfrom(void) {
  char byte[8];
  struct sockaddr_in from;
  socklen_t len = sizeof from;
  return recvfrom(sockets[0], byte, sizeof byte, 0, (struct sockaddr *)&from, &len);
}

static ssize_t in_recvmsg(void) {
  char byte[8];
  struct iovec piece = {byte, sizeof byte};
  struct msghdr message = ZERO;
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  return recvmsg(sockets[0], &message, 0);
}

static ssize_t in_poll(void) {
  struct pollfd one = {pipes[0], POLLIN, 0};
  return poll(&one, 1, -1);
}

static ssize_t in_nanosleep(void) {
  struct timespec time = {1000, 0}, left = {0, 0};
  int answer = sleep_pointer(&time, &left);
  int error = errno;
  CHECK(left.tv_sec > 0);
  errno = error;
  return answer;
}

#ifdef _GNU_SOURCE
static ssize_t in_accept4(void) { return accept4(listener, NULL, NULL, SOCK_CLOEXEC); }

static ssize_t in_pselect(void) {
  fd_set set;
  sigset_t all;
  FD_ZERO(&set);
  FD_SET(pipes[0], &set);
  sigfillset(&all);
  return pselect(pipes[0] + 1, &set, NULL, NULL, NULL, &all);
}

static ssize_t in_select(void) {
  fd_set set;
  FD_ZERO(&set);
  FD_SET(pipes[0], &set);
  return select(pipes[0] + 1, &set, NULL, NULL, NULL);
}
static ssize_t in_pause(void) { return pause(); }
static ssize_t in_sleep(void) {
  unsigned left = sleep(1000);
  CHECK(left > 900 && left <= 1000);
  return -1;
}
static ssize_t in_usleep(void) { return usleep(1000000000); }
static ssize_t in_sigwait(void) {
  sigset_t set;
  int signal, error;
  sigfillset(&set);
  error = sigwait(&set, &signal);
  CHECK(errno == 0);
  errno = error;
  return error ? -1 : 0;
}
static ssize_t in_child(pid_t (*wait_for)(void)) {
  int ends[2];
  CHECK(pipe(ends) == 0);
  pid_t child = fork();
  if (child == 0) {
    char byte;
    close(ends[1]);
    _exit((int)read(ends[0], &byte, 1));
  }
  close(ends[0]);
  pid_t answer = wait_for();
  int error = errno;
  close(ends[1]);
  CHECK(syscall(SYS_wait4, child, NULL, 0, NULL) == child); /* plainly: whoever interrupts us takes no notice of it */
  errno = error;
  return answer;
}
static pid_t waits(void) { return wait(NULL); }
static pid_t waits_for_pid(void) { return waitpid(-1, NULL, 0); }
static pid_t waits_and_asks(void) { return wait3(NULL, 0, NULL); }
static ssize_t in_wait(void) { return in_child(waits); }
static ssize_t in_waitpid(void) { return in_child(waits_for_pid); }
static ssize_t in_wait3(void) { return in_child(waits_and_asks); }

static int epoll_of_nothing(void) {
  static int epoll = -1;
  if (epoll < 0) epoll = epoll_create1(0);
  return epoll;
}
static ssize_t in_epoll_wait(void) {
  struct epoll_event event;
  return epoll_wait(epoll_of_nothing(), &event, 1, -1);
}
static ssize_t in_epoll_pwait(void) {
  struct epoll_event event;
  sigset_t set;
  sigfillset(&set);
  return epoll_pwait(epoll_of_nothing(), &event, 1, 1000000, &set);
}
#ifdef __GLIBC__
#if __GLIBC_PREREQ(2, 35)
#define HAS_EPOLL_PWAIT2
static ssize_t in_epoll_pwait2(void) {
  struct epoll_event event;
  struct timespec time = {1000, 0};
  sigset_t set;
  sigfillset(&set);
  return epoll_pwait2(epoll_of_nothing(), &event, 1, &time, &set);
}
#endif
#endif
static ssize_t in_splice(void) { return splice(pipes[0], NULL, full[1], NULL, 1, 0); }
static ssize_t in_recvmmsg(void) {
  char byte;
  struct iovec piece = {&byte, 1};
  struct mmsghdr message = ZERO;
  message.msg_hdr.msg_iov = &piece;
  message.msg_hdr.msg_iovlen = 1;
  return recvmmsg(sockets[0], &message, 1, 0, NULL);
}

static ssize_t in_clock_nanosleep(void) {
  struct timespec time = {1000, 0}, left = {0, 0};
  int error = clock_nanosleep(CLOCK_MONOTONIC, 0, &time, &left);
  CHECK(left.tv_sec > 0 && errno == 0);
  errno = error;
  return error ? -1 : 0;
}

static ssize_t in_sigtimedwait(void) {
  sigset_t set;
  struct timespec time = {1000, 0};
  sigfillset(&set);
  return sigtimedwait(&set, NULL, &time);
}

static ssize_t in_sigwaitinfo(void) {
  sigset_t set;
  siginfo_t info;
  sigfillset(&set);
  return sigwaitinfo(&set, &info);
}

static ssize_t in_sigsuspend(void) {
  sigset_t set;
  sigfillset(&set);
  return sigsuspend(&set);
}

static ssize_t in_ppoll(void) {
  struct pollfd one = {pipes[0], POLLIN, 0};
  sigset_t all;
  sigfillset(&all);
  return ppoll(&one, 1, NULL, &all);
}
#endif

static const struct blocking_call {
  const char *name;
  ssize_t (*call)(void);
} calls[] = {
    {"read", in_read},         {"read", in_pointer},   {"recv", in_recv},   {"recv", in_table},   {"accept", in_accept},
    {"write", in_write},       {"readv", in_readv},    {"writev", in_writev}, {"recvfrom", in_recvfrom},
    {"recvmsg", in_recvmsg},   {"poll", in_poll},      {"nanosleep", in_nanosleep},
#ifdef _GNU_SOURCE
    {"accept4", in_accept4},   {"ppoll", in_ppoll},    {"select", in_pselect},  {"nanosleep", in_clock_nanosleep},
    {"select", in_select}, {"pause", in_pause}, {"nanosleep", in_sleep}, {"nanosleep", in_usleep}, {"sigwait", in_sigwait},
    {"waitpid", in_wait}, {"waitpid", in_waitpid}, {"wait4", in_wait3}, {"epoll_wait", in_epoll_wait}, {"epoll_wait", in_epoll_pwait}, {"splice", in_splice}, {"recvmmsg", in_recvmmsg},
    {"sigtimedwait", in_sigtimedwait}, {"sigtimedwait", in_sigwaitinfo}, {"sigsuspend", in_sigsuspend},
#ifdef HAS_EPOLL_PWAIT2
    {"epoll_pwait2", in_epoll_pwait2},
#endif
#endif
};
enum { CALLS = sizeof calls / sizeof *calls };

static polite_thread_t target;

/* On the self-pipe nobody who waits for any child is woken. */
static int can_be_woken_in(int call) { return strncmp(calls[call].name, "wait", 4) != 0 || polite_backend() == POLITE_BACKEND_WINDOW; }

/* Blocks in one call after the other, and is interrupted in each. */
static void *block(void *unused) {
  (void)unused;
  __atomic_store_n(&target, polite_self(), __ATOMIC_RELEASE);
  CHECK(polite_dropin_interrupted() == 0);
  for (int i = 0; i < CALLS; i++) {
    if (!can_be_woken_in(i)) continue;
    errno = 0;
    CHECK(calls[i].call() == -1);
    CHECK(errno == ECANCELED);
    CHECK(polite_dropin_interrupted() == 1);
  }
  return NULL;
}

/* Returns when the thread sleeps in the call of this name. */
static void wait_until_blocked(polite_thread_t thread, const char *call) {
  struct timespec pause = {0, 1000000};
  for (int i = 0; i < 30000; i++) {
    polite_thread_info_t info = ZERO;
    info.size = sizeof info;
    CHECK(polite_thread_inspect(thread, &info) == 0);
    if (info.state == POLITE_THREAD_BLOCKED && info.call && strcmp(info.call, call) == 0 && !info.pending) return;
    nanosleep(&pause, NULL);
  }
  fprintf(stderr, "never blocked in %s\n", call);
  exit(1);
}

static void each_call_is_interrupted(void) {
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, block, NULL) == 0);
  while (!__atomic_load_n(&target, __ATOMIC_ACQUIRE)) poll(NULL, 0, 1);
  for (int i = 0; i < CALLS; i++) {
    if (!can_be_woken_in(i)) continue;
    wait_until_blocked(target, calls[i].name);
    CHECK(polite_interrupt(target) == 0);
  }
  CHECK(pthread_join(thread, NULL) == 0);
}

/* The calls that seldom block, or not here: an interrupt is delivered at their beginning, and without one they do their work. */
static void each_call_delivers_what_is_pending(void) {
  FILE *file = tmpfile();
  CHECK(file);
  int fd = fileno(file);
  char buf[8] = "polite";
  struct iovec piece = {buf, 6};
  struct msghdr message = ZERO;
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  int unconnected = socket(AF_INET, SOCK_STREAM, 0);
  CHECK(unconnected >= 0);

#define PENDING(call)                                                   \
  do {                                                                  \
    CHECK(polite_interrupt(polite_self()) == 0);                        \
    errno = 0;                                                          \
    CHECK((call) == -1 && errno == ECANCELED && polite_dropin_interrupted()); \
  } while (0)
#define PENDING_NAMES(call)                                                                               \
  do {                                                                                                    \
    CHECK(polite_interrupt(polite_self()) == 0);                                                          \
    errno = 0;                                                                                            \
    CHECK((call) == EAI_SYSTEM && errno == ECANCELED && polite_dropin_interrupted() && list == NULL);     \
  } while (0)
  PENDING(send(sockets[1], buf, 6, 0));
  PENDING(sendto(sockets[1], buf, 6, 0, NULL, 0));
  PENDING(sendmsg(sockets[1], &message, 0));
  PENDING(connect(unconnected, (struct sockaddr *)&address, sizeof address));
  CHECK(send(sockets[1], buf, 6, 0) == 6);
  CHECK(sendto(sockets[1], buf, 6, 0, NULL, 0) == 6);
  CHECK(sendmsg(sockets[1], &message, 0) == 6);
  CHECK(connect(unconnected, (struct sockaddr *)&address, sizeof address) == 0);
#ifndef PLAIN_PREAD
  PENDING(pwrite(fd, buf, 6, 0));
  PENDING(pread(fd, buf, 6, 0));
#ifdef _GNU_SOURCE
  PENDING(lockf(fd, F_LOCK, 0));
  PENDING(preadv(fd, &piece, 1, 0));
  PENDING(pwritev(fd, &piece, 1, 0));
#endif
#endif
#ifdef _GNU_SOURCE
  siginfo_t info;
  PENDING(fsync(fd));
  PENDING(fdatasync(fd));
  PENDING(msync(NULL, 0, MS_SYNC));
  PENDING(tcdrain(fd));
  struct termios settings;
  struct epoll_event event;
  struct mmsghdr messages = ZERO;
  memset(&settings, 0, sizeof settings);
  PENDING(tcsetattr(fd, TCSADRAIN, &settings));
  CHECK(tcsetattr(fd, TCSANOW, &settings) == -1 && errno == ENOTTY);
  struct timespec past = {0, 0};
  struct sembuf down = {0, -1, 0};
  PENDING(mq_send(fd, buf, 1, 0));
  PENDING(mq_receive(fd, buf, 1, NULL));
  PENDING(mq_timedsend(fd, buf, 1, 0, &past));
  PENDING(mq_timedreceive(fd, buf, 1, NULL, &past));
  PENDING(msgsnd(-1, buf, 1, 0));
  PENDING(msgrcv(-1, buf, 1, 0, 0));
  PENDING(semop(-1, &down, 1));
  PENDING(semtimedop(-1, &down, 1, &past));
  CHECK(semop(-1, &down, 1) == -1 && errno == EINVAL);
  int available;
  PENDING(ioctl(fd, FIONREAD, &available));
  CHECK(ioctl(pipes[0], FIONREAD, &available) == 0 && available == 0);
  PENDING(copy_file_range(fd, NULL, fd, NULL, 1, 0));
  PENDING(sendmmsg(sockets[1], &messages, 1, 0));
#ifdef HAS_EPOLL_PWAIT2
  PENDING(epoll_pwait2(epoll_of_nothing(), &event, 1, NULL, NULL));
#endif
  (void)event;
  struct flock lock;
  memset(&lock, 0, sizeof lock);
  lock.l_type = F_WRLCK;
#ifndef PLAIN_PREAD
  PENDING(open("/dev/null", O_RDONLY));
  PENDING(open("/dev/null", O_RDWR | O_CREAT, 0600));
  PENDING(openat(AT_FDCWD, "/dev/null", O_RDONLY));
  PENDING(creat("/dev/null", 0600));
  PENDING(fcntl(fd, F_SETLKW, &lock));
#ifdef __GLIBC__
  PENDING(pread64(fd, buf, 6, 0));
  PENDING(pwrite64(fd, buf, 6, 0));
  PENDING(preadv64(fd, &piece, 1, 0));
  PENDING(pwritev64(fd, &piece, 1, 0));
  PENDING(preadv64v2(fd, &piece, 1, 0, 0));
  PENDING(pwritev64v2(fd, &piece, 1, 0, 0));
  PENDING(open64("/dev/null", O_RDONLY));
  PENDING(openat64(AT_FDCWD, "/dev/null", O_RDONLY));
  PENDING(creat64("/dev/null", 0600));
  PENDING(fcntl64(fd, F_SETLKW, &lock));
  PENDING(lockf64(fd, F_LOCK, 0));
  PENDING(sendfile64(sockets[1], fd, NULL, 1));
#endif
#endif
  int null = open("/dev/null", O_RDWR);
  CHECK(null >= 0 && fcntl(null, F_GETFL) >= 0 && close(null) == 0);
  null = openat(AT_FDCWD, "/dev/null", O_RDWR);
  CHECK(null >= 0 && close(null) == 0);
  null = creat("/dev/null", 0600);
  CHECK(null >= 0 && close(null) == 0);
  mode_t mask = umask(022);
  umask(mask);
  char path[] = "/tmp/polite-mode-XXXXXX";
  struct stat about;
  null = mkstemp(path);
  CHECK(null >= 0 && close(null) == 0 && unlink(path) == 0);
  null = open(path, O_RDWR | O_CREAT | O_EXCL, 0640);
  CHECK(null >= 0 && fstat(null, &about) == 0 && (about.st_mode & 0777 & ~0600) == (0040 & ~mask));
  CHECK(close(null) == 0 && unlink(path) == 0);
#ifndef PLAIN_PREAD
  PENDING(sendfile(sockets[1], fd, NULL, 1));
#else
  CHECK(sendfile(sockets[1], fd, NULL, 0) == 0);
#endif
  PENDING(flock(fd, LOCK_EX));
  PENDING(wait4(-1, NULL, 0, NULL));
  PENDING(waitid(P_ALL, 0, &info, WEXITED));
  CHECK(lockf(fd, F_TEST, 0) == 0 && flock(fd, LOCK_UN) == 0 && fsync(fd) == 0);
  CHECK(wait4(-1, NULL, 0, NULL) == -1 && errno == ECHILD);
  CHECK(tcdrain(fd) == -1 && errno == ENOTTY);
#ifdef RWF_HIPRI
#ifndef PLAIN_PREAD
  PENDING(preadv2(fd, &piece, 1, 0, 0));
  PENDING(pwritev2(fd, &piece, 1, 0, 0));
#else
  CHECK(preadv2(fd, &piece, 1, 0, 0) == 0 && pwritev2(fd, &piece, 0, 0, 0) == 0);
#endif
#endif
#ifdef PLAIN_PREAD
  CHECK(preadv(fd, &piece, 1, 0) == 0 && pwritev(fd, &piece, 0, 0) == 0 && lockf(fd, F_LOCK, 0) == 0);
#endif
#endif
  CHECK(pwrite(fd, "POLITE", 6, 3) == 6);
  CHECK(pread(fd, buf, 3, 6) == 3 && memcmp(buf, "ITE", 3) == 0);

  PENDING(system("exit 3"));
  int status = system("exit 3");
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 3);
  struct addrinfo numeric, *list = NULL;
  memset(&numeric, 0, sizeof numeric);
  numeric.ai_flags = AI_NUMERICHOST;
  PENDING_NAMES(getaddrinfo("127.0.0.1", "7", NULL, &list));
  PENDING_NAMES(getnameinfo((struct sockaddr *)&address, sizeof address, buf, sizeof buf, NULL, 0, NI_NUMERICHOST));
  CHECK(getaddrinfo("not a number", "7", &numeric, &list) == EAI_NONAME);
  CHECK(getaddrinfo("127.0.0.1", "7", &numeric, &list) == 0 && ((struct sockaddr_in *)list->ai_addr)->sin_port == htons(7));
  char node[16];
  CHECK(getnameinfo(list->ai_addr, list->ai_addrlen, node, sizeof node, NULL, 0, NI_NUMERICHOST) == 0);
  CHECK(strcmp(node, "127.0.0.1") == 0);
  CHECK(getnameinfo(list->ai_addr, list->ai_addrlen, node, 3, NULL, 0, NI_NUMERICHOST) == EAI_OVERFLOW);
  freeaddrinfo(list);

  /* close releases, and leaves what is pending pending */
  CHECK(polite_interrupt(polite_self()) == 0);
  CHECK(close(unconnected) == 0);
  CHECK(table.shut(unconnected) == -1 && errno == EBADF);
  FILE *stream;
  CHECK(polite_fdopen(&stream, dup(full[0]), "r") == 0 && fclose(stream) == 0);
  int fresh[2];
  CHECK(pipe(fresh) == 0 && polite_fdopen(&stream, fresh[1], "w") == 0 && fputs("all of it", stream) >= 0 && fclose(stream) == 0);
  CHECK(polite_interrupt_pending() == 1);
  CHECK(polite_interrupt_clear() == 1);
  CHECK(read(fresh[0], node, sizeof node) == 9 && memcmp(node, "all of it", 9) == 0 && close(fresh[0]) == 0);
  fclose(file);
}

/* An ECANCELED of the system's: here, that of a filter which refuses to read from descriptor 99. */
static void *meet_a_genuine_error(void *unused) {
  (void)unused;
  struct sock_filter instructions[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_read, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 99, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ECANCELED),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {sizeof instructions / sizeof *instructions, instructions};
  char buf[8];
  CHECK(polite_interrupt(polite_self()) == 0);
  CHECK(read(pipes[0], buf, sizeof buf) == -1 && errno == ECANCELED && polite_dropin_interrupted() == 1);
  CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
  CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
  CHECK(read(99, buf, sizeof buf) == -1 && errno == ECANCELED);
  CHECK(polite_dropin_interrupted() == 0);
  CHECK(read(-1, buf, sizeof buf) == -1 && errno == EBADF);
  return NULL;
}

static void a_genuine_error_is_told_apart(void) {
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, meet_a_genuine_error, NULL) == 0);
  CHECK(pthread_join(thread, NULL) == 0);
}

static void handle(int signal) { (void)signal; }

/* What of tests/test_signal_masks.c shows that the names are polite's. */
static void the_wake_signal_is_left_out(void) {
#ifdef _GNU_SOURCE
  sigset_t all, now;
  struct sigaction action;
  sigfillset(&all);
  sigemptyset(&now);
  CHECK(pthread_sigmask(SIG_SETMASK, &all, NULL) == 0 && sigprocmask(SIG_BLOCK, &all, &now) == 0);
  CHECK(sigismember(&now, SIGUSR1) == 1 && sigismember(&now, polite_wake_signal()) == 0);
  CHECK(sigprocmask(SIG_UNBLOCK, &all, NULL) == 0);
  CHECK(signal(polite_wake_signal(), handle) == SIG_ERR && errno == EINVAL);
  CHECK(signal(SIGUSR1, handle) == SIG_DFL);
  CHECK(sigaction(SIGUSR1, NULL, &action) == 0 && action.sa_handler == handle);
  CHECK(sigismember(&action.sa_mask, polite_wake_signal()) == 0);
#else
  (void)handle;
#endif
}

static void make_things_to_block_on(void) {
  CHECK(pipe(pipes) == 0 && pipe(full) == 0);
  CHECK(socketpair(AF_UNIX, SOCK_DGRAM, 0, sockets) == 0);
  listener = socket(AF_INET, SOCK_STREAM, 0);
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CHECK(listener >= 0 && bind(listener, (struct sockaddr *)&address, sizeof address) == 0 && listen(listener, 8) == 0);
  socklen_t len = sizeof address;
  CHECK(getsockname(listener, (struct sockaddr *)&address, &len) == 0);
  struct pollfd room = {full[1], POLLOUT, 0};
  static const char page[4096] = {0};
  while (poll(&room, 1, 0) == 1) CHECK(write(full[1], page, sizeof page) == sizeof page);
}

int main(void) {
  members_keep_their_names();
  CHECK(polite_self());
  make_things_to_block_on();
  each_call_is_interrupted();
  each_call_delivers_what_is_pending();
  a_genuine_error_is_told_apart();
  the_wake_signal_is_left_out();
  return 0;
}

/* No byte in doubt: transfers that are interrupted part-way, sockets with time limits, connects that are taken up again (rule 2). */
#include "scene.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>

enum { LARGE = 1 << 20 };
static char sent[LARGE], received[LARGE];

static void pattern(void) {
  for (size_t i = 0; i < LARGE; ++i) sent[i] = (char)(i * 31 + (i >> 8));
}

static int ends[2];

/* --- Part of it was moved --------------------------------------------------------------------------------------------------- */

static void write_large(actor_t *actor) {
  actor->result = polite_write(ends[1], sent, LARGE);
  actor->step = polite_interrupt_pending() ? 1 : 2;
}

/* Whether the pipe is as full as it gets, so that a writer of much more has moved part of it and is asleep. */
static void await_writer_asleep(actor_t *actor) { AWAIT(is_blocked_in(actor->thread, "write")); }

static void part_of_a_write(void) {
  actor_t actor;
  start(&actor, write_large, NULL);
  await_writer_asleep(&actor);
  assert_int_equal(polite_interrupt(actor.thread), 0);
  long moved = finish(&actor);
  assert_true(moved > 0 && moved < LARGE);
  assert_int_equal(actor.step, 1); /* the interrupt stayed */
  close(ends[1]);
  long got = 0, n;
  while ((n = read(ends[0], received + got, LARGE - (size_t)got)) > 0) got += n;
  assert_int_equal(got, moved);
  assert_memory_equal(sent, received, (size_t)got);
  close(ends[0]);
}

static void a_partial_write_is_a_result(void **state) {
  (void)state;
  make_pipe(ends);
  part_of_a_write();
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  part_of_a_write();
}

static void write_all_large(actor_t *actor) {
  size_t *moved = actor->with;
  actor->result = polite_write_all(ends[1], sent, LARGE, moved);
  actor->step = polite_interrupt_pending() ? 1 : 2;
}

static void write_all_says_how_far_it_got(void **state) {
  (void)state;
  make_pipe(ends);
  size_t moved = 0;
  actor_t actor;
  start(&actor, write_all_large, &moved);
  await_writer_asleep(&actor);
  assert_int_equal(polite_interrupt(actor.thread), 0);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  assert_int_equal(actor.step, 2); /* consumed, since the reason names it */
  assert_true(moved > 0 && moved < LARGE);
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  size_t got = 0;
  long n;
  while ((n = read(ends[0], received + got, LARGE - got)) > 0) got += (size_t)n;
  assert_int_equal(got, moved);
  assert_memory_equal(sent, received, got);
  close_both(ends);
}

static void read_full_from_pipe(actor_t *actor) {
  size_t *moved = actor->with;
  actor->result = polite_read_full(ends[0], received, 1000, moved);
}

static void read_full_says_how_far_it_got(void **state) {
  (void)state;
  make_pipe(ends);
  size_t moved = 0;
  actor_t actor;
  start_blocked(&actor, read_full_from_pipe, &moved, "read");
  assert_int_equal(write(ends[1], sent, 600), 600);
  AWAIT(inspect(actor.thread).state == POLITE_THREAD_BLOCKED && poll(&(struct pollfd){ends[0], POLLIN, 0}, 1, 0) == 0);
  assert_int_equal(polite_interrupt(actor.thread), 0);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  assert_int_equal(moved, 600);
  assert_memory_equal(sent, received, 600);
  start_blocked(&actor, read_full_from_pipe, &moved, "read");
  assert_int_equal(write(ends[1], sent, 300), 300);
  close(ends[1]);
  assert_int_equal(finish(&actor), POLITE_END);
  assert_int_equal(moved, 300);
  close(ends[0]);
}

/* Rule 3 holds for nothing, too: there are no bytes for which a descriptor would be needed, and no message of none is sent. */
static void nothing_is_an_interruption_point(void **state) {
  (void)state;
  size_t moved = 1;
  char byte;
  assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
  polite_interrupt(polite_self());
  assert_int_equal(polite_read_full(ends[0], received, 0, &moved), POLITE_INTERRUPTED);
  assert_int_equal(moved, 0);
  assert_int_equal(polite_read_full(ends[0], received, 0, &moved), 0);
  polite_interrupt(polite_self());
  assert_int_equal(polite_write_all(ends[0], sent, 0, &moved), POLITE_INTERRUPTED);
  assert_int_equal(polite_write_all(ends[0], sent, 0, &moved), 0);
  assert_int_equal(recv(ends[1], &byte, 1, MSG_DONTWAIT), -1);
  close_both(ends);
}

static void handler(int signal) { (void)signal; }

/* Rule 8: the helpers carry on after a handler of the program's own. */
static void helpers_carry_on(void **state) {
  (void)state;
  struct sigaction action = {.sa_handler = handler};
  sigaction(SIGUSR1, &action, NULL);
  make_pipe(ends);
  size_t moved = 0;
  actor_t actor;
  start_blocked(&actor, read_full_from_pipe, &moved, "read");
  for (int i = 0; i < 1000; ++i) {
    assert_int_equal(write(ends[1], sent + i, 1), 1);
    pthread_kill(actor.pthread, SIGUSR1);
  }
  assert_int_equal(finish(&actor), 0);
  assert_int_equal(moved, 1000);
  assert_memory_equal(sent, received, 1000);
  close_both(ends);
}

/* From now on the thread's reads and writes of more than a MiB fail. */
static int refuse_large_calls(void) {
  struct sock_filter rules[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_read, 1, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_write, 0, 2),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])), /* the lower half */
      BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 1 << 20, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | E2BIG),
  };
  struct sock_fprog program = {sizeof rules / sizeof *rules, rules};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static void move_through_file(actor_t *actor) {
  enum { HUGE = 3 * LARGE + 5 };
  char *bytes = malloc(HUGE);
  size_t moved;
  int fd = *(int *)actor->with;
  for (size_t i = 0; i < HUGE; ++i) bytes[i] = (char)(i * 7 + (i >> 16));
  if (!refuse_large_calls()) {
    free(bytes);
    return;
  }
  CHECK(polite_write(fd, bytes, HUGE) == POLITE_E2BIG);
  CHECK(polite_write_all(fd, bytes, HUGE, &moved) == 0 && moved == HUGE);
  CHECK(lseek(fd, 0, SEEK_SET) == 0);
  memset(bytes, 0, HUGE);
  CHECK(polite_read_full(fd, bytes, HUGE, &moved) == 0 && moved == HUGE);
  for (size_t i = 0; i < HUGE; ++i)
    if (bytes[i] != (char)(i * 7 + (i >> 16))) CHECK(0);
  free(bytes);
  actor->result = 1;
}

/* Nobody is woken who waits for a disk; so no call is for more than a MiB. */
static void large_transfers_go_in_pieces(void **state) {
  (void)state;
  char name[] = "/tmp/polite-test-XXXXXX";
  int fd = mkstemp(name);
  assert_true(fd >= 0);
  unlink(name);
  actor_t actor;
  start(&actor, move_through_file, &fd);
  long shown = finish(&actor);
  close(fd);
  if (!shown) skip(); /* there are no filters here */
}

static void interrupt_oneself(int signal) {
  (void)signal;
  polite_interrupt(polite_self());
}

typedef struct file_transfer {
  int fd, directory;
  int (*move)(polite_fd fd, char *bytes, size_t len, size_t *moved);
  long notice; /* what the kernel notices at the end of a system call that has moved something: then this thread gets a signal */
  char *bytes;
  size_t moved;
  int notices; /* whether it does */
} file_transfer_t;

static int write_it(polite_fd fd, char *bytes, size_t len, size_t *moved) { return polite_write_all(fd, bytes, len, moved); }
static int read_it(polite_fd fd, char *bytes, size_t len, size_t *moved) { return polite_read_full(fd, bytes, len, moved); }

static void move_until_noticed(actor_t *actor) {
  file_transfer_t *transfer = actor->with;
  struct f_owner_ex me = {F_OWNER_TID, gettid()};
  transfer->notices = fcntl(transfer->directory, F_SETOWN_EX, &me) == 0 && fcntl(transfer->directory, F_NOTIFY, transfer->notice) == 0;
  if (!transfer->notices) return;
  actor->result = transfer->move(transfer->fd, transfer->bytes, 3 * LARGE, &transfer->moved);
  actor->step = polite_interrupt_pending() ? 1 : 2;
}

/* The interrupt comes in the first piece, which nobody wakes: a signal of that piece's own, once, as it ends. */
static void an_interrupt_is_answered_between_pieces(void **state) {
  (void)state;
  if (UNDER_TSAN) skip(); /* it calls handlers late */
  char directory[] = "/tmp/polite-test-XXXXXX", name[64];
  assert_non_null(mkdtemp(directory));
  snprintf(name, sizeof name, "%s/file", directory);
  file_transfer_t transfer = {.fd = open(name, O_RDWR | O_CREAT, 0600), .bytes = calloc(3, LARGE)};
  assert_true(transfer.fd >= 0 && transfer.bytes);
  assert_int_equal(ftruncate(transfer.fd, 3 * LARGE), 0);
  struct sigaction action = {.sa_handler = interrupt_oneself};
  sigaction(SIGIO, &action, NULL);
  for (int reads = 0; reads < 2; ++reads) {
    transfer.move = reads ? read_it : write_it;
    transfer.notice = reads ? DN_ACCESS : DN_MODIFY;
    transfer.directory = open(directory, O_RDONLY | O_DIRECTORY);
    assert_true(transfer.directory >= 0);
    assert_int_equal(lseek(transfer.fd, 0, SEEK_SET), 0);
    actor_t actor;
    start(&actor, move_until_noticed, &transfer);
    finish(&actor);
    close(transfer.directory);
    if (!transfer.notices) break;
    assert_int_equal(actor.result, POLITE_INTERRUPTED);
    assert_int_equal(transfer.moved, 1 << 20);
    assert_int_equal(lseek(transfer.fd, 0, SEEK_CUR), 1 << 20);
    assert_int_equal(actor.step, 2);
  }
  signal(SIGIO, SIG_DFL);
  close(transfer.fd);
  free(transfer.bytes);
  unlink(name);
  rmdir(directory);
  if (!transfer.notices) skip(); /* the kernel has no such notices */
}

/* --- Descriptors in messages ------------------------------------------------------------------------------------------------ */

static void pass_descriptor(int sock, int fd) {
  char byte = 'd';
  struct iovec piece = {&byte, 1};
  union {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr header;
  } control = {{0}};
  struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof fd);
  memcpy(CMSG_DATA(header), &fd, sizeof fd);
  assert_int_equal(polite_sendmsg(sock, &message, 0), 1);
}

static long receive_descriptor(int sock, int *fd) {
  char byte;
  struct iovec piece = {&byte, 1};
  union {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr header;
  } control;
  struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  long result = polite_recvmsg(sock, &message, MSG_CMSG_CLOEXEC);
  if (result == 1) memcpy(fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof *fd);
  return result;
}

static void a_descriptor_is_not_lost(void **state) {
  (void)state;
  int sockets[2], fd = -1;
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
  make_pipe(ends);
  pass_descriptor(sockets[0], ends[1]);
  polite_interrupt(polite_self());
  assert_int_equal(receive_descriptor(sockets[1], &fd), POLITE_INTERRUPTED);
  assert_int_equal(fd, -1);
  assert_int_equal(receive_descriptor(sockets[1], &fd), 1);
  assert_int_equal(write(fd, "x", 1), 1);
  close(fd);
  close_both(ends);
  close_both(sockets);
}

/* --- Time limits of sockets (trap: the kernel restarts with the full time) -------------------------------------------------- */

static void limit_sockets(int sockets[2], int milliseconds) {
  struct timeval limit = {milliseconds / 1000, milliseconds % 1000 * 1000};
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
  assert_int_equal(setsockopt(sockets[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), 0);
  assert_int_equal(setsockopt(sockets[0], SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit), 0);
}

static void receive_with_limit(actor_t *actor) {
  char byte;
  actor->result = polite_recv(*(int *)actor->with, &byte, 1, 0);
  actor->step = 1;
}

static void send_with_limit(actor_t *actor) {
  while ((actor->result = polite_send(*(int *)actor->with, sent, LARGE, 0)) > 0) {
  }
  actor->step = 1;
}

static void a_time_limit_is_kept(void **state) {
  (void)state;
  int sockets[2];
  actor_t actor;
  limit_sockets(sockets, 50);
  start(&actor, receive_with_limit, sockets);
  assert_int_equal(finish(&actor), POLITE_EAGAIN);
  start(&actor, send_with_limit, sockets);
  assert_int_equal(finish(&actor), POLITE_EAGAIN);
  close_both(sockets);
}

static void receive_shielded_with_limit(actor_t *actor) {
  polite_shield_enter();
  receive_with_limit(actor);
  while (actor->step == 1) sched_yield();
  polite_shield_leave();
  CHECK(polite_checkpoint() == POLITE_INTERRUPTED);
}

/* Nobody wakes a shielded call, so its limit does not begin afresh however many ask for it: it sleeps once, until the limit has passed. Each
 * time two ask: an interrupt, which is pending from the first one on, and a request that comes and goes. */
static void a_shielded_call_keeps_its_limit(void **state) {
  (void)state;
  int sockets[2], requests = 0;
  actor_t actor;
  polite_request_t request = {0};
  struct timespec tenth = {0, 100000000};
  limit_sockets(sockets, 1000);
  start_blocked(&actor, receive_shielded_with_limit, sockets, "recv");
  uint64_t id = inspect(actor.thread).system_id;
  AWAIT(sleeps(actor.thread));
  const uint64_t slept = in_status(id, "voluntary_ctxt_switches", 10);
  for (double began = seconds_now(); actor.step == 0; ++requests) {
    assert_true(polite_interrupt(actor.thread) >= 0);
    assert_true(polite_request_post(&request, actor.thread, 0, 0) >= 0);
    assert_int_equal(polite_request_withdraw(&request), 0);
    uint64_t now = in_status(id, "voluntary_ctxt_switches", 10);
    if (actor.step == 0) assert_int_equal(now, slept);
    nanosleep(&tenth, NULL);
    if (seconds_now() - began > LIMIT_SECONDS) fail_msg("a second's limit has begun afresh with each of %d requests", requests);
  }
  actor.step = 2;
  assert_true(requests > 0);
  assert_int_equal(finish(&actor), POLITE_EAGAIN);
  close_both(sockets);
}

static void a_limited_call_is_interrupted(void **state) {
  (void)state;
  int sockets[2];
  actor_t actor;
  limit_sockets(sockets, 3600 * 1000);
  start_blocked(&actor, receive_with_limit, sockets, "recv");
  assert_int_equal(polite_interrupt(actor.thread), 0);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  close_both(sockets);
}

/* --- Connecting over TCP ---------------------------------------------------------------------------------------------------- */

static struct sockaddr_in address;

static int tcp_listener(int backlog) {
  int sock = socket(AF_INET, SOCK_STREAM, 0);
  address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t len = sizeof address;
  assert_int_equal(bind(sock, (struct sockaddr *)&address, len), 0);
  assert_int_equal(getsockname(sock, (struct sockaddr *)&address, &len), 0);
  assert_int_equal(listen(sock, backlog), 0);
  return sock;
}

static void connect_to_it(actor_t *actor) {
  actor->result = polite_connect(*(int *)actor->with, (struct sockaddr *)&address, sizeof address);
}

/* A full backlog makes the kernel send its SYN again and again; the connect that is interrupted goes on meanwhile. */
static void a_connect_is_taken_up_again(void **state) {
  (void)state;
  int server = tcp_listener(0), fillers[8];
  for (int i = 0; i < 8; ++i) {
    fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    connect(fillers[i], (struct sockaddr *)&address, sizeof address);
  }
  int client = socket(AF_INET, SOCK_STREAM, 0);
  actor_t actor;
  start_blocked(&actor, connect_to_it, &client, "connect");
  assert_int_equal(polite_interrupt(actor.thread), 0);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  start_blocked(&actor, connect_to_it, &client, "connect");
  for (int i = 0; i < 8; ++i) close(fillers[i]);
  fcntl(server, F_SETFL, O_NONBLOCK);
  struct sockaddr_in mine, theirs;
  socklen_t len = sizeof mine;
  assert_int_equal(getsockname(client, (struct sockaddr *)&mine, &len), 0);
  int met = 0;
  AWAIT(__extension__({
    len = sizeof theirs;
    int fd = accept(server, (struct sockaddr *)&theirs, &len);
    if (fd >= 0) {
      met = theirs.sin_port == mine.sin_port;
      close(fd);
    }
    met;
  }));
  assert_int_equal(finish(&actor), 0);
  close(client);
  close(server);
}

static int prepare(void **state) {
  pattern();
  return clean_thread(state);
}
#define TRANSFER_TEST(function) cmocka_unit_test_setup(function, prepare)

int main(void) {
  const struct CMUnitTest tests[] = {
      TRANSFER_TEST(a_partial_write_is_a_result),   TRANSFER_TEST(write_all_says_how_far_it_got),
      TRANSFER_TEST(read_full_says_how_far_it_got), TRANSFER_TEST(helpers_carry_on),
      TRANSFER_TEST(nothing_is_an_interruption_point),
      TRANSFER_TEST(large_transfers_go_in_pieces),  TRANSFER_TEST(an_interrupt_is_answered_between_pieces),
      TRANSFER_TEST(a_descriptor_is_not_lost),      TRANSFER_TEST(a_time_limit_is_kept),
      TRANSFER_TEST(a_shielded_call_keeps_its_limit), TRANSFER_TEST(a_limited_call_is_interrupted),
      TRANSFER_TEST(a_connect_is_taken_up_again),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

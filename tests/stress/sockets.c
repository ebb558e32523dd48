/* Sockets: connections that are made and taken, descriptors that travel in messages.
 *
 * On the self-pipe nobody is woken who waits for room in a unix listener's queue. There such a connect does not wait, and what waits for
 * ever is one of TCP.
 *
 * A unix socket that was connected is in the listener's queue, so connected = accepted + still in the queue. A
 * TCP connection may be dropped on either side; there only the descriptors are counted, as all are (main.c).
 * A descriptor that was sent arrives, or is still in the queue. */
#include "stress.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct never never;

static int unix_listener, tcp_listener, ferry[2];
static atomic_long accepted, connected, given_up, passed, received, tcp_taken;

/* --- Opening -------------------------------------------------------------------------------------------------------------- */

/* The kernel finds it a name. */
static int listen_unix(int backlog) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int sock = socket(AF_UNIX, SOCK_STREAM, 0);
  REQUIRE(sock >= 0 && bind(sock, (struct sockaddr *)&address, sizeof address.sun_family) == 0 && listen(sock, backlog) == 0);
  return sock;
}

static int listen_tcp(int backlog) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int sock = socket(AF_INET, SOCK_STREAM, 0);
  REQUIRE(sock >= 0 && bind(sock, (struct sockaddr *)&address, sizeof address) == 0 && listen(sock, backlog) == 0);
  return sock;
}

static socklen_t name_of(int listener, struct sockaddr_storage *address) {
  socklen_t size = sizeof *address;
  REQUIRE(getsockname(listener, (struct sockaddr *)address, &size) == 0);
  return size;
}

/* Linux lets one more into the queue than it is told; then it drops what comes to begin a connection (tcp_conn_request). */
static void clog_tcp(const struct sockaddr *address, socklen_t size) {
  int sock = socket(AF_INET, SOCK_STREAM, 0);
  REQUIRE(sock >= 0 && connect(sock, address, size) == 0);
  never.clogging[never.clogs++] = sock;
}

static void open_clogged_listener(void) {
  never.family = polite_backend() == POLITE_BACKEND_WINDOW ? AF_UNIX : AF_INET;
  never.clogged_listener = never.family == AF_UNIX ? listen_unix(0) : listen_tcp(0);
  struct sockaddr_storage address;
  socklen_t size = name_of(never.clogged_listener, &address);
  if (never.family == AF_INET) clog_tcp((struct sockaddr *)&address, size);
  while (never.family == AF_UNIX) {
    int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    REQUIRE(sock >= 0 && never.clogs < 8);
    if (connect(sock, (struct sockaddr *)&address, size) != 0) {
      REQUIRE(errno == EAGAIN);
      close(sock);
      return;
    }
    never.clogging[never.clogs++] = sock;
  }
}

static void open_full_pipe(void) {
  static const char zeros[4096];
  REQUIRE(pipe2(never.full_pipe, O_NONBLOCK) == 0);
  while (write(never.full_pipe[1], zeros, sizeof zeros) > 0) continue;
  REQUIRE(errno == EAGAIN);
  REQUIRE(fcntl(never.full_pipe[1], F_SETFL, 0) == 0);
}

void sockets_open(void) {
  unix_listener = listen_unix(2);
  tcp_listener = listen_tcp(16);
  never.deaf_listener = listen_unix(1);
  open_clogged_listener();
  REQUIRE(pipe(never.empty_pipe) == 0);
  open_full_pipe();
  int size = 4608;
  REQUIRE(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ferry) == 0);
  REQUIRE(setsockopt(ferry[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof size) == 0);
}

/* --- Connections ---------------------------------------------------------------------------------------------------------- */

/* Closed by a reset, so that a port is free again at once. */
void close_tcp(int sock) {
  struct linger at_once = {1, 0};
  REQUIRE(setsockopt(sock, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once) == 0);
  REQUIRE(polite_close(sock) == 0);
}

static bool tcp_weather(long error) {
  return error == POLITE_ECONNABORTED || error == POLITE_ECONNRESET || error == POLITE_ETIMEDOUT || error == POLITE_EADDRNOTAVAIL;
}

void accept_at_random(struct life *life) {
  bool tcp = random_once_in(&life->random, 3), accept4 = random_once_in(&life->random, 2);
  int listener = tcp ? tcp_listener : unix_listener;
  struct attempt this = attempt(life, tcp ? "accept tcp" : "accept");
  polite_ssize_t sock = accept4 ? polite_accept4(listener, NULL, NULL, SOCK_CLOEXEC) : polite_accept(listener, NULL, NULL);
  sock = judge(life, &this, RESTARTS, sock);
  if (sock < 0) {
    if (!no_result(sock) && !(tcp && tcp_weather(sock))) fail("accept said %s", polite_error_name((int)sock));
    return;
  }
  atomic_fetch_add(tcp ? &tcp_taken : &accepted, 1);
  if (tcp) close_tcp((int)sock);
  else REQUIRE(polite_close((int)sock) == 0);
}

int connect_to(struct life *life, int sock, int listener) {
  struct sockaddr_storage address;
  socklen_t size = name_of(listener, &address);
  struct attempt this = attempt(life, "connect");
  return (int)judge(life, &this, RESTARTS, polite_connect(sock, (struct sockaddr *)&address, size));
}

/* Interrupted, it takes the connection up again, or gives it up. */
void connect_at_random(struct life *life) {
  bool tcp = random_once_in(&life->random, 3);
  int listener = tcp ? tcp_listener : unix_listener;
  bool waits = tcp || never.family == AF_UNIX;
  int sock = socket(tcp ? AF_INET : AF_UNIX, SOCK_STREAM | (waits ? 0 : SOCK_NONBLOCK), 0);
  REQUIRE(sock >= 0);
  int said;
  do said = connect_to(life, sock, listener);
  while (no_result(said) && random_once_in(&life->random, 2));
  if (said == 0 && !tcp) atomic_fetch_add(&connected, 1);
  else if (no_result(said) || (!waits && said == POLITE_EAGAIN)) atomic_fetch_add(&given_up, 1);
  else if (said != 0 && !(tcp && tcp_weather(said))) fail("connect said %s", polite_error_name(said));
  if (tcp) close_tcp(sock);
  else REQUIRE(polite_close(sock) == 0);
}

/* --- Descriptors in messages ---------------------------------------------------------------------------------------------- */

union control {
  struct cmsghdr header;
  char room[CMSG_SPACE(sizeof(int))];
};

static void put_descriptor(struct msghdr *message, union control *control, int fd) {
  message->msg_control = control->room;
  message->msg_controllen = sizeof control->room;
  struct cmsghdr *header = CMSG_FIRSTHDR(message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof fd);
  memcpy(CMSG_DATA(header), &fd, sizeof fd);
}

void pass_descriptor(struct life *life) {
  int fd = fcntl(never.empty_pipe[0], F_DUPFD_CLOEXEC, 0);
  REQUIRE(fd >= 0);
  char byte = 'd';
  struct iovec piece = {&byte, 1};
  union control control = {.room = {0}};
  struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
  put_descriptor(&message, &control, fd);
  struct attempt this = attempt(life, "sendmsg of a descriptor");
  polite_ssize_t n = judge(life, &this, RESTARTS, polite_sendmsg(ferry[1], &message, MSG_NOSIGNAL));
  if (n == 1) atomic_fetch_add(&passed, 1);
  else if (!no_result(n)) fail("sendmsg of a descriptor said %s", polite_error_name((int)n));
  REQUIRE(polite_close(fd) == 0);
}

/* Closes the one descriptor that has come with the message. */
static void take_descriptor(struct msghdr *message) {
  struct cmsghdr *header = CMSG_FIRSTHDR(message);
  if (!header || header->cmsg_type != SCM_RIGHTS || header->cmsg_len != CMSG_LEN(sizeof(int)) || message->msg_flags & MSG_CTRUNC)
    fail("a message came without its descriptor");
  int fd;
  memcpy(&fd, CMSG_DATA(header), sizeof fd);
  REQUIRE(polite_close(fd) == 0);
  atomic_fetch_add(&received, 1);
}

static polite_ssize_t receive(int flags) {
  char byte;
  struct iovec piece = {&byte, 1};
  union control control = {.room = {0}};
  struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof control.room};
  polite_ssize_t n = polite_recvmsg(ferry[0], &message, flags);
  if (n > 0) take_descriptor(&message);
  return n;
}

void receive_descriptor(struct life *life) {
  struct attempt this = attempt(life, "recvmsg of a descriptor");
  polite_ssize_t n = judge(life, &this, RESTARTS, receive(MSG_CMSG_CLOEXEC));
  if (n != 1 && !no_result(n)) fail("recvmsg of a descriptor said %ld", (long)n);
}

/* --- Closing -------------------------------------------------------------------------------------------------------------- */

static long drain_listener(int listener) {
  long count = 0;
  REQUIRE(fcntl(listener, F_SETFL, O_NONBLOCK) == 0);
  for (int sock; (sock = accept(listener, NULL, NULL)) >= 0 || errno == ECONNABORTED; ++count)
    if (sock >= 0) close(sock);
  REQUIRE(errno == EAGAIN);
  return count;
}

static long distance(long a, long b) { return a < b ? b - a : a - b; }

static void close_never(struct socket_totals *totals) {
  char byte;
  REQUIRE(fcntl(never.empty_pipe[0], F_SETFL, O_NONBLOCK) == 0);
  REQUIRE(read(never.empty_pipe[0], &byte, 1) == -1 && errno == EAGAIN);
  totals->lost += distance(drain_listener(never.deaf_listener), 0);
  totals->lost += distance(drain_listener(never.clogged_listener), never.clogs);
  for (int i = 0; i < 2; ++i) {
    close(never.empty_pipe[i]);
    close(never.full_pipe[i]);
  }
  close(never.deaf_listener);
  close(never.clogged_listener);
  while (never.clogs) close(never.clogging[--never.clogs]);
}

void sockets_close(struct socket_totals *totals) {
  long queued = drain_listener(unix_listener);
  drain_listener(tcp_listener);
  while (receive(MSG_DONTWAIT) == 1) continue;
  *totals = (struct socket_totals){accepted + tcp_taken, connected, given_up, passed, received, 0};
  totals->lost += distance(connected, accepted + queued) + distance(passed, received);
  close_never(totals);
  close(unix_listener);
  close(tcp_listener);
  close(ferry[0]);
  close(ferry[1]);
}

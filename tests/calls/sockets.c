/* Messages and connections. */
#include "table.h"

#include <sys/socket.h>

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
static long run_send(scene_t *s) { return polite_send(s->here, "x", 1, 0); }
static long run_sendto(scene_t *s) { return polite_sendto(s->here, "x", 1, 0, NULL, 0); }
static long run_sendmsg(scene_t *s) {
  struct iovec piece = {(void *)"x", 1};
  struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
  return polite_sendmsg(s->here, &message, 0);
}

/* Of two messages it waits for the first only. */
long run_recvmmsg(scene_t *s) {
  char bytes[2];
  struct iovec pieces[] = {{bytes, 1}, {bytes + 1, 1}};
  struct mmsghdr messages[2] = {{.msg_hdr = {.msg_iov = pieces, .msg_iovlen = 1}}, {.msg_hdr = {.msg_iov = pieces + 1, .msg_iovlen = 1}}};
  long result = polite_recvmmsg(s->here, messages, 2, 0, NULL);
  if (result == 1) CHECK(messages[0].msg_len == 1 && bytes[0] == 'x');
  return result;
}
/* Of two messages it has sent the first only if an interrupt came between them; which is pending then (rule 2). */
static long run_sendmmsg(scene_t *s) {
  struct iovec piece = {(void *)"x", 1};
  struct mmsghdr messages[2] = {{.msg_hdr = {.msg_iov = &piece, .msg_iovlen = 1}}, {.msg_hdr = {.msg_iov = &piece, .msg_iovlen = 1}}};
  long result = polite_sendmmsg(s->here, messages, 2, 0);
  CHECK(result < 1 || messages[0].msg_len == 1);
  CHECK(result != 1 || polite_interrupt_pending());
  CHECK(result < 2 || messages[1].msg_len == 1);
  return result == 1 ? 2 : result;
}

static long run_accept(scene_t *s) { return polite_accept(s->here, NULL, NULL); }
static long run_accept4(scene_t *s) { return polite_accept4(s->here, NULL, NULL, SOCK_CLOEXEC); }
static long run_connect(scene_t *s) { return polite_connect(s->here, (struct sockaddr *)&s->address, sizeof s->address); }

const call_t socket_calls[] = {
    {"recv", "recv", empty_socket, run_recv, feed, 1, 0},
    {"recvfrom", "recvfrom", empty_socket, run_recvfrom, feed, 1, 0},
    {"recvmsg", "recvmsg", empty_socket, run_recvmsg, feed, 1, 0},
    {"recvmmsg", "recvmmsg", empty_datagrams, run_recvmmsg, feed, 1, 0},
    {"send", "send", full_socket, run_send, drain, 1, 0},
    {"sendto", "sendto", full_socket, run_sendto, drain, 1, 0},
    {"sendmsg", "sendmsg", full_socket, run_sendmsg, drain, 1, 0},
    {"sendmmsg", "sendmmsg", full_socket, run_sendmmsg, drain, 2, 0},
    {"accept", "accept", idle_listener, run_accept, knock, SOME_DESCRIPTOR, 0},
    {"accept4", "accept4", idle_listener, run_accept4, knock, SOME_DESCRIPTOR, 0},
    {"connect", "connect", busy_listener, run_connect, make_room, 0, NOT_BY_SELF_PIPE},
    {0},
};

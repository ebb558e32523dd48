/* Every call on sockets that blocks, on sockets of both kinds: interrupted while blocked, with an interrupt pending, in a shield, with an interrupt
 * that is withdrawn, and with one that comes after the work. */
#include "sockets.h"

typedef struct spot {
  SOCKET ends[2];
  enum how how;
  char bytes[8];
} spot_t;

typedef struct blocking {
  const char *call;
  const char *name;
  void (*open)(spot_t *);
  long (*make)(spot_t *);
  void (*let_go)(spot_t *);        /* gives it what it waits for */
  int (*is_right)(spot_t *, long); /* whether that came of it; gives it back */
} blocking_t;

/* --- Receiving */
static void open_stream(spot_t *spot) { make_stream(spot->ends, spot->how); }
static void open_datagrams(spot_t *spot) { make_datagrams(spot->ends, spot->how); }
static void send_x(spot_t *spot) { assert_int_equal(send(spot->ends[1], "x", 1, 0), 1); }
static int got_x(spot_t *spot, long result) { return result == 1 && spot->bytes[0] == 'x'; }
static long receive(spot_t *spot) { return polite_recv((polite_sock)spot->ends[0], spot->bytes, sizeof spot->bytes, 0); }
static long peek_first(spot_t *spot) {
  long peeked = polite_recv((polite_sock)spot->ends[0], spot->bytes, sizeof spot->bytes, MSG_PEEK);
  if (peeked < 0) return peeked;
  memset(spot->bytes, 0, sizeof spot->bytes);
  return recv(spot->ends[0], spot->bytes, sizeof spot->bytes, 0) == peeked ? peeked : -1;
}
static long receive_from(spot_t *spot) {
  struct sockaddr_in from = {0}, there = address_of(spot->ends[1]);
  uint32_t length = sizeof from;
  long result = polite_recvfrom((polite_sock)spot->ends[0], spot->bytes, sizeof spot->bytes, 0, (struct sockaddr *)&from, &length);
  if (result >= 0) CHECK(length == sizeof from && from.sin_port == there.sin_port && from.sin_family == AF_INET);
  return result;
}
static long receive_message(spot_t *spot) {
  WSABUF pieces[2] = {{1, spot->bytes}, {sizeof spot->bytes - 1, spot->bytes + 1}};
  struct sockaddr_in from = {0};
  WSAMSG message = {.name = (struct sockaddr *)&from, .namelen = sizeof from, .lpBuffers = pieces, .dwBufferCount = 2};
  long result = polite_recvmsg((polite_sock)spot->ends[0], &message, 0);
  CHECK(result >= 0 || message.namelen == (INT)sizeof from);
  return result;
}
static long receive_all(spot_t *spot) { return polite_recv((polite_sock)spot->ends[0], spot->bytes, 3, MSG_WAITALL); }
static void send_abc(spot_t *spot) {
  assert_int_equal(send(spot->ends[1], "ab", 2, 0), 2);
  assert_int_equal(send(spot->ends[1], "c", 1, 0), 1);
}
static int got_abc(spot_t *spot, long result) { /* an interrupt may have ended it between two pieces */
  if (result > 0 && result < 3) result += recv(spot->ends[0], spot->bytes + result, (int)(3 - result), MSG_WAITALL);
  return result == 3 && memcmp(spot->bytes, "abc", 3) == 0;
}

/* --- Sending, when the other side reads nothing */
static void fill(spot_t *spot) {
  static char many[65536];
  u_long on = 1, off = 0;
  open_stream(spot);
  ioctlsocket(spot->ends[0], (long)FIONBIO, &on);
  while (send(spot->ends[0], many, sizeof many, 0) > 0) continue;
  while (send(spot->ends[0], many, 1, 0) > 0) continue;
  ioctlsocket(spot->ends[0], (long)FIONBIO, &off);
}
static long send_one(spot_t *spot) { return polite_send((polite_sock)spot->ends[0], "y", 1, 0); }
static long send_one_to(spot_t *spot) { return polite_sendto((polite_sock)spot->ends[0], "y", 1, 0, NULL, 0); }
static long send_message(spot_t *spot) {
  WSABUF piece = {1, spot->bytes};
  WSAMSG message = {.lpBuffers = &piece, .dwBufferCount = 1};
  spot->bytes[0] = 'y';
  return polite_sendmsg((polite_sock)spot->ends[0], &message, 0);
}
static void read_until_empty(spot_t *spot) {
  static char many[65536];
  u_long on = 1;
  ioctlsocket(spot->ends[1], (long)FIONBIO, &on);
  for (int empty = 0; empty < 2;) {
    fd_set one;
    FD_ZERO(&one);
    FD_SET(spot->ends[1], &one);
    struct timeval moment = {0, 50000};
    empty = select(0, &one, NULL, NULL, &moment) > 0 && recv(spot->ends[1], many, sizeof many, 0) > 0 ? 0 : empty + 1;
  }
}
static int sent_one(spot_t *spot, long result) { return (void)spot, result == 1; }

/* --- Accepting */
static void open_listener(spot_t *spot) {
  spot->ends[0] = make_listener(5, spot->how);
  spot->ends[1] = make_socket(SOCK_STREAM, OVERLAPPED_USE);
}
static long take(spot_t *spot) {
  struct sockaddr_in from = {0};
  uint32_t length = sizeof from;
  long taken = (long)polite_accept((polite_sock)spot->ends[0], (struct sockaddr *)&from, &length);
  if (taken >= 0) CHECK(length == sizeof from && from.sin_port == address_of(spot->ends[1]).sin_port);
  return taken;
}
static void knock(spot_t *spot) { assert_true(connect_to(spot->ends[1], spot->ends[0])); }
static int is_connection(spot_t *spot, long taken) {
  char byte = 0;
  if (taken < 0) return 0;
  send(spot->ends[1], "x", 1, 0);
  int came = recv((SOCKET)taken, &byte, 1, 0) == 1 && byte == 'x';
  return closesocket((SOCKET)taken) == 0 && came;
}

/* --- Polling */
static long wait_for_byte(spot_t *spot) {
  WSAPOLLFD fds[2] = {{.fd = spot->ends[0], .events = POLLIN}, {.fd = INVALID_SOCKET, .events = POLLIN}};
  int ready = polite_poll(fds, 2, -1);
  if (ready > 0) CHECK(fds[0].revents == POLLRDNORM && fds[1].revents == 0);
  return ready;
}
static int one_is_ready(spot_t *spot, long result) { return (void)spot, result == 1; }

static const blocking_t calls[] = {
    {"recv", "recv", open_stream, receive, send_x, got_x},
    {"recv", "recv of a message", open_datagrams, receive, send_x, got_x},
    {"recv", "recv, peeking", open_stream, peek_first, send_x, got_x},
    {"recv", "recv of all", open_stream, receive_all, send_abc, got_abc},
    {"recvfrom", "recvfrom", open_datagrams, receive_from, send_x, got_x},
    {"recvmsg", "recvmsg", open_datagrams, receive_message, send_x, got_x},
    {"recvmsg", "recvmsg of a stream", open_stream, receive_message, send_x, got_x},
    {"send", "send", fill, send_one, read_until_empty, sent_one},
    {"sendto", "sendto", fill, send_one_to, read_until_empty, sent_one},
    {"sendmsg", "sendmsg", fill, send_message, read_until_empty, sent_one},
    {"accept", "accept", open_listener, take, knock, is_connection},
    {"poll", "poll", open_stream, wait_for_byte, send_x, one_is_ready},
};
#define CALLS (sizeof calls / sizeof *calls)

typedef struct attempt {
  const blocking_t *blocking;
  spot_t spot;
  int shielded;
} attempt_t;

enum { DONE = 1, STILL_PENDING };

static void make_call(actor_t *actor) {
  attempt_t *attempt = actor->with;
  if (attempt->shielded) polite_shield_enter();
  actor->result = attempt->blocking->make(&attempt->spot);
  actor->step = polite_interrupt_pending() ? STILL_PENDING : DONE;
}

static void open_attempt(attempt_t *attempt, size_t i, enum how how) {
  memset(attempt, 0, sizeof *attempt);
  attempt->blocking = &calls[i];
  attempt->spot.how = how;
  calls[i].open(&attempt->spot);
}

static void check_right(attempt_t *attempt, long result) {
  const blocking_t *blocking = attempt->blocking;
  if (!blocking->is_right(&attempt->spot, result))
    fail_msg("%s (%s): %ld %s", blocking->name, attempt->spot.how ? "overlapped" : "plain", result, polite_error_name((int)result));
}

#define FOR_ALL_CALLS(attempt)                                                                                                      \
  for (int how_ = 0; how_ < 2; ++how_)                                                                                              \
    for (size_t i_ = 0; i_ < CALLS && (open_attempt(&attempt, i_, how_ ? PLAIN_USE : OVERLAPPED_USE), 1); close_pair(attempt.spot.ends), ++i_)

/* Blocked, it is interrupted; and nothing has been taken: the same call then does its work. */
static void interrupted_while_blocked(void **state) {
  (void)state;
  attempt_t attempt;
  FOR_ALL_CALLS(attempt) {
    actor_t actor;
    start_blocked(&actor, make_call, &attempt, attempt.blocking->call);
    assert_int_equal(polite_interrupt(actor.thread), 0);
    long result = finish(&actor);
    if (result != POLITE_INTERRUPTED) fail_msg("%s: %ld %s", attempt.blocking->name, result, polite_error_name((int)result));
    assert_int_equal(actor.step, DONE);
    attempt.blocking->let_go(&attempt.spot);
    check_right(&attempt, attempt.blocking->make(&attempt.spot));
  }
}

/* Rule 3: what is pending is delivered before any work, even where that could be done. */
static void pending_at_entry(void **state) {
  (void)state;
  attempt_t attempt;
  FOR_ALL_CALLS(attempt) {
    attempt.blocking->let_go(&attempt.spot);
    polite_interrupt(polite_self());
    assert_int_equal(attempt.blocking->make(&attempt.spot), POLITE_INTERRUPTED);
    assert_int_equal(polite_interrupt_pending(), 0);
    check_right(&attempt, attempt.blocking->make(&attempt.spot));
  }
}

/* Rule 5: nobody is woken in a shield, and the interrupt stays. */
static void in_a_shield(void **state) {
  (void)state;
  attempt_t attempt;
  FOR_ALL_CALLS(attempt) {
    actor_t actor;
    attempt.shielded = 1;
    start_blocked(&actor, make_call, &attempt, attempt.blocking->call);
    assert_int_equal(polite_interrupt(actor.thread), 0);
    AWAIT(is_blocked_in(actor.thread, attempt.blocking->call));
    attempt.blocking->let_go(&attempt.spot);
    check_right(&attempt, finish(&actor));
    assert_int_equal(actor.step, STILL_PENDING);
  }
}

/* An interrupt that is withdrawn leaves the call blocked, or blocked again; one that is withdrawn too late has been delivered. */
static void withdrawn(void **state) {
  (void)state;
  attempt_t attempt;
  FOR_ALL_CALLS(attempt) {
    actor_t actor;
    polite_request_t request = {0};
    int too_late = 0;
    start(&actor, make_call, &attempt);
    for (int n = 0; n < 20 && !too_late; ++n) {
      AWAIT(is_blocked_in(actor.thread, attempt.blocking->call));
      assert_int_equal(polite_request_post(&request, actor.thread, 1, 0), 0);
      too_late = polite_request_withdraw(&request) != 0;
    }
    if (!too_late) {
      AWAIT(is_blocked_in(actor.thread, attempt.blocking->call));
      attempt.blocking->let_go(&attempt.spot);
      check_right(&attempt, finish(&actor));
    } else {
      assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
      attempt.blocking->let_go(&attempt.spot);
      check_right(&attempt, attempt.blocking->make(&attempt.spot));
    }
  }
}

/* Rule 2: when the work and the interrupt come at once, one of them is told, and the other one is not lost. */
static void work_and_interrupt(void **state) {
  (void)state;
  attempt_t attempt;
  for (int round = 0; round < 10; ++round) {
    FOR_ALL_CALLS(attempt) {
      actor_t actor;
      start_blocked(&actor, make_call, &attempt, attempt.blocking->call);
      attempt.blocking->let_go(&attempt.spot);
      polite_interrupt(actor.thread);
      long result = finish(&actor);
      if (result == POLITE_INTERRUPTED) {
        assert_int_equal(actor.step, DONE);
        result = attempt.blocking->make(&attempt.spot);
      }
      check_right(&attempt, result);
    }
  }
}

/* No handle is left, however often. (What a thread needs is made by the first one.) */
static void leaves_no_handles(void **state) {
  (void)state;
  work_and_interrupt(state);
  DWORD before = handles();
  for (int n = 0; n < 3; ++n) interrupted_while_blocked(state);
  assert_int_equal(handles(), before);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(interrupted_while_blocked), TEST(pending_at_entry), TEST(in_a_shield), TEST(withdrawn), TEST(work_and_interrupt),
      TEST(leaves_no_handles),
  };
  return cmocka_run_group_tests(tests, begin_sockets, NULL);
}

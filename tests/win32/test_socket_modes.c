/* Sockets behave as their owner expects: with a completion port, a time limit, in non-blocking mode, closed by others; and polls of many. */
#include "sockets.h"

#include <polite/windows.h>

static void receive(actor_t *actor) {
  char byte;
  actor->result = polite_recv(*(polite_sock *)actor->with, &byte, 1, 0);
}

/* Rule 7: nothing of ours comes to a port that the program has bound the socket to. */
static void no_packets_on_a_port(void **state) {
  (void)state;
  SOCKET ends[2];
  make_stream(ends, OVERLAPPED_USE);
  HANDLE port = CreateIoCompletionPort((HANDLE)ends[0], NULL, 7, 0);
  assert_non_null(port);
  actor_t actor;
  start_blocked(&actor, receive, ends, "recv");
  polite_interrupt(actor.thread);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  char byte = 'x';
  assert_int_equal(send(ends[1], &byte, 1, 0), 1);
  assert_int_equal(polite_recv((polite_sock)ends[0], &byte, 1, 0), 1);
  assert_int_equal(polite_send((polite_sock)ends[0], &byte, 1, 0), 1);
  WSAPOLLFD writable = {.fd = ends[0], .events = POLLOUT};
  assert_int_equal(polite_poll(&writable, 1, -1), 1);
  SOCKET listener = make_listener(5, OVERLAPPED_USE), client = make_socket(SOCK_STREAM, OVERLAPPED_USE);
  struct sockaddr_in there = address_of(listener);
  assert_non_null(CreateIoCompletionPort((HANDLE)listener, port, 8, 0));
  assert_non_null(CreateIoCompletionPort((HANDLE)client, port, 9, 0));
  assert_int_equal(polite_connect((polite_sock)client, (struct sockaddr *)&there, sizeof there), 0);
  SOCKET taken = (SOCKET)polite_accept((polite_sock)listener, NULL, NULL);
  assert_true((intptr_t)taken > 0);
  closesocket(taken);
  closesocket(client);
  closesocket(listener);
  DWORD bytes;
  ULONG_PTR key;
  OVERLAPPED *overlapped;
  assert_false(GetQueuedCompletionStatus(port, &bytes, &key, &overlapped, 0));
  assert_null(overlapped);
  close_pair(ends);
  CloseHandle(port);
}

/* An operation of another thread's on the same socket is not cancelled. */
static void bystanders_go_on(void **state) {
  (void)state;
  SOCKET ends[2];
  make_datagrams(ends, OVERLAPPED_USE);
  actor_t bystander, target;
  start_blocked(&bystander, receive, ends, "recv");
  for (int n = 0; n < 50; ++n) {
    start_blocked(&target, receive, ends, "recv");
    polite_interrupt(target.thread);
    assert_int_equal(finish(&target), POLITE_INTERRUPTED);
  }
  assert_true(is_blocked_in(bystander.thread, "recv"));
  assert_int_equal(send(ends[1], "x", 1, 0), 1);
  assert_int_equal(finish(&bystander), 1);
  close_pair(ends);
}

/* The limit is obeyed, and counted from the start over interrupts that are withdrawn: else this would never end. */
static void time_limits(void **state) {
  (void)state;
  for (int how = 0; how < 2; ++how) {
    SOCKET ends[2];
    make_stream(ends, how ? PLAIN_USE : OVERLAPPED_USE);
    set_limit(ends[0], SO_RCVTIMEO, 200);
    actor_t actor;
    start_blocked(&actor, receive, ends, "recv");
    polite_request_t request = {0};
    while (polite_request_post(&request, actor.thread, 1, 0) >= 0 && polite_request_withdraw(&request) == 0) sched_yield();
    polite_request_withdraw(&request);
    long result = finish(&actor);
    assert_true(result == POLITE_EAGAIN || result == POLITE_INTERRUPTED);
    char byte;
    assert_int_equal(polite_recv((polite_sock)ends[0], &byte, 1, 0), POLITE_EAGAIN);
    close_pair(ends);
  }
}

/* Told of it, polite does as the plain calls do; and a new socket of the same number is not taken for the old one. */
static void non_blocking_mode(void **state) {
  (void)state;
  SOCKET ends[2], listener = make_listener(5, OVERLAPPED_USE), taken;
  char byte = 'x';
  make_stream(ends, OVERLAPPED_USE);
  polite_sock ours = (polite_sock)ends[0];
  assert_int_equal(polite_recv(ours, &byte, 1, POLITE_MSG_DONTWAIT), POLITE_EAGAIN);
  assert_int_equal(polite_sock_set_nonblocking(ours, 1), 0);
  assert_int_equal(polite_recv(ours, &byte, 1, 0), POLITE_EAGAIN);
  polite_interrupt(polite_self());
  assert_int_equal(polite_recv(ours, &byte, 1, 0), POLITE_INTERRUPTED); /* rule 3, also where nothing waits */
  assert_int_equal(recv(ends[0], &byte, 1, 0), SOCKET_ERROR);
  assert_int_equal(WSAGetLastError(), WSAEWOULDBLOCK);
  static char many[65536];
  polite_ssize_t sent;
  while ((sent = polite_send(ours, many, sizeof many, 0)) > 0) continue;
  assert_int_equal(sent, POLITE_EAGAIN);
  assert_int_equal(polite_sock_set_nonblocking(ours, 0), 0);
  actor_t actor;
  start_blocked(&actor, receive, &ours, "recv");
  polite_interrupt(actor.thread);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);

  assert_int_equal(polite_sock_set_nonblocking((polite_sock)listener, 1), 0);
  assert_int_equal(polite_accept((polite_sock)listener, NULL, NULL), POLITE_EAGAIN);
  SOCKET client = make_socket(SOCK_STREAM, OVERLAPPED_USE);
  assert_int_equal(polite_sock_set_nonblocking((polite_sock)client, 1), 0);
  struct sockaddr_in there = address_of(listener);
  int connecting = polite_connect((polite_sock)client, (struct sockaddr *)&there, sizeof there);
  assert_true(connecting == POLITE_EINPROGRESS || connecting == 0);
  WSAPOLLFD both[2] = {{.fd = listener, .events = POLLIN}, {.fd = client, .events = POLLOUT}};
  while (polite_poll(both, 2, -1) < 2) continue;
  taken = (SOCKET)polite_accept((polite_sock)listener, NULL, NULL);
  assert_true((intptr_t)taken > 0);
  assert_int_equal(polite_recv((polite_sock)taken, &byte, 1, 0), POLITE_EAGAIN);
  assert_int_equal(polite_sock_set_nonblocking(-1, 1), POLITE_ENOTSOCK);
  closesocket(taken);
  closesocket(client);
  closesocket(listener);
  close_pair(ends);
}

/* An accepted socket is handed on to child processes if the listener is. */
static void accepted_sockets_inherit(void **state) {
  (void)state;
  for (int inherited = 0; inherited < 2; ++inherited) {
    SOCKET listener = make_listener(5, OVERLAPPED_USE | (inherited ? 0 : WSA_FLAG_NO_HANDLE_INHERIT)), client = make_socket(SOCK_STREAM, OVERLAPPED_USE);
    assert_true(connect_to(client, listener));
    SOCKET taken = (SOCKET)polite_accept((polite_sock)listener, NULL, NULL);
    DWORD flags;
    assert_true(GetHandleInformation((HANDLE)taken, &flags));
    assert_int_equal(flags & HANDLE_FLAG_INHERIT, inherited ? HANDLE_FLAG_INHERIT : 0);
    struct sockaddr_in here = address_of(taken); /* SO_UPDATE_ACCEPT_CONTEXT */
    assert_int_equal(here.sin_port, address_of(listener).sin_port);
    closesocket(taken);
    closesocket(client);
    closesocket(listener);
  }
}

static void cut_off_and_empty(void **state) {
  (void)state;
  for (int how = 0; how < 2; ++how) {
    SOCKET ends[2];
    char bytes[4];
    make_datagrams(ends, how ? PLAIN_USE : OVERLAPPED_USE);
    for (int n = 0; n < 3; ++n) assert_int_equal(send(ends[1], "0123456789", 10, 0), 10);
    assert_int_equal(polite_recv((polite_sock)ends[0], bytes, 4, 0), 4);
    assert_memory_equal(bytes, "0123", 4);
    assert_int_equal(polite_recvfrom((polite_sock)ends[0], bytes, 4, 0, NULL, NULL), 4);
    WSABUF piece = {4, bytes};
    WSAMSG message = {.lpBuffers = &piece, .dwBufferCount = 1};
    assert_int_equal(polite_recvmsg((polite_sock)ends[0], &message, 0), 4);
    assert_true(message.dwFlags & MSG_TRUNC);
    assert_int_equal(polite_send((polite_sock)ends[0], bytes, 0, 0), 0);
    assert_int_equal(polite_recv((polite_sock)ends[1], bytes, 4, 0), 0);
    close_pair(ends);
  }
}

/* By another thread, or by nobody's: a clear answer, and nobody hangs. */
static void closed_and_invalid(void **state) {
  (void)state;
  SOCKET ends[2];
  char byte = 0;
  WSAMSG message = {.namelen = 0};
  make_stream(ends, OVERLAPPED_USE);
  actor_t actor;
  start_blocked(&actor, receive, ends, "recv");
  closesocket(ends[0]);
  assert_int_equal(finish(&actor), POLITE_ECANCELED);
  polite_sock bad[] = {(polite_sock)ends[0], -1, 0, (polite_sock)GetCurrentProcess()};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i) {
    assert_int_equal(polite_recv(bad[i], &byte, 1, 0), POLITE_ENOTSOCK);
    assert_int_equal(polite_send(bad[i], &byte, 1, 0), POLITE_ENOTSOCK);
    assert_int_equal(polite_recvmsg(bad[i], &message, 0), POLITE_ENOTSOCK);
    assert_int_equal(polite_accept(bad[i], NULL, NULL), POLITE_ENOTSOCK);
  }
  closesocket(ends[1]);
  make_stream(ends, OVERLAPPED_USE);
  assert_int_equal(polite_accept((polite_sock)ends[0], NULL, NULL), POLITE_EINVAL);
  struct linger hard = {1, 0};
  setsockopt(ends[1], SOL_SOCKET, SO_LINGER, (char *)&hard, sizeof hard);
  closesocket(ends[1]);
  polite_ssize_t reset = polite_recv((polite_sock)ends[0], &byte, 1, 0);
  assert_true(reset == POLITE_ECONNRESET || reset == 0); /* Wine ends the stream before it resets it */
  closesocket(ends[0]);
}

/* More than WSAWaitForMultipleEvents could wait for. */
static void polls_many(void **state) {
  (void)state;
  enum { MANY = 200 };
  static SOCKET ends[MANY][2];
  static WSAPOLLFD fds[MANY + 3];
  for (int i = 0; i < MANY; ++i) {
    make_datagrams(ends[i], i % 2 ? OVERLAPPED_USE : PLAIN_USE);
    fds[i].fd = ends[i][0];
    fds[i].events = POLLIN;
  }
  fds[MANY] = (WSAPOLLFD){.fd = INVALID_SOCKET, .events = POLLIN};
  fds[MANY + 1] = (WSAPOLLFD){.fd = ends[7][0], .events = POLLIN | POLLOUT}; /* the same once more */
  assert_int_equal(polite_poll(fds, MANY + 1, 0), 0);
  assert_int_equal(polite_poll(fds, MANY + 1, 20), 0);
  assert_int_equal(send(ends[7][1], "x", 1, 0), 1);
  assert_int_equal(send(ends[199][1], "x", 1, 0), 1);
  assert_int_equal(polite_poll(fds, MANY + 2, -1), 3);
  for (int i = 0; i < MANY; ++i) assert_int_equal(fds[i].revents, i == 7 || i == 199 ? POLLRDNORM : 0);
  assert_int_equal(fds[MANY].revents, 0);
  assert_int_equal(fds[MANY + 1].revents, POLLRDNORM | POLLOUT);
  WSAPOLLFD twice[] = {{.fd = ends[3][0], .events = POLLIN}, {.fd = ends[3][0], .events = POLLOUT}}; /* each for something else */
  assert_int_equal(polite_poll(twice, 2, -1), 1);
  assert_int_equal(twice[0].revents, 0);
  assert_int_equal(twice[1].revents, POLLOUT);
  fds[MANY + 2] = (WSAPOLLFD){.fd = 0x7ffc, .events = POLLIN}; /* no handle */
  assert_int_equal(polite_poll(fds + MANY + 2, 1, -1), 1);
  assert_int_equal(fds[MANY + 2].revents, POLLNVAL);
  assert_int_equal(polite_poll(fds + MANY + 1, 2, -1), 2);
  assert_int_equal(polite_poll(NULL, 0, 10), 0);
  assert_int_equal(polite_poll(NULL, 1, 10), POLITE_EFAULT);
  for (int i = 0; i < MANY; ++i) close_pair(ends[i]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(no_packets_on_a_port), TEST(bystanders_go_on), TEST(time_limits), TEST(non_blocking_mode), TEST(accepted_sockets_inherit),
      TEST(cut_off_and_empty), TEST(closed_and_invalid), TEST(polls_many),
  };
  return cmocka_run_group_tests(tests, begin_sockets, NULL);
}

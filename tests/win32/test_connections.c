/* Connecting continues; and no connection is lost between those who come and those who take them, whatever is interrupted. */
#include "sockets.h"

#include <polite/windows.h>

typedef struct door {
  SOCKET listener, before[2]; /* who knocked before, so many that nobody else gets in until one has been taken */
  SOCKET ours;
  struct sockaddr_in there;
  atomic_int leaves_it; /* to another thread */
} door_t;

/* Linux drops who comes when the queue, which has room for one more than it was asked for, is full; and lets him try again. */
static void open_full(door_t *door) {
  door->leaves_it = 0;
  door->listener = make_listener(1, OVERLAPPED_USE);
  door->there = address_of(door->listener);
  for (int i = 0; i < 2; ++i) assert_true(connect_to(door->before[i] = make_socket(SOCK_STREAM, OVERLAPPED_USE), door->listener));
  door->ours = make_socket(SOCK_STREAM, OVERLAPPED_USE);
}

static void close_door(door_t *door) {
  close_pair(door->before);
  closesocket(door->listener);
  assert_int_equal(polite_close_socket((polite_sock)door->ours), 0);
}

static void take_two(door_t *door) {
  for (int i = 0; i < 2; ++i) {
    SOCKET taken = accept(door->listener, NULL, NULL);
    assert_true(taken != INVALID_SOCKET);
    closesocket(taken);
  }
}

/* Takes it up as often as it is interrupted. */
static void go_in(actor_t *actor) {
  door_t *door = actor->with;
  for (;;) {
    actor->result = polite_connect((polite_sock)door->ours, (struct sockaddr *)&door->there, sizeof door->there);
    if (actor->result != POLITE_INTERRUPTED || door->leaves_it) break;
    ++actor->step;
  }
  if (actor->result == POLITE_INTERRUPTED) polite_nanosleep(INT64_MAX, NULL);
}

/* A thread that has begun, and left it. It stays until it is interrupted once more. */
static void leave_connecting(door_t *door, actor_t *actor) {
  door->leaves_it = 1;
  start_blocked(actor, go_in, door, "connect");
  assert_int_equal(polite_interrupt(actor->thread), 0);
  AWAIT(is_blocked_in(actor->thread, "nanosleep"));
  door->leaves_it = 0;
}

static void go_away(actor_t *actor) {
  assert_int_equal(polite_interrupt(actor->thread), 0);
  assert_int_equal(finish(actor), POLITE_INTERRUPTED);
}

static void check_connected(door_t *door) {
  char byte = 0;
  struct sockaddr_in peer;
  int length = sizeof peer;
  SOCKET taken = accept(door->listener, NULL, NULL);
  assert_true(taken != INVALID_SOCKET);
  assert_int_equal(send(taken, "x", 1, 0), 1);
  assert_int_equal(recv(door->ours, &byte, 1, 0), 1);
  assert_int_equal(getpeername(door->ours, (struct sockaddr *)&peer, &length), 0); /* SO_UPDATE_CONNECT_CONTEXT */
  assert_int_equal(shutdown(door->ours, SD_SEND), 0);
  assert_int_equal(recv(taken, &byte, 1, 0), 0);
  closesocket(taken);
}

static void check_done(door_t *door) {
  check_connected(door);
  assert_int_equal(polite_connect((polite_sock)door->ours, (struct sockaddr *)&door->there, sizeof door->there), POLITE_EISCONN);
  close_door(door);
}

static void connect_goes_on(void **state) {
  (void)state;
  door_t door;
  open_full(&door);
  actor_t actor;
  start(&actor, go_in, &door);
  for (int n = 0; n < 20; ++n) {
    AWAIT(is_blocked_in(actor.thread, "connect"));
    assert_int_equal(polite_interrupt(actor.thread), 0);
    AWAIT(actor.step == n + 1);
  }
  take_two(&door);
  assert_int_equal(finish(&actor), 0);
  check_done(&door);
}

/* While it is in flight, and when it is done. */
static void another_thread_takes_it_up(void **state) {
  (void)state;
  for (int done_before = 0; done_before < 2; ++done_before) {
    door_t door;
    open_full(&door);
    actor_t first, second;
    leave_connecting(&door, &first);
    if (!done_before) start_blocked(&second, go_in, &door, "connect");
    take_two(&door);
    if (done_before) {
      WSAPOLLFD writable = {.fd = door.ours, .events = POLLOUT};
      assert_int_equal(polite_poll(&writable, 1, -1), 1);
      start(&second, go_in, &door);
    }
    assert_int_equal(finish(&second), 0);
    go_away(&first);
    check_done(&door);
  }
}

/* The system cancels what a thread has begun when that ends. That is told. */
static void its_thread_ends(void **state) {
  (void)state;
  door_t door;
  open_full(&door);
  actor_t first;
  leave_connecting(&door, &first);
  go_away(&first);
  assert_int_equal(polite_connect((polite_sock)door.ours, (struct sockaddr *)&door.there, sizeof door.there), POLITE_ECANCELED);
  close_door(&door);
}

/* In a shield nobody is woken; without one, what is pending is delivered before anything is begun. */
static void connect_shielded_and_pending(void **state) {
  (void)state;
  door_t door;
  open_full(&door);
  polite_interrupt(polite_self());
  assert_int_equal(polite_connect((polite_sock)door.ours, (struct sockaddr *)&door.there, sizeof door.there), POLITE_INTERRUPTED);
  struct sockaddr_in none;
  int length = sizeof none;
  assert_int_not_equal(getsockname(door.ours, (struct sockaddr *)&none, &length), 0);
  take_two(&door);
  polite_interrupt(polite_self());
  polite_shield_enter();
  assert_int_equal(polite_connect((polite_sock)door.ours, (struct sockaddr *)&door.there, sizeof door.there), 0);
  polite_shield_leave();
  assert_int_equal(polite_interrupt_clear(), 1);
  check_connected(&door);
  close_door(&door);
}

/* What is given up leaves nothing, and nothing of it is another socket's that has its number. */
static void connect_is_given_up(void **state) {
  (void)state;
  DWORD before = 0;
  for (int n = 0; n < 10; ++n) {
    door_t door;
    open_full(&door);
    actor_t actor, first;
    leave_connecting(&door, &first);
    SOCKET number = door.ours;
    if (n % 2) assert_int_equal(polite_close_socket((polite_sock)door.ours), 0);
    else closesocket(door.ours);
    SOCKET others[64];
    int count = 0;
    while ((door.ours = make_socket(SOCK_STREAM, OVERLAPPED_USE)) != number && count < 64) others[count++] = door.ours;
    while (count) closesocket(others[--count]);
    assert_true(door.ours == number);
    if (n % 4 == 0) bind_here(door.ours);
    start_blocked(&actor, go_in, &door, "connect");
    take_two(&door);
    assert_int_equal(finish(&actor), 0);
    go_away(&first);
    check_connected(&door);
    close_door(&door);
    if (n == 4) before = handles();
  }
  assert_int_equal(handles(), before);
}

static void connect_refused_and_others(void **state) {
  (void)state;
  door_t door;
  door.listener = make_listener(1, OVERLAPPED_USE);
  door.there = address_of(door.listener);
  closesocket(door.listener);
  door.ours = make_socket(SOCK_STREAM, OVERLAPPED_USE);
  struct sockaddr *there = (struct sockaddr *)&door.there;
  assert_int_equal(polite_connect((polite_sock)door.ours, there, sizeof door.there), POLITE_ECONNREFUSED);
  assert_int_equal(polite_connect((polite_sock)door.ours, NULL, 0), POLITE_EFAULT);
  assert_int_equal(polite_close_socket((polite_sock)door.ours), 0);
  assert_int_equal(polite_connect((polite_sock)door.ours, there, sizeof door.there), POLITE_ENOTSOCK);
  assert_int_equal(polite_close_socket((polite_sock)door.ours), POLITE_ENOTSOCK);
  SOCKET datagrams = make_socket(SOCK_DGRAM, OVERLAPPED_USE), plain = make_socket(SOCK_STREAM, PLAIN_USE);
  assert_int_equal(polite_connect((polite_sock)datagrams, there, sizeof door.there), 0);
  assert_int_equal(polite_connect((polite_sock)plain, there, sizeof door.there), POLITE_ECONNREFUSED);
  closesocket(datagrams);
  closesocket(plain);
}

/* --- Those who come and those who take */

typedef struct crowd {
  SOCKET listener;
  atomic_int enough, closing, interrupted, served;
} crowd_t;

static void serve(actor_t *actor) {
  crowd_t *crowd = actor->with;
  while (!crowd->closing) {
    polite_sock taken = polite_accept((polite_sock)crowd->listener, NULL, NULL);
    if (taken == POLITE_INTERRUPTED) {
      ++crowd->interrupted;
      continue;
    }
    CHECK(taken >= 0);
    char byte;
    CHECK(recv((SOCKET)taken, &byte, 1, 0) == 1);
    CHECK(send((SOCKET)taken, &byte, 1, 0) == 1);
    closesocket((SOCKET)taken);
    ++crowd->served;
  }
}

/* One after the other; each waits until it has been answered, for ever if it has been lost. */
static void come(actor_t *actor) {
  crowd_t *crowd = actor->with;
  while (!crowd->enough) {
    SOCKET ours = make_socket(SOCK_STREAM, OVERLAPPED_USE);
    CHECK(connect_to(ours, crowd->listener));
    char byte = (char)actor->result;
    CHECK(send(ours, &byte, 1, 0) == 1);
    CHECK(recv(ours, &byte, 1, 0) == 1 && byte == (char)actor->result);
    ++actor->result;
    closesocket(ours);
  }
}

static void crowd(int interrupts) {
  crowd_t crowd = {.listener = make_listener(5, OVERLAPPED_USE)};
  actor_t server, client;
  start(&server, serve, &crowd);
  start(&client, come, &crowd);
  for (int n = 0; n < interrupts; ++n) {
    int before = crowd.served;
    assert_int_equal(polite_interrupt(server.thread), 0);
    AWAIT(crowd.interrupted == n + 1);
    if (n % 2) AWAIT(crowd.served != before); /* else the interrupts leave nobody time to come */
  }
  crowd.enough = 1;
  long answered = finish(&client);
  AWAIT(crowd.served == answered);
  crowd.closing = 1;
  assert_true(polite_interrupt(server.thread) >= 0);
  finish(&server);
  closesocket(crowd.listener);
  printf("accept: %d interrupts, %ld connections, none lost\n", interrupts, answered);
}

/* 20,000 interrupts and more with POLITE_INTERRUPTS=20000. */
static void accept_loses_nothing(void **state) {
  (void)state;
  crowd(100);
  DWORD before = handles();
  crowd(getenv("POLITE_INTERRUPTS") ? atoi(getenv("POLITE_INTERRUPTS")) : 1000);
  assert_int_equal(handles(), before);
}

/* A writer that is interrupted again and again, before a slow reader: what it says is what comes. Each send is of more than there is room for, and
 * the reader takes some of it before the interrupt comes. */
enum { BLOCK = 16 << 20, TAKEN = 1 << 20 };
typedef struct stream {
  SOCKET ends[2];
  atomic_int enough, interrupted, partly;
  atomic_llong sent, came;
} stream_t;

static void write_on(actor_t *actor) {
  stream_t *stream = actor->with;
  static char block[BLOCK];
  while (!stream->enough) {
    polite_ssize_t moved = polite_send((polite_sock)stream->ends[0], block, sizeof block, 0);
    if (moved == POLITE_INTERRUPTED) {
      ++stream->interrupted;
      continue;
    }
    CHECK(moved > 0);
    stream->sent += moved;
    stream->partly += moved < BLOCK;
    if (polite_interrupt_clear() == 1) ++stream->interrupted; /* it came when bytes had gone */
  }
  shutdown(stream->ends[0], SD_SEND);
}

static void read_slowly(actor_t *actor) {
  stream_t *stream = actor->with;
  static char piece[30000];
  int came;
  while ((came = recv(stream->ends[1], piece, 1 + (int)(stream->came % (long long)sizeof piece), 0)) > 0) stream->came += came;
  CHECK(came == 0);
}

static void send_counts_every_byte(void **state) {
  (void)state;
  int interrupts = getenv("POLITE_INTERRUPTS") ? atoi(getenv("POLITE_INTERRUPTS")) : 200;
  stream_t stream = {.enough = 0};
  make_stream(stream.ends, OVERLAPPED_USE);
  actor_t writer, reader;
  start(&writer, write_on, &stream);
  start(&reader, read_slowly, &stream);
  for (int n = 0; n < interrupts; ++n) {
    long long before = stream.came;
    AWAIT(stream.came > before + TAKEN / (n % 4 ? 1000 : 1) && is_blocked_in(writer.thread, "send"));
    assert_int_equal(polite_interrupt(writer.thread), 0);
    AWAIT(stream.interrupted == n + 1);
  }
  stream.enough = 1;
  polite_interrupt(writer.thread);
  finish(&writer);
  finish(&reader);
  assert_true(stream.came == stream.sent);
  assert_true(stream.partly > 0);
  close_pair(stream.ends);
  printf("send: %d interrupts, %d when some had gone; %lld bytes, each counted\n", interrupts, (int)stream.partly, stream.came);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(connect_goes_on), TEST(another_thread_takes_it_up), TEST(its_thread_ends), TEST(connect_shielded_and_pending), TEST(connect_is_given_up), TEST(connect_refused_and_others),
      TEST(accept_loses_nothing), TEST(send_counts_every_byte),
  };
  return cmocka_run_group_tests(tests, begin_sockets, NULL);
}

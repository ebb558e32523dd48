/* The drop-in: plain names of the C runtime's and of Winsock's, interruptible, with the errors that their callers look at. */
#include "sockets.h"
#include "polite/dropin.h"

#include <fcntl.h>
#include <io.h>

enum { BUFFER = 4096 };

static int last_error, was_interrupt; /* of the actor's last call */

static void note(actor_t *actor, long result) {
  last_error = errno;
  was_interrupt = polite_dropin_interrupted();
  actor->step = polite_interrupt_pending() ? 1 : 2;
  actor->result = result;
}

static void note_winsock(actor_t *actor, long result) {
  last_error = WSAGetLastError();
  was_interrupt = polite_dropin_interrupted();
  actor->step = polite_interrupt_pending() ? 1 : 2;
  actor->result = result;
}

static void make_runtime_pipe(int ends[2], int mode) { assert_int_equal(_pipe(ends, BUFFER, mode | _O_NOINHERIT), 0); }

static void close_runtime_pipe(int ends[2]) {
  _close(ends[0]);
  _close(ends[1]);
}

/* --- _read and _write --------------------------------------------------------------------------------------------------------- */

static char received[100];

static void by_read(actor_t *actor) {
  memset(received, 0, sizeof received);
  note(actor, read(((int *)actor->with)[0], received, 50));
}
static void by__read(actor_t *actor) {
  memset(received, 0, sizeof received);
  note(actor, _read(((int *)actor->with)[0], received, 50));
}

static void interrupted_by_errno(actor_t *actor) {
  assert_int_equal(polite_interrupt(actor->thread), 0);
  assert_int_equal(finish(actor), -1);
  assert_int_equal(last_error, ECANCELED);
  assert_true(was_interrupt);
  assert_int_equal(actor->step, 2);
}

static void reads_are_interrupted(void **state) {
  (void)state;
  const int modes[] = {_O_BINARY, _O_TEXT};
  void (*const ways[])(actor_t *) = {by_read, by__read};
  for (int i = 0; i < 4; ++i) {
    int ends[2];
    actor_t actor;
    make_runtime_pipe(ends, modes[i & 1]);
    start_blocked(&actor, ways[i >> 1], ends, "read");
    interrupted_by_errno(&actor);
    assert_int_equal(write(ends[1], "abc", 3), 3); /* nothing is left that would take it */
    start(&actor, ways[i >> 1], ends);
    assert_int_equal(finish(&actor), 3);
    assert_string_equal(received, "abc");
    close_runtime_pipe(ends);
  }
}

/* Rule 3. */
static void a_pending_interrupt_goes_first(void **state) {
  (void)state;
  int ends[2];
  char byte;
  make_runtime_pipe(ends, _O_TEXT);
  assert_int_equal(_write(ends[1], "x", 1), 1);
  polite_interrupt(polite_self());
  errno = 0;
  assert_int_equal(read(ends[0], &byte, 1), -1);
  assert_int_equal(errno, ECANCELED);
  assert_true(polite_dropin_interrupted());
  assert_int_equal(read(ends[0], &byte, 1), 1);
  polite_interrupt(polite_self());
  assert_int_equal(write(ends[1], "x", 1), -1);
  assert_int_equal(errno, ECANCELED);
  DWORD available;
  assert_true(PeekNamedPipe((HANDLE)_get_osfhandle(ends[0]), NULL, 0, NULL, &available, NULL));
  assert_int_equal(available, 0);
  close_runtime_pipe(ends);
}

static void the_runtime_translates(void **state) {
  (void)state;
  int ends[2], raw[2];
  char bytes[50];
  make_runtime_pipe(ends, _O_TEXT);
  assert_int_equal(write(ends[1], "a\nb\n", 4), 4);
  assert_int_equal(read(ends[0], bytes, sizeof bytes), 4);
  assert_memory_equal(bytes, "a\nb\n", 4);
  close_runtime_pipe(ends);
  make_runtime_pipe(raw, _O_BINARY);
  _setmode(raw[1], _O_TEXT);
  assert_int_equal(write(raw[1], "a\nb\n", 4), 4);
  assert_int_equal(read(raw[0], bytes, sizeof bytes), 6);
  assert_memory_equal(bytes, "a\r\nb\r\n", 6);
  close_runtime_pipe(raw);
}

/* What the runtime has kept of an earlier read is a result, not lost with the interrupt (rule 2). */
static void a_kept_character_is_not_lost(void **state) {
  (void)state;
  int ends[2];
  actor_t actor;
  char bytes[10];
  make_runtime_pipe(ends, _O_TEXT);
  _setmode(ends[1], _O_BINARY);
  assert_int_equal(write(ends[1], "a\rb", 3), 3);
  assert_int_equal(read(ends[0], bytes, 2), 2);
  assert_memory_equal(bytes, "a\r", 2);
  start_blocked(&actor, by_read, ends, "read");
  assert_int_equal(polite_interrupt(actor.thread), 0);
  assert_int_equal(finish(&actor), 1);
  assert_string_equal(received, "b");
  assert_int_equal(actor.step, 1); /* the interrupt stays */
  close_runtime_pipe(ends);
}

static char many[8 * BUFFER];

static void by_write(actor_t *actor) { note(actor, write(((int *)actor->with)[1], many, sizeof many)); }
static void by_write_of_one(actor_t *actor) { note(actor, _write(((int *)actor->with)[1], "\n", 1)); }

static long drain(int reader) {
  DWORD available, done;
  long sum = 0;
  HANDLE handle = (HANDLE)_get_osfhandle(reader);
  while (PeekNamedPipe(handle, NULL, 0, NULL, &available, NULL) && available) {
    static char bytes[BUFFER];
    assert_true(ReadFile(handle, bytes, available < BUFFER ? available : BUFFER, &done, NULL));
    for (DWORD i = 0; i < done; ++i) sum += bytes[i] != '\r';
  }
  return sum;
}

static void writes_are_counted(void **state) {
  (void)state;
  const int modes[] = {_O_BINARY, _O_TEXT};
  for (int i = 0; i < 4; ++i) {
    int ends[2];
    actor_t actor;
    memset(many, i & 2 ? '\n' : 'x', sizeof many);
    make_runtime_pipe(ends, modes[i & 1]);
    start_blocked(&actor, by_write, ends, "write");
    assert_int_equal(polite_interrupt(actor.thread), 0);
    long n = finish(&actor);
    assert_true(n > 0 && n < (long)sizeof many);
    assert_int_equal(actor.step, 1); /* a count goes before it */
    assert_int_equal(drain(ends[0]), n);
    close_runtime_pipe(ends);
  }
}

/* No byte in doubt, with a reader at work all the while. */
static void count_readers_bytes(actor_t *actor) {
  static char bytes[1000];
  DWORD done;
  HANDLE handle = (HANDLE)_get_osfhandle(((int *)actor->with)[0]);
  while (ReadFile(handle, bytes, sizeof bytes, &done, NULL))
    for (DWORD i = 0; i < done; ++i) actor->result += bytes[i] != '\r';
}
static long written;
static atomic_int stop_writing, interrupts;
static void write_and_count(actor_t *actor) {
  while (!stop_writing) {
    int n = write(((int *)actor->with)[1], many, 3000);
    if (n > 0) written += n;
    else if (n != -1 || errno != ECANCELED) abort();
    if (n < 0) ++interrupts;
  }
  actor->result = interrupts;
}
static void every_byte_is_accounted_for(void **state) {
  (void)state;
  const int modes[] = {_O_BINARY, _O_TEXT};
  for (int i = 0; i < 2; ++i) {
    int ends[2];
    actor_t reader, writer;
    make_runtime_pipe(ends, modes[i]);
    for (size_t j = 0; j < sizeof many; ++j) many[j] = j % 3 ? 'x' : '\n';
    written = 0;
    stop_writing = interrupts = 0;
    start(&reader, count_readers_bytes, ends);
    start(&writer, write_and_count, ends);
    AWAIT(polite_interrupt(writer.thread) < 0 || interrupts >= 1000);
    stop_writing = 1;
    polite_interrupt(writer.thread);
    finish(&writer);
    _close(ends[1]);
    assert_int_equal(finish(&reader), written);
    printf("%s: %ld bytes, %d interrupts\n", i ? "text" : "binary", written, interrupts);
    _close(ends[0]);
  }
}

static void a_full_pipe(int writer) {
  static char bytes[BUFFER];
  assert_int_equal(_setmode(writer, _O_BINARY), _O_TEXT);
  for (int i = 0; i < BUFFER; i += 512) assert_int_equal(_write(writer, bytes, 512), 512);
  _setmode(writer, _O_TEXT);
}

/* One byte that becomes two is not there by half. */
static void a_line_feed_is_whole(void **state) {
  (void)state;
  int ends[2];
  actor_t actor;
  make_runtime_pipe(ends, _O_TEXT);
  a_full_pipe(ends[1]);
  start_blocked(&actor, by_write_of_one, ends, "write");
  interrupted_by_errno(&actor);
  assert_int_equal(drain(ends[0]), BUFFER);
  close_runtime_pipe(ends);
}

static void errors_are_the_runtime_s(void **state) {
  (void)state;
  int ends[2];
  char byte;
  make_runtime_pipe(ends, _O_BINARY);
  _close(ends[1]);
  assert_int_equal(read(ends[0], &byte, 1), 0);
  errno = 0;
  assert_int_equal(write(ends[0], "x", 1), -1);
  assert_int_equal(errno, EBADF);
  _close(ends[0]);
  make_runtime_pipe(ends, _O_BINARY);
  _close(ends[0]);
  errno = 0;
  assert_int_equal(write(ends[1], "x", 1), -1);
  assert_true(errno == EPIPE || errno == EINVAL);
  _close(ends[1]);
  errno = 0;
  assert_int_equal(read(ends[1], &byte, 1), -1);
  assert_int_equal(errno, EBADF);
}

static void files_have_their_modes(void **state) {
  (void)state;
  char directory[MAX_PATH], path[MAX_PATH], bytes[50];
  GetTempPathA(sizeof directory, directory);
  GetTempFileNameA(directory, "pol", 0, path);
  int file = _open(path, _O_RDWR | _O_TEXT | _O_APPEND);
  assert_true(file >= 0);
  assert_int_equal(write(file, "a\nb\n", 4), 4);
  _lseek(file, 0, SEEK_SET);
  assert_int_equal(write(file, "c\n", 2), 2);
  assert_int_equal(_lseek(file, 0, SEEK_END), 9);
  _lseek(file, 0, SEEK_SET);
  assert_int_equal(read(file, bytes, sizeof bytes), 6);
  assert_memory_equal(bytes, "a\nb\nc\n", 6);
  _close(file);
  DeleteFileA(path);
}

/* --- Who is not interrupted ---------------------------------------------------------------------------------------------------- */

static void *read_unattached(void *end) {
  char byte;
  return (void *)(intptr_t)read(*(int *)end, &byte, 1);
}
static void others_make_plain_calls(void **state) {
  (void)state;
  int ends[2];
  char byte;
  pthread_t thread;
  void *result;
  make_runtime_pipe(ends, _O_TEXT);
  pthread_create(&thread, NULL, read_unattached, ends);
  assert_int_equal(write(ends[1], "x", 1), 1);
  pthread_join(thread, &result);
  assert_int_equal((intptr_t)result, 1);
  polite_interrupt(polite_self());
  polite_shield_enter();
  assert_int_equal(write(ends[1], "xy", 2), 2);
  assert_int_equal(read(ends[0], &byte, 1), 1);
  polite_shield_leave();
  assert_true(polite_interrupt_pending());
  close_runtime_pipe(ends);
}

/* --- Names ------------------------------------------------------------------------------------------------------------------- */

typedef struct operations {
  int (*read)(int, void *, unsigned);
  int (WSAAPI *recv)(SOCKET, char *, int, int);
  int accept, connect;
} operations_t;
static int mine(int fd, void *buf, unsigned count) { return fd + (int)count + (buf != NULL); }

static void members_are_left_alone(void **state) {
  (void)state;
  operations_t operations = {mine, NULL, 1, 2}, *pointer = &operations;
  int send = 4;
  assert_int_equal(pointer->read(1, NULL, 2) + pointer->accept + pointer->connect + send, 10);
  assert_null(operations.recv);
}

static void addresses_are_polite_s(void **state) {
  (void)state;
  int (*const reading)(int, void *, unsigned) = read;
  int (WSAAPI *const receiving)(SOCKET, char *, int, int) = recv;
  int (*const ours)(int, void *, unsigned) = polite_dropin_read;
  char byte;
#if !(__MINGW_FORTIFY_LEVEL > 0)
  assert_true(reading == ours);
#endif
  (void)ours;
  polite_interrupt(polite_self());
  assert_int_equal(reading(0, &byte, 1), -1);
  assert_int_equal(errno, ECANCELED);
  polite_interrupt(polite_self());
  assert_int_equal(receiving(INVALID_SOCKET, &byte, 1, 0), SOCKET_ERROR);
  assert_int_equal(WSAGetLastError(), WSA_E_CANCELLED);
}

/* --- Winsock ------------------------------------------------------------------------------------------------------------------ */

static void by_recv(actor_t *actor) {
  memset(received, 0, sizeof received);
  note_winsock(actor, recv(*(SOCKET *)actor->with, received, 50, 0));
}
static struct sockaddr_in from;
static int from_len;
static void by_recvfrom(actor_t *actor) {
  from_len = sizeof from;
  note_winsock(actor, recvfrom(*(SOCKET *)actor->with, received, 50, 0, (struct sockaddr *)&from, &from_len));
}
static void by_accept(actor_t *actor) {
  from_len = sizeof from;
  note_winsock(actor, (long)accept(*(SOCKET *)actor->with, (struct sockaddr *)&from, &from_len));
}
static void by_poll(actor_t *actor) {
  WSAPOLLFD one = {*(SOCKET *)actor->with, POLLIN, 0};
  note_winsock(actor, WSAPoll(&one, 1, -1));
}
static long sent;
static void by_send(actor_t *actor) {
  int n;
  while ((n = send(*(SOCKET *)actor->with, many, sizeof many, 0)) > 0) sent += n;
  note_winsock(actor, n);
}

static void interrupted_by_last_error(actor_t *actor) {
  assert_int_equal(polite_interrupt(actor->thread), 0);
  assert_int_equal(finish(actor), -1);
  assert_int_equal(last_error, WSA_E_CANCELLED);
  assert_true(was_interrupt);
  assert_int_equal(actor->step, 2);
}

static void winsock_is_interrupted(void **state) {
  (void)state;
  static const struct {
    void (*body)(actor_t *);
    const char *call;
  } ways[] = {{by_recv, "recv"}, {by_recvfrom, "recvfrom"}, {by_poll, "poll"}};
  SOCKET ends[2];
  actor_t actor;
  make_stream(ends, OVERLAPPED_USE);
  for (size_t i = 0; i < sizeof ways / sizeof *ways; ++i) {
    start_blocked(&actor, ways[i].body, ends, ways[i].call);
    interrupted_by_last_error(&actor);
  }
  assert_int_equal(send(ends[1], "abc", 3, 0), 3);
  start(&actor, by_recv, ends);
  assert_int_equal(finish(&actor), 3);
  assert_string_equal(received, "abc");
  close_pair(ends);
  SOCKET listener = make_listener(1, OVERLAPPED_USE);
  start_blocked(&actor, by_accept, &listener, "accept");
  interrupted_by_last_error(&actor);
  SOCKET client = make_socket(SOCK_STREAM, OVERLAPPED_USE);
  assert_true(connect_to(client, listener));
  start(&actor, by_accept, &listener);
  SOCKET made = (SOCKET)finish(&actor);
  assert_true(made != INVALID_SOCKET);
  assert_int_equal(from.sin_port, address_of(client).sin_port);
  assert_int_equal(closesocket(made) + closesocket(client) + closesocket(listener), 0);
}

static void sends_are_counted(void **state) {
  (void)state;
  SOCKET ends[2];
  actor_t actor;
  make_stream(ends, OVERLAPPED_USE);
  sent = 0;
  start_blocked(&actor, by_send, ends, "send");
  polite_interrupt(actor.thread);
  assert_int_equal(finish(&actor), -1);
  assert_int_equal(last_error, WSA_E_CANCELLED);
  closesocket(ends[0]);
  long came = 0;
  for (int n; (n = recv(ends[1], many, sizeof many, 0)) > 0;) came += n;
  assert_int_equal(came, sent);
  closesocket(ends[1]);
}

static void pending_goes_before_winsock(void **state) {
  (void)state;
  SOCKET ends[2];
  char byte;
  struct addrinfo *list = NULL;
  struct sockaddr_in address;
  make_datagrams(ends, OVERLAPPED_USE);
  address = address_of(ends[0]);
#define PENDING(call)                                   \
  do {                                                  \
    polite_interrupt(polite_self());                    \
    WSASetLastError(0);                                 \
    assert_true((call));                                \
    assert_int_equal(WSAGetLastError(), WSA_E_CANCELLED); \
    assert_true(polite_dropin_interrupted());           \
    assert_int_equal(WSAGetLastError(), WSA_E_CANCELLED); \
    assert_false(polite_interrupt_pending());           \
  } while (0)
  WSAPOLLFD one = {ends[0], POLLOUT, 0};
  PENDING(send(ends[1], "x", 1, 0) == SOCKET_ERROR);
  PENDING(sendto(ends[1], "x", 1, 0, (struct sockaddr *)&address, sizeof address) == SOCKET_ERROR);
  PENDING(connect(ends[1], (struct sockaddr *)&address, sizeof address) == SOCKET_ERROR);
  PENDING(WSAPoll(&one, 1, 0) == SOCKET_ERROR);
  PENDING(getaddrinfo("127.0.0.1", "80", NULL, &list) == WSA_E_CANCELLED);
  PENDING(getnameinfo((struct sockaddr *)&address, sizeof address, received, 50, NULL, 0, NI_NUMERICHOST) == WSA_E_CANCELLED);
  assert_int_equal(send(ends[1], "y", 1, 0), 1);
  PENDING(recv(ends[0], &byte, 1, 0) == SOCKET_ERROR);
  assert_int_equal(recv(ends[0], &byte, 1, 0), 1); /* the first of all */
  assert_int_equal(byte, 'y');
  polite_interrupt(polite_self());
  assert_int_equal(closesocket(ends[0]) + closesocket(ends[1]), 0);
  assert_true(polite_interrupt_pending());
}

static void winsock_s_own_errors(void **state) {
  (void)state;
  SOCKET ends[2];
  char bytes[4];
  struct addrinfo *list = NULL, hints = {.ai_family = 12345};
  assert_int_equal(recv(INVALID_SOCKET, bytes, 1, 0), SOCKET_ERROR);
  assert_int_equal(WSAGetLastError(), WSAENOTSOCK);
  assert_int_equal(closesocket(INVALID_SOCKET), SOCKET_ERROR);
  assert_int_equal(WSAGetLastError(), WSAENOTSOCK);
  /* a message that does not fit */
  make_datagrams(ends, OVERLAPPED_USE);
  assert_int_equal(send(ends[1], "abcdef", 6, 0), 6);
  from_len = sizeof from;
  memset(&from, 0, sizeof from);
  assert_int_equal(recvfrom(ends[0], bytes, 4, 0, (struct sockaddr *)&from, &from_len), SOCKET_ERROR);
  assert_int_equal(WSAGetLastError(), WSAEMSGSIZE);
  assert_memory_equal(bytes, "abcd", 4);
  assert_int_equal(from.sin_port, address_of(ends[1]).sin_port);
  assert_int_equal(send(ends[1], "abcdef", 6, 0), 6);
  assert_int_equal(recv(ends[0], bytes, 4, 0), SOCKET_ERROR);
  assert_int_equal(WSAGetLastError(), WSAEMSGSIZE);
  /* a time limit */
  set_limit(ends[0], SO_RCVTIMEO, 10);
  assert_int_equal(recv(ends[0], bytes, 4, 0), SOCKET_ERROR);
  assert_int_equal(WSAGetLastError(), WSAETIMEDOUT);
  set_limit(ends[0], SO_RCVTIMEO, 0);
  /* non-blocking mode */
  u_long on = 1;
  assert_int_equal(ioctlsocket(ends[0], (long)FIONBIO, &on), 0);
  assert_int_equal(recv(ends[0], bytes, 4, 0), SOCKET_ERROR);
  assert_int_equal(WSAGetLastError(), WSAEWOULDBLOCK);
  HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);
  assert_int_equal(WSAEventSelect(ends[1], event, FD_READ), 0);
  assert_int_equal(recv(ends[1], bytes, 4, 0), SOCKET_ERROR);
  assert_int_equal(WSAGetLastError(), WSAEWOULDBLOCK);
  CloseHandle(event);
  close_pair(ends);
  /* the resolver */
  assert_int_equal(getaddrinfo("127.0.0.1", NULL, &hints, &list), WSAEAFNOSUPPORT);
  assert_int_equal(getaddrinfo("127.0.0.1", "80", NULL, &list), 0);
  freeaddrinfo(list);
  assert_false(polite_dropin_interrupted() && WSAGetLastError() == WSA_E_CANCELLED);
}

static void streams_bring_no_address(void **state) {
  (void)state;
  SOCKET ends[2];
  make_stream(ends, OVERLAPPED_USE);
  assert_int_equal(send(ends[1], "x", 1, 0), 1);
  from_len = 7;
  assert_int_equal(recvfrom(ends[0], received, 50, 0, (struct sockaddr *)&from, &from_len), 1);
  assert_int_equal(from_len, 7);
  close_pair(ends);
}

/* It goes on, and is taken up. */
static void by_connect(actor_t *actor) {
  SOCKET *both = actor->with;
  struct sockaddr_in there = address_of(both[1]);
  note_winsock(actor, connect(both[0], (struct sockaddr *)&there, sizeof there));
}
static void connecting(void **state) {
  (void)state;
  SOCKET both[2] = {make_socket(SOCK_STREAM, OVERLAPPED_USE), make_listener(1, OVERLAPPED_USE)};
  actor_t actor;
  start(&actor, by_connect, both);
  assert_int_equal(finish(&actor), 0);
  close_pair(both);
  both[0] = make_socket(SOCK_STREAM, OVERLAPPED_USE);
  both[1] = make_socket(SOCK_STREAM, OVERLAPPED_USE);
  bind_here(both[1]); /* nobody listens */
  start(&actor, by_connect, both);
  assert_int_equal(finish(&actor), SOCKET_ERROR);
  assert_int_equal(last_error, WSAECONNREFUSED);
  close_pair(both);
}

/* --- Sleeps -------------------------------------------------------------------------------------------------------------------- */

static void by_sleep(actor_t *actor) { note(actor, (long)sleep(1000)); }
static void by_usleep(actor_t *actor) { note(actor, usleep(1000000000)); }
static struct timespec rest;
static void by_nanosleep(actor_t *actor) {
  struct timespec time = {1000, 5};
  note(actor, nanosleep(&time, &rest));
}

static void sleeps_are_interrupted(void **state) {
  (void)state;
  actor_t actor;
  start_blocked(&actor, by_usleep, NULL, "nanosleep");
  interrupted_by_errno(&actor);
  start_blocked(&actor, by_nanosleep, NULL, "nanosleep");
  interrupted_by_errno(&actor);
  assert_true(rest.tv_sec > 900 && rest.tv_sec <= 1000);
  start_blocked(&actor, by_sleep, NULL, "nanosleep");
  polite_interrupt(actor.thread);
  long left = finish(&actor);
  assert_true(left > 900 && left <= 1000);
  assert_int_equal(last_error, ECANCELED);
  polite_interrupt(polite_self());
  assert_int_equal(sleep(0), 1);
  struct timespec none = {0, 1};
  assert_int_equal(nanosleep(&none, NULL) + usleep(1) + (int)sleep(0), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(reads_are_interrupted),
      TEST(a_pending_interrupt_goes_first),
      TEST(the_runtime_translates),
      TEST(a_kept_character_is_not_lost),
      TEST(writes_are_counted),
      TEST(every_byte_is_accounted_for),
      TEST(a_line_feed_is_whole),
      TEST(errors_are_the_runtime_s),
      TEST(files_have_their_modes),
      TEST(others_make_plain_calls),
      TEST(members_are_left_alone),
      TEST(addresses_are_polite_s),
      TEST(winsock_is_interrupted),
      TEST(sends_are_counted),
      TEST(pending_goes_before_winsock),
      TEST(winsock_s_own_errors),
      TEST(streams_bring_no_address),
      TEST(connecting),
      TEST(sleeps_are_interrupted),
  };
  return cmocka_run_group_tests(tests, begin_sockets, NULL);
}

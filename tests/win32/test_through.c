/* Reading and writing through a function that makes the system's call (polite/windows.h): what it is given, and what comes of what it says. */
#include "pipes.h"

typedef struct through {
  HANDLE handle;
  int calls;
  size_t longest;
  polite_ssize_t says; /* without a call of the system's; 0: it makes one */
} through_t;

static polite_ssize_t begin(through_t *through, size_t len) {
  ++through->calls;
  if (len > through->longest) through->longest = len;
  return through->says;
}
static polite_ssize_t read_it(void *arg, void *buf, size_t len) {
  through_t *through = arg;
  DWORD done;
  if (begin(through, len)) return through->says;
  if (ReadFile(through->handle, buf, (DWORD)len, &done, NULL)) return (polite_ssize_t)done;
  return GetLastError() == ERROR_OPERATION_ABORTED ? POLITE_INTERRUPTED : -1234;
}
static polite_ssize_t write_it(void *arg, void *buf, size_t len) {
  through_t *through = arg;
  DWORD done;
  if (begin(through, len)) return through->says;
  if (WriteFile(through->handle, buf, (DWORD)len, &done, NULL)) return (polite_ssize_t)done;
  return GetLastError() == ERROR_OPERATION_ABORTED ? POLITE_INTERRUPTED : -1234;
}

static char bytes[8 * BUFFER];

static void bad_input(void **state) {
  (void)state;
  through_t through = {0};
  polite_fd ends[2];
  make_pipe(ends);
  assert_int_equal(polite_read_through(ends[0], NULL, &through, bytes, 1), POLITE_EINVAL);
  assert_int_equal(polite_write_through(ends[1], NULL, &through, bytes, 1, 1), POLITE_EINVAL);
  assert_int_equal(polite_write_through(ends[1], write_it, &through, bytes, 1, 0), POLITE_EINVAL);
  assert_int_equal(polite_read_through(-1, read_it, &through, bytes, 1), POLITE_EBADF);
  assert_int_equal(polite_write_through(0, write_it, &through, bytes, 1, 1), POLITE_EBADF);
  polite_interrupt(polite_self());
  assert_int_equal(polite_read_through(ends[0], read_it, &through, bytes, 1), POLITE_INTERRUPTED);
  assert_int_equal(through.calls, 0);
  close_both(ends);
}

static void what_it_says_is_the_result(void **state) {
  (void)state;
  through_t through = {0};
  polite_fd ends[2];
  make_pipe(ends);
  static const polite_ssize_t said[] = {7, -1, -77, POLITE_EBADF, POLITE_WINDOWS(0xffffff)};
  for (size_t i = 0; i < sizeof said / sizeof *said; ++i) {
    through.says = said[i];
    assert_int_equal(polite_read_through(ends[0], read_it, &through, bytes, 10), said[i]);
    assert_int_equal(polite_write_through(ends[1], write_it, &through, bytes, 10, 100), said[i]);
  }
  through.says = POLITE_INTERRUPTED; /* and nobody has interrupted it */
  assert_int_equal(polite_read_through(ends[0], read_it, &through, bytes, 10), POLITE_ECANCELED);
  close_both(ends);
}

/* A pair of UTF-16's is not divided: the runtime would make two characters of it that are none. */
static void a_pair_is_not_divided(void **state) {
  (void)state;
  enum { LENGTH = 600, MOST = 512 };
  static unsigned char text[LENGTH];
  static const unsigned char pair[] = {0x3d, 0xd8, 0x00, 0xde};
  polite_fd ends[2];
  make_pipe(ends);
  through_t through = {.handle = (HANDLE)ends[1]};
  memcpy(text + MOST - 2, pair, sizeof pair);
  assert_int_equal(polite_write_through(ends[1], write_it, &through, text, LENGTH, MOST), LENGTH);
  assert_int_equal(through.longest, MOST - 2);
  assert_int_equal(through.calls, 2);
  close_both(ends);
}

/* What it calls of polite is plain, and leaves the call that it is in as it was. */
static polite_ssize_t sleep_then_read(void *arg, void *buf, size_t len) {
  if (polite_nanosleep(1000000, NULL) != 0) return -1234;
  return read_it(arg, buf, len);
}

typedef struct nested {
  through_t through;
  polite_fd end;
} nested_t;

static void read_through_sleeping(actor_t *actor) {
  nested_t *nested = actor->with;
  char byte;
  actor->result = polite_read_through(nested->end, sleep_then_read, &nested->through, &byte, 1);
}

static void polite_calls_in_it_are_plain(void **state) {
  (void)state;
  polite_fd ends[2];
  make_pipe(ends);
  nested_t nested = {{.handle = (HANDLE)ends[0]}, ends[0]};
  actor_t actor;
  start_blocked(&actor, read_through_sleeping, &nested, "read");
  AWAIT(*(volatile int *)&nested.through.calls == 1);
  assert_int_equal(polite_interrupt(actor.thread), 0);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  close_both(ends);
}

/* The interrupt finds no call of the system's: it comes later, and so does the next try (CancelSynchronousIo forgets). */
static volatile int told;
static polite_ssize_t read_when_told(void *arg, void *buf, size_t len) {
  through_t *through = arg;
  through->calls = 1;
  while (!told) SwitchToThread();
  return read_it(arg, buf, len);
}

static void read_through_late(actor_t *actor) {
  through_t *through = actor->with;
  actor->result = polite_read_through((polite_fd)through->handle, read_when_told, through, bytes, 10);
}

static void a_late_call_is_reached(void **state) {
  (void)state;
  polite_fd ends[2];
  actor_t actor;
  make_pipe(ends);
  through_t through = {.handle = (HANDLE)ends[0]};
  start(&actor, read_through_late, &through);
  AWAIT(*(volatile int *)&through.calls == 1);
  assert_int_equal(polite_interrupt(actor.thread), 0);
  told = 1;
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  close_both(ends);
}

typedef struct writing {
  through_t through;
  polite_fd end;
  size_t most;
} writing_t;
static void write_all_of_it(actor_t *actor) {
  writing_t *writing = actor->with;
  actor->result = polite_write_through(writing->end, write_it, &writing->through, bytes, sizeof bytes, writing->most);
}

/* A stream goes in pieces, a message does not. */
static void pieces(void **state) {
  (void)state;
  for (int i = 0; i < KINDS; ++i) {
    if (kinds[i].overlapped) continue;
    for (int by_buffer = 0; by_buffer < 2; ++by_buffer) {
      polite_fd ends[2];
      actor_t actor;
      open_kind(&kinds[i], ends);
      writing_t writing = {{.handle = (HANDLE)ends[1]}, ends[1], by_buffer ? sizeof bytes : 600};
      start_blocked(&actor, write_all_of_it, &writing, "write");
      long read = 0;
      static char received[BUFFER];
      while (read < (long)sizeof bytes) {
        DWORD done;
        ReadFile((HANDLE)ends[0], received, sizeof received, &done, NULL);
        read += (long)done;
      }
      assert_int_equal(finish(&actor), sizeof bytes);
      size_t longest = has_messages(&kinds[i]) ? sizeof bytes : by_buffer ? BUFFER / 2 : 600;
      assert_int_equal(writing.through.longest, longest);
      if (has_messages(&kinds[i])) assert_int_equal(writing.through.calls, 1);
      close_both(ends);
    }
  }
}

static polite_request_t request;
static void read_some(actor_t *actor) {
  through_t *through = actor->with;
  actor->result = polite_read_through((polite_fd)through->handle, read_it, through, bytes, 10);
}

/* It is called again, and what comes then is the result; unless it was withdrawn too late. */
static void a_withdrawn_interrupt(void **state) {
  (void)state;
  polite_fd ends[2];
  actor_t actor;
  int too_late = 0;
  make_pipe(ends);
  through_t through = {.handle = (HANDLE)ends[0]};
  start(&actor, read_some, &through);
  for (int i = 0; i < 100 && !too_late; ++i) {
    AWAIT(is_blocked_in(actor.thread, "read"));
    assert_int_equal(polite_request_post(&request, actor.thread, 0, 0), 0);
    too_late = polite_request_withdraw(&request) != 0;
  }
  plain_write(ends[1], "abc", 3);
  assert_int_equal(finish(&actor), too_late ? POLITE_INTERRUPTED : 3);
  assert_int_equal(bytes_in(ends[0]), too_late ? 3 : 0);
  close_both(ends);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(bad_input),
      TEST(polite_calls_in_it_are_plain), TEST(a_late_call_is_reached), TEST(a_pair_is_not_divided), TEST(what_it_says_is_the_result),
      TEST(pieces),
      TEST(a_withdrawn_interrupt),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Reading from pipes and writing to them: interrupted while blocked, pending at entry, and results that are never masked. */
#include "pipes.h"

enum { LARGE = 1 << 20 };
static char sent[LARGE], received[LARGE];

static void pattern(void) {
  for (size_t i = 0; i < LARGE; ++i) sent[i] = (char)(i * 31 + (i >> 8));
}

#define EACH_KIND(body)                                                                                   \
  do {                                                                                                    \
    for (const kind_t *kind = kinds; kind < kinds + KINDS; ++kind) {                                      \
      polite_fd ends[2];                                                                                  \
      open_kind(kind, ends);                                                                              \
      body(kind, ends);                                                                                   \
      close_both(ends);                                                                                   \
    }                                                                                                     \
  } while (0)

/* --- Reading ----------------------------------------------------------------------------------------------------------------- */

static void read_some(actor_t *actor) { actor->result = polite_read(*(polite_fd *)actor->with, received, 100); }

static void interrupt_reader(const kind_t *kind, polite_fd ends[2]) {
  (void)kind;
  actor_t actor;
  start_blocked(&actor, read_some, &ends[0], "read");
  assert_int_equal(inspect(actor.thread).object, ends[0]);
  assert_int_equal(polite_interrupt(actor.thread), 0);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  assert_int_equal(polite_write(ends[1], "abc", 3), 3);
  assert_int_equal(polite_read(ends[0], received, 100), 3); /* nothing of the first read is there any more to take it */
  assert_memory_equal(received, "abc", 3);
}
static void a_blocked_reader_is_interrupted(void **state) {
  (void)state;
  EACH_KIND(interrupt_reader);
}

static void let_reader_have_it(const kind_t *kind, polite_fd ends[2]) {
  (void)kind;
  actor_t actor;
  start_blocked(&actor, read_some, &ends[0], "read");
  assert_int_equal(polite_write(ends[1], "abc", 3), 3);
  assert_int_equal(finish(&actor), 3);
}
static void a_blocked_reader_gets_what_comes(void **state) {
  (void)state;
  EACH_KIND(let_reader_have_it);
}

/* Rule 3. */
static void pending_goes_first(const kind_t *kind, polite_fd ends[2]) {
  (void)kind;
  assert_int_equal(polite_write(ends[1], "abc", 3), 3);
  polite_interrupt(polite_self());
  assert_int_equal(polite_read(ends[0], received, 100), POLITE_INTERRUPTED);
  polite_interrupt(polite_self());
  assert_int_equal(polite_write(ends[1], "abc", 3), POLITE_INTERRUPTED);
  assert_int_equal(bytes_in(ends[0]), 3);
  assert_int_equal(polite_read(ends[0], received, 100), 3);
}
static void a_pending_interrupt_goes_before_what_is_there(void **state) {
  (void)state;
  EACH_KIND(pending_goes_first);
}

/* Rule 2: either the bytes, or the interrupt, never both, and never neither. */
static void read_and_say(actor_t *actor) {
  read_some(actor);
  actor->step = polite_interrupt_pending() ? 1 : 2;
}
static void race_for_reader(const kind_t *kind, polite_fd ends[2]) {
  int interrupted = 0;
  for (int i = 0; i < 300; ++i) {
    actor_t actor;
    start_blocked(&actor, read_and_say, &ends[0], "read");
    if (i & 1) polite_interrupt(actor.thread);
    assert_int_equal(polite_write(ends[1], "abc", 3), 3);
    if (!(i & 1)) polite_interrupt(actor.thread);
    long n = finish(&actor);
    if (n == POLITE_INTERRUPTED) {
      ++interrupted;
      assert_int_equal(actor.step, 2);
      assert_int_equal(polite_read(ends[0], received, 100), 3);
    } else {
      assert_int_equal(n, 3);
    }
    assert_int_equal(bytes_in(ends[0]), 0);
  }
  printf("%s: %d of 300 interrupted, the others read\n", kind->name, interrupted);
}
static void work_and_interrupt_at_once(void **state) {
  (void)state;
  EACH_KIND(race_for_reader);
}

static void the_end_is_0(const kind_t *kind, polite_fd ends[2]) {
  (void)kind;
  assert_int_equal(polite_write(ends[1], "abc", 3), 3);
  polite_close(ends[1]);
  assert_int_equal(polite_read(ends[0], received, 100), 3);
  assert_int_equal(polite_read(ends[0], received, 100), 0);
  ends[1] = 0;
}
static void a_pipe_whose_writer_is_gone_ends(void **state) {
  (void)state;
  EACH_KIND(the_end_is_0);
}

static void reader_is_gone(const kind_t *kind, polite_fd ends[2]) {
  (void)kind;
  polite_close(ends[0]);
  assert_int_equal(polite_write(ends[1], "abc", 3), POLITE_EPIPE);
  assert_int_equal(polite_write(ends[1], sent, LARGE), POLITE_EPIPE);
  ends[0] = 0;
}
static void a_pipe_without_readers_is_broken(void **state) {
  (void)state;
  EACH_KIND(reader_is_gone);
}

/* What did not fit is the next read's. */
static void read_in_parts(const kind_t *kind, polite_fd ends[2]) {
  assert_int_equal(polite_write(ends[1], "abcdef", 6), 6);
  assert_int_equal(polite_write(ends[1], "ghi", 3), 3);
  assert_int_equal(polite_read(ends[0], received, 4), 4);
  assert_int_equal(polite_read(ends[0], received + 4, 100), has_messages(kind) ? 2 : 5);
  if (has_messages(kind)) assert_int_equal(polite_read(ends[0], received + 6, 100), 3);
  assert_memory_equal(received, "abcdefghi", 9);
}
static void messages_are_read_one_by_one(void **state) {
  (void)state;
  EACH_KIND(read_in_parts);
}

static void move_no_bytes(const kind_t *kind, polite_fd ends[2]) {
  assert_int_equal(polite_read(ends[0], received, 0), 0); /* at once */
  assert_int_equal(polite_write(ends[1], sent, 0), 0);
  if (has_messages(kind)) assert_int_equal(polite_read(ends[0], received, 100), 0); /* a message without any */
  assert_int_equal(polite_write(ends[1], "abc", 3), 3);
  assert_int_equal(polite_read(ends[0], received, 100), 3); /* and not what looks like the end */
}
static void no_bytes_are_no_end(void **state) {
  (void)state;
  EACH_KIND(move_no_bytes);
}

/* --- Writing ----------------------------------------------------------------------------------------------------------------- */

typedef struct writing {
  polite_fd fd;
  size_t length;
} writing_t;

static void write_it(actor_t *actor) {
  writing_t *writing = actor->with;
  actor->result = polite_write(writing->fd, sent, writing->length);
  actor->step = polite_interrupt_pending() ? 1 : 2;
}

static void fill(polite_fd ends[2]) {
  assert_int_equal(polite_write(ends[1], sent, BUFFER), BUFFER);
  assert_int_equal(bytes_in(ends[0]), BUFFER);
}

static void interrupt_writer(const kind_t *kind, polite_fd ends[2]) {
  (void)kind;
  static const size_t lengths[] = {1, 100, BUFFER};
  fill(ends);
  for (int i = 0; i < 3; ++i) {
    writing_t writing = {ends[1], lengths[i]};
    actor_t actor;
    start_blocked(&actor, write_it, &writing, "write");
    assert_int_equal(polite_interrupt(actor.thread), 0);
    assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
    assert_int_equal(bytes_in(ends[0]), BUFFER);
  }
  assert_int_equal(polite_read(ends[0], received, LARGE), BUFFER);
  assert_int_equal(bytes_in(ends[0]), 0);
}
static void a_blocked_writer_is_interrupted(void **state) {
  (void)state;
  EACH_KIND(interrupt_writer);
}

static void interrupt_long_writer(const kind_t *kind, polite_fd ends[2]) {
  if (has_messages(kind)) return;
  writing_t writing = {ends[1], LARGE};
  actor_t actor;
  start(&actor, write_it, &writing);
  DWORD taken = 0, n;
  for (; taken < 3 * BUFFER; taken += n) { /* it is in the middle of it */
    AWAIT(bytes_in(ends[0]) != 0);
    n = (DWORD)polite_read(ends[0], received + taken, 1000);
  }
  AWAIT(is_blocked_in(actor.thread, "write"));
  polite_interrupt(actor.thread);
  long written = finish(&actor);
  assert_int_equal(actor.step, 1); /* it stays pending */
  assert_true(written >= 3 * BUFFER && written < LARGE);
  while (bytes_in(ends[0])) taken += (DWORD)polite_read(ends[0], received + taken, 1000);
  assert_int_equal(taken, written);
  assert_memory_equal(received, sent, taken);
}
static void a_write_that_moved_some_says_how_much(void **state) {
  (void)state;
  EACH_KIND(interrupt_long_writer);
}

/* A message that is larger than the buffer is one all the same, and is not woken. */
static void write_large_message(const kind_t *kind, polite_fd ends[2]) {
  if (!has_messages(kind)) return;
  writing_t writing = {ends[1], LARGE};
  actor_t actor;
  start_blocked(&actor, write_it, &writing, "write");
  AWAIT(bytes_in(ends[0]) != 0);
  assert_int_equal(polite_read(ends[0], received, 10), 10);
  polite_interrupt(actor.thread);
  DWORD taken = 10;
  while (taken < LARGE) {
    AWAIT(bytes_in(ends[0]) != 0); /* else the rest has been taken back */
    taken += (DWORD)polite_read(ends[0], received + taken, LARGE - taken);
  }
  assert_int_equal(finish(&actor), LARGE);
  assert_int_equal(actor.step, 1);
  assert_memory_equal(received, sent, LARGE);
  assert_int_equal(bytes_in(ends[0]), 0);
}
static void a_large_message_is_never_divided(void **state) {
  (void)state;
  EACH_KIND(write_large_message);
}

static void shielded_write(actor_t *actor) {
  polite_shield_enter();
  write_it(actor);
  polite_shield_leave();
}
static void write_in_shield(const kind_t *kind, polite_fd ends[2]) {
  (void)kind;
  fill(ends);
  writing_t writing = {ends[1], 100};
  actor_t actor;
  start_blocked(&actor, shielded_write, &writing, "write");
  polite_interrupt(actor.thread);
  assert_int_equal(polite_read(ends[0], received, BUFFER), BUFFER);
  assert_int_equal(finish(&actor), 100);
  assert_int_equal(polite_read(ends[0], received, BUFFER), 100);
}
static void a_shielded_writer_goes_on(void **state) {
  (void)state;
  EACH_KIND(write_in_shield);
}

/* A handle that does not wait says so. */
static void do_not_wait(const kind_t *kind, polite_fd ends[2]) {
  DWORD mode = PIPE_NOWAIT | (has_messages(kind) ? PIPE_READMODE_MESSAGE : 0);
  assert_true(SetNamedPipeHandleState((HANDLE)ends[0], &mode, NULL, NULL));
  assert_true(SetNamedPipeHandleState((HANDLE)ends[1], &mode, NULL, NULL));
  assert_int_equal(polite_read(ends[0], received, 100), POLITE_EAGAIN);
  fill(ends);
  assert_int_equal(polite_write(ends[1], sent, 100), POLITE_EAGAIN);
  assert_int_equal(polite_read(ends[0], received, BUFFER), BUFFER);
}
static void handles_that_do_not_wait(void **state) {
  (void)state;
  EACH_KIND(do_not_wait);
}

/* --- Others ------------------------------------------------------------------------------------------------------------------ */

/* A thread that polite does not know reads from the same pipe by a plain call: nobody cancels that (rule 7). */
static atomic_int plain_began;
static DWORD plain_error;
static DWORD WINAPI plain_reader(void *fd) {
  DWORD n = 0;
  char byte;
  plain_began = 1;
  plain_error = ReadFile((HANDLE)*(polite_fd *)fd, &byte, 1, &n, NULL) ? 0 : GetLastError();
  return n;
}
static void interrupt_beside_bystander(const kind_t *kind, polite_fd ends[2]) {
  if (kind->overlapped) return; /* its plain reads need an event */
  DWORD n = 0, id;
  plain_began = 0;
  HANDLE bystander = CreateThread(NULL, 0, plain_reader, &ends[0], 0, &id);
  AWAIT(plain_began && system_thread_sleeps(id));
  for (int i = 0; i < 20; ++i) {
    actor_t actor;
    start_blocked(&actor, read_some, &ends[0], "read");
    assert_int_equal(polite_interrupt(actor.thread), 0);
    assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
    assert_int_equal(WaitForSingleObject(bystander, 0), WAIT_TIMEOUT);
  }
  assert_int_equal(polite_write(ends[1], "a", 1), 1);
  assert_int_equal(WaitForSingleObject(bystander, INFINITE), WAIT_OBJECT_0);
  assert_true(GetExitCodeThread(bystander, &n));
  assert_int_equal(n, 1);
  assert_int_equal(plain_error, 0);
  CloseHandle(bystander);
}
static void bystanders_read_on(void **state) {
  (void)state;
  EACH_KIND(interrupt_beside_bystander);
}

/* What others have begun by the same overlapped handle goes on. */
static void interrupt_beside_operation(const kind_t *kind, polite_fd ends[2]) {
  if (!kind->overlapped) return;
  OVERLAPPED mine = {.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL)};
  char byte;
  DWORD n;
  assert_false(ReadFile((HANDLE)ends[0], &byte, 1, NULL, &mine));
  actor_t actor;
  start_blocked(&actor, read_some, &ends[0], "read");
  polite_interrupt(actor.thread);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  assert_int_equal(polite_write(ends[1], "a", 1), 1);
  assert_true(GetOverlappedResult((HANDLE)ends[0], &mine, &n, TRUE));
  assert_int_equal(n, 1);
  CloseHandle(mine.hEvent);
}
static void operations_of_others_go_on(void **state) {
  (void)state;
  EACH_KIND(interrupt_beside_operation);
}

/* Rule 7. */
static void look_at_port(const kind_t *kind, polite_fd ends[2]) {
  if (!kind->overlapped) return;
  HANDLE port = CreateIoCompletionPort((HANDLE)ends[0], NULL, 1, 0);
  assert_non_null(port);
  assert_true(CreateIoCompletionPort((HANDLE)ends[1], port, 2, 0) == port);
  interrupt_reader(kind, ends);
  interrupt_writer(kind, ends);
  let_reader_have_it(kind, ends);
  DWORD n;
  ULONG_PTR key;
  OVERLAPPED *overlapped;
  assert_false(GetQueuedCompletionStatus(port, &n, &key, &overlapped, 0));
  assert_null(overlapped);
  CloseHandle(port);
}
static void a_port_gets_nothing_of_ours(void **state) {
  (void)state;
  EACH_KIND(look_at_port);
}

/* It is recorded at the latest after a second, in which nobody polls; and it is answered when the thread runs again. */
static void a_suspended_thread_is_interrupted_when_it_runs(void **state) {
  (void)state;
  EACH_KIND(interrupt_reader);
  for (const kind_t *kind = kinds; kind < kinds + KINDS; ++kind) {
    polite_fd ends[2];
    open_kind(kind, ends);
    actor_t actor;
    start_blocked(&actor, read_some, &ends[0], "read");
    HANDLE thread = OpenThread(THREAD_SUSPEND_RESUME, FALSE, (DWORD)inspect(actor.thread).system_id);
    assert_int_equal(SuspendThread(thread), 0);
    int sent_to = polite_interrupt(actor.thread);
    assert_true(sent_to == 0 || sent_to == 2);
    assert_int_equal(inspect(actor.thread).pending, 1);
    ResumeThread(thread);
    assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
    CloseHandle(thread);
    close_both(ends);
  }
}

/* Handles are as many as before. */
static void handles_are_not_lost(void **state) {
  EACH_KIND(interrupt_reader);
  a_blocked_writer_is_interrupted(state);
  DWORD before = handles();
  for (int i = 0; i < 3; ++i) {
    EACH_KIND(interrupt_reader);
    a_blocked_writer_is_interrupted(state);
  }
  assert_int_equal(handles(), before);
}

/* --- Bad input --------------------------------------------------------------------------------------------------------------- */

static void use_wrong_ends(const kind_t *kind, polite_fd ends[2]) {
  if (kind->type != ANONYMOUS) return; /* the others' ends do both */
  assert_int_equal(polite_write(ends[0], "a", 1), POLITE_EBADF);
  assert_int_equal(polite_write(ends[0], sent, 100), POLITE_EBADF);
  assert_int_equal(polite_read(ends[1], received, 1), POLITE_EBADF);
}
static void the_wrong_direction_is_refused(void **state) {
  (void)state;
  EACH_KIND(use_wrong_ends);
}

static void use_positions(const kind_t *kind, polite_fd ends[2]) {
  (void)kind;
  assert_int_equal(polite_pread(ends[0], received, 1, 0), POLITE_ESPIPE);
  assert_int_equal(polite_pwrite(ends[1], "a", 1, 0), POLITE_ESPIPE);
  assert_int_equal(polite_read(ends[0], received, (size_t)-1), POLITE_EINVAL);
  assert_int_equal(polite_write(ends[1], sent, (size_t)-1), POLITE_EINVAL);
}
static void pipes_have_no_positions(void **state) {
  (void)state;
  EACH_KIND(use_positions);
}

int main(void) {
  pattern();
  const struct CMUnitTest tests[] = {
      TEST(a_blocked_reader_is_interrupted),
      TEST(a_blocked_reader_gets_what_comes),
      TEST(a_pending_interrupt_goes_before_what_is_there),
      TEST(work_and_interrupt_at_once),
      TEST(a_pipe_whose_writer_is_gone_ends),
      TEST(a_pipe_without_readers_is_broken),
      TEST(messages_are_read_one_by_one),
      TEST(no_bytes_are_no_end),
      TEST(a_blocked_writer_is_interrupted),
      TEST(a_write_that_moved_some_says_how_much),
      TEST(a_large_message_is_never_divided),
      TEST(a_shielded_writer_goes_on),
      TEST(handles_that_do_not_wait),
      TEST(bystanders_read_on),
      TEST(operations_of_others_go_on),
      TEST(a_port_gets_nothing_of_ours),
      TEST(a_suspended_thread_is_interrupted_when_it_runs),
      TEST(handles_are_not_lost),
      TEST(the_wrong_direction_is_refused),
      TEST(pipes_have_no_positions),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

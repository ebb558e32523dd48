/* The program's own APCs: they run while a thread waits in polite, and do not end the wait (rule 7). What they call of polite is the plain
 * call, and unwinding from one across the blocked call is refused. */
#include "../scene.h"
#include "../waits.h"

static atomic_int ran;

static void CALLBACK count(ULONG_PTR argument) {
  (void)argument;
  ++ran;
}

static HANDLE thread_of(const actor_t *actor) {
  HANDLE thread = OpenThread(THREAD_SET_CONTEXT, FALSE, (DWORD)inspect(actor->thread).system_id);
  assert_non_null(thread);
  return thread;
}

/* Ten, one after the other: each ends the system's own wait once. */
static void queue_to(const actor_t *actor, PAPCFUNC function) {
  HANDLE thread = thread_of(actor);
  for (int i = 1; i <= 10; ++i) {
    int before = ran;
    assert_true(QueueUserAPC(function, thread, 0));
    AWAIT(ran > before);
  }
  CloseHandle(thread);
}

/* --- Each wait ----------------------------------------------------------------------------------------------------------------- */

static void wait_once(actor_t *actor) {
  const wait_t *wait = actor->with;
  actor->result = wait->wait(ORDINARY, 0);
  CHECK(wait->done((int)actor->result) == 0);
}

static void they_run_in_waits_and_end_none(void **state) {
  (void)state;
  for (size_t i = 0; i < WAITS; ++i) {
    const wait_t *wait = &waits[i];
    actor_t actor;
    wait->close();
    start_blocked(&actor, wait_once, (void *)wait, wait->call);
    queue_to(&actor, count);
    assert_true(is_blocked_in(actor.thread, wait->call));
    wait->let_go(actor.thread);
    assert_int_equal(finish(&actor), 0);
    assert_int_equal(wait->destroy(), 0);
  }
}

static void sleep_long(actor_t *actor) {
  int64_t left;
  actor->result = polite_nanosleep((int64_t)3600 * 1000000000, &left);
}

static void they_run_in_sleeps(void **state) {
  (void)state;
  actor_t actor;
  start_blocked(&actor, sleep_long, NULL, "nanosleep");
  queue_to(&actor, count);
  assert_true(is_blocked_in(actor.thread, "nanosleep"));
  assert_int_equal(polite_interrupt(actor.thread), 0);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
}

static void *until_set(void *event) {
  WaitForSingleObject(event, INFINITE);
  return NULL;
}

static void join(actor_t *actor) {
  polite_thread_t *joined = actor->with;
  actor->result = polite_thread_join(*joined, NULL);
}

static void they_run_in_joins(void **state) {
  (void)state;
  actor_t actor;
  polite_thread_t joined;
  HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);
  assert_int_equal(polite_thread_create(&joined, NULL, until_set, event), 0);
  start_blocked(&actor, join, &joined, "join");
  queue_to(&actor, count);
  assert_true(is_blocked_in(actor.thread, "join"));
  SetEvent(event);
  assert_int_equal(finish(&actor), POLITE_RETURNED);
  CloseHandle(event);
}

/* --- Calls in an APC ----------------------------------------------------------------------------------------------------------- */

static atomic_int unwound, checked, slept;

/* An interrupt that came meanwhile is the blocked call's. */
static void CALLBACK call_polite(ULONG_PTR argument) {
  (void)argument;
  int64_t left = -1;
  slept = polite_nanosleep(1000000, &left);
  checked = polite_checkpoint();
  unwound = polite_unwind();
  ++ran;
}

static void *sleep_within_boundary(void *actor_) {
  sleep_long(actor_);
  return NULL;
}

static void sleep_in_call(actor_t *actor) { CHECK(polite_call(sleep_within_boundary, actor, NULL) == POLITE_RETURNED); }

static void calls_in_one_are_plain(void **state) {
  (void)state;
  actor_t actor;
  start_blocked(&actor, sleep_in_call, NULL, "nanosleep");
  slept = checked = unwound = 1;
  queue_to(&actor, call_polite);
  assert_int_equal(slept, 0);
  assert_int_equal(checked, 0);
  assert_int_equal(unwound, POLITE_INSIDE);
  assert_true(is_blocked_in(actor.thread, "nanosleep"));
  assert_int_equal(polite_interrupt(actor.thread), 0);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
}

static void CALLBACK interrupt_oneself(ULONG_PTR argument) {
  (void)argument;
  slept = polite_interrupt(polite_self());
  checked = polite_nanosleep(1000000, NULL); /* pending by now, and not delivered here */
  ++ran;
}

static void an_interrupt_in_one_is_for_what_is_beneath(void **state) {
  (void)state;
  actor_t actor;
  start_blocked(&actor, sleep_long, NULL, "nanosleep");
  HANDLE thread = thread_of(&actor);
  assert_true(QueueUserAPC(interrupt_oneself, thread, 0));
  CloseHandle(thread);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  assert_int_equal(slept, 0);
  assert_int_equal(checked, 0);
}

/* --- Operations on top of each other --------------------------------------------------------------------------------------------- */

/* One end that is overlapped, and one that is not. */
typedef struct overlapped_pipe {
  polite_fd reader;
  HANDLE writer;
} overlapped_pipe_t;

static overlapped_pipe_t outer, inner;

static void open_overlapped(overlapped_pipe_t *pipe, const char *name) {
  HANDLE server = CreateNamedPipeA(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, PIPE_TYPE_BYTE, 1, 4096, 4096, 0, NULL);
  pipe->writer = CreateFileA(name, GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
  assert_true(server != INVALID_HANDLE_VALUE && pipe->writer != INVALID_HANDLE_VALUE);
  pipe->reader = (polite_fd)server;
}

static void close_overlapped(overlapped_pipe_t *pipe) {
  CloseHandle((HANDLE)pipe->reader);
  CloseHandle(pipe->writer);
}

static atomic_int read_inside;

static void CALLBACK read_inner(ULONG_PTR interrupt_first) {
  char byte;
  if (interrupt_first) polite_interrupt(polite_self());
  ran = 1; /* who sees it may write: this read waits, or does not */
  read_inside = (int)polite_read(inner.reader, &byte, 1);
}

static void read_outer(actor_t *actor) {
  char byte;
  actor->result = polite_read(outer.reader, &byte, 1);
}

static void an_operation_on_top_of_one(void **state) {
  (void)state;
  for (int interrupt_first = 0; interrupt_first < 2; ++interrupt_first) {
    actor_t actor;
    open_overlapped(&outer, "\\\\.\\pipe\\polite-outer");
    open_overlapped(&inner, "\\\\.\\pipe\\polite-inner");
    start_blocked(&actor, read_outer, NULL, "read");
    HANDLE thread = thread_of(&actor);
    ran = 0;
    read_inside = -1;
    assert_true(QueueUserAPC(read_inner, thread, (ULONG_PTR)interrupt_first));
    AWAIT(ran);
    assert_int_equal(plain_write((polite_fd)inner.writer, "i", 1), 1);
    AWAIT(read_inside != -1);
    assert_int_equal(read_inside, 1); /* plain: not interrupted */
    if (!interrupt_first) assert_int_equal(plain_write((polite_fd)outer.writer, "o", 1), 1);
    assert_int_equal(finish(&actor), interrupt_first ? POLITE_INTERRUPTED : 1);
    CloseHandle(thread);
    close_overlapped(&outer);
    close_overlapped(&inner);
  }
}

int main(void) {
  polite_self();
  const struct CMUnitTest tests[] = {
      TEST(they_run_in_waits_and_end_none), TEST(they_run_in_sleeps),     TEST(they_run_in_joins),
      TEST(calls_in_one_are_plain),         TEST(an_interrupt_in_one_is_for_what_is_beneath),
      TEST(an_operation_on_top_of_one),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* No busy waiting: a thread that is blocked for a second uses no processor time that could be measured, and neither does anybody else, also
 * while and after it is interrupted. The system counts in steps of 10 or 15.6 ms. */
#include "../scene.h"

enum { STEPS_MS = 50 }; /* some steps: what a thousand rounds a second would use many times over */

static int64_t process_ms(void) {
  FILETIME unused, kernel, user;
  assert_true(GetProcessTimes(GetCurrentProcess(), &unused, &unused, &kernel, &user));
  ULARGE_INTEGER k = {{kernel.dwLowDateTime, kernel.dwHighDateTime}}, u = {{user.dwLowDateTime, user.dwHighDateTime}};
  return (int64_t)((k.QuadPart + u.QuadPart) / 10000);
}

static void sleep_long(actor_t *actor) { actor->result = polite_nanosleep((int64_t)3600 * 1000000000, NULL); }
static void park_long(actor_t *actor) { actor->result = polite_park(); }
static void read_once(actor_t *actor) {
  char byte;
  actor->result = polite_read(*(polite_fd *)actor->with, &byte, 1);
}
static void wait_once(actor_t *actor) { actor->result = polite_wait_handle(*(polite_fd *)actor->with); }

static void nothing_is_used(void (*body)(actor_t *), void *with, const char *call) {
  actor_t actor;
  start_blocked(&actor, body, with, call);
  int64_t before = process_ms();
  Sleep(1000); /* what is measured is what happens in it */
  assert_true(process_ms() - before < STEPS_MS);
  assert_int_equal(polite_interrupt(actor.thread), 0);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  before = process_ms();
  Sleep(1000);
  assert_true(process_ms() - before < STEPS_MS);
}

static void in_waits(void **state) {
  (void)state;
  polite_fd event = (polite_fd)CreateEventA(NULL, FALSE, FALSE, NULL);
  nothing_is_used(sleep_long, NULL, "nanosleep");
  nothing_is_used(park_long, NULL, "park");
  nothing_is_used(wait_once, &event, "wait_handle");
  CloseHandle((HANDLE)event);
}

static void in_a_synchronous_read(void **state) {
  (void)state;
  polite_fd ends[2];
  make_pipe(ends);
  nothing_is_used(read_once, &ends[0], "read");
  close_both(ends);
}

static void in_an_overlapped_read(void **state) {
  (void)state;
  HANDLE server = CreateNamedPipeA("\\\\.\\pipe\\polite-idle", PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, PIPE_TYPE_BYTE, 1, 4096, 4096, 0, NULL);
  HANDLE client = CreateFileA("\\\\.\\pipe\\polite-idle", GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
  assert_true(server != INVALID_HANDLE_VALUE && client != INVALID_HANDLE_VALUE);
  polite_fd fd = (polite_fd)server;
  nothing_is_used(read_once, &fd, "read");
  CloseHandle(client);
  CloseHandle(server);
}

/* One that does not answer is tried twice a second. */
static void while_a_thread_is_suspended(void **state) {
  (void)state;
  polite_fd ends[2];
  actor_t actor;
  make_pipe(ends);
  start_blocked(&actor, read_once, &ends[0], "read");
  HANDLE thread = OpenThread(THREAD_SUSPEND_RESUME, FALSE, (DWORD)inspect(actor.thread).system_id);
  assert_int_equal((int)SuspendThread(thread), 0);
  polite_interrupt(actor.thread);
  int64_t before = process_ms();
  Sleep(2000);
  assert_true(process_ms() - before < STEPS_MS);
  assert_int_equal((int)ResumeThread(thread), 1);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  CloseHandle(thread);
  close_both(ends);
}

int main(void) {
  polite_self();
  const struct CMUnitTest tests[] = {TEST(in_waits), TEST(in_a_synchronous_read), TEST(in_an_overlapped_read), TEST(while_a_thread_is_suspended)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

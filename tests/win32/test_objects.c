/* Waiting for the system's own objects: events, semaphores, mutexes, threads, processes (polite/windows.h). */
#include "../scene.h"

static const int64_t past = 0;

static polite_fd fd_of(HANDLE handle) { return (polite_fd)handle; }

static void wait_once(actor_t *actor) { actor->result = polite_wait_handle(fd_of(actor->with)); }

static void what_is_signaled_ends_it(void **state) {
  (void)state;
  actor_t actor;
  HANDLE event = CreateEventA(NULL, FALSE, FALSE, NULL);
  start_blocked(&actor, wait_once, event, "wait_handle");
  assert_int_equal(inspect(actor.thread).object, (intptr_t)event);
  SetEvent(event);
  assert_int_equal(finish(&actor), 0);
  CloseHandle(event);
}

static void an_interrupt_ends_it(void **state) {
  (void)state;
  actor_t actor;
  HANDLE event = CreateEventA(NULL, FALSE, FALSE, NULL);
  start_blocked(&actor, wait_once, event, "wait_handle");
  assert_int_equal(polite_interrupt(actor.thread), 0);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  CloseHandle(event);
}

/* Rule 3: nothing is taken. */
static void one_that_is_pending_goes_first(void **state) {
  (void)state;
  HANDLE units = CreateSemaphoreA(NULL, 1, 1, NULL);
  polite_interrupt(polite_self());
  assert_int_equal(polite_wait_handle(fd_of(units)), POLITE_INTERRUPTED);
  assert_int_equal(polite_wait_handle_until(fd_of(units), past), 0);
  assert_int_equal(polite_wait_handle_until(fd_of(units), past), POLITE_ETIMEDOUT);
  CloseHandle(units);
}

/* Rule 2: the unit has been taken, or the interrupt delivered; never both, and never neither. */
static void units_are_not_lost(void **state) {
  (void)state;
  HANDLE units = CreateSemaphoreA(NULL, 0, 1, NULL);
  int taken = 0, interrupted = 0;
  for (int i = 0; i < 2000; ++i) {
    actor_t actor;
    start_blocked(&actor, wait_once, units, "wait_handle");
    if (i & 1) polite_interrupt(actor.thread);
    assert_true(ReleaseSemaphore(units, 1, NULL));
    if (!(i & 1)) polite_interrupt(actor.thread);
    long result = finish(&actor);
    int left = WaitForSingleObject(units, 0) == WAIT_OBJECT_0;
    assert_int_equal(result, left ? POLITE_INTERRUPTED : 0);
    left ? ++interrupted : ++taken;
  }
  assert_int_equal(taken + interrupted, 2000);
  CloseHandle(units);
}

static void shielded_wait(actor_t *actor) {
  polite_shield_enter();
  wait_once(actor);
  polite_shield_leave();
  CHECK(polite_checkpoint() == POLITE_INTERRUPTED);
}

static void a_shielded_one_waits_on(void **state) {
  (void)state;
  actor_t actor;
  HANDLE event = CreateEventA(NULL, FALSE, FALSE, NULL);
  start_blocked(&actor, shielded_wait, event, "wait_handle");
  assert_int_equal(polite_interrupt(actor.thread), 0);
  assert_true(is_blocked_in(actor.thread, "wait_handle"));
  SetEvent(event);
  assert_int_equal(finish(&actor), 0);
  CloseHandle(event);
}

static void one_of_several(void **state) {
  (void)state;
  polite_fd handles[63];
  for (int i = 0; i < 63; ++i) handles[i] = fd_of(CreateEventA(NULL, FALSE, FALSE, NULL));
  SetEvent((HANDLE)handles[62]);
  assert_int_equal(polite_wait_handles(handles, 63), 62);
  SetEvent((HANDLE)handles[5]);
  SetEvent((HANDLE)handles[9]);
  assert_int_equal(polite_wait_handles(handles, 63), 5);
  assert_int_equal(polite_wait_handles(handles, 63), 9);
  assert_int_equal(polite_wait_handles_until(handles, 63, polite_now() + 1000000), POLITE_ETIMEDOUT);
  for (int i = 0; i < 63; ++i) CloseHandle((HANDLE)handles[i]);
}

static void *own_and_end(void *mutex) {
  CHECK(polite_wait_handle(fd_of(mutex)) == 0);
  return NULL;
}

static void an_abandoned_mutex_is_told_and_taken(void **state) {
  (void)state;
  polite_thread_t owner;
  HANDLE mutex = CreateMutexA(NULL, FALSE, NULL), event = CreateEventA(NULL, FALSE, FALSE, NULL);
  polite_fd both[] = {fd_of(event), fd_of(mutex)};
  assert_int_equal(polite_thread_create(&owner, NULL, own_and_end, mutex), 0);
  assert_int_equal(polite_thread_join(owner, NULL), POLITE_RETURNED);
  assert_int_equal(polite_wait_handles(both, 2), POLITE_WAIT_ABANDONED + 1);
  assert_true(ReleaseMutex(mutex));
  CloseHandle(mutex);
  CloseHandle(event);
}

static void bad_input(void **state) {
  (void)state;
  HANDLE event = CreateEventA(NULL, TRUE, TRUE, NULL), blind;
  polite_fd handles[64];
  for (int i = 0; i < 64; ++i) handles[i] = fd_of(event);
  assert_int_equal(polite_wait_handles(handles, 0), POLITE_EINVAL);
  assert_int_equal(polite_wait_handles(handles, 64), POLITE_EINVAL);
  assert_int_equal(polite_wait_handles(NULL, 1), POLITE_EINVAL);
  assert_int_equal(polite_wait_handle(0x7654), POLITE_EBADF);
  assert_int_equal(polite_wait_handle(0), POLITE_EBADF);
  assert_true(DuplicateHandle(GetCurrentProcess(), event, GetCurrentProcess(), &blind, EVENT_MODIFY_STATE, FALSE, 0));
  assert_int_equal(polite_wait_handle(fd_of(blind)), POLITE_EACCES);
  CloseHandle(blind);
  CloseHandle(event);
}

/* --- Processes ----------------------------------------------------------------------------------------------------------------- */

/* This program, which then waits until its standard input ends, and ends with 7. */
static HANDLE child(HANDLE *held) {
  char command[MAX_PATH + 32], self[MAX_PATH];
  HANDLE input;
  SECURITY_ATTRIBUTES inherited = {sizeof inherited, NULL, TRUE};
  STARTUPINFOA how = {.cb = sizeof how, .dwFlags = STARTF_USESTDHANDLES};
  PROCESS_INFORMATION made;
  GetModuleFileNameA(NULL, self, sizeof self);
  snprintf(command, sizeof command, "\"%s\" child", self);
  assert_true(CreatePipe(&input, held, &inherited, 0));
  SetHandleInformation(*held, HANDLE_FLAG_INHERIT, 0);
  how.hStdInput = input;
  assert_true(CreateProcessA(NULL, command, NULL, NULL, TRUE, 0, NULL, NULL, &how, &made));
  CloseHandle(input);
  CloseHandle(made.hThread);
  return made.hProcess;
}

static int be_the_child(void) {
  char byte;
  DWORD n;
  while (ReadFile(GetStdHandle(STD_INPUT_HANDLE), &byte, 1, &n, NULL) && n) {
  }
  return 7;
}

typedef struct process {
  HANDLE handle;
  uint32_t code;
} process_t;

static void wait_for_process(actor_t *actor) {
  process_t *process = actor->with;
  actor->result = polite_process_wait(fd_of(process->handle), &process->code);
}

static void a_process_and_its_code(void **state) {
  (void)state;
  actor_t actor;
  HANDLE held;
  process_t process = {child(&held), 1};
  start_blocked(&actor, wait_for_process, &process, "wait_handle");
  assert_int_equal(polite_interrupt(actor.thread), 0);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  start_blocked(&actor, wait_for_process, &process, "wait_handle");
  CloseHandle(held);
  assert_int_equal(finish(&actor), 0);
  assert_int_equal(process.code, 7);
  assert_int_equal(polite_process_wait(fd_of(process.handle), NULL), 0);
  CloseHandle(process.handle);
}

int main(int argc, char **argv) {
  (void)argv;
  if (argc > 1) return be_the_child();
  polite_self();
  const struct CMUnitTest tests[] = {
      TEST(what_is_signaled_ends_it), TEST(an_interrupt_ends_it), TEST(one_that_is_pending_goes_first), TEST(units_are_not_lost),
      TEST(a_shielded_one_waits_on),  TEST(one_of_several),       TEST(an_abandoned_mutex_is_told_and_taken), TEST(bad_input),
      TEST(a_process_and_its_code),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

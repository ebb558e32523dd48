/* Beginnings and ends that polite did not arrange: other modules' callbacks that come before a thread begins and after polite has ended it,
 * a thread that is detached while it ends, and the end of the process. */
#include "../hooks_in_c.h"
#include "../scene.h"

/* --- This program's own callbacks, which come after polite's ----------------------------------------------------------------- */

static atomic_int at_beginning, at_end;
static polite_thread_t early, late;
static int pushed;

static void nothing(void *argument) { (void)argument; }

static void NTAPI own_callback(void *module, DWORD reason, void *unused) {
  static polite_cleanup_t node;
  (void)module, (void)unused;
  if (at_beginning && reason == DLL_THREAD_ATTACH) early = polite_self();
  if (at_end && reason == DLL_THREAD_DETACH) {
    late = polite_self();
    pushed = polite_cleanup_push(&node, nothing, NULL);
  }
}
__attribute__((section(".CRT$XLYZ"), used)) const PIMAGE_TLS_CALLBACK own_callbacks = own_callback;

static void *give_back(void *argument) { return argument; }

static void used_before_it_begins(void **state) {
  (void)state;
  polite_thread_t thread;
  at_beginning = 1;
  assert_int_equal(polite_thread_create(&thread, NULL, give_back, NULL), 0);
  assert_int_equal(polite_thread_join(thread, NULL), POLITE_RETURNED);
  at_beginning = 0;
  assert_true(early != 0 && early != thread);
  assert_int_equal(polite_interrupt(early), POLITE_ESRCH);
}

static DWORD WINAPI end_at_once(void *unused) {
  (void)unused;
  return 0;
}

static DWORD WINAPI attach_and_end(void *unused) {
  (void)unused;
  return polite_self() == 0;
}

static void run_to_its_end(LPTHREAD_START_ROUTINE body) {
  HANDLE thread = CreateThread(NULL, 0, body, NULL, 0, NULL);
  late = 1;
  pushed = 0;
  at_end = 1;
  assert_int_equal(WaitForSingleObject(thread, LIMIT_SECONDS * 1000), WAIT_OBJECT_0);
  at_end = 0;
  CloseHandle(thread);
}

static void used_after_its_end(void **state) {
  (void)state;
  run_to_its_end(attach_and_end);
  assert_int_equal(late, 0);
  assert_int_equal(pushed, POLITE_UNATTACHED);
}

static void used_for_the_first_time_after_its_end(void **state) {
  (void)state;
  run_to_its_end(end_at_once);
  assert_int_equal(late, 0);
  assert_int_equal(pushed, POLITE_UNATTACHED);
}

/* --- Detached by another thread ------------------------------------------------------------------------------------------------ */

void __real_free(void *memory);
void __wrap_free(void *memory);

/* What is freed is spoilt, and not given back: who looks there afterwards finds nothing good, and who frees it again is found out. */
static atomic_int spoiling, freed_again;
static void *_Atomic freed[64];
static atomic_int freed_count;

void __wrap_free(void *memory) {
  if (!memory || !spoiling) {
    __real_free(memory);
    return;
  }
  for (int i = 0; i < freed_count; ++i)
    if (freed[i] == memory) freed_again = 1;
  int at = freed_count++;
  if (at >= 64) return;
  freed[at] = memory;
  memset(memory, 0xee, _msize(memory));
}

static HANDLE gate;

static void *wait_at_gate(void *handle) {
  HANDLE *own = handle;
  CHECK(DuplicateHandle(GetCurrentProcess(), GetCurrentThread(), GetCurrentProcess(), own, SYNCHRONIZE, FALSE, 0));
  WaitForSingleObject(gate, INFINITE);
  return NULL;
}

static void detached_while_it_runs(void **state) {
  (void)state;
  polite_thread_t thread;
  HANDLE _Atomic own = NULL;
  gate = CreateEventA(NULL, TRUE, FALSE, NULL);
  spoiling = 1;
  assert_int_equal(polite_thread_create(&thread, NULL, wait_at_gate, (void *)&own), 0);
  AWAIT(own != NULL);
  assert_int_equal(polite_thread_detach(thread), 0);
  SetEvent(gate);
  assert_int_equal(WaitForSingleObject(own, LIMIT_SECONDS * 1000), WAIT_OBJECT_0);
  spoiling = 0;
  assert_true(freed_count > 0);
  assert_int_equal(freed_again, 0);
  CloseHandle(own);
  CloseHandle(gate);
}

/* --- The end of the process ------------------------------------------------------------------------------------------------------ */

static DWORD held_thread;
static atomic_int held;
static polite_thread_t one_that_exits;

static void hold_the_interrupter(int hook) {
  if (hook != HOOK_COUNTED || GetCurrentThreadId() != held_thread) return;
  held = 1;
  Sleep(INFINITE);
}

static DWORD WINAPI interrupt_and_be_held(void *unused) {
  (void)unused;
  held_thread = GetCurrentThreadId();
  polite_interrupt(one_that_exits);
  return 0;
}

/* By another module, when the other threads are gone, and with them one that was counted in on our record. */
static void sleep_once_more(void) { TerminateProcess(GetCurrentProcess(), polite_nanosleep(1000000, NULL) == 0 ? 7 : 8); }

static int exit_while_somebody_looks(void) {
  void (**last_word)(void);
  FARPROC address = GetProcAddress(LoadLibraryA("last_word.dll"), "last_word"); /* of a variable */
  memcpy(&last_word, &address, sizeof last_word);
  *last_word = sleep_once_more;
  one_that_exits = polite_self();
  polite_hook = hold_the_interrupter;
  CreateThread(NULL, 0, interrupt_and_be_held, NULL, 0, NULL);
  while (!held) SwitchToThread();
  ExitProcess(9);
}

static void a_process_that_ends_waits_for_nobody_who_is_gone(void **state) {
  (void)state;
  char command[MAX_PATH + 32], self[MAX_PATH];
  STARTUPINFOA how = {.cb = sizeof how};
  PROCESS_INFORMATION made;
  DWORD code = 0;
  GetModuleFileNameA(NULL, self, sizeof self);
  snprintf(command, sizeof command, "\"%s\" exit", self);
  assert_true(CreateProcessA(NULL, command, NULL, NULL, FALSE, 0, NULL, NULL, &how, &made));
  DWORD ended = WaitForSingleObject(made.hProcess, LIMIT_SECONDS * 1000);
  GetExitCodeProcess(made.hProcess, &code);
  if (ended != WAIT_OBJECT_0) TerminateProcess(made.hProcess, 1);
  CloseHandle(made.hThread);
  CloseHandle(made.hProcess);
  assert_int_equal(ended, WAIT_OBJECT_0);
  assert_int_equal(code, 7);
}

int main(int argc, char **argv) {
  (void)argv;
  if (argc > 1) return exit_while_somebody_looks();
  polite_self();
  const struct CMUnitTest tests[] = {
      TEST(used_before_it_begins),  TEST(used_after_its_end), TEST(used_for_the_first_time_after_its_end),
      TEST(detached_while_it_runs), TEST(a_process_that_ends_waits_for_nobody_who_is_gone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

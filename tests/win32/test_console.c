/* Reading from a console: nothing that was typed is lost. The test makes a console that nobody sees, and runs itself again inside of it. */
#include "../scene.h"

#include <polite/dropin_functions.h>

#include <fcntl.h>
#include <io.h>

static HANDLE keyboard;
static DWORD lines_mode;
static char received[100];

/* --- Typing ------------------------------------------------------------------------------------------------------------------ */

static void put(const INPUT_RECORD *record) {
  DWORD n;
  assert_true(WriteConsoleInputW(keyboard, record, 1, &n) && n == 1);
}

static INPUT_RECORD key(char c, BOOL down) {
  INPUT_RECORD record;
  memset(&record, 0, sizeof record);
  record.EventType = KEY_EVENT;
  record.Event.KeyEvent.bKeyDown = down;
  record.Event.KeyEvent.wRepeatCount = 1;
  record.Event.KeyEvent.uChar.UnicodeChar = (WCHAR)c;
  record.Event.KeyEvent.wVirtualKeyCode = (WORD)(c >= 'a' && c <= 'z' ? c - 32 : c);
  return record;
}

static void type(const char *text) {
  for (; *text; ++text) {
    INPUT_RECORD down = key(*text, TRUE), up = key(*text, FALSE);
    put(&down);
    put(&up);
  }
}

static DWORD records(void) {
  DWORD n;
  assert_true(GetNumberOfConsoleInputEvents(keyboard, &n));
  return n;
}

static int empty_keyboard(void **state) {
  SetConsoleMode(keyboard, lines_mode);
  FlushConsoleInputBuffer(keyboard);
  return clean_thread(state);
}
#define CONSOLE_TEST(function) cmocka_unit_test_setup(function, empty_keyboard)

/* --- Reading ----------------------------------------------------------------------------------------------------------------- */

static polite_ssize_t read_bytes(size_t most) {
  memset(received, 0, sizeof received);
  return polite_read((polite_fd)keyboard, received, most);
}
static void read_line(actor_t *actor) {
  actor->result = read_bytes(50);
  actor->step = polite_interrupt_pending() ? 1 : 2;
}

static void a_line_is_read(void **state) {
  (void)state;
  type("abc\r");
  assert_int_equal(read_bytes(50), 5);
  assert_string_equal(received, "abc\r\n");
}

static void a_blocked_reader_gets_the_line(void **state) {
  (void)state;
  actor_t actor;
  start_blocked(&actor, read_line, NULL, "read");
  type("abc\r");
  assert_int_equal(finish(&actor), 5);
}

static void a_blocked_reader_is_interrupted(void **state) {
  (void)state;
  for (int i = 0; i < 20; ++i) {
    actor_t actor;
    start_blocked(&actor, read_line, NULL, "read");
    assert_int_equal(polite_interrupt(actor.thread), 0);
    assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  }
  type("abc\r");
  assert_int_equal(read_bytes(50), 5); /* nothing took the line in vain */
  assert_string_equal(received, "abc\r\n");
}

static void a_pending_interrupt_goes_first(void **state) {
  (void)state;
  type("abc\r");
  polite_interrupt(polite_self());
  assert_int_equal(read_bytes(50), POLITE_INTERRUPTED);
  assert_int_equal(read_bytes(50), 5);
  assert_string_equal(received, "abc\r\n");
}

/* A line that has begun is not given up: its first half would be lost. */
static void a_begun_line_is_ended(void **state) {
  (void)state;
  actor_t actor;
  start_blocked(&actor, read_line, NULL, "read");
  type("ab");
  AWAIT(records() == 0 && is_blocked_in(actor.thread, "read"));
  polite_interrupt(actor.thread);
  type("c\r");
  assert_int_equal(finish(&actor), 5);
  assert_string_equal(received, "abc\r\n");
  assert_int_equal(actor.step, 1); /* the interrupt stays */
}

/* What is no typing does not begin a line. */
static void what_is_no_typing_begins_nothing(void **state) {
  (void)state;
  INPUT_RECORD up = key('a', FALSE), shift = key(VK_SHIFT, TRUE), focus, mouse;
  shift.Event.KeyEvent.uChar.UnicodeChar = 0;
  memset(&focus, 0, sizeof focus);
  focus.EventType = FOCUS_EVENT;
  memset(&mouse, 0, sizeof mouse);
  mouse.EventType = MOUSE_EVENT;
  actor_t actor;
  start_blocked(&actor, read_line, NULL, "read");
  put(&up);
  put(&shift);
  put(&focus);
  put(&mouse);
  AWAIT(records() == 0 && is_blocked_in(actor.thread, "read"));
  assert_int_equal(polite_interrupt(actor.thread), 0);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
}

/* The rest of a line is there without a record of it. */
static void a_line_is_read_in_parts(void **state) {
  (void)state;
  type("abcdef\r");
  assert_int_equal(read_bytes(4), 4);
  assert_string_equal(received, "abcd");
  assert_int_equal(read_bytes(50), 4);
  assert_string_equal(received, "ef\r\n");
  a_blocked_reader_is_interrupted(state); /* and then it is waited for the next */
}

static void single_characters(void **state) {
  (void)state;
  actor_t actor;
  assert_true(SetConsoleMode(keyboard, lines_mode & ~(DWORD)(ENABLE_LINE_INPUT | ENABLE_ECHO_INPUT)));
  start_blocked(&actor, read_line, NULL, "read");
  assert_int_equal(polite_interrupt(actor.thread), 0);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  start_blocked(&actor, read_line, NULL, "read");
  type("a");
  assert_int_equal(finish(&actor), 1);
  assert_string_equal(received, "a");
}

/* Rule 2: the line, or the interrupt; never both, and never neither. */
static void lines_and_interrupts_at_once(void **state) {
  (void)state;
  int interrupted = 0;
  for (int i = 0; i < 200; ++i) {
    actor_t actor;
    start_blocked(&actor, read_line, NULL, "read");
    if (i & 1) polite_interrupt(actor.thread);
    type("x\r");
    if (!(i & 1)) polite_interrupt(actor.thread);
    long n = finish(&actor);
    if (n == POLITE_INTERRUPTED) {
      ++interrupted;
      assert_int_equal(actor.step, 2);
      n = read_bytes(50);
    }
    assert_int_equal(n, 3);
    assert_string_equal(received, "x\r\n");
    polite_interrupt_clear();
  }
  printf("%d of 200 interrupted, the others read\n", interrupted);
}

static void no_positions(void **state) {
  (void)state;
  assert_int_equal(polite_pread((polite_fd)keyboard, received, 1, 0), POLITE_ESPIPE);
  assert_int_equal(read_bytes(0), 0);
}

/* Ctrl-C with a handler is what a signal is elsewhere: EINTR, which is not the end of the file. */
static BOOL WINAPI on_ctrl_c(DWORD event) { return event == CTRL_C_EVENT; }
static void ctrl_c_is_no_end(void **state) {
  (void)state;
  actor_t actor;
  assert_true(SetConsoleCtrlHandler(on_ctrl_c, TRUE));
  start_blocked(&actor, read_line, NULL, "read");
  type("ab");
  AWAIT(records() == 0 && is_blocked_in(actor.thread, "read"));
  INPUT_RECORD c = key('C', TRUE);
  c.Event.KeyEvent.uChar.UnicodeChar = 3;
  c.Event.KeyEvent.dwControlKeyState = LEFT_CTRL_PRESSED;
  put(&c);
  AWAIT(records() == 0);
  type("d\r");
  long n = finish(&actor);
  if (n == POLITE_EINTR) n = read_bytes(50); /* Windows; Wine (8) takes the character for one like others */
  assert_true(n == 3 || n == 5);
  SetConsoleCtrlHandler(on_ctrl_c, FALSE);
}

/* The C runtime's read by lines, which is not cancelled either. */
static int descriptor;
static void read_by_runtime(actor_t *actor) {
  memset(received, 0, sizeof received);
  actor->result = polite_dropin_read(descriptor, received, 50);
  if (actor->result < 0 && errno == ECANCELED) actor->result = POLITE_INTERRUPTED;
  actor->step = polite_interrupt_pending() ? 1 : 2;
}
static void the_runtime_reads_lines(void **state) {
  (void)state;
  actor_t actor;
  descriptor = _open_osfhandle((intptr_t)keyboard, _O_TEXT);
  assert_true(descriptor >= 0);
  for (int i = 0; i < 20; ++i) {
    start_blocked(&actor, read_by_runtime, NULL, "read");
    assert_int_equal(polite_interrupt(actor.thread), 0);
    assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  }
  start_blocked(&actor, read_by_runtime, NULL, "read");
  type("ab");
  AWAIT(records() == 0 && is_blocked_in(actor.thread, "read"));
  polite_interrupt(actor.thread);
  type("c\r");
  assert_int_equal(finish(&actor), 4);
  assert_memory_equal(received, "abc\n", 4); /* behind it lies what was translated */
  assert_int_equal(actor.step, 1);
}

static int run_inside(const char *report) {
  if (!freopen(report, "w", stdout)) return 99;
  setvbuf(stdout, NULL, _IONBF, 0);
  keyboard = CreateFileA("CONIN$", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
  if (keyboard == INVALID_HANDLE_VALUE || !GetConsoleMode(keyboard, &lines_mode)) return 98;
  const struct CMUnitTest tests[] = {
      CONSOLE_TEST(a_line_is_read),
      CONSOLE_TEST(a_blocked_reader_gets_the_line),
      CONSOLE_TEST(a_blocked_reader_is_interrupted),
      CONSOLE_TEST(a_pending_interrupt_goes_first),
      CONSOLE_TEST(a_begun_line_is_ended),
      CONSOLE_TEST(what_is_no_typing_begins_nothing),
      CONSOLE_TEST(a_line_is_read_in_parts),
      CONSOLE_TEST(single_characters),
      CONSOLE_TEST(lines_and_interrupts_at_once),
      CONSOLE_TEST(no_positions),
      CONSOLE_TEST(ctrl_c_is_no_end),
      CONSOLE_TEST(the_runtime_reads_lines),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* --- The console ------------------------------------------------------------------------------------------------------------- */

static DWORD WINAPI swallow(void *screen) {
  char bytes[1000];
  DWORD n;
  while (ReadFile(screen, bytes, sizeof bytes, &n, NULL)) {
  }
  return 0;
}

typedef HRESULT(WINAPI *make_console_t)(COORD, HANDLE, HANDLE, DWORD, void **);

static HANDLE start_inside(char *command) {
  make_console_t make = (make_console_t)(void (*)(void))GetProcAddress(GetModuleHandleA("kernel32.dll"), "CreatePseudoConsole");
  HANDLE typed, typing, screen, drawing;
  void *console;
  const COORD size = {80, 25};
  if (!make || !CreatePipe(&typed, &typing, NULL, 0) || !CreatePipe(&screen, &drawing, NULL, 0)) return NULL;
  if (make(size, typed, drawing, 0, &console) != S_OK) return NULL;
  CloseHandle(CreateThread(NULL, 0, swallow, screen, 0, NULL));
  static char attributes[200];
  SIZE_T room = sizeof attributes;
  STARTUPINFOEXA start;
  memset(&start, 0, sizeof start);
  start.StartupInfo.cb = sizeof start;
  start.lpAttributeList = (void *)attributes;
  enum { PSEUDO_CONSOLE = 0x20016 };
  PROCESS_INFORMATION process;
  if (!InitializeProcThreadAttributeList(start.lpAttributeList, 1, 0, &room) ||
      !UpdateProcThreadAttribute(start.lpAttributeList, 0, PSEUDO_CONSOLE, console, sizeof console, NULL, NULL) ||
      !CreateProcessA(NULL, command, NULL, NULL, FALSE, EXTENDED_STARTUPINFO_PRESENT, NULL, NULL, &start.StartupInfo, &process))
    return NULL;
  return process.hProcess;
}

int main(int argc, char **argv) {
  if (argc == 3 && strcmp(argv[1], "--inside") == 0) return run_inside(argv[2]);
  char directory[MAX_PATH], report[MAX_PATH], command[3 * MAX_PATH];
  GetTempPathA(sizeof directory, directory);
  GetTempFileNameA(directory, "pol", 0, report);
  snprintf(command, sizeof command, "\"%s\" --inside \"%s\"", argv[0], report);
  HANDLE inside = start_inside(command);
  DWORD failed = 97;
  if (inside && WaitForSingleObject(inside, 4 * LIMIT_SECONDS * 1000) == WAIT_OBJECT_0) GetExitCodeProcess(inside, &failed);
  if (inside) TerminateProcess(inside, 1);
  FILE *file = fopen(report, "r");
  for (int c; file && (c = fgetc(file)) != EOF;) putchar(c);
  if (file) fclose(file);
  DeleteFileA(report);
  printf("the console's: %lu\n", failed);
  return (int)failed;
}

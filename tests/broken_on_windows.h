/* A function in a process of its own: this program once more, which finds in its environment that it is to call that function alone. */
#ifndef BROKEN_ON_WINDOWS_H
#define BROKEN_ON_WINDOWS_H

enum { ABORTED = 3 }; /* what the C library's abort says */

#define CHILD_VARIABLE "POLITE_TEST_FUNCTION"

/* The function is told by its distance from this program's beginning, which may lie elsewhere in the child. */
static uintptr_t beginning(void) { return (uintptr_t)GetModuleHandleA(NULL); }

__attribute__((constructor)) static void be_the_child(void) {
  const char *distance = getenv(CHILD_VARIABLE);
  if (!distance) return;
  SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX);
  int (*fn)(void) = (int (*)(void))(beginning() + (uintptr_t)strtoull(distance, NULL, 16));
  ExitProcess((UINT)fn());
}

/* What it returned, or ABORTED; and what was said on standard error. */
static int run_in_child(int (*fn)(void), char *said, size_t size) {
  polite_fd ends[2];
  char distance[32], program[MAX_PATH];
  STARTUPINFOA start;
  PROCESS_INFORMATION child;
  make_pipe(ends);
  snprintf(distance, sizeof distance, "%llx", (unsigned long long)((uintptr_t)fn - beginning()));
  assert_true(SetHandleInformation((HANDLE)ends[1], HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT));
  memset(&start, 0, sizeof start);
  start.cb = sizeof start;
  start.dwFlags = STARTF_USESTDHANDLES;
  start.hStdInput = GetStdHandle(STD_INPUT_HANDLE);
  start.hStdOutput = start.hStdError = (HANDLE)ends[1];
  assert_true(GetModuleFileNameA(NULL, program, sizeof program) > 0);
  SetEnvironmentVariableA(CHILD_VARIABLE, distance);
  assert_true(CreateProcessA(program, NULL, NULL, NULL, TRUE, 0, NULL, NULL, &start, &child));
  SetEnvironmentVariableA(CHILD_VARIABLE, NULL);
  plain_close(ends[1]);
  size_t length = 0;
  for (long n; length < size - 1 && (n = plain_read(ends[0], said + length, size - 1 - length)) > 0;) length += (size_t)n;
  said[length] = 0;
  plain_close(ends[0]);
  DWORD status;
  WaitForSingleObject(child.hProcess, INFINITE);
  assert_true(GetExitCodeProcess(child.hProcess, &status));
  CloseHandle(child.hProcess);
  CloseHandle(child.hThread);
  return (int)status;
}

#endif

/* What tests ask of the system itself, and of its plain calls: on Windows. on_unix.h has the same functions. */
#ifndef ON_WINDOWS_H
#define ON_WINDOWS_H

#if !defined WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN /* without COM, whose names are everybody's */
#endif
#include <winsock2.h> /* goes before windows.h */
#include <windows.h>

/* A test of what Windows does not have. It is there by name, and says why it is not made. */
#define NOT_ON_WINDOWS(test, why)                          \
  static void test(void **state) {                         \
    (void)state;                                           \
    printf("skipped on Windows: %s: %s\n", __func__, why); \
    skip();                                                \
  }

/* The numbers of errors that POSIX and errno.h have names for: up to which they go, and which are left out. */
enum { LAST_ERROR = 139 }; /* then EWOULDBLOCK, which is POLITE_EAGAIN */
static inline int is_no_error(int number) {
  switch (number) {
    case 15: case 26: case 35: case 37:                /* none */
    case 120: case 124: case 125: case 131: case 137:  /* of STREAMS, and EOTHER */
      return 1;
    default:
      return number > 42 && number < 100;
  }
}

/* --- Threads as the system sees them ----------------------------------------------------------------------------------------- */

/* The calling thread's number, as polite_thread_inspect tells it. */
static inline uint64_t my_system_id(void) { return GetCurrentThreadId(); }

/* Where a thread is, if it is in the system's own library, which enters the kernel; else 0. It is stopped for a moment, which a thread
 * that sleeps does not notice. */
static inline uint64_t place_in_system(DWORD id) {
  uint64_t place = 0;
  HANDLE thread = OpenThread(THREAD_SUSPEND_RESUME | THREAD_GET_CONTEXT, FALSE, id);
  if (!thread) return 0;
  CONTEXT context;
  memset(&context, 0, sizeof context);
  context.ContextFlags = CONTEXT_CONTROL;
  if (SuspendThread(thread) != (DWORD)-1) {
    if (GetThreadContext(thread, &context)) place = context.Rip;
    ResumeThread(thread);
  }
  CloseHandle(thread);
  HMODULE module = NULL;
  GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT, (LPCSTR)(uintptr_t)place, &module);
  return module && module == GetModuleHandleA("ntdll.dll") ? place : 0;
}

/* Whether a thread is asleep in the kernel, in whatever call: for calls and threads that are not polite's. Windows does not say, and so this
 * is as sure as a place can be at which it is found again and again. */
static inline int system_thread_sleeps(uint64_t system_id) {
  uint64_t place = place_in_system((DWORD)system_id);
  for (int i = 0; i < 10; ++i) {
    if (place == 0 || place_in_system((DWORD)system_id) != place) return 0;
    Sleep(0);
  }
  return 1;
}

/* The calling thread's name and the size of its stack. */
static inline void my_name(char *name, size_t size) {
  HRESULT (WINAPI *get)(HANDLE, PWSTR *) = /* mingw-w64 (10) does not declare it */
      (HRESULT (WINAPI *)(HANDLE, PWSTR *))(void (*)(void))GetProcAddress(GetModuleHandleA("kernel32.dll"), "GetThreadDescription");
  PWSTR wide;
  assert_true(get && SUCCEEDED(get(GetCurrentThread(), &wide)));
  assert_true(WideCharToMultiByte(CP_UTF8, 0, wide, -1, name, (int)size, NULL, NULL) > 0);
  LocalFree(wide);
}
static inline size_t my_stack_size(void) {
  ULONG_PTR low, high;
  GetCurrentThreadStackLimits(&low, &high);
  return high - low;
}
enum { LEAST_STACK = 0 }; /* whatever is asked for becomes as much as is needed */

/* Ends the calling thread by a call that polite knows nothing of, with a result; and as much of it as the system keeps. */
static inline void end_thread_by_system(void *result) { ExitThread((DWORD)(uintptr_t)result); }
static inline void *kept_by_system(void *result) { return (void *)(uintptr_t)(DWORD)(uintptr_t)result; }

/* Whether a thread that has not been joined is still there. */
static inline int has_not_ended(pthread_t thread) {
  return WaitForSingleObject((HANDLE)pthread_gethandle(thread), 0) == WAIT_TIMEOUT;
}

/* Thread-specific data, whose destructors run at a thread's end: fibers' local storage, for whatever runs later than that does so where
 * other threads cannot end. There is one round. */
typedef DWORD data_key_t;
static inline void make_key(data_key_t *key, void (*destructor)(void *)) {
  *key = FlsAlloc((PFLS_CALLBACK_FUNCTION)destructor);
  assert_true(*key != FLS_OUT_OF_INDEXES);
}
static inline void set_data(data_key_t key, void *value) { FlsSetValue(key, value); }
static inline void delete_key(data_key_t key) { FlsFree(key); }
enum { ROUNDS = 1, ROUNDS_ATTACHED = 1 };

/* --- Pipes, by plain calls --------------------------------------------------------------------------------------------------- */

static inline void make_pipe(polite_fd ends[2]) {
  HANDLE reader, writer;
  assert_true(CreatePipe(&reader, &writer, NULL, 0));
  ends[0] = (polite_fd)reader;
  ends[1] = (polite_fd)writer;
}

static inline long plain_write(polite_fd fd, const void *bytes, size_t length) {
  DWORD done;
  return WriteFile((HANDLE)fd, bytes, (DWORD)length, &done, NULL) ? (long)done : -1;
}

static inline long plain_read(polite_fd fd, void *bytes, size_t length) {
  DWORD done;
  if (ReadFile((HANDLE)fd, bytes, (DWORD)length, &done, NULL)) return (long)done;
  return GetLastError() == ERROR_BROKEN_PIPE ? 0 : -1;
}

static inline void plain_close(polite_fd fd) { CloseHandle((HANDLE)fd); }

/* Waits, by a plain call, until there is something to read, and takes a byte of it; whether that was all that happened. */
static inline int wait_plainly(polite_fd fd) {
  char byte;
  return plain_read(fd, &byte, 1) == 1;
}

static inline int is_open(polite_fd fd) {
  DWORD flags;
  return GetHandleInformation((HANDLE)fd, &flags);
}

/* --- Bytes in two boxes, of which a thread waits for either ------------------------------------------------------------------- */

typedef struct box {
  polite_fd ends[2];
  HANDLE count; /* a semaphore, of the bytes that nobody has come for */
} box_t;

static inline void open_box(box_t *box) {
  make_pipe(box->ends);
  box->count = CreateSemaphoreA(NULL, 0, LONG_MAX, NULL);
  assert_non_null(box->count);
}

static inline void close_box(box_t *box) {
  plain_close(box->ends[0]);
  plain_close(box->ends[1]);
  CloseHandle(box->count);
}

/* Whether it was put in. */
static inline int put_into(box_t *box, char byte) {
  return plain_write(box->ends[1], &byte, 1) == 1 && ReleaseSemaphore(box->count, 1, NULL);
}

/* Waits until there is something in one of them; which, 0 or 1. */
static inline int await_either(box_t *first, box_t *second) {
  HANDLE counts[2] = {first->count, second->count};
  int which = WaitForMultipleObjects(2, counts, FALSE, INFINITE) != WAIT_OBJECT_0;
  ReleaseSemaphore(counts[which], 1, NULL);
  return which;
}

/* Takes the first byte, or all of them, out of one that is not empty. Whether there was one. */
static inline int take_out(box_t *box, char *byte) {
  return WaitForSingleObject(box->count, 0) == WAIT_OBJECT_0 && plain_read(box->ends[0], byte, 1) == 1;
}
static inline int empty_box(box_t *box) {
  char byte;
  int some = 0;
  while (take_out(box, &byte)) some = 1;
  return some;
}

#endif

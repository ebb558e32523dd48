/* The library comes into a process that has threads already, by LoadLibrary. They use it as if it had always been there, their ends
 * are noticed, and it stays when it is freed (two copies beside each other do not disturb each other).
 *
 *     late_load LIBRARY */
#define _GNU_SOURCE
#include <polite/error.h>
#include <polite/thread.h>

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#define CHECK(condition)                                                                 \
  do {                                                                                   \
    if (!(condition)) {                                                                  \
      fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition);     \
      abort();                                                                           \
    }                                                                                    \
  } while (0)

enum { SLEEPERS = 3 };

static struct library {
  polite_thread_t (*self)(void);
  int (*interrupt)(polite_thread_t);
  int (*inspect)(polite_thread_t, polite_thread_info_t *);
  int (*nanosleep)(int64_t, int64_t *);
} library;

static struct sleeper {
  pthread_t thread;
  _Atomic polite_thread_t handle;
  int unattached, result;
} sleepers[SLEEPERS];

static HANDLE gate;

static void find(HMODULE module, const char *name, void *function) {
  FARPROC address = GetProcAddress(module, name);
  CHECK(address != NULL);
  memcpy(function, &address, sizeof address);
}

static void *sleep_until_interrupted(void *sleeper_) {
  struct sleeper *sleeper = sleeper_;
  WaitForSingleObject(gate, INFINITE);
  sleeper->unattached = library.nanosleep(1000, NULL);
  sleeper->handle = library.self();
  sleeper->result = library.nanosleep((int64_t)3600 * 1000000000, NULL);
  return NULL;
}

static int is_blocked(polite_thread_t thread) {
  polite_thread_info_t info = {.size = sizeof info};
  return library.inspect(thread, &info) == 0 && info.state == POLITE_THREAD_BLOCKED;
}

static void interrupt_all(void) {
  for (int i = 0; i < SLEEPERS; ++i) {
    struct sleeper *sleeper = &sleepers[i];
    while (!sleeper->handle || !is_blocked(sleeper->handle)) sched_yield();
    CHECK(library.interrupt(sleeper->handle) == 0);
    CHECK(pthread_join(sleeper->thread, NULL) == 0);
    CHECK(sleeper->unattached == 0 && sleeper->result == POLITE_INTERRUPTED);
    CHECK(library.interrupt(sleeper->handle) == POLITE_ESRCH);
    memset(sleeper, 0, sizeof *sleeper);
  }
}

static void start_all(void) {
  for (int i = 0; i < SLEEPERS; ++i) CHECK(pthread_create(&sleepers[i].thread, NULL, sleep_until_interrupted, &sleepers[i]) == 0);
}

int main(int argc, char **argv) {
  CHECK(argc == 2);
  gate = CreateEventA(NULL, TRUE, FALSE, NULL);
  start_all(); /* before there is a library */
  HMODULE module = LoadLibraryA(argv[1]);
  CHECK(module != NULL);
  find(module, "polite_self", &library.self);
  find(module, "polite_interrupt", &library.interrupt);
  find(module, "polite_thread_inspect", &library.inspect);
  find(module, "polite_nanosleep", &library.nanosleep);
  SetEvent(gate);
  interrupt_all();
  CHECK(FreeLibrary(module));
  CHECK(GetModuleHandleA(argv[1]) == module);
  start_all();
  interrupt_all();
  return 0;
}

/* The stress program for Windows: options, two rounds, the totals.
 *
 *     polite_win32_stress [--seed N] [--interrupts N]
 *
 * What is kept for threads to come (the events at which each sleeps, and of its operations) is there before the rounds begin; so they leave as
 * many handles as there were. The first one is short, for what the system keeps. It ends with a line "stress: <backend>, <processor>, <libc>: passed: …", or with status 1 and a
 * line that begins "stress: FAILED". */
#include "stress.h"

#include "../handles.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t seed = 42;
static atomic_bool ended;

void fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fprintf(stderr, "stress: FAILED: ");
  vfprintf(stderr, format, arguments);
  fprintf(stderr, " (--seed %llu)\n", (unsigned long long)seed);
  va_end(arguments);
  print_workers();
  fflush(stderr);
  _exit(1);
}

static DWORD WINAPI interrupt_all_the_time(void *number) {
  struct random random = random_from(seed, (uint64_t)(uintptr_t)number);
  while (!ended) {
    interrupt_some_worker(&random);
    if (random_once_in(&random, 4)) disturb_workers(&random);
    if (random_once_in(&random, 3)) Sleep(random_once_in(&random, 2) ? 1 : 0);
  }
  return 0;
}

/* What the program's own port got: nothing that it did not ask for. */
static void expect_no_packets(HANDLE port) {
  DWORD bytes;
  ULONG_PTR key;
  OVERLAPPED *overlapped;
  if (GetQueuedCompletionStatus(port, &bytes, &key, &overlapped, 0) || overlapped) fail("a completion packet that nobody asked for");
}

/* More threads at a time than there will be, each of which sleeps and has an operation. */
enum { AT_A_TIME = 100 };
static polite_barrier_t together;

static void *need_all(void *pipe) {
  char byte;
  REQUIRE(polite_read(*(polite_fd *)pipe, &byte, 1) == 0);
  REQUIRE(polite_nanosleep(1, NULL) == 0);
  REQUIRE(polite_barrier_wait(&together) >= 0);
  return NULL;
}

static void have_all_that_is_kept(void) {
  const char *name = "\\\\.\\pipe\\polite-stress-first";
  polite_thread_t threads[AT_A_TIME];
  HANDLE server = CreateNamedPipeA(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, PIPE_TYPE_BYTE, 1, 4096, 4096, 0, NULL);
  CloseHandle(CreateFileA(name, GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL));
  REQUIRE(polite_barrier_init(&together, AT_A_TIME) == 0);
  polite_fd pipe = (polite_fd)server;
  for (int i = 0; i < AT_A_TIME; ++i) REQUIRE(polite_thread_create(&threads[i], NULL, need_all, &pipe) == 0);
  for (int i = 0; i < AT_A_TIME; ++i) REQUIRE(polite_thread_join(threads[i], NULL) == POLITE_RETURNED);
  CloseHandle(server);
}

struct totals {
  long delivered, connections, calls;
  long long bytes;
};

static struct totals run(long interrupts) {
  enum { INTERRUPTERS = 2 };
  HANDLE interrupters[INTERRUPTERS], port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 1);
  long before = bystanders_calls();
  REQUIRE(port != NULL);
  ended = false;
  add_streams(port);
  add_connections();
  add_waits();
  start_bystanders();
  start_workers(seed);
  for (int i = 0; i < INTERRUPTERS; ++i) interrupters[i] = CreateThread(NULL, 0, interrupt_all_the_time, (void *)(uintptr_t)(1000 + i), 0, NULL);

  long seen = 0;
  for (int idle = 0; interrupts_delivered() < interrupts; ++idle) {
    Sleep(10);
    if (interrupts_delivered() != seen) seen = interrupts_delivered(), idle = 0;
    if (idle > LIMIT_SECONDS * 100) fail("no interrupt has been delivered for %d seconds", LIMIT_SECONDS);
  }
  ended = true;
  for (int i = 0; i < INTERRUPTERS; ++i) {
    REQUIRE(WaitForSingleObject(interrupters[i], LIMIT_SECONDS * 1000) == WAIT_OBJECT_0);
    CloseHandle(interrupters[i]);
  }
  stop_workers();
  struct totals totals = {interrupts_delivered(), 0, 0, 0};
  totals.bytes = settle_streams();
  totals.connections = settle_connections();
  settle_waits();
  stop_bystanders();
  totals.calls = bystanders_calls() - before;
  expect_no_packets(port);
  CloseHandle(port);
  forget_workers();
  return totals;
}

int main(int argc, char **argv) {
  long interrupts = 20000;
  WSADATA data;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (strcmp(argv[i], "--seed") == 0) seed = strtoull(argv[i + 1], NULL, 10);
    if (strcmp(argv[i], "--interrupts") == 0) interrupts = strtol(argv[i + 1], NULL, 10);
  }
  REQUIRE(WSAStartup(MAKEWORD(2, 2), &data) == 0);
  REQUIRE(polite_backend() == POLITE_BACKEND_EVENT);
  have_all_that_is_kept();
  run(interrupts / 20);
  DWORD before = handles();
  struct totals totals = run(interrupts);
  DWORD after = handles();
  if (after > before) fail("%lu handles before, %lu after", before, after);
  printf("stress: event, x86-64, windows: passed: %ld interrupts delivered, %lld bytes moved, %ld connections, %ld plain calls beside them; lost 0 wakes, "
         "0 bytes, 0 connections, 0 handles; 0 operations of others cancelled, 0 completion packets\n",
         totals.delivered, totals.bytes, totals.connections, totals.calls);
  return 0;
}

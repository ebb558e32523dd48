/* Bystanders: plain calls of the program's, beside the workers', on handles of their own and on shared ones. None of them is cancelled, ends
 * early, or gets what it did not begin (rule 7). */
#include "stress.h"

#include <string.h>

enum { MOST = 16 };

static HANDLE threads[MOST];
static int count;
static atomic_bool stopped;
static atomic_long calls;

long bystanders_calls(void) { return calls; }

static void start(LPTHREAD_START_ROUTINE body, void *with) {
  REQUIRE(count < MOST);
  threads[count] = CreateThread(NULL, 0, body, with, 0, NULL);
  REQUIRE(threads[count++] != NULL);
}

/* --- Feeders: a byte, or a message, at a time ------------------------------------------------------------------------------- */

struct feed {
  HANDLE reader, writer; /* a pipe's ends */
  bool of_messages;
  atomic_long sent, taken;
};

static struct feed alone, in_between, shared;

static void make_feed(struct feed *feed, bool of_messages) {
  char name[64];
  static long number;
  memset(feed, 0, sizeof *feed);
  feed->of_messages = of_messages;
  wsprintfA(name, "\\\\.\\pipe\\polite-bystander-%lu-%ld", GetCurrentProcessId(), ++number);
  DWORD overlapped = of_messages ? FILE_FLAG_OVERLAPPED : 0;
  feed->reader = CreateNamedPipeA(name, PIPE_ACCESS_INBOUND | overlapped, of_messages ? PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE : PIPE_TYPE_BYTE, 1, 4096,
                                  4096, 0, NULL);
  feed->writer = CreateFileA(name, GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
  REQUIRE(feed->reader != INVALID_HANDLE_VALUE && feed->writer != INVALID_HANDLE_VALUE);
}

static void send_to(struct feed *feed) {
  DWORD n;
  long number = ++feed->sent;
  REQUIRE(WriteFile(feed->writer, &number, feed->of_messages ? sizeof number : 1, &n, NULL));
}

/* Now and then, so that those who read are blocked most of the time. The end is a last one for each reader. */
static DWORD WINAPI feed_all(void *unused) {
  (void)unused;
  while (!stopped) {
    Sleep(1);
    send_to(&alone);
    send_to(&in_between);
    if (shared.sent - shared.taken < 4) send_to(&shared);
  }
  for (int i = 0; i < 2; ++i) send_to(&alone), send_to(&in_between), send_to(&shared);
  return 0;
}

/* --- Those who read --------------------------------------------------------------------------------------------------------- */

static DWORD WINAPI read_alone(void *unused) {
  (void)unused;
  while (!stopped) {
    char byte;
    DWORD n;
    if (!ReadFile(alone.reader, &byte, 1, &n, NULL)) fail("a bystander's read: %lu", GetLastError());
    REQUIRE(n == 1);
    ++calls;
  }
  return 0;
}

/* Beside a worker, on the same handle. */
static DWORD WINAPI read_shared(void *unused) {
  (void)unused;
  OVERLAPPED overlapped = {.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL)};
  while (!stopped) {
    long number;
    DWORD n;
    if (!ReadFile(shared.reader, &number, sizeof number, NULL, &overlapped) && GetLastError() != ERROR_IO_PENDING)
      fail("a bystander's overlapped read: %lu", GetLastError());
    if (!GetOverlappedResult(shared.reader, &overlapped, &n, TRUE)) fail("a bystander's overlapped read, in the end: %lu", GetLastError());
    REQUIRE(n == sizeof number);
    ++shared.taken;
    ++calls;
  }
  CloseHandle(overlapped.hEvent);
  return 0;
}

static int read_shared_politely(struct worker *worker) {
  (void)worker;
  long number;
  polite_ssize_t n = polite_read((polite_fd)shared.reader, &number, sizeof number);
  if (n == POLITE_INTERRUPTED) return POLITE_INTERRUPTED;
  if (n != sizeof number) fail("a worker's read beside a bystander's: %lld", (long long)n);
  ++shared.taken;
  return 0;
}

/* A wake that is late would hit the plain read of a worker that has just been interrupted in polite's. */
static HANDLE silent[2];

static int read_plainly_in_between(struct worker *worker) {
  (void)worker;
  char byte;
  DWORD n;
  polite_ssize_t result = polite_read((polite_fd)silent[0], &byte, 1);
  if (result != POLITE_INTERRUPTED) fail("a read of nothing: %lld", (long long)result);
  if (!stopping && !ReadFile(in_between.reader, &byte, 1, &n, NULL)) fail("a plain read after an interrupt: %lu", GetLastError());
  ++calls;
  return POLITE_INTERRUPTED;
}

/* No APC is polite's. */
static DWORD WINAPI sleep_alertably(void *unused) {
  (void)unused;
  while (!stopped) {
    if (SleepEx(1, TRUE) != 0) fail("a bystander's sleep was ended by an APC");
    ++calls;
  }
  return 0;
}

/* --- Sockets ---------------------------------------------------------------------------------------------------------------- */

static SOCKET stream[2];

static DWORD WINAPI receive(void *unused) {
  (void)unused;
  char byte;
  for (;;) {
    int n = recv(stream[0], &byte, 1, 0);
    if (n == 0) return 0;
    if (n != 1) fail("a bystander's recv: %d", WSAGetLastError());
    ++calls;
  }
}

static DWORD WINAPI send_bytes(void *unused) {
  (void)unused;
  while (!stopped) {
    Sleep(1);
    REQUIRE(send(stream[1], "b", 1, 0) == 1);
  }
  shutdown(stream[1], SD_SEND);
  return 0;
}

/* --- APCs of the program's own ---------------------------------------------------------------------------------------------- */

static void CALLBACK nothing(ULONG_PTR argument) { (void)argument; }

void disturb_workers(struct random *random) {
  polite_thread_info_t info = {.size = sizeof info};
  polite_thread_t thread = 0;
  for (unsigned skip = random_below(random, (unsigned)count_workers()) + 1; skip; --skip) thread = polite_thread_next(thread);
  if (!thread || polite_thread_inspect(thread, &info) != 0) return;
  HANDLE handle = OpenThread(THREAD_SET_CONTEXT, FALSE, (DWORD)info.system_id);
  if (!handle) return;
  QueueUserAPC(nothing, handle, 0);
  CloseHandle(handle);
}

/* --- All of them ------------------------------------------------------------------------------------------------------------- */

void start_bystanders(void) {
  count = 0;
  stopped = false;
  make_feed(&alone, false);
  make_feed(&in_between, false);
  make_feed(&shared, true);
  REQUIRE(CreatePipe(&silent[0], &silent[1], NULL, 0));
  socket_pair(stream);
  add_worker("beside a bystander", read_shared_politely, NULL);
  add_worker("plain in between", read_plainly_in_between, NULL);
  start(read_alone, NULL);
  start(read_shared, NULL);
  start(sleep_alertably, NULL);
  start(receive, NULL);
  start(send_bytes, NULL);
  start(feed_all, NULL);
}

void stop_bystanders(void) {
  stopped = true;
  for (int i = 0; i < count; ++i) {
    REQUIRE(WaitForSingleObject(threads[i], LIMIT_SECONDS * 1000) == WAIT_OBJECT_0);
    CloseHandle(threads[i]);
  }
  struct feed *const feeds[] = {&alone, &in_between, &shared};
  for (int i = 0; i < 3; ++i) {
    CloseHandle(feeds[i]->reader);
    CloseHandle(feeds[i]->writer);
  }
  CloseHandle(silent[0]);
  CloseHandle(silent[1]);
  closesocket(stream[0]);
  closesocket(stream[1]);
}

/* Streams: what the writers' calls say has gone is what the readers get, byte for byte and in order (rule 2). */
#include "stress.h"

#include <stdio.h>
#include <stdlib.h>

enum { MOST = 16, PIECE = 20000, MESSAGE = 3000 };

struct stream {
  const char *name;
  polite_fd reader, writer;
  bool of_messages, of_sockets;
  long long written, read;
};

static struct stream streams[MOST];
static int count;

/* The byte at a place: not the same again for a long while. */
static unsigned char byte_at(long long place) {
  struct random at = {(uint64_t)place};
  return (unsigned char)random_next(&at);
}

static int is_interrupted(polite_ssize_t n, const struct stream *stream, const char *what) {
  if (n == POLITE_INTERRUPTED) return 1;
  if (n < 0) fail("%s: %s: %s", stream->name, what, polite_error_name((int)n));
  return 0;
}

/* As much as there is in each call, small and large; a slow reader every now and then. */
static int write_some(struct worker *worker) {
  struct stream *stream = worker->with;
  unsigned char bytes[PIECE];
  unsigned most = stream->of_messages ? MESSAGE : PIECE;
  unsigned length = 1 + random_below(&worker->random, random_once_in(&worker->random, 4) ? most : 200);
  for (unsigned i = 0; i < length; ++i) bytes[i] = byte_at(stream->written + i);
  polite_ssize_t n = stream->of_sockets ? polite_send((polite_sock)stream->writer, bytes, length, 0) : polite_write(stream->writer, bytes, length);
  if (is_interrupted(n, stream, "write")) return POLITE_INTERRUPTED;
  if (n > (polite_ssize_t)length || (stream->of_messages && n != (polite_ssize_t)length)) fail("%s: %lld of %u bytes written", stream->name, (long long)n, length);
  stream->written += n;
  return 0;
}

static void compare(struct stream *stream, const unsigned char *bytes, long long n) {
  for (long long i = 0; i < n; ++i)
    if (bytes[i] != byte_at(stream->read + i)) fail("%s: byte %lld is another one", stream->name, stream->read + i);
  stream->read += n;
}

static int read_some(struct worker *worker) {
  struct stream *stream = worker->with;
  unsigned char bytes[PIECE];
  unsigned length = stream->of_messages ? PIECE : 1 + random_below(&worker->random, random_once_in(&worker->random, 4) ? PIECE : 100);
  if (random_once_in(&worker->random, 50)) {
    int slept = polite_nanosleep(random_below(&worker->random, 2000000), NULL);
    if (slept == POLITE_INTERRUPTED) return slept;
  }
  polite_ssize_t n = stream->of_sockets ? polite_recv((polite_sock)stream->reader, bytes, length, 0) : polite_read(stream->reader, bytes, length);
  if (is_interrupted(n, stream, "read")) return POLITE_INTERRUPTED;
  if (n == 0) fail("%s: ended", stream->name);
  compare(stream, bytes, n);
  return 0;
}

static struct stream *add(const char *name) {
  struct stream *stream = &streams[count++];
  *stream = (struct stream){0};
  stream->name = name;
  return stream;
}

static void add_pair(struct stream *stream) {
  add_worker(stream->name, write_some, stream);
  add_worker(stream->name, read_some, stream);
}

/* --- Making them ----------------------------------------------------------------------------------------------------------- */

static void add_anonymous(void) {
  struct stream *stream = add("anonymous pipe");
  HANDLE reader, writer;
  REQUIRE(CreatePipe(&reader, &writer, NULL, 4096));
  stream->reader = (polite_fd)reader;
  stream->writer = (polite_fd)writer;
  add_pair(stream);
}

static void bind_to(HANDLE port, HANDLE handle) { REQUIRE(CreateIoCompletionPort(handle, port, (ULONG_PTR)handle, 0) == port); }

/* The server's end writes. */
static void add_named(const char *stream_name, DWORD type, DWORD access, DWORD reading, DWORD writing, HANDLE port) {
  struct stream *stream = add(stream_name);
  char name[64];
  snprintf(name, sizeof name, "\\\\.\\pipe\\polite-stress-%lu-%d", GetCurrentProcessId(), count);
  HANDLE writer = CreateNamedPipeA(name, access | writing, type, 1, 4096, 4096, 0, NULL);
  REQUIRE(writer != INVALID_HANDLE_VALUE);
  HANDLE reader = CreateFileA(name, GENERIC_READ | FILE_WRITE_ATTRIBUTES, 0, NULL, OPEN_EXISTING, reading, NULL);
  REQUIRE(reader != INVALID_HANDLE_VALUE);
  DWORD mode = type & PIPE_TYPE_MESSAGE ? PIPE_READMODE_MESSAGE : PIPE_READMODE_BYTE;
  REQUIRE(SetNamedPipeHandleState(reader, &mode, NULL, NULL));
  if (writing) bind_to(port, writer);
  if (reading) bind_to(port, reader);
  stream->reader = (polite_fd)reader;
  stream->writer = (polite_fd)writer;
  stream->of_messages = type & PIPE_TYPE_MESSAGE;
  add_pair(stream);
}

void socket_pair(SOCKET ends[2]) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int length = sizeof address;
  SOCKET listener = socket(AF_INET, SOCK_STREAM, 0);
  REQUIRE(bind(listener, (struct sockaddr *)&address, length) == 0 && listen(listener, 1) == 0);
  REQUIRE(getsockname(listener, (struct sockaddr *)&address, &length) == 0);
  ends[0] = socket(AF_INET, SOCK_STREAM, 0);
  REQUIRE(connect(ends[0], (struct sockaddr *)&address, length) == 0);
  ends[1] = accept(listener, NULL, NULL);
  REQUIRE(ends[1] != INVALID_SOCKET);
  closesocket(listener);
}

static void add_sockets(const char *name, HANDLE port) {
  struct stream *stream = add(name);
  SOCKET ends[2];
  socket_pair(ends);
  if (port) {
    bind_to(port, (HANDLE)ends[0]);
    bind_to(port, (HANDLE)ends[1]);
  }
  stream->of_sockets = true;
  stream->reader = (polite_fd)ends[0];
  stream->writer = (polite_fd)ends[1];
  add_pair(stream);
}

void add_streams(HANDLE port) {
  count = 0;
  const DWORD bytes = PIPE_TYPE_BYTE, messages = PIPE_TYPE_MESSAGE, overlapped = FILE_FLAG_OVERLAPPED;
  add_anonymous();
  add_named("byte pipe", bytes, PIPE_ACCESS_DUPLEX, 0, 0, NULL);
  add_named("overlapped byte pipe", bytes, PIPE_ACCESS_DUPLEX, overlapped, overlapped, port);
  add_named("overlapped byte pipe that cannot be looked at", bytes, PIPE_ACCESS_OUTBOUND, overlapped, overlapped, port);
  add_named("message pipe", messages, PIPE_ACCESS_DUPLEX, 0, 0, NULL);
  add_named("overlapped message pipe", messages, PIPE_ACCESS_DUPLEX, overlapped, overlapped, port);
  add_sockets("sockets", NULL);
  add_sockets("sockets with a completion port", port);
}

/* --- The end --------------------------------------------------------------------------------------------------------------- */

static void close_end(const struct stream *stream, polite_fd end) {
  if (stream->of_sockets) closesocket((SOCKET)end);
  else CloseHandle((HANDLE)end);
}

/* By plain calls for what is bound to no port; polite's serve all. */
static void settle(struct stream *stream) {
  unsigned char bytes[PIECE];
  while (stream->read < stream->written) {
    polite_ssize_t n = stream->of_sockets ? polite_recv((polite_sock)stream->reader, bytes, sizeof bytes, 0) : polite_read(stream->reader, bytes, sizeof bytes);
    if (n <= 0) fail("%s: %lld bytes written, %lld read, then %s", stream->name, stream->written, stream->read, n ? polite_error_name((int)n) : "the end");
    compare(stream, bytes, n);
  }
  close_end(stream, stream->writer);
  polite_ssize_t n = stream->of_sockets ? polite_recv((polite_sock)stream->reader, bytes, 1, 0) : polite_read(stream->reader, bytes, 1);
  if (n > 0) fail("%s: more bytes read than written", stream->name);
  close_end(stream, stream->reader);
}

long long settle_streams(void) {
  long long sum = 0;
  for (int i = 0; i < count; ++i) {
    settle(&streams[i]);
    sum += streams[i].written;
  }
  return sum;
}

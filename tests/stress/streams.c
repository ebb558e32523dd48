/* Streams: pipes and socket pairs that are written and read by whoever is free to, and never closed before the end.
 *
 * Byte number n of a stream has a value that follows from n. At most one thread writes to a stream at a time, and one reads:
 * `written` and `taken` are theirs. What a reader gets must be the bytes from `taken` on; and whenever somebody is
 * both its reader and its writer, what was written is what was taken and what the kernel still holds. */
#include "stress.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { STREAMS = 6 };

struct stream {
  bool is_socket;
  int reader, writer;
  atomic_bool reading, writing;
  uint64_t written, taken;
};

static struct stream streams[STREAMS];

/* --- The pattern ---------------------------------------------------------------------------------------------------------- */

static unsigned char byte_at(const struct stream *stream, uint64_t n) {
  unsigned which = (unsigned)(stream - streams);
  return (unsigned char)(n ^ (n >> 8) * 29 ^ (n >> 16) * 71 ^ which * 113);
}

static void fill(const struct stream *stream, unsigned char *buffer, size_t len) {
  for (size_t i = 0; i < len; ++i) buffer[i] = byte_at(stream, stream->written + i);
}

static void check(const struct stream *stream, const unsigned char *buffer, size_t len) {
  for (size_t i = 0; i < len; ++i)
    if (buffer[i] != byte_at(stream, stream->taken + i))
      fail("stream %d: byte %llu is not the one that was written", (int)(stream - streams), (unsigned long long)(stream->taken + i));
}

/* --- Opening and closing -------------------------------------------------------------------------------------------------- */

static void open_pair(struct stream *stream) {
  int both[2];
  int size = 4608;
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, both) == 0);
  REQUIRE(setsockopt(both[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof size) == 0);
  stream->is_socket = true;
  stream->reader = both[0], stream->writer = both[1];
}

static void open_pipe(struct stream *stream, struct random *random) {
  int both[2];
  REQUIRE(pipe(both) == 0);
  (void)fcntl(both[1], F_SETPIPE_SZ, 4096 << random_below(random, 5)); /* as much as the user may still have */
  stream->reader = both[0], stream->writer = both[1];
}

void streams_open(struct random *random) {
  for (int i = 0; i < STREAMS; ++i) {
    if (i % 2) open_pair(&streams[i]);
    else open_pipe(&streams[i], random);
  }
}

static uint64_t held(const struct stream *stream) {
  int bytes = -1;
  REQUIRE(ioctl(stream->reader, FIONREAD, &bytes) == 0 && bytes >= 0);
  return (uint64_t)bytes;
}

static long lost_bytes(const struct stream *stream) { return (long)(stream->written - stream->taken - held(stream)); }

static void drain(struct stream *stream) {
  unsigned char buffer[4096];
  REQUIRE(fcntl(stream->reader, F_SETFL, O_NONBLOCK) == 0);
  for (ssize_t n; (n = read(stream->reader, buffer, sizeof buffer)) > 0; stream->taken += (uint64_t)n)
    check(stream, buffer, (size_t)n);
  REQUIRE(errno == EAGAIN);
}

void streams_close(long *written, long *read_, long *lost) {
  for (int i = 0; i < STREAMS; ++i) {
    struct stream *stream = &streams[i];
    drain(stream);
    *written += (long)stream->written;
    *read_ += (long)stream->taken;
    long missing = (long)(stream->written - stream->taken);
    *lost += missing < 0 ? -missing : missing;
    close(stream->reader);
    close(stream->writer);
  }
}

/* --- One thread at a time ------------------------------------------------------------------------------------------------- */

static bool take_role(atomic_bool *role) { return !atomic_exchange(role, true); }
static void leave_role(atomic_bool *role) { atomic_store(role, false); }

static struct stream *stream_at_random(struct random *random) { return &streams[random_below(random, STREAMS)]; }

int stream_to_poll(struct random *random) { return stream_at_random(random)->reader; }

static size_t size_at_random(struct random *random) {
  switch (random_below(random, 4)) {
    case 0: return 1;
    case 1: return 1 + random_below(random, 100);
    case 2: return 1 + random_below(random, 4096);
    default: return 1 + random_below(random, BUFFER);
  }
}

static void cut_in_three(polite_iovec_t pieces[3], unsigned char *buffer, size_t len) {
  size_t a = len / 3, b = len / 2;
  pieces[0] = (polite_iovec_t){buffer, a};
  pieces[1] = (polite_iovec_t){buffer + a, b - a};
  pieces[2] = (polite_iovec_t){buffer + b, len - b};
}

/* --- Writing -------------------------------------------------------------------------------------------------------------- */

static polite_ssize_t write_once(struct stream *stream, struct life *life, size_t len) {
  polite_iovec_t pieces[3];
  cut_in_three(pieces, life->buffer, len);
  struct msghdr message = {.msg_iov = (struct iovec *)(void *)pieces, .msg_iovlen = 3};
  unsigned way = random_below(&life->random, stream->is_socket ? 4 : 2);
  static const char *const names[] = {"write to a stream", "writev to a stream", "send", "sendmsg"};
  struct attempt this = attempt(life, names[way]);
  polite_ssize_t n = 0;
  switch (way) {
    case 0: n = polite_write(stream->writer, life->buffer, len); break;
    case 1: n = polite_writev(stream->writer, pieces, 3); break;
    case 2: n = polite_send(stream->writer, life->buffer, len, MSG_NOSIGNAL); break;
    case 3: n = polite_sendmsg(stream->writer, &message, MSG_NOSIGNAL); break;
  }
  n = judge(life, &this, RESTARTS, n);
  if (n == 0 || (n < 0 && !no_result(n))) fail("%s said %ld (%s)", names[way], (long)n, polite_error_name((int)n));
  return n;
}

static size_t write_all(struct stream *stream, struct life *life, size_t len) {
  size_t moved = SIZE_MAX;
  struct attempt this = attempt(life, "write_all to a stream");
  int why = (int)judge(life, &this, CARRIES_ON, polite_write_all(stream->writer, life->buffer, len, &moved));
  if (why != 0 && why != POLITE_INTERRUPTED) fail("write_all said %s", polite_error_name(why));
  if (moved > len || (why == 0) != (moved == len)) fail("write_all said %d after %zu of %zu bytes", why, moved, len);
  return moved;
}

void stream_write_at_random(struct life *life) {
  struct stream *stream = stream_at_random(&life->random);
  size_t len = size_at_random(&life->random);
  bool all = random_once_in(&life->random, 4);
  if (!take_role(&stream->writing)) return;
  fill(stream, life->buffer, len);
  if (all) {
    stream->written += write_all(stream, life, len);
  } else {
    polite_ssize_t n = write_once(stream, life, len);
    if (n > 0) stream->written += (uint64_t)n;
  }
  leave_role(&stream->writing);
}

/* --- Reading -------------------------------------------------------------------------------------------------------------- */

static polite_ssize_t read_once(struct stream *stream, struct life *life, size_t len) {
  polite_iovec_t pieces[3];
  cut_in_three(pieces, life->buffer, len);
  struct msghdr message = {.msg_iov = (struct iovec *)(void *)pieces, .msg_iovlen = 3};
  unsigned way = random_below(&life->random, stream->is_socket ? 6 : 2);
  static const char *const names[] = {"read from a stream", "readv from a stream", "recv", "recv all", "recvfrom", "recvmsg"};
  struct attempt this = attempt(life, names[way]);
  polite_ssize_t n = 0;
  switch (way) {
    case 0: n = polite_read(stream->reader, life->buffer, len); break;
    case 1: n = polite_readv(stream->reader, pieces, 3); break;
    case 2: n = polite_recv(stream->reader, life->buffer, len, 0); break;
    case 3: n = polite_recv(stream->reader, life->buffer, len, MSG_WAITALL); break;
    case 4: n = polite_recvfrom(stream->reader, life->buffer, len, 0, NULL, NULL); break;
    case 5: n = polite_recvmsg(stream->reader, &message, 0); break;
  }
  n = judge(life, &this, RESTARTS, n);
  if (n == 0 || (n < 0 && !no_result(n))) fail("%s said %ld (%s)", names[way], (long)n, polite_error_name((int)n));
  return n;
}

static size_t read_full(struct stream *stream, struct life *life, size_t len) {
  size_t moved = SIZE_MAX;
  struct attempt this = attempt(life, "read_full from a stream");
  int why = (int)judge(life, &this, CARRIES_ON, polite_read_full(stream->reader, life->buffer, len, &moved));
  if (why != 0 && why != POLITE_INTERRUPTED) fail("read_full said %s", polite_error_name(why));
  if (moved > len || (why == 0) != (moved == len)) fail("read_full said %d after %zu of %zu bytes", why, moved, len);
  return moved;
}

static void got(struct stream *stream, struct life *life, size_t n) {
  check(stream, life->buffer, n);
  stream->taken += n;
}

void stream_read_at_random(struct life *life) {
  struct stream *stream = stream_at_random(&life->random);
  size_t len = size_at_random(&life->random);
  bool full = random_once_in(&life->random, 4);
  if (!take_role(&stream->reading)) return;
  if (full) {
    got(stream, life, read_full(stream, life, len));
  } else {
    polite_ssize_t n = read_once(stream, life, len);
    if (n > 0) got(stream, life, (size_t)n);
  }
  leave_role(&stream->reading);
}

void stream_audit_at_random(struct life *life) {
  struct stream *stream = stream_at_random(&life->random);
  if (!take_role(&stream->writing)) return;
  if (take_role(&stream->reading)) {
    long lost = lost_bytes(stream);
    if (lost) fail("stream %d: %ld bytes are neither read nor there", (int)(stream - streams), lost);
    leave_role(&stream->reading);
  }
  leave_role(&stream->writing);
}

/* Bytes through pipes and sockets, one call and many pieces. */
#include "table.h"

#include <sys/socket.h>
#include <sys/syscall.h>

static long run_read(scene_t *s) {
  char byte;
  return polite_read(s->here, &byte, 1);
}
static long run_readv(scene_t *s) {
  char byte;
  polite_iovec_t piece = {&byte, 1};
  return polite_readv(s->here, &piece, 1);
}
static long run_read_full(scene_t *s) {
  char byte;
  size_t moved = 77;
  int result = polite_read_full(s->here, &byte, 1, &moved);
  CHECK(moved == (result == 0));
  return result;
}
static long run_write(scene_t *s) { return polite_write(s->here, "x", 1); }
static long run_writev(scene_t *s) {
  polite_iovec_t piece = {(void *)"x", 1};
  return polite_writev(s->here, &piece, 1);
}
static long run_write_all(scene_t *s) {
  size_t moved = 77;
  int result = polite_write_all(s->here, "x", 1, &moved);
  CHECK(moved == (result == 0));
  return result;
}

/* With an offset of -1 they are readv and writev. */
static long run_preadv2(scene_t *s) {
  char byte;
  polite_iovec_t piece = {&byte, 1};
  return polite_preadv2(s->here, &piece, 1, -1, 0);
}
static long run_pwritev2(scene_t *s) {
  polite_iovec_t piece = {(void *)"x", 1};
  return polite_pwritev2(s->here, &piece, 1, -1, 0);
}
static long run_syscall(scene_t *s) {
  char byte;
  return polite_syscall(SYS_read, s->here, (long)&byte, 1, 0, 0, 0);
}

/* --- Moving from descriptor to descriptor ----------------------------------------------------------------------------------- */

static int letters(void) {
  char name[] = "/tmp/polite-test-XXXXXX";
  int fd = mkstemp(name);
  assert_true(fd >= 0);
  unlink(name);
  assert_int_equal(write(fd, "abc", 3), 3);
  return fd;
}
static void full_pipe_and_file(scene_t *s) {
  full_pipe(s);
  s->third = letters();
}
static void full_socket_and_file(scene_t *s) {
  full_socket(s);
  s->third = letters();
}
static long run_sendfile(scene_t *s) {
  int64_t offset = 1;
  long result = polite_sendfile(s->here, s->third, &offset, 1);
  CHECK(offset == (result == 1 ? 2 : 1));
  return result;
}

static long run_splice(scene_t *s) {
  int ends[2];
  make_pipe(ends);
  long result = polite_splice(s->here, NULL, ends[1], NULL, 1, 0);
  close_both(ends);
  return result;
}

const call_t stream_calls[] = {
    {"read", "read", empty_pipe, run_read, feed, 1, 0},
    {"readv", "readv", empty_pipe, run_readv, feed, 1, 0},
    {"read", "read", empty_socket, run_read, feed, 1, 0},
    {"read_full", "read", empty_pipe, run_read_full, feed, 0, 0},
    {"write", "write", full_pipe, run_write, drain, 1, 0},
    {"writev", "writev", full_pipe, run_writev, drain, 1, 0},
    {"write", "write", full_socket, run_write, drain, 1, 0},
    {"write_all", "write", full_pipe, run_write_all, drain, 0, 0},
    {"preadv2", "preadv2", empty_pipe, run_preadv2, feed, 1, NOT_IN_QEMU},
    {"preadv2", "preadv2", empty_socket, run_preadv2, feed, 1, NOT_IN_QEMU},
    {"pwritev2", "pwritev2", full_pipe, run_pwritev2, drain, 1, NOT_IN_QEMU},
    {"pwritev2", "pwritev2", full_socket, run_pwritev2, drain, 1, NOT_IN_QEMU},
    {"syscall", "syscall", empty_pipe, run_syscall, feed, 1, NO_DESCRIPTOR},
    {"sendfile", "sendfile", full_pipe_and_file, run_sendfile, drain, 1, NOT_WOKEN_IN_QEMU},
    {"sendfile", "sendfile", full_socket_and_file, run_sendfile, drain, 1, NOT_WOKEN_IN_QEMU | NEEDS_6_5},
    {"splice", "splice", empty_pipe, run_splice, feed, 1, NOT_WOKEN_IN_QEMU},
    {"splice", "splice", empty_socket, run_splice, feed, 1, NOT_WOKEN_IN_QEMU},
    {0},
};

/* Pipes and sockets with nothing in them, and full ones; listeners whom nobody calls, and those who are called too often. */
#include "scenes.h"

#include <fcntl.h>
#include <sys/socket.h>

static void take(scene_t *s, const int ends[2]) {
  s->here = ends[0];
  s->there = ends[1];
}

void empty_pipe(scene_t *s) {
  int ends[2];
  make_pipe(ends);
  take(s, ends);
}

void empty_socket(scene_t *s) {
  int ends[2];
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  take(s, ends);
}

void empty_datagrams(scene_t *s) {
  int ends[2];
  assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
  take(s, ends);
}

void feed(scene_t *s) { assert_int_equal(write(s->there, "x", 1), 1); }

static void fill(int fd) {
  static const char zeros[4096];
  fcntl(fd, F_SETFL, O_NONBLOCK);
  for (size_t piece = sizeof zeros; piece; piece /= 2)
    while (write(fd, zeros, piece) > 0) {
    }
  fcntl(fd, F_SETFL, 0);
}

void full_pipe(scene_t *s) {
  int ends[2];
  make_pipe(ends);
  s->here = ends[1];
  s->there = ends[0];
  fill(s->here);
}

void full_socket(scene_t *s) {
  empty_socket(s);
  fill(s->here);
}

void drain(scene_t *s) {
  char bytes[4096];
  fcntl(s->there, F_SETFL, O_NONBLOCK);
  while (read(s->there, bytes, sizeof bytes) > 0) {
  }
  fcntl(s->there, F_SETFL, 0);
}

/* --- Connections ------------------------------------------------------------------------------------------------------------ */

static int connected_to(scene_t *s, int flags) {
  int fd = socket(AF_UNIX, SOCK_STREAM | flags, 0);
  CHECK(fd >= 0);
  if (connect(fd, (struct sockaddr *)&s->address, sizeof s->address) == 0) return fd;
  close(fd);
  return -1;
}

static void listener(scene_t *s, int backlog) {
  static atomic_int number;
  s->address.sun_family = AF_UNIX;
  snprintf(s->address.sun_path + 1, sizeof s->address.sun_path - 1, "polite-%d-%d", (int)getpid(), number++);
  s->here = socket(AF_UNIX, SOCK_STREAM, 0);
  assert_int_equal(bind(s->here, (struct sockaddr *)&s->address, sizeof s->address), 0);
  assert_int_equal(listen(s->here, backlog), 0);
}

void idle_listener(scene_t *s) { listener(s, 8); }

void knock(scene_t *s) {
  s->there = connected_to(s, 0);
  assert_true(s->there >= 0);
}

void busy_listener(scene_t *s) {
  listener(s, 0);
  s->there = s->here;
  s->here = socket(AF_UNIX, SOCK_STREAM, 0);
  for (int i = 0; i < CROWD; ++i) s->crowd[i] = connected_to(s, SOCK_NONBLOCK);
  assert_true(s->crowd[CROWD - 1] < 0);
}

void make_room(scene_t *s) {
  int fd = accept(s->there, NULL, NULL);
  assert_true(fd >= 0);
  close(fd);
}

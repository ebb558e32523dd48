/* A worker that opens a pipe, takes a lock, connects and reads the answer, and is interrupted at each step.
 *
 *     worker
 *
 * The worker is what to copy from: worker/session.h, then worker/returning.c and worker/unwinding.c, which do the same by error
 * returns and by unwinding. This file is the world around it. For each step it sees to it that the worker has to wait there,
 * waits until it is known to sleep in that call, interrupts it, looks at what is left, and lets it try again with nothing in
 * its way.
 * Each step is a line of output. The exit status is 1 if anything was left over, or was given back in another order. */
#define _GNU_SOURCE 1 /* F_OFD_GETLK */

#include "worker/session.h"

#include <polite.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { LIMIT_SECONDS = 60 }; /* for what takes no time: past it, it will not come */

static const struct version {
  const char *name;
  void *(*begin)(void *session);
  int interrupted, failed; /* how the thread ends then */
} versions[] = {
  {"returning", session_begin, POLITE_RETURNED, POLITE_RETURNED},
  {"unwinding", session_begin_or_unwind, POLITE_UNWOUND, POLITE_EXITED},
};

#define ALL "connection, lock, lock file, pipe"

enum { OPEN, LOCK, CONNECT, READ, STEPS };
static const struct {
  const char *name;
  const char *call; /* as polite_thread_inspect names it */
  const char *given_back;
} steps[STEPS] = {
  {"open", "open", ""},
  {"lock", "fcntl", "lock file, pipe"},
  {"connect", "connect", ALL},
  {"read", "read", ALL},
};

static const char answer[5] = {'r', 'e', 'a', 'd', 'y'};

/* ---- Saying what is so, and what is not. ---- */

static int exit_status;

static void expect(int holds, const char *what) {
  if (holds) return;
  printf(" [NOT SO: %s]", what);
  exit_status = 1;
}

/* For what has nothing to do with polite, and is there. Returns `result`. */
static int must(int result, const char *what) {
  if (result >= 0) return result;
  perror(what);
  exit(1);
}

static char back[100]; /* what the handlers have given back, in their order. Theirs until the worker has been joined */

void given_back(const char *what) {
  size_t length = strlen(back);
  snprintf(back + length, sizeof back - length, "%s%s", length ? ", " : "", what);
}

static void say_given_back(const char *expected) {
  printf("; gave back %s", back[0] ? back : "nothing");
  expect(strcmp(back, expected) == 0, expected);
  back[0] = '\0';
}

/* ---- The world: what the worker's steps wait for. ---- */

typedef struct world {
  char directory[32], pipe_path[64], lock_path[64];
  struct sockaddr_un server;
  int listener, writer, lock_file, in_the_queue; /* the last three: -1 if there is none */
} world_t;

static void set_lock(const world_t *world, short type) {
  struct flock whole_file = {.l_type = type, .l_whence = SEEK_SET};
  must(fcntl(world->lock_file, F_OFD_SETLK, &whole_file), "lock");
}

static int lock_is_free(const world_t *world) {
  struct flock whole_file = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  must(fcntl(world->lock_file, F_OFD_GETLK, &whole_file), "get lock");
  return whole_file.l_type == F_UNLCK; /* but for the world's own */
}

/* With room for one connection that nobody has accepted. */
static void listen_to(world_t *world) {
  world->listener = must(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
  must(bind(world->listener, (struct sockaddr *)&world->server, sizeof world->server), "bind");
  must(listen(world->listener, 0), "listen");
}

static world_t new_world(void) {
  world_t world = {.directory = "/tmp/worker.XXXXXX", .server = {.sun_family = AF_UNIX}, .writer = -1, .in_the_queue = -1};
  if (!mkdtemp(world.directory)) must(-1, "mkdtemp");
  snprintf(world.pipe_path, sizeof world.pipe_path, "%s/pipe", world.directory);
  snprintf(world.lock_path, sizeof world.lock_path, "%s/lock", world.directory);
  snprintf(world.server.sun_path, sizeof world.server.sun_path, "%s/server", world.directory);
  must(mkfifo(world.pipe_path, 0600), "mkfifo");
  world.lock_file = must(open(world.lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600), "open");
  listen_to(&world);
  return world;
}

static void end_world(world_t *world) {
  close(world->listener);
  close(world->lock_file);
  if (world->writer >= 0) close(world->writer);
  unlink(world->server.sun_path);
  unlink(world->lock_path);
  unlink(world->pipe_path);
  must(rmdir(world->directory), "rmdir");
}

static void open_writer(world_t *world) {
  world->writer = must(open(world->pipe_path, O_RDWR | O_CLOEXEC), "open"); /* O_RDWR: does not wait for a reader (fifo(7)) */
}

static void bring_about(world_t *world, int step) {
  if (step != OPEN) open_writer(world);
  if (step == LOCK) set_lock(world, F_WRLCK);
  if (step == CONNECT) {
    world->in_the_queue = must(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    must(connect(world->in_the_queue, (struct sockaddr *)&world->server, sizeof world->server), "connect");
  }
}

static void clear_the_way(world_t *world, int step) {
  if (step == OPEN) open_writer(world);
  if (step == LOCK) set_lock(world, F_UNLCK);
  if (step == CONNECT) close(world->in_the_queue);
  if (step == CONNECT || step == READ) close(must(accept(world->listener, NULL, NULL), "accept")); /* its other end is closed */
}

/* New descriptors are the lowest that are free, and there are few. */
static int open_descriptors(void) {
  int count = 0;
  for (int fd = 0; fd < 256; ++fd)
    if (fcntl(fd, F_GETFD) != -1) ++count;
  return count;
}

/* ---- The demonstration. ---- */

static polite_thread_t start(const struct version *version, session_t *session) {
  polite_thread_t thread;
  int error = polite_thread_create(&thread, NULL, version->begin, session);
  if (error == 0) return thread;
  fprintf(stderr, "polite_thread_create: %s\n", polite_strerror(error));
  exit(1);
}

/* Waits until the thread is known to sleep in that call: from then on nobody but us gets it out. */
static void await_blocked(polite_thread_t thread, const char *call) {
  polite_thread_info_t info = {.size = sizeof info};
  time_t limit = time(NULL) + LIMIT_SECONDS;
  while (time(NULL) <= limit && polite_thread_inspect(thread, &info) == 0) {
    if (info.state == POLITE_THREAD_BLOCKED && strcmp(info.call, call) == 0) return;
    sched_yield();
  }
  fprintf(stderr, "the worker was to be blocked in %s, and is not\n", call);
  exit(1);
}

static void end_of(polite_thread_t thread, int expected_how, intptr_t expected_result) {
  static const char *const names[] = {"returned", "exited with", "unwound with"}; /* POLITE_RETURNED … */
  void *result;
  int how = polite_thread_join(thread, &result);
  printf("%s %d", how >= 0 ? names[how] : "not joined:", how >= 0 ? (int)(intptr_t)result : how);
  expect(how == expected_how && (intptr_t)result == expected_result, "the end");
}

static void nothing_is_left(const world_t *world, int descriptors_before) {
  int left = open_descriptors() - descriptors_before, is_free = lock_is_free(world);
  printf("; %d descriptors left open, the lock is %s", left, is_free ? "free" : "taken");
  expect(left == 0 && is_free, "nothing is left over");
}

/* With nothing in its way, the worker hands a session over to us. */
static void runs_through(world_t *world, const struct version *version, session_t *session) {
  int before = open_descriptors();
  polite_thread_t thread = start(version, session);
  await_blocked(thread, "read");
  int peer = must(accept(world->listener, NULL, NULL), "accept");
  must((int)write(peer, answer, sizeof answer), "write");
  printf("; again: ");
  end_of(thread, POLITE_RETURNED, 0);
  close(peer);

  expect(memcmp(session->answer, answer, sizeof answer) == 0, "the answer");
  expect(open_descriptors() - before == 3 && !lock_is_free(world) && !back[0], "the session is complete");
  session_end(session);
  expect(strcmp(back, ALL) == 0 && open_descriptors() == before && lock_is_free(world), "the session was given back");
  back[0] = '\0';
  puts(", and all was given back");
}

static session_t new_session(const world_t *world) {
  session_t session = {.pipe_path = world->pipe_path, .lock_path = world->lock_path, .server = world->server};
  return session;
}

static void interrupt_at(const struct version *version, int step) {
  world_t world = new_world();
  session_t session = new_session(&world);
  bring_about(&world, step);
  int before = open_descriptors();

  polite_thread_t thread = start(version, &session);
  await_blocked(thread, steps[step].call);
  printf("%s, interrupted in %s: ", version->name, steps[step].name);
  expect(polite_interrupt(thread) == 0, "it is being woken");
  end_of(thread, version->interrupted, version->interrupted == POLITE_UNWOUND ? (intptr_t)POLITE_CANCELED : POLITE_INTERRUPTED);
  say_given_back(steps[step].given_back);
  nothing_is_left(&world, before);

  clear_the_way(&world, step);
  runs_through(&world, version, &session);
  end_world(&world);
}

/* The other errors take the same way out. */
static void refuse(const struct version *version) {
  world_t world = new_world();
  session_t session = new_session(&world);
  bring_about(&world, READ);
  close(world.listener);
  int before = open_descriptors();

  printf("%s, refused by the server: ", version->name);
  end_of(start(version, &session), version->failed, POLITE_ECONNREFUSED);
  say_given_back(ALL);
  nothing_is_left(&world, before);

  unlink(world.server.sun_path);
  listen_to(&world);
  runs_through(&world, version, &session);
  end_world(&world);
}

int main(void) {
  if (polite_backend() == POLITE_BACKEND_NONE) {
    fputs("polite cannot wake threads here\n", stderr);
    return 1;
  }
  for (size_t i = 0; i < sizeof versions / sizeof *versions; ++i) {
    for (int step = 0; step < STEPS; ++step) interrupt_at(&versions[i], step);
    refuse(&versions[i]);
  }
  return exit_status;
}

/* Things that must be given back, and how a worker waits. */
#include "unwind_at_random.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static pthread_mutex_t mutexes[MOST_HELD];
static char locked_file[32]; /* each byte a lock */
static int locked_fd;

void holding_open(void) {
  char name[] = "/tmp/polite-XXXXXX";
  int fd = mkostemp(name, O_CLOEXEC);
  REQUIRE(fd >= 0);
  unlink(name);
  snprintf(locked_file, sizeof locked_file, "/proc/self/fd/%d", fd);
  locked_fd = fd;
  for (int i = 0; i < MOST_HELD; ++i) REQUIRE(pthread_mutex_init(&mutexes[i], NULL) == 0);
}

static struct flock whole_file(short type) { return (struct flock){.l_type = type, .l_whence = SEEK_SET}; }

long locks_left(void) {
  struct flock lock = whole_file(F_WRLCK);
  REQUIRE(fcntl(locked_fd, F_OFD_GETLK, &lock) == 0);
  long left = lock.l_type != F_UNLCK;
  for (int i = 0; i < MOST_HELD; ++i) {
    if (pthread_mutex_trylock(&mutexes[i]) == 0) pthread_mutex_unlock(&mutexes[i]);
    else ++left;
  }
  return left;
}

/* --- Giving back ----------------------------------------------------------------------------------------------------------- */

static void release(struct thing *thing) {
  thing->given_back = true;
  account_give_back(&thing->actor->worker->account, thing->number);
  if (thing->fd >= 0) REQUIRE(polite_close(thing->fd) == 0);
  if (thing->mutex) REQUIRE(pthread_mutex_unlock(thing->mutex) == 0);
  free(thing->memory);
}

static void push(struct thing *thing, bool allocated, void (*handler)(void *)) {
  thing->number = account_push(&thing->actor->worker->account);
  thing->node = &thing->place;
  if (allocated) REQUIRE(polite_cleanup_push_new(&thing->node, handler, thing) == 0);
  else REQUIRE(polite_cleanup_push(&thing->place, handler, thing) == 0);
}

static void *release_and_return(void *thing) {
  release(thing);
  return thing;
}

/* As the handler of a handler's own: within a boundary, which absorbs nothing for there is nothing. */
static void give_back_within_handler(void *thing) {
  void *result;
  REQUIRE(polite_call(release_and_return, thing, &result) == POLITE_RETURNED && result == thing);
}

static struct thing nothing(struct actor *actor) { return (struct thing){.actor = actor, .fd = -1}; }

/* A handler is shielded, may block, and may push and pop. */
static void give_back(void *thing_) {
  struct thing *thing = thing_;
  struct actor *actor = thing->actor;
  struct random *random = &actor->worker->random;
  ++*(actor->worker->popping ? &actor->worker->popped : &actor->worker->run);
  actor->worker->popping = false;
  release(thing);
  REQUIRE(polite_checkpoint() == 0);
  if (random_once_in(random, 16)) REQUIRE(polite_nanosleep((int64_t)random_below(random, 1000), NULL) == 0);
  if (random_once_in(random, 64)) REQUIRE(polite_shield_enter() >= 1); /* to be left for it */
  if (!random_once_in(random, 8)) return;
  struct thing inner = nothing(actor);
  push(&inner, random_once_in(random, 2), give_back_within_handler);
  REQUIRE(polite_cleanup_pop(inner.node, 1) == 0);
}

void pop(struct thing *thing) {
  bool execute = thing->actor->worker->popping = !random_once_in(&thing->actor->worker->random, 4);
  REQUIRE(polite_cleanup_pop(thing->node, execute) == 0);
  if (!execute) release(thing);
  REQUIRE(thing->given_back);
}

/* --- Getting --------------------------------------------------------------------------------------------------------------- */

static polite_ssize_t opened(struct actor *actor, const char *path, enum call call) {
  polite_ssize_t fd;
  about_to(actor->worker, call);
  do fd = judge(actor, polite_open(path, call == FILE_LOCK ? O_RDWR | O_CLOEXEC : O_RDONLY | O_CLOEXEC, 0));
  while (fd == POLITE_EINTR);
  REQUIRE(fd >= 0 || fd == POLITE_INTERRUPTED);
  return fd;
}

static polite_ssize_t accepted(struct actor *actor) {
  polite_ssize_t fd;
  about_to(actor->worker, ACCEPT);
  do fd = judge(actor, polite_accept(feed.listener, NULL, NULL));
  while (fd == POLITE_EINTR);
  if (fd >= 0) atomic_fetch_add(&feed.accepted, 1);
  REQUIRE(fd >= 0 || fd == POLITE_INTERRUPTED);
  return fd;
}

/* The descriptor that has the lock; closing it gives the lock up. */
static polite_ssize_t locked(struct actor *actor, int byte) {
  struct flock lock = whole_file(F_WRLCK);
  polite_ssize_t fd = opened(actor, locked_file, FILE_LOCK), error;
  if (fd < 0) return fd;
  lock.l_start = byte;
  lock.l_len = 1;
  do error = judge(actor, polite_lock((int)fd, F_OFD_SETLKW, &lock));
  while (error == POLITE_EINTR);
  REQUIRE(error == 0 || error == POLITE_INTERRUPTED);
  if (error == 0) return fd;
  REQUIRE(polite_close((int)fd) == 0);
  return error;
}

int hold(struct actor *actor, struct thing *thing, int held) {
  struct random *random = &actor->worker->random;
  polite_ssize_t fd = -1;
  *thing = nothing(actor);
  switch (random_below(random, 7)) {
    case 0: case 1: fd = opened(actor, "/dev/null", OPEN); break;
    case 2: fd = opened(actor, feed.fifo, OPEN_FIFO); break;
    case 3: fd = accepted(actor); break;
    case 4: fd = locked(actor, held); break;
    case 5:
      about_to(actor->worker, MUTEX);
      REQUIRE(pthread_mutex_lock(&mutexes[held]) == 0);
      thing->mutex = &mutexes[held];
      break;
    default: REQUIRE((thing->memory = malloc(16)) != NULL); break;
  }
  if (fd == POLITE_INTERRUPTED) return POLITE_INTERRUPTED;
  thing->fd = (int)fd;
  push(thing, random_once_in(random, 4), give_back);
  return 0;
}

/* --- Waiting --------------------------------------------------------------------------------------------------------------- */

static polite_ssize_t read_byte(struct actor *actor) {
  char byte;
  polite_ssize_t n;
  about_to(actor->worker, READ);
  do n = judge(actor, polite_read(feed.to_read, &byte, 1));
  while (n == POLITE_EINTR);
  REQUIRE(n == 1 || n == POLITE_INTERRUPTED);
  if (n == 1) atomic_fetch_add(&feed.read, 1);
  return n;
}

static polite_ssize_t sleep_for(struct actor *actor, int64_t nanoseconds) {
  about_to(actor->worker, nanoseconds < 1000000 ? NAP : SLEEP);
  polite_ssize_t said = judge(actor, polite_nanosleep(nanoseconds, NULL));
  REQUIRE(said == 0 || said == POLITE_INTERRUPTED);
  return said;
}

int wait_somehow(struct actor *actor) {
  struct random *random = &actor->worker->random;
  polite_ssize_t said;
  switch (random_below(random, 6)) {
    case 0: case 1: said = read_byte(actor); break;
    case 2: said = sleep_for(actor, (int64_t)random_below(random, 20000)); break;
    case 3: said = sleep_for(actor, actor->deaf ? 1000 : INT64_C(1000000000000)); break; /* only an interrupt ends it */
    default: about_to(actor->worker, TEST); said = judge(actor, polite_checkpoint()); break;
  }
  REQUIRE(said != POLITE_INTERRUPTED || !actor->deaf);
  return said == POLITE_INTERRUPTED ? POLITE_INTERRUPTED : 0;
}

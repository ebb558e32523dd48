/* Steps: each gets something, pushes a handler that gives it back, does more steps inside, and pops. */
#include "cancel_at_random.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* --- Things held ----------------------------------------------------------------------------------------------------------- */

struct thing thing(struct worker *worker, void (*release)(struct thing *)) {
  return (struct thing){worker, account_push(&worker->account), false, release, {-1, -1}, NULL};
}

static void release_nothing(struct thing *thing) { (void)thing; }

/* By hand: close is a cancellation point of libc's, and what is lost by that a program can help. */
static void release_descriptors(struct thing *thing) {
  int state;
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
  for (int i = 0; i < 2; ++i)
    if (thing->fds[i] >= 0) REQUIRE(close(thing->fds[i]) == 0);
  pthread_setcancelstate(state, NULL);
}

static void release(struct thing *thing) {
  thing->given_back = true;
  account_give_back(&thing->worker->account, thing->number);
  thing->release(thing);
}

static void give_back_within_handler(void *thing) { release(thing); }

/* A handler may push and pop. */
void give_back(void *thing_) {
  struct thing *held = thing_;
  struct worker *worker = held->worker;
  ++*(worker->popping ? &worker->popped : &worker->run);
  worker->popping = false;
  release(held);
  if (!random_once_in(&worker->random, 8)) return;
  struct thing inner = thing(worker, release_nothing);
  pthread_cleanup_push(give_back_within_handler, &inner);
  pthread_cleanup_pop(1);
}

void give_back_popped(struct thing *thing) {
  if (!thing->given_back) release(thing);
}

bool runs_at_pop(struct worker *worker) { return worker->popping = !random_once_in(&worker->random, 4); }

/* --- Without anything held ------------------------------------------------------------------------------------------------- */

static void read_byte(struct worker *worker) {
  char byte;
  about_to(worker, READ);
  ssize_t n = read(feed.to_read, &byte, 1);
  REQUIRE(n == 1);
  atomic_fetch_add(&feed.read, 1);
}

static void poll_for_byte(struct worker *worker) {
  struct pollfd ready = {feed.to_read, POLLIN, 0};
  about_to(worker, POLL);
  poll(&ready, 1, (int)random_below(&worker->random, 3));
}

static void test(struct worker *worker) {
  about_to(worker, TEST);
  pthread_testcancel();
}

/* Only a cancel ends it. */
static void sleep_for_good(struct worker *worker) {
  about_to(worker, SLEEP);
  sleep(100000);
}

static void be_deaf(struct worker *worker) {
  int state;
  about_to(worker, OTHER);
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
  int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  pthread_testcancel();
  REQUIRE(fd >= 0 && close(fd) == 0);
  pthread_setcancelstate(state, NULL);
}

static void wait_somehow(struct worker *worker) {
  switch (random_below(&worker->random, 16)) {
    case 0: case 1: read_byte(worker); break;
    case 2: poll_for_byte(worker); break;
    case 3: sleep_for_good(worker); break;
    case 4: case 5: be_deaf(worker); break;
    case 6: case 7: about_to(worker, NAP); pause_ns((long)random_below(&worker->random, 20000)); break;
    default: test(worker); break;
  }
}

/* --- Descriptors ----------------------------------------------------------------------------------------------------------- */

static void hold_descriptors(struct worker *worker, int depth, int fd, int other) {
  struct thing held = thing(worker, release_descriptors);
  held.fds[0] = fd;
  held.fds[1] = other;
  pthread_cleanup_push(give_back, &held);
  inside(worker, depth);
  pthread_cleanup_pop(runs_at_pop(worker));
  give_back_popped(&held);
}

static void file_step(struct worker *worker, int depth) {
  about_to(worker, OPEN);
  int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  REQUIRE(fd >= 0);
  hold_descriptors(worker, depth, fd, -1);
}

static void fifo_step(struct worker *worker, int depth) {
  about_to(worker, OPEN_FIFO);
  int fd = open(feed.fifo, O_RDONLY | O_CLOEXEC);
  REQUIRE(fd >= 0);
  hold_descriptors(worker, depth, fd, -1);
}

static void accept_step(struct worker *worker, int depth) {
  about_to(worker, ACCEPT);
  int fd = accept(feed.listener, NULL, NULL);
  REQUIRE(fd >= 0);
  atomic_fetch_add(&feed.accepted, 1);
  hold_descriptors(worker, depth, fd, -1);
}

/* The bare call: TSan knows of pipe, but not of the close that is polite's, and takes a number that is used again for a race. */
static void pipe_step(struct worker *worker, int depth) {
  int ends[2];
  REQUIRE(syscall(SYS_pipe2, ends, O_CLOEXEC) == 0);
  hold_descriptors(worker, depth, ends[0], ends[1]);
}

/* --- All ------------------------------------------------------------------------------------------------------------------- */

void inside(struct worker *worker, int depth) {
  for (unsigned steps = 1 + random_below(&worker->random, 3); steps > 0; --steps) {
    if (depth + 1 < DEPTHS && random_once_in(&worker->random, 2)) random_step(worker, depth + 1);
    else wait_somehow(worker);
  }
}

void random_step(struct worker *worker, int depth) {
  switch (random_below(&worker->random, 9)) {
    case 0: case 1: file_step(worker, depth); break;
    case 2: fifo_step(worker, depth); break;
    case 3: pipe_step(worker, depth); break;
    case 4: accept_step(worker, depth); break;
    case 5: lock_step(worker, depth); break;
    case 6: condition_step(worker, depth); break;
    case 7: semaphore_step(worker, depth); break;
    default: wait_somehow(worker); break;
  }
}

/* Foreign signals: handlers of the program's own that run on top of blocked calls, and between them, and make polite calls
 * themselves; the storm that sends them, and sends the wake signal by hand. */
#include "stress.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

atomic_long foreign_sent, wakes_by_hand, previous_called;

/* --- What the handlers do ------------------------------------------------------------------------------------------------- */

/* On top of a blocked call nothing is delivered; between two calls a handler is a thread like any other. */
static polite_ssize_t judge_in_handler(struct life *life, unsigned before, polite_ssize_t result) {
  if (result == POLITE_INTERRUPTED) note_delivery(life, before);
  return result;
}

static void move_a_byte(struct life *life) {
  char byte = 'h';
  unsigned before = deliveries_before(life);
  if (judge_in_handler(life, before, polite_write(life->ready_pipe[1], &byte, 1)) != 1) return;
  atomic_fetch_add(&life->ready_written, 1);
  before = deliveries_before(life);
  if (judge_in_handler(life, before, polite_read(life->ready_pipe[0], &byte, 1)) == 1) atomic_fetch_add(&life->ready_read, 1);
}

static void look_around(struct life *life) {
  struct pollfd ready = {life->ready_pipe[0], POLLIN, 0};
  unsigned before = deliveries_before(life);
  (void)judge_in_handler(life, before, polite_poll(&ready, 1, 0));
  before = deliveries_before(life);
  (void)judge_in_handler(life, before, polite_checkpoint());
}

static void shield_for_a_moment(struct life *life) {
  int depth = polite_shield_enter();
  REQUIRE(depth >= 0);
  REQUIRE(polite_checkpoint() == 0);
  move_a_byte(life);
  REQUIRE(polite_shield_leave() == depth + 1);
}

/* Long enough that others interrupt the call beneath: its wake has to wait for us, and says so ("cannot be woken now"). */
static void take_time(struct life *life) {
  unsigned before = deliveries_before(life);
  (void)judge_in_handler(life, before, polite_nanosleep(200000, NULL));
}

static void interrupt_another(struct life *life) {
  struct life *other = life_at_random(&life->handler_random);
  if (other) (void)post_interrupt(other, &life->handler_random);
}

static void act(struct life *life) {
  struct random *random = &life->handler_random;
  switch (random_below(random, 10)) {
    case 0: case 1: move_a_byte(life); break;
    case 2: look_around(life); break;
    case 3: shield_for_a_moment(life); break;
    case 4: if (life->kind & HANDLERS_CLEAR) clear_own(life, true); break;
    case 5: interrupt_another(life); break;
    case 6: (void)post_interrupt(life, random); break;
    case 7: (void)post_object(life, random); break;
    case 8: (void)withdraw_object(life, random); break;
    case 9: take_time(life); break;
  }
}

static void on_foreign(int signal) {
  struct life *life = own_life;
  if (!life) return;
  atomic_fetch_add(signal == SIGUSR1 ? &life->usr1_runs : &life->usr2_runs, 1);
  int error = errno;
  int depth = life->kind & HANDLERS_SHIELD ? polite_shield_enter() : -1;
  act(life);
  if (depth >= 0) REQUIRE(polite_shield_restore(depth) == depth + 1);
  errno = error;
}

/* What had the wake signal before polite took it. */
static void on_previous(int signal) {
  (void)signal;
  atomic_fetch_add(&previous_called, 1);
  if (own_life) atomic_fetch_add(&own_life->previous_runs, 1);
}

static void install(int signal, void (*handler)(int), int flags) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = handler;
  action.sa_flags = flags;
  REQUIRE(sigaction(signal, &action, NULL) == 0);
}

void foreign_install(void) {
  install(SIGUSR1, on_foreign, SA_RESTART);
  install(SIGUSR2, on_foreign, 0);
  if (options.previous_handler) install(polite_wake_signal(), on_previous, SA_RESTART);
}

/* --- The storm ------------------------------------------------------------------------------------------------------------ */

static void send_to(int tid, int signal, atomic_long *counter) {
  atomic_fetch_add(counter, 1);
  if (syscall(SYS_tgkill, getpid(), tid, signal) != 0) REQUIRE(errno == ESRCH);
}

void *storm(void *unused) {
  (void)unused;
  struct random random = random_for(0, 3);
  while (!atomic_load(&stopping)) {
    struct life *life = life_at_random(&random);
    int tid = life ? atomic_load(&life->tid) : 0;
    if (tid) {
      if (life->kind & GETS_USR1 && !options.no_foreign && random_once_in(&random, 2)) send_to(tid, SIGUSR1, &foreign_sent);
      if (life->kind & GETS_USR2 && !options.no_foreign && random_once_in(&random, 2)) send_to(tid, SIGUSR2, &foreign_sent);
      if (life->kind & GETS_WAKES && random_once_in(&random, 4)) send_to(tid, polite_wake_signal(), &wakes_by_hand);
    }
    if (random_once_in(&random, 2)) pause_ns((long)random_below(&random, 50000));
  }
  return NULL;
}

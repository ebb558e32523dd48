/* Interrupts threads that live on, at random moments: from other threads, and from signal handlers, in others and in themselves.
 *
 *   unwind_at_random [--seed N] [--cancels N] [--limit SECONDS]
 *
 * The run ends when enough interrupts have been delivered; with status 1 if anything was lost. */
#include "unwind_at_random.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct actor actors[WORKERS];
atomic_long all_delivered;

enum { INTERRUPTERS = 3 };

static atomic_bool stopping, nobody_posts;
static atomic_int ended;
static unsigned long rounds;
static struct totals totals;
static long descriptors, locks, bytes, connections, interrupts_lost;

/* --- Posting, and its account ---------------------------------------------------------------------------------------------- */

static void note_post(struct actor *actor, int said) {
  REQUIRE(said >= 0 && said <= 2);
  if (said == 0) atomic_fetch_add(&actor->posted, 1);
  if (said == 2) atomic_fetch_add(&actor->posted_deaf, 1);
}

polite_ssize_t judge(struct actor *actor, polite_ssize_t result) {
  if (result != POLITE_INTERRUPTED) return result;
  REQUIRE(!actor->deaf);
  ++actor->delivered;
  atomic_fetch_add(&all_delivered, 1);
  return result;
}

/* What was pending at the end was cleared, and no post is on its way: the books balance. */
static void settle_posts(struct actor *actor) {
  long went = actor->delivered + actor->cleared, came = atomic_load(&actor->posted), unknown = atomic_load(&actor->posted_deaf);
  if (went < came) interrupts_lost += came - went;
  if (went > came + unknown) interrupts_lost += went - came - unknown;
  actor->delivered = actor->cleared = 0;
  atomic_store(&actor->posted, 0);
  atomic_store(&actor->posted_deaf, 0);
}

/* --- Signal handlers ------------------------------------------------------------------------------------------------------- */

static _Thread_local struct actor *own, *target;
static atomic_long handled;

/* In a worker it interrupts that worker, often on top of its blocked call; in an interrupter, whom that has chosen. */
static void interrupt_in_handler(int signal) {
  (void)signal;
  struct actor *actor = own ? own : target;
  if (!actor) return;
  note_post(actor, polite_interrupt(actor->handle));
  atomic_fetch_add(&handled, 1);
}

static void install_handlers(void) {
  struct sigaction action = {.sa_handler = interrupt_in_handler};
  REQUIRE(sigaction(SIGUSR2, &action, NULL) == 0);
  action.sa_flags = SA_RESTART;
  REQUIRE(sigaction(SIGUSR1, &action, NULL) == 0);
}

/* --- Interrupters ---------------------------------------------------------------------------------------------------------- */

static void signal_to(struct actor *actor, int signal) {
  REQUIRE(syscall(SYS_tgkill, getpid(), atomic_load(&actor->tid), signal) == 0);
}

/* TSan keeps a program's own signals back until the thread does something that it knows, which a blocked thread does not. */
static void interrupt_somehow(struct actor *actor, struct random *random) {
  switch (random_below(random, UNDER_TSAN ? 3 : 4)) {
    case 0:
      target = actor;
      REQUIRE(raise(SIGUSR1) == 0);
      break;
    case 3: signal_to(actor, random_once_in(random, 2) ? SIGUSR1 : SIGUSR2); break;
    default: note_post(actor, polite_interrupt(actor->handle)); break;
  }
}

/* Until all workers have come out of their last call. */
static void *interrupter(void *number) {
  struct random random = random_for(rounds * INTERRUPTERS + (uintptr_t)number, 2);
  while (atomic_load(&ended) < WORKERS) {
    struct actor *actor = &actors[random_below(&random, WORKERS)];
    await_random_moment(actor->worker, &random);
    if (!atomic_load(&actor->ended)) interrupt_somehow(actor, &random);
  }
  return NULL;
}

/* --- Workers --------------------------------------------------------------------------------------------------------------- */

static void *live(void *actor_) {
  struct actor *actor = own = actor_;
  struct worker *worker = actor->worker;
  polite_mark_t before, after;
  REQUIRE(polite_cleanup_mark(&before) == 0);
  atomic_store(&actor->tid, (int)syscall(SYS_gettid));
  while (!atomic_load(&stopping)) {
    act(actor);
    account_settle(&worker->account, &worker->totals);
  }
  REQUIRE(polite_cleanup_mark(&after) == 0 && memcmp(&before, &after, sizeof before) == 0);
  atomic_store(&actor->ended, true);
  atomic_fetch_add(&ended, 1);
  while (!atomic_load(&nobody_posts)) sched_yield();
  sched_yield(); /* a handler that was to run has run when a system call returns */
  actor->cleared += polite_interrupt_clear();
  REQUIRE(polite_checkpoint() == 0);
  return actor;
}

/* --- The run --------------------------------------------------------------------------------------------------------------- */

static void begin_actor(unsigned i) {
  struct actor *actor = &actors[i];
  workers[i].number = i;
  workers[i].random = random_for(rounds * WORKERS + i, 1);
  actor->worker = &workers[i];
  atomic_store(&actor->tid, 0);
  atomic_store(&actor->ended, false);
  REQUIRE(polite_thread_create(&actor->handle, NULL, live, actor) == 0);
  while (atomic_load(&actor->tid) == 0) sched_yield();
}

static void end_actor(struct actor *actor) {
  void *result;
  REQUIRE(polite_thread_join(actor->handle, &result) == POLITE_RETURNED && result == actor);
  REQUIRE(polite_interrupt(actor->handle) == POLITE_ESRCH);
  settle_posts(actor);
}

static void one_round(void) {
  pthread_t interrupters[INTERRUPTERS];
  long last = atomic_load(&all_delivered) + ROUND;
  atomic_store(&stopping, false);
  atomic_store(&nobody_posts, false);
  atomic_store(&ended, 0);
  feed_begin(rounds);
  for (unsigned i = 0; i < WORKERS; ++i) begin_actor(i);
  for (uintptr_t i = 0; i < INTERRUPTERS; ++i) REQUIRE(pthread_create(&interrupters[i], NULL, interrupter, (void *)i) == 0);
  while (atomic_load(&all_delivered) < (last < options.cancels ? last : options.cancels)) pause_ns(200000);
  atomic_store(&stopping, true);
  for (int i = 0; i < INTERRUPTERS; ++i) REQUIRE(pthread_join(interrupters[i], NULL) == 0);
  atomic_store(&nobody_posts, true);
  for (int i = 0; i < WORKERS; ++i) end_actor(&actors[i]);
  feed_end(&bytes, &connections);
  locks += locks_left();
  descriptors += descriptors_left();
}

static void print(void) {
  struct actor sum = {0};
  for (int i = 0; i < WORKERS; ++i) {
    totals.handlers += workers[i].totals.handlers;
    totals.not_run += workers[i].totals.not_run;
    totals.out_of_order += workers[i].totals.out_of_order;
    totals.run += workers[i].run;
    sum.boundaries += actors[i].boundaries;
    sum.absorbed += actors[i].absorbed;
    sum.unwound += actors[i].unwound;
    sum.exited += actors[i].exited;
    sum.returned += actors[i].returned;
  }
  printf("%ld interrupts (%ld sent by signal handlers): ", atomic_load(&all_delivered), atomic_load(&handled));
  printf("%ld boundaries, %ld unwound, %ld exits, ", sum.boundaries, sum.unwound, sum.exited);
  printf("%ld error returns, %ld absorbed; ", sum.returned, sum.absorbed);
  printf("%ld handlers (%ld run all at once): ", totals.handlers, totals.run);
  printf("%ld never, %ld out of order or twice; ", totals.not_run, totals.out_of_order);
  printf("left: %ld descriptors, %ld locks; ", descriptors, locks);
  printf("lost: %ld interrupts, %ld bytes, %ld connections\n", interrupts_lost, bytes, connections);
}

int main(int count, char **arguments) {
  read_options(count, arguments);
  REQUIRE(polite_self() != 0);
  install_handlers();
  holding_open();
  feed_open();
  watch(&all_delivered);
  descriptors_note();
  for (; atomic_load(&all_delivered) < options.cancels; ++rounds) one_round();
  print();
  return !all_is_well(&totals) || descriptors || locks || interrupts_lost || bytes || connections;
}

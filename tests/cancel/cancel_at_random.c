/* Cancels threads at random moments, and looks at what is left.
 *
 *   cancel_at_random [--seed N] [--cancels N] [--limit SECONDS] [--open-loop]
 *
 * Each canceler makes a worker, cancels it, joins it, and begins again. The seed decides what each thread does, not how they
 * meet. With polite's cancellation the status is 1 if anything was lost. With libc's the program is there to be compared with,
 * and the status is 0. */
#include "cancel_at_random.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined POLITE_PTHREAD_CANCEL_H
#define WHOSE "polite"
#define MUST_BE_EXACT true
#else
#define MUST_BE_EXACT false
#if defined __GLIBC__
#define WHOSE "glibc"
#else
#define WHOSE "this libc"
#endif
#endif

static atomic_long claimed, canceled, lives, canceled_in[CALLS];
static unsigned long rounds;
static long round_limit; /* for `claimed` */
static struct totals totals;
static long descriptors, locks_left, units, tokens, bytes, connections;

/* --- Workers --------------------------------------------------------------------------------------------------------------- */

/* Some come to their end before they are canceled, or while they are. */
static void *live(void *worker_) {
  struct worker *worker = worker_;
  long steps = random_once_in(&worker->random, 8) ? (long)random_below(&worker->random, 10) : -1;
  for (; steps != 0; steps -= steps > 0) {
    random_step(worker, 0);
    if (account_is_long(&worker->account)) account_settle(&worker->account, &worker->totals);
  }
  about_to(worker, BEGINNING);
  if (random_once_in(&worker->random, 2)) pthread_exit(worker);
  return worker;
}

/* --- Cancelers ------------------------------------------------------------------------------------------------------------- */

static pthread_t begin_life(struct worker *worker) {
  pthread_t thread;
  worker->popping = false;
  worker->random = random_for((unsigned long)atomic_fetch_add(&lives, 1), 1);
  atomic_store(&worker->doing, BEGINNING);
  REQUIRE(pthread_create(&thread, NULL, options.open_loop ? open_for_ever : live, worker) == 0);
  return thread;
}

static void cancel(pthread_t thread) {
  int error = pthread_cancel(thread);
  REQUIRE(error == 0 || error == ESRCH);
}

static void cancel_one(struct worker *worker, struct random *random) {
  void *result;
  unsigned calls = atomic_load(&worker->calls);
  pthread_t thread = begin_life(worker);
  if (options.open_loop) await_first_call(worker, calls, random);
  else await_random_moment(worker, random);
  cancel(thread);
  if (random_once_in(random, 8)) cancel(thread);
  int error = pthread_join(thread, &result);
  if (error) fail("pthread_join: %s, of worker %u", strerror(error), worker->number);
  account_settle(&worker->account, &worker->totals);
  if (result == PTHREAD_CANCELED) {
    atomic_fetch_add(&canceled_in[atomic_load(&worker->doing)], 1);
    atomic_fetch_add(&canceled, 1);
  } else {
    REQUIRE(result == worker);
    atomic_fetch_sub(&claimed, 1);
  }
}

static void *canceler(void *worker_) {
  struct worker *worker = worker_;
  struct random random = random_for(rounds * WORKERS + worker->number, 2);
  while (atomic_fetch_add(&claimed, 1) < round_limit) cancel_one(worker, &random);
  atomic_fetch_sub(&claimed, 1);
  return NULL;
}

/* --- The run --------------------------------------------------------------------------------------------------------------- */

static void run_cancelers(int count) {
  pthread_t cancelers[WORKERS];
  for (int i = 0; i < count; ++i) REQUIRE(pthread_create(&cancelers[i], NULL, canceler, &workers[i]) == 0);
  for (int i = 0; i < count; ++i) REQUIRE(pthread_join(cancelers[i], NULL) == 0);
}

static void one_round(void) {
  long last = atomic_load(&claimed) + ROUND;
  round_limit = last < options.cancels ? last : options.cancels;
  if (options.open_loop) {
    run_cancelers(1);
  } else {
    feed_begin(rounds);
    locks_begin(rounds);
    run_cancelers(WORKERS);
    locks_end(&locks_left, &units, &tokens);
    feed_end(&bytes, &connections);
  }
  descriptors += descriptors_left();
}

static void add_up(void) {
  for (int i = 0; i < WORKERS; ++i) {
    totals.handlers += workers[i].totals.handlers;
    totals.not_run += workers[i].totals.not_run;
    totals.out_of_order += workers[i].totals.out_of_order;
    totals.run += workers[i].run;
  }
}

static void print(void) {
  if (options.open_loop) {
    printf("%s: leaked %ld descriptors of %ld cancels\n", WHOSE, descriptors, atomic_load(&canceled));
    return;
  }
  printf("%s: %ld cancels (", WHOSE, atomic_load(&canceled));
  const char *separator = "";
  for (int i = 0; i < CALLS; ++i) {
    if (!canceled_in[i]) continue;
    printf("%s%s %ld", separator, call_names[i], canceled_in[i]);
    separator = ", ";
  }
  printf("); %ld handlers (%ld run by cancels): ", totals.handlers, totals.run);
  printf("%ld never, %ld out of order or twice; ", totals.not_run, totals.out_of_order);
  printf("left: %ld descriptors, %ld locks, %ld units of semaphores; ", descriptors, locks_left, units);
  printf("lost: %ld bytes, %ld connections, %ld tokens of conditions\n", bytes, connections, tokens);
}

int main(int count, char **arguments) {
  read_options(count, arguments);
  for (unsigned i = 0; i < WORKERS; ++i) workers[i].number = i;
  feed_open();
  watch(&canceled);
  descriptors_note();
  for (; atomic_load(&canceled) < options.cancels; ++rounds) one_round();
  add_up();
  print();
  bool exact = all_is_well(&totals) && !descriptors && !locks_left && !units && !tokens && !bytes && !connections;
  return MUST_BE_EXACT && !exact;
}

/* Locks and their like under random interrupts and deadlines, with exact accounts. A program of its own:
 *
 *     polite_lock_stress [--rounds N] [--seed S]
 *
 * In each round of the first part one signal is given to several who wait for a condition, while they are being interrupted: exactly one of
 * them takes it, whichever were interrupted. In the second part threads lock, wait, post and park at random, and handlers of signals post
 * and unpark on top of all that. It ends with a line for each part, or, at the first account that does not add up, by saying so. */
#include "../on_top.h"
#include "../random.h"
#include "../surroundings.h"

#include <polite.h>

#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LIMIT_SECONDS 60
#define WAITERS 4
#define WORKERS 6

static uint64_t seed = 1;
static long rounds = 3000;
static atomic_long progress; /* whatever gets on counts it up; the watchdog looks at it */

#define REQUIRE(condition)                                                                                          \
  do {                                                                                                              \
    if (!(condition)) {                                                                                             \
      fprintf(stderr, "%s:%d: does not hold: %s (seed %" PRIu64 ")\n", __FILE__, __LINE__, #condition, seed);       \
      abort();                                                                                                      \
    }                                                                                                               \
  } while (0)

static void rest(struct random *random) {
  for (unsigned i = random_below(random, 60); i > 0; --i) atomic_signal_fence(memory_order_seq_cst);
  if (random_below(random, 4) == 0) sched_yield();
}

static void *watch(void *nothing) {
  for (long before = -1; before != progress;) {
    before = progress;
    sleep(LIMIT_SECONDS);
  }
  fprintf(stderr, "nothing has happened for %d s: a wake, a signal or a lock was lost (seed %" PRIu64 ")\n", LIMIT_SECONDS, seed);
  abort();
  return nothing;
}

static pthread_t begin(void *(*body)(void *), void *with) {
  pthread_t thread;
  REQUIRE(pthread_create(&thread, NULL, body, with) == 0);
  return thread;
}

/* --- One signal among several who are interrupted --------------------------------------------------------------------------- */

static struct waiter {
  _Atomic polite_thread_t thread;
  struct random random;
  bool steadfast; /* this round it is not interrupted, and waits for as long as it takes */
} waiters[WAITERS];

static polite_mutex_t guard; /* of all below */
static polite_condition_t condition;
static long round_number, settled; /* the latter: the round in which the interrupter has finished as well */
static int waiting, signalled, interrupted, late, ready;
static bool over;
static polite_condition_t changed; /* for the conductor, and for the next round */

static void tell_all(void) { REQUIRE(polite_condition_broadcast(&changed) == 0); }
static void await_change(void) { REQUIRE(polite_condition_wait_uninterruptible(&changed, &guard) == 0); }

/* One round of one waiter; it has the mutex. */
static void wait_for_the_signal(struct waiter *self) {
  bool timed = !self->steadfast && random_below(&self->random, 3) == 0;
  ++waiting;
  tell_all();
  int result = timed ? polite_condition_wait_until(&condition, &guard, polite_now() + random_below(&self->random, 200000))
                     : polite_condition_wait(&condition, &guard);
  if (result == 0) ++signalled;
  else if (result == POLITE_INTERRUPTED) ++interrupted;
  else if (result == POLITE_ETIMEDOUT) ++late;
  else REQUIRE(!"an error");
  REQUIRE(!(self->steadfast && result != 0 && result != POLITE_INTERRUPTED));
  REQUIRE(polite_mutex_trylock(&guard) == POLITE_EBUSY);
}

static void *wait_in_rounds(void *self_) {
  struct waiter *self = self_;
  self->thread = polite_self();
  REQUIRE(polite_mutex_lock_uninterruptible(&guard) == 0);
  for (long round = 0;; ++round) {
    ++ready;
    tell_all();
    while (round_number == round && !over) await_change();
    if (over) break;
    wait_for_the_signal(self);
    tell_all();
    while (settled == round) await_change();
    polite_interrupt_clear();
    --waiting;
    tell_all();
    while (waiting > 0) await_change();
  }
  REQUIRE(polite_mutex_unlock(&guard) == 0);
  return NULL;
}

/* Interrupts all but the steadfast one, each or not, while the signal is given. */
static _Atomic long interrupter_round;
static atomic_long interrupts;

static void *interrupt_in_rounds(void *nothing) {
  struct random random = random_from(seed, 101);
  for (long round = 1; round <= rounds; ++round) {
    while (interrupter_round != round) sched_yield();
    rest(&random);
    for (int i = 0; i < WAITERS; ++i) {
      if (waiters[i].steadfast || random_below(&random, 3) == 0) continue;
      REQUIRE(polite_interrupt(waiters[i].thread) >= 0);
      ++interrupts;
    }
    interrupter_round = -round;
  }
  return nothing;
}

static void conduct_a_round(long round, struct random *random) {
  REQUIRE(polite_mutex_lock_uninterruptible(&guard) == 0);
  while (ready != WAITERS) await_change();
  ready = waiting = signalled = interrupted = late = 0;
  unsigned steadfast = random_below(random, WAITERS);
  for (unsigned i = 0; i < WAITERS; ++i) waiters[i].steadfast = i == steadfast;
  round_number = round;
  tell_all();
  while (waiting != WAITERS) await_change();
  bool unlocked_first = random_below(random, 2);
  interrupter_round = round;
  REQUIRE(polite_mutex_unlock(&guard) == 0);
  rest(random);
  if (!unlocked_first) REQUIRE(polite_mutex_lock_uninterruptible(&guard) == 0);
  REQUIRE(polite_condition_signal(&condition) == 0);
  if (unlocked_first) REQUIRE(polite_mutex_lock_uninterruptible(&guard) == 0);
  while (signalled == 0) await_change(); /* the watchdog says when it was lost */
  REQUIRE(polite_condition_broadcast(&condition) == 0 && signalled == 1);
  while (signalled + interrupted + late < WAITERS) await_change();
  REQUIRE(polite_mutex_unlock(&guard) == 0);
  while (interrupter_round != -round) sched_yield();
  REQUIRE(polite_mutex_lock_uninterruptible(&guard) == 0);
  settled = round;
  tell_all();
  while (waiting > 0) await_change();
  REQUIRE(polite_mutex_unlock(&guard) == 0);
  ++progress;
}

static long interrupted_waits, timed_out_waits;

static void signals_among_interrupts(void) {
  pthread_t threads[WAITERS], interrupter;
  struct random random = random_from(seed, 102);
  for (int i = 0; i < WAITERS; ++i) {
    waiters[i].random = random_from(seed, (uint64_t)i + 1);
    threads[i] = begin(wait_in_rounds, &waiters[i]);
  }
  interrupter = begin(interrupt_in_rounds, NULL);
  for (long round = 1; round <= rounds; ++round) {
    conduct_a_round(round, &random);
    interrupted_waits += interrupted;
    timed_out_waits += late;
  }
  REQUIRE(polite_mutex_lock(&guard) == 0);
  while (ready != WAITERS) await_change();
  over = true;
  tell_all();
  REQUIRE(polite_mutex_unlock(&guard) == 0);
  for (int i = 0; i < WAITERS; ++i) pthread_join(threads[i], NULL);
  pthread_join(interrupter, NULL);
  REQUIRE(polite_condition_destroy(&condition) == 0 && polite_condition_destroy(&changed) == 0 && polite_mutex_destroy(&guard) == 0);
  printf("%ld signals of a condition, each taken by exactly one of %d: %ld interrupts, %ld waits interrupted, %ld timed out\n", rounds,
         WAITERS, atomic_load(&interrupts), interrupted_waits, timed_out_waits);
}

/* --- Everything at once ----------------------------------------------------------------------------------------------------- */

static polite_mutex_t mutex;
static polite_rwlock_t rwlock;
static polite_semaphore_t semaphore; /* of UNITS */
static polite_event_t turn;          /* automatic: whoever was let pass sets it again */
static polite_barrier_t barrier;     /* of two */
static polite_mutex_t of_tokens;
static polite_condition_t there_are_tokens;
#define UNITS 2

static long locked, tokens, put, taken; /* each under its mutex */
static atomic_long times_locked;
static atomic_int in_mutex, readers, writers, holders, passed;
static atomic_long at_barrier_last, at_barrier_others;
static atomic_long delivered, timed_out;

static struct worker {
  _Atomic polite_thread_t thread;
  struct random random;
  atomic_bool done;
  atomic_int signals; /* sent, and not handled yet, perhaps */
} workers[WORKERS];

#define CALL(name, object)                                                                                            \
  (form == 0   ? polite_##name(object)                                                                                \
   : form == 1 ? polite_##name##_until(object, polite_now() + (int64_t)random_below(&self->random, 100000) - 20000)          \
               : polite_##name##_uninterruptible(object))

/* Whether it was got. */
static bool got(int result, unsigned form) {
  if (result >= 0) return true;
  if (result == POLITE_INTERRUPTED) ++delivered;
  else if (result == POLITE_ETIMEDOUT) ++timed_out;
  else REQUIRE(!"an error");
  REQUIRE(form != 2 && (result != POLITE_ETIMEDOUT || form == 1));
  return false;
}

static void lock_the_mutex(struct worker *self, unsigned form) {
  if (!got(CALL(mutex_lock, &mutex), form)) return;
  REQUIRE(in_mutex++ == 0);
  ++locked;
  ++times_locked;
  rest(&self->random);
  REQUIRE(--in_mutex == 0);
  REQUIRE(polite_mutex_unlock(&mutex) == 0);
}

static void read_with_others(struct worker *self, unsigned form) {
  if (!got(CALL(rwlock_rdlock, &rwlock), form)) return;
  ++readers;
  REQUIRE(writers == 0);
  rest(&self->random);
  --readers;
  REQUIRE(polite_rwlock_unlock(&rwlock) == 0);
}

static void write_alone(struct worker *self, unsigned form) {
  if (!got(CALL(rwlock_wrlock, &rwlock), form)) return;
  REQUIRE(writers++ == 0 && readers == 0);
  rest(&self->random);
  REQUIRE(--writers == 0);
  REQUIRE(polite_rwlock_unlock(&rwlock) == 0);
}

static void hold_a_unit(struct worker *self, unsigned form) {
  if (!got(CALL(semaphore_wait, &semaphore), form)) return;
  REQUIRE(holders++ < UNITS);
  rest(&self->random);
  --holders;
  REQUIRE(polite_semaphore_post(&semaphore) == 0);
}

static void take_turns(struct worker *self, unsigned form) {
  if (!got(CALL(event_wait, &turn), form)) return;
  REQUIRE(passed++ == 0);
  rest(&self->random);
  REQUIRE(--passed == 0);
  REQUIRE(polite_event_set(&turn) == 0);
}

/* Never for ever: there may be nobody else. */
static void meet(struct worker *self, unsigned form) {
  (void)form;
  int result = polite_barrier_wait_until(&barrier, polite_now() + random_below(&self->random, 100000));
  if (got(result, 1)) ++*(result == POLITE_BARRIER_LAST ? &at_barrier_last : &at_barrier_others);
}

static void put_token(void) {
  REQUIRE(polite_mutex_lock_uninterruptible(&of_tokens) == 0);
  ++tokens;
  ++put;
  REQUIRE(polite_condition_signal(&there_are_tokens) == 0);
  REQUIRE(polite_mutex_unlock(&of_tokens) == 0);
}

static void take_token(struct worker *self, unsigned form) {
  put_token();
  if (!got(CALL(mutex_lock, &of_tokens), form)) return;
  while (tokens == 0) {
    int64_t deadline = polite_now() + random_below(&self->random, 100000);
    if (!got(polite_condition_wait_until(&there_are_tokens, &of_tokens, deadline), 1)) break;
  }
  if (tokens > 0) {
    --tokens;
    ++taken;
  }
  REQUIRE(polite_mutex_unlock(&of_tokens) == 0);
}

static void park_and_unpark(struct worker *self, unsigned form) {
  polite_unpark(form == 2 ? polite_self() : (polite_thread_t)workers[random_below(&self->random, WORKERS)].thread);
  if (form == 2) got(polite_park_uninterruptible(), form);
  else got(polite_park_until(polite_now() + random_below(&self->random, 100000)), 1);
}

/* What releases is called by handlers, wherever the thread is just then: also where it has some object's guard. */
static polite_semaphore_t by_handlers;
static atomic_long posted_by_handlers, taken_from_handlers;

static void release_in_handler(int signal) {
  (void)signal;
  for (int i = 0; i < WORKERS; ++i)
    if (workers[i].thread == polite_self()) workers[i].signals = 0;
  long before = posted_by_handlers++;
  REQUIRE(polite_semaphore_post(&by_handlers) == 0);
  polite_unpark(workers[before % WORKERS].thread);
  REQUIRE(polite_condition_broadcast(&there_are_tokens) == 0);
  if (polite_semaphore_trywait(&semaphore) == 0) REQUIRE(polite_semaphore_post(&semaphore) == 0);
}

static void take_from_handlers(struct worker *self, unsigned form) {
  (void)form;
  if (got(polite_semaphore_wait_until(&by_handlers, polite_now() + random_below(&self->random, 100000)), 1)) ++taken_from_handlers;
}

static void *work(void *self_) {
  static void (*const deeds[])(struct worker *, unsigned) = {lock_the_mutex, read_with_others, write_alone, hold_a_unit,
                                                             take_turns,     meet,             take_token,  park_and_unpark,
                                                             take_from_handlers};
  struct worker *self = self_;
  self->thread = polite_self();
  for (long i = 0; i < rounds; ++i) {
    deeds[random_below(&self->random, sizeof deeds / sizeof *deeds)](self, random_below(&self->random, 3));
    ++progress;
  }
  self->done = true;
  return NULL;
}

/* Without a limit they would pile up on systems where several are not one and the same. */
static void send_to(const pthread_t *threads, unsigned which) {
  if (workers[which].signals++ < 100) run_on_top(threads[which], release_in_handler, 1);
}

/* Signals somebody, or interrupts him, or asks, and takes it back. */
static void disturb(struct random *random, const pthread_t *threads) {
  unsigned which = random_below(random, WORKERS);
  polite_thread_t thread = workers[which].thread;
  polite_request_t request = {{0}};
  if (!UNDER_TSAN && random_below(random, 3) == 0) send_to(threads, which); /* TSan calls handlers when it sees fit */
  else if (random_below(random, 2)) polite_interrupt(thread);
  else if (polite_request_post(&request, thread, 0, 0) >= 0) {
    rest(random);
    polite_request_withdraw(&request);
  }
}

static bool all_done(void) {
  for (int i = 0; i < WORKERS; ++i)
    if (!workers[i].done) return false;
  return true;
}

static void everything_at_once(void) {
  pthread_t threads[WORKERS];
  struct random random = random_from(seed, 103);
  REQUIRE(polite_semaphore_init(&semaphore, UNITS) == 0 && polite_barrier_init(&barrier, 2) == 0);
  REQUIRE(polite_event_init(&turn, POLITE_EVENT_AUTO) == 0 && polite_event_set(&turn) == 0);
  for (int i = 0; i < WORKERS; ++i) {
    workers[i].random = random_from(seed, (uint64_t)i + 50);
    threads[i] = begin(work, &workers[i]);
  }
  for (int i = 0; i < WORKERS; ++i)
    while (workers[i].thread == 0) sched_yield();
  long disturbances = 0;
  for (; !all_done(); ++disturbances) {
    disturb(&random, threads);
    rest(&random);
  }
  for (int i = 0; i < WORKERS; ++i) pthread_join(threads[i], NULL);
  REQUIRE(locked == times_locked && tokens == put - taken && at_barrier_last == at_barrier_others);
  for (long left = posted_by_handlers - taken_from_handlers; left > 0; --left) REQUIRE(polite_semaphore_trywait(&by_handlers) == 0);
  REQUIRE(polite_semaphore_trywait(&by_handlers) == POLITE_EAGAIN && polite_semaphore_destroy(&by_handlers) == 0);
  for (int i = 0; i < UNITS; ++i) REQUIRE(polite_semaphore_trywait(&semaphore) == 0);
  REQUIRE(polite_semaphore_trywait(&semaphore) == POLITE_EAGAIN && polite_event_trywait(&turn) == 0);
  REQUIRE(polite_mutex_destroy(&mutex) == 0 && polite_rwlock_destroy(&rwlock) == 0 && polite_semaphore_destroy(&semaphore) == 0);
  REQUIRE(polite_event_destroy(&turn) == 0 && polite_barrier_destroy(&barrier) == 0);
  REQUIRE(polite_mutex_destroy(&of_tokens) == 0 && polite_condition_destroy(&there_are_tokens) == 0);
  printf("%ld waits of all kinds: %ld disturbances, %ld interrupted, %ld timed out; %ld met, %ld units from handlers; nothing lost\n",
         rounds * WORKERS, disturbances, atomic_load(&delivered), atomic_load(&timed_out), atomic_load(&at_barrier_last),
         atomic_load(&taken_from_handlers));
}

int main(int argc, char **argv) {
  for (int i = 1; i + 1 < argc; i += 2) {
    if (strcmp(argv[i], "--rounds") == 0) rounds = atol(argv[i + 1]);
    else if (strcmp(argv[i], "--seed") == 0) seed = strtoull(argv[i + 1], NULL, 0);
    else return 2;
  }
  begin(watch, NULL);
  signals_among_interrupts();
  everything_at_once();
  return 0;
}

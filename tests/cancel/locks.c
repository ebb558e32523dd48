/* Locks, conditions and semaphores, as steps; and a thread that signals the conditions.
 *
 * The mutexes are of the kind that lets nobody but its owner unlock it. */
#include "cancel_at_random.h"

#include <errno.h>
#include <semaphore.h>
#include <time.h>

struct locks locks[DEPTHS];

static sem_t semaphores[DEPTHS];
static pthread_t thread;
static atomic_bool stopping;
static struct random chance;

static void release_mutex(struct thing *thing) { REQUIRE(pthread_mutex_unlock(&thing->locks->mutex) == 0); }
static void release_unit(struct thing *thing) { REQUIRE(sem_post(&semaphores[thing->locks - locks]) == 0); }

static void wait_for_token(struct worker *worker, struct locks *own) {
  while (own->tokens == 0) {
    about_to(worker, CONDITION);
    REQUIRE(pthread_cond_wait(&own->condition, &own->mutex) == 0);
  }
  --own->tokens;
  ++own->taken;
}

static void wait_a_little_for_token(struct worker *worker, struct locks *own) {
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_nsec += 100000;
  if (until.tv_nsec >= 1000000000) until.tv_nsec -= 1000000000, until.tv_sec += 1;
  about_to(worker, TIMED_CONDITION);
  int error = pthread_cond_timedwait(&own->condition, &own->mutex, &until);
  REQUIRE(error == 0 || error == ETIMEDOUT);
  if (own->tokens == 0) return;
  --own->tokens;
  ++own->taken;
}

static void wait_for_some_token(struct worker *worker, struct locks *own) {
  if (random_once_in(&worker->random, 3)) wait_a_little_for_token(worker, own);
  else wait_for_token(worker, own);
}

/* What was taken is held while `first`, if any, and then the inner steps are made. */
static void hold(struct worker *worker, int depth, void (*release)(struct thing *), void (*first)(struct worker *, struct locks *)) {
  struct thing held = thing(worker, release);
  held.locks = &locks[depth];
  pthread_cleanup_push(give_back, &held);
  if (first) first(worker, &locks[depth]);
  inside(worker, depth);
  pthread_cleanup_pop(runs_at_pop(worker));
  give_back_popped(&held);
}

static void hold_mutex(struct worker *worker, int depth, void (*first)(struct worker *, struct locks *)) {
  about_to(worker, MUTEX);
  REQUIRE(pthread_mutex_lock(&locks[depth].mutex) == 0);
  hold(worker, depth, release_mutex, first);
}

void lock_step(struct worker *worker, int depth) { hold_mutex(worker, depth, NULL); }
void condition_step(struct worker *worker, int depth) { hold_mutex(worker, depth, wait_for_some_token); }

void semaphore_step(struct worker *worker, int depth) {
  about_to(worker, SEMAPHORE);
  REQUIRE(sem_wait(&semaphores[depth]) == 0);
  hold(worker, depth, release_unit, NULL);
}

/* --- Signaling ------------------------------------------------------------------------------------------------------------- */

/* By turns to one waiter and to all; with and without the mutex, as POSIX allows both. */
static void give_token(struct locks *to) {
  bool early = random_once_in(&chance, 2);
  REQUIRE(pthread_mutex_lock(&to->mutex) == 0);
  if (to->tokens < 4) ++to->tokens, ++to->given;
  if (early) pthread_cond_signal(&to->condition);
  REQUIRE(pthread_mutex_unlock(&to->mutex) == 0);
  if (early) return;
  if (random_once_in(&chance, 4)) pthread_cond_broadcast(&to->condition);
  else pthread_cond_signal(&to->condition);
}

static void *give_tokens(void *unused) {
  (void)unused;
  while (!atomic_load(&stopping)) {
    give_token(&locks[random_below(&chance, DEPTHS)]);
    pause_ns((long)random_below(&chance, 50000));
  }
  return NULL;
}

static void make_locks(struct locks *made, sem_t *semaphore) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
  REQUIRE(pthread_mutex_init(&made->mutex, &attributes) == 0);
  pthread_mutexattr_destroy(&attributes);
  REQUIRE(pthread_cond_init(&made->condition, NULL) == 0);
  REQUIRE(sem_init(semaphore, 0, UNITS) == 0);
  made->tokens = made->given = made->taken = 0;
}

void locks_begin(unsigned long round) {
  for (int i = 0; i < DEPTHS; ++i) make_locks(&locks[i], &semaphores[i]);
  chance = random_for(round, 4);
  atomic_store(&stopping, false);
  REQUIRE(pthread_create(&thread, NULL, give_tokens, NULL) == 0);
}

/* The same objects are made anew for each round, so what is left is counted once. */
void locks_end(long *locks_left, long *units_left, long *tokens_lost) {
  atomic_store(&stopping, true);
  REQUIRE(pthread_join(thread, NULL) == 0);
  for (int i = 0; i < DEPTHS; ++i) {
    int units;
    bool is_free = pthread_mutex_trylock(&locks[i].mutex) == 0;
    *locks_left += !is_free;
    *tokens_lost += locks[i].given - locks[i].taken - locks[i].tokens;
    REQUIRE(sem_getvalue(&semaphores[i], &units) == 0);
    *units_left += units > UNITS ? units - UNITS : UNITS - units;
    if (!is_free) continue;
    pthread_mutex_unlock(&locks[i].mutex);
    pthread_mutex_destroy(&locks[i].mutex);
    pthread_cond_destroy(&locks[i].condition);
    sem_destroy(&semaphores[i]);
  }
}

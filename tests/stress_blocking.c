/* Interrupts against foreign calls, at random moments: none is lost, none comes twice, nothing that was done is lost, and nobody is told to
 * stop when the call has returned (foreign_library.h checks that).
 *
 *   stress_blocking [ROUNDS [SEED]]
 *
 * In each round something is added, the thread is interrupted, or a request is posted and soon withdrawn, or some of these; then what that must
 * lead to is waited for. Once with a library that remembers, and once with one that forgets and looks. */
#include "foreign_library.h"

#include "random.h"

static pipes_t pipes;
static forgetful_t forgetful = FORGETFUL(look_whether_to_stop);
static atomic_long taken, delivered;
static atomic_int stopping;

static polite_ssize_t take_remembering(void) { return take_politely(&pipes); }
static polite_ssize_t take_forgetting(void) { return take_from_forgetful_politely(&forgetful); }
static void add_remembering(void) { add_item(&pipes, 1); }
static void add_forgetting(void) { add_to_forgetful(&forgetful); }

static const struct library {
  const char *name;
  polite_ssize_t (*take)(void);
  void (*add)(void);
} libraries[] = {{"remembers", take_remembering, add_remembering}, {"forgets", take_forgetting, add_forgetting}};

static void take_all(actor_t *actor) {
  const struct library *library = actor->with;
  while (!stopping) {
    polite_ssize_t result = library->take();
    if (result == POLITE_INTERRUPTED) ++delivered;
    else if (result == 1) ++taken;
    else CHECK(!"another result");
  }
}

static struct random dice;

static unsigned below(unsigned n) { return random_below(&dice, n); }

/* Like AWAIT, for what is not a test of cmocka's. */
static void await_counts(const char *name, long round, long sent, long added) {
  double until = seconds_now() + LIMIT_SECONDS;
  while (delivered < sent || taken < added) {
    if (seconds_now() > until) {
      fprintf(stderr, "stress_blocking: FAILED: %s: round %ld: %ld of %ld delivered, %ld of %ld taken\n", name, round, (long)delivered, sent,
              (long)taken, added);
      exit(1);
    }
    sched_yield();
  }
}

static void run(const struct library *library, long rounds) {
  actor_t actor;
  polite_request_t request = {0};
  long sent = 0, added = 0, withdrawn = 0;
  taken = delivered = 0;
  stopping = 0;
  memset(&actor, 0, sizeof actor);
  actor.body = take_all;
  actor.with = (void *)(uintptr_t)library;
  CHECK(pthread_create(&actor.pthread, NULL, actor_main, &actor) == 0);
  while (!actor.thread) sched_yield();
  for (long round = 0; round < rounds; ++round) {
    unsigned what = below(8);
    if (what < 3) {
      library->add();
      ++added;
    }
    for (unsigned spins = below(4) ? below(400) : 0; spins; --spins) seconds_now();
    if (what < 2 || what == 3 || what == 4) sent += polite_interrupt(actor.thread) == 0;
    if (what > 4) {
      CHECK(polite_request_post(&request, actor.thread, 0, 0) >= 0);
      for (unsigned spins = below(400); spins; --spins) seconds_now();
      int gone = polite_request_withdraw(&request);
      CHECK(gone == 0 || gone == 1);
      sent += gone;
      withdrawn += !gone;
    }
    await_counts(library->name, round, sent, added);
  }
  stopping = 1;
  polite_interrupt(actor.thread);
  CHECK(pthread_join(actor.pthread, NULL) == 0);
  CHECK(taken == added && (delivered == sent || delivered == sent + 1));
  printf("stress_blocking: a library that %s: %ld rounds: %ld interrupts delivered, %ld withdrawn, %ld items taken; none lost\n", library->name,
         rounds, sent, withdrawn, added);
  if (forgetful.forgotten) printf("stress_blocking: told too early: %d times\n", (int)forgetful.forgotten);
}

int main(int count, char **arguments) {
  long rounds = count > 1 ? atol(arguments[1]) : 100000;
  uint64_t seed = count > 2 ? strtoull(arguments[2], NULL, 0) : (uint64_t)time(NULL);
  dice = random_from(seed, 0);
  printf("stress_blocking %ld %llu\n", rounds, (unsigned long long)seed);
  fflush(stdout);
  open_pipes(&pipes);
  forgetful.delay = 3;
  for (int i = 0; i < 2; ++i) run(&libraries[i], rounds);
  close_pipes(&pipes);
  return 0;
}

/* Options, randomness, the moments at which workers are interrupted, and failing. */
#include "at_random.h"

#include <getopt.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct options options = {.seed = 1, .cancels = 3000, .limit_s = 60};
struct worker workers[WORKERS];

const char *const call_names[CALLS] = {
    "beginning", "open", "open of a FIFO", "read", "poll", "accept", "mutex_lock", "cond_wait", "cond_timedwait", "sem_wait",
    "lock of a file", "sleep", "nanosleep", "test of itself", "other"};

void read_options(int count, char **arguments) {
  static const struct option names[] = {{"seed", 1, NULL, 's'},      {"cancels", 1, NULL, 'c'}, {"limit", 1, NULL, 'l'},
                                        {"open-loop", 0, NULL, 'o'}, {NULL, 0, NULL, 0}};
  for (int option; (option = getopt_long(count, arguments, "", names, NULL)) != -1;) {
    switch (option) {
      case 's': options.seed = strtoull(optarg, NULL, 0); break;
      case 'c': options.cancels = atol(optarg); break;
      case 'l': options.limit_s = atoi(optarg); break;
      case 'o': options.open_loop = true; break;
      default: exit(2);
    }
  }
  if (options.cancels > 0 && options.limit_s > 0 && optind == count) return;
  fprintf(stderr, "usage: %s [--seed N] [--cancels N] [--limit SECONDS] [--open-loop]\n", arguments[0]);
  exit(2);
}

struct random random_for(unsigned long number, unsigned purpose) { return random_from(options.seed, (uint64_t)purpose << 40 | number); }

/* --- Moments --------------------------------------------------------------------------------------------------------------- */

void pause_ns(long nanoseconds) {
  struct timespec time = {nanoseconds / 1000000000, nanoseconds % 1000000000};
  nanosleep(&time, NULL);
}

void about_to(struct worker *worker, enum call call) {
  atomic_store_explicit(&worker->doing, call, memory_order_relaxed);
  atomic_fetch_add_explicit(&worker->calls, 1, memory_order_relaxed);
}

static void spin(unsigned times) {
  for (volatile unsigned i = 0; i < times; ++i) continue;
}

static void await_calls(struct worker *worker, unsigned count) {
  unsigned seen = atomic_load(&worker->calls);
  for (int spins = 0; spins < 3000 && atomic_load(&worker->calls) - seen < count; ++spins) continue;
}

void await_random_moment(struct worker *worker, struct random *random) {
  switch (random_below(random, 8)) {
    case 0: break;
    case 1: case 2: spin(random_below(random, 1u << random_below(random, 18))); break;
    case 3: case 4:
      await_calls(worker, 1 + random_below(random, 16));
      spin(random_below(random, 200));
      break;
    case 5:
      await_calls(worker, 1);
      for (unsigned i = random_below(random, 20); i > 0; --i) sched_yield();
      break;
    default: pause_ns((long)random_below(random, 400000)); break;
  }
}

void await_first_call(struct worker *worker, unsigned before, struct random *random) {
  while (atomic_load(&worker->calls) == before) sched_yield();
  spin(random_below(random, 20000));
}

/* --- Failing --------------------------------------------------------------------------------------------------------------- */

void fail(const char *format, ...) {
  static atomic_flag failing = ATOMIC_FLAG_INIT;
  while (atomic_flag_test_and_set(&failing)) pause_ns(1000000000); /* somebody else does */
  va_list arguments;
  va_start(arguments, format);
  fprintf(stderr, "FAILED with --seed %llu --cancels %ld: ", (unsigned long long)options.seed, options.cancels);
  vfprintf(stderr, format, arguments);
  fprintf(stderr, "\n");
  va_end(arguments);
  for (int i = 0; i < WORKERS; ++i)
    fprintf(stderr, "  worker %d: in %s, call %u\n", i, call_names[workers[i].doing], workers[i].calls);
  abort();
}

static void *watch_progress(void *progress_) {
  atomic_long *progress = progress_;
  long seen = -1;
  for (int tenths = 0;; ++tenths) {
    long now = atomic_load(progress);
    if (now != seen) seen = now, tenths = 0;
    if (tenths > 10 * options.limit_s) fail("nothing has come to its end for %d s, after %ld", options.limit_s, seen);
    pause_ns(100000000);
  }
  return NULL;
}

void watch(atomic_long *progress) {
  pthread_t thread;
  REQUIRE(pthread_create(&thread, NULL, watch_progress, progress) == 0);
  REQUIRE(pthread_detach(thread) == 0);
}

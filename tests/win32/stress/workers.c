/* Workers, and the account of their interrupts: each that was sent as the only one pending is delivered once (rules 4 and 6). */
#include "stress.h"

#include <stdio.h>
#include <string.h>

enum { MOST = 64 };

static struct worker workers[MOST];
static int count;
atomic_bool stopping;

/* Posters at work; whether others may begin. */
static atomic_int posting;
static atomic_bool closed;

void add_worker(const char *name, int (*step)(struct worker *), void *with) {
  REQUIRE(count < MOST);
  workers[count].name = name;
  workers[count].step = step;
  workers[count].with = with;
  ++count;
}

int count_workers(void) { return count; }

void forget_workers(void) {
  memset(workers, 0, sizeof workers);
  count = 0;
  closed = stopping = false;
}

/* Result 2 would be a thread that has not answered for a second. */
static void interrupt(struct worker *worker) {
  int result = polite_interrupt(worker->thread);
  if (result == POLITE_ESRCH && stopping) return;
  REQUIRE(result == 0 || result == 1);
  ++*(result == 1 ? &worker->again : &worker->posted);
}

static void *work(void *worker_) {
  struct worker *worker = worker_;
  for (;;) {
    int result = worker->step(worker);
    if (result == POLITE_INTERRUPTED) {
      ++worker->delivered;
      if (stopping) return NULL;
      if (random_once_in(&worker->random, 8)) interrupt_some_worker(&worker->random);
    }
  }
}

void start_workers(uint64_t seed) {
  for (int i = 0; i < count; ++i) {
    polite_thread_options_t options = {.size = sizeof options, .name = workers[i].name};
    workers[i].random = random_from(seed, (uint64_t)i);
    REQUIRE(polite_thread_create(&workers[i].thread, &options, work, &workers[i]) == 0);
  }
}

void interrupt_some_worker(struct random *random) {
  ++posting;
  if (!closed) interrupt(&workers[random_below(random, (unsigned)count)]);
  --posting;
}

long interrupts_delivered(void) {
  long sum = 0;
  for (int i = 0; i < count; ++i) sum += workers[i].delivered;
  return sum;
}

static void print_worker(const struct worker *worker) {
  polite_thread_info_t info = {.size = sizeof info};
  int said = polite_thread_inspect(worker->thread, &info);
  fprintf(stderr, "  %s: %s in %s, pending %u, %lld ms; posted %ld + %ld again, delivered %ld\n", worker->name,
          said < 0 ? polite_error_name(said) : info.state == POLITE_THREAD_BLOCKED ? "blocked" : "running", info.call ? info.call : "nothing",
          info.pending, (long long)info.observed_ns / 1000000, worker->posted, worker->again, worker->delivered);
}

void print_workers(void) {
  for (int i = 0; i < count; ++i) print_worker(&workers[i]);
}

/* A lost wake is a worker that does not come to its last interrupt. */
static void stop(struct worker *worker) {
  int64_t deadline = polite_now() + (int64_t)LIMIT_SECONDS * 1000000000;
  interrupt(worker);
  int how = polite_thread_join_until(worker->thread, NULL, deadline);
  if (how != POLITE_RETURNED) {
    print_worker(worker);
    fail("%s was not woken", worker->name);
  }
  /* One that was pending may have been the last, and this one come while the thread was on its way out. */
  long outstanding = worker->posted - worker->delivered;
  if (outstanding < 0 || outstanding > 1) fail("%s: %ld interrupts sent, %ld delivered", worker->name, worker->posted, worker->delivered);
}

void stop_workers(void) {
  closed = true;
  while (posting) SwitchToThread();
  stopping = true; /* from here on one that is interrupted is gone */
  for (int i = 0; i < count; ++i) stop(&workers[i]);
}

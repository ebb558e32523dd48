/* The stress program: options, the run, the totals.
 *
 *   polite_stress [--seed N] [--interrupts N] [--threads N] [--interrupters N] [--limit SECONDS] [--no-membarrier]
 *                 [--refuse-membarrier-later] [--no-signal-queue] [--previous-handler] [--no-forks] [--no-foreign]
 *
 * The seed decides what each thread does, not how they meet. The run ends when enough interrupts have been delivered: with a line
 * "stress: <backend>, <processor>, <libc>: passed: …"; with status 1 and a line that begins "stress: FAILED" if anything was lost, or came that nobody sent. */
#include "stress.h"

#include <dirent.h>
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct options options = {.interrupts = 100000, .threads = 8, .interrupters = 3, .limit_s = 60};
atomic_bool stopping;

enum { MOST_THREADS = 48, MOST_INTERRUPTERS = 16 };

struct random random_for(unsigned thread, unsigned purpose) { return random_from(options.seed, (uint64_t)purpose << 32 | thread); }

void pause_ns(long nanoseconds) {
  struct timespec time = {nanoseconds / 1000000000, nanoseconds % 1000000000};
  nanosleep(&time, NULL);
}

time_t now_s(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec;
}

/* --- Failing -------------------------------------------------------------------------------------------------------------- */

static void print_command(FILE *file) {
  fprintf(file, "polite_stress --seed %llu --interrupts %ld --threads %d --interrupters %d --limit %d%s%s%s%s%s%s\n",
          (unsigned long long)options.seed, options.interrupts, options.threads, options.interrupters, options.limit_s,
          options.no_membarrier ? " --no-membarrier" : "", options.refuse_membarrier_later ? " --refuse-membarrier-later" : "",
          options.no_signal_queue ? " --no-signal-queue" : "", options.previous_handler ? " --previous-handler" : "",
          options.no_forks ? " --no-forks" : "", options.no_foreign ? " --no-foreign" : "");
}

static void print_life(struct life *life) {
  static const char *const states[] = {"running", "in a call", "blocked"};
  polite_thread_info_t info = {.size = sizeof info};
  if (!life) return;
  int said = polite_thread_inspect(life->handle, &info);
  fprintf(stderr, "  life %u (kind %#x) in %s: ", life->number, life->kind, atomic_load(&life->doing));
  if (said < 0) fprintf(stderr, "%s", polite_error_name(said));
  else
    fprintf(stderr, "%s in %s(%lld) for %.1f s, pending %u, shields %u, tid %llu", states[info.state], info.call ? info.call : "nothing",
            (long long)info.object, (double)info.observed_ns * 1e-9, info.pending, info.shielded, (unsigned long long)info.system_id);
  fprintf(stderr, "; posted %ld + %ld again + %ld deaf, delivered %ld + %ld, cleared %ld, withdrawn %ld\n", life->posted_new,
          life->posted_again, life->posted_deaf, life->delivered, life->repeated, life->cleared, life->withdrawn);
}

static void say_how_to_run_again(void) {
  fprintf(stderr, "stress: FAILED with seed %llu. Run it again:\n  ", (unsigned long long)options.seed);
  print_command(stderr);
}

void fail(const char *format, ...) {
  static atomic_flag failing = ATOMIC_FLAG_INIT;
  while (atomic_flag_test_and_set(&failing)) pause(); /* somebody else does */
  va_list arguments;
  va_start(arguments, format);
  fprintf(stderr, "stress: ");
  vfprintf(stderr, format, arguments);
  fprintf(stderr, "\n");
  va_end(arguments);
  for (unsigned slot = 0; slot <= (unsigned)options.threads; ++slot) print_life(life_in_slot(slot));
  say_how_to_run_again();
  _exit(1);
}

/* --- Watching: nobody is blocked for long with an interrupt pending --------------------------------------------------------- */

static void watch_life(struct life *life) {
  polite_thread_info_t info = {.size = sizeof info};
  if (!life || polite_thread_inspect(life->handle, &info) < 0) return;
  bool stuck = info.state == POLITE_THREAD_BLOCKED && info.pending && !info.shielded;
  if (stuck && info.observed_ns / 1000000000 >= options.limit_s)
    fail("a wake was lost: life %u is blocked with an interrupt pending", life->number);
}

/* Somebody gets interrupts all the time, and no worker stays in one call: there are always interrupters. A little later than
 * watch_life, which knows better what is wrong. */
static void watch_progress(unsigned slot, uint64_t now) {
  static struct {
    uint64_t known;
    time_t since;
  } progress[MOST_THREADS + 1];
  if (now != progress[slot].known || !progress[slot].since) progress[slot].known = now, progress[slot].since = now_s();
  if (now_s() - progress[slot].since < options.limit_s + 5) return;
  if (slot == MOST_THREADS) fail("a wake was lost: nothing was delivered for %d s", options.limit_s);
  fail("the worker in place %u is stuck, or a wake was lost", slot);
}

static atomic_bool finished;

static void *watch(void *unused) {
  (void)unused;
  while (!atomic_load(&finished)) {
    watch_progress(MOST_THREADS, (uint64_t)atomic_load(&all_ended));
    for (unsigned slot = 0; slot < (unsigned)options.threads; ++slot) {
      struct life *life = life_in_slot(slot);
      watch_life(life);
      watch_progress(slot, life ? (uint64_t)life->number << 32 | atomic_load(&life->calls) : 0);
    }
    pause_ns(100000000);
  }
  return NULL;
}

/* --- Workers come and go -------------------------------------------------------------------------------------------------- */

static struct {
  pthread_t thread;
  struct life *life; /* null: empty */
  bool over;
} places[MOST_THREADS];
static pthread_mutex_t places_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t place_over = PTHREAD_COND_INITIALIZER;

void slot_is_over(unsigned slot) {
  pthread_mutex_lock(&places_lock);
  places[slot].over = true;
  pthread_cond_signal(&place_over);
  pthread_mutex_unlock(&places_lock);
}

/* A place that is over, or -1 when some time has passed. */
static int wait_for_an_end(void) {
  struct timespec limit;
  clock_gettime(CLOCK_REALTIME, &limit);
  limit.tv_nsec += 20000000;
  if (limit.tv_nsec >= 1000000000) limit.tv_nsec -= 1000000000, limit.tv_sec += 1;
  int found = -1;
  pthread_mutex_lock(&places_lock);
  for (int round = 0; round < 2 && found < 0; ++round) {
    for (int i = 0; i < options.threads && found < 0; ++i)
      if (places[i].over) found = i;
    if (found < 0 && round == 0) pthread_cond_timedwait(&place_over, &places_lock, &limit);
  }
  if (found >= 0) places[found].over = false;
  pthread_mutex_unlock(&places_lock);
  return found;
}

static void start_worker(int place) {
  static struct random kinds;
  if (!kinds.state) kinds = random_for(0, 5);
  places[place].life = life_new((unsigned)place, kind_at_random(&kinds));
  REQUIRE(pthread_create(&places[place].thread, NULL, worker, places[place].life) == 0);
}

static void end_worker(int place) {
  struct life *life = places[place].life;
  REQUIRE(pthread_join(places[place].thread, NULL) == 0);
  life_leave_slot(life);
  withdraw_after_death(life);
  require_dead(life);
  places[place].life = NULL;
}

/* --- The run -------------------------------------------------------------------------------------------------------------- */

static void hardships_meanwhile(void) {
  static bool refused;
  if (!options.refuse_membarrier_later || refused || atomic_load(&all_delivered) < options.interrupts / 2) return;
  refuse_membarrier();
  refused = true;
}

static void run_workers(void) {
  int alive = options.threads;
  for (int place = 0; place < options.threads; ++place) start_worker(place);
  while (alive) {
    int place = wait_for_an_end();
    if (place >= 0) {
      end_worker(place);
      if (atomic_load(&stopping)) --alive;
      else start_worker(place);
    }
    if (atomic_load(&all_delivered) >= options.interrupts) atomic_store(&stopping, true);
    hardships_meanwhile();
    bystander_prod();
  }
}

struct result {
  struct totals interrupts;
  struct socket_totals sockets;
  long written, read, bytes_lost, prods, stray, descriptors_lost, seconds;
};

/* The interrupters go last, for workers may need them to end; and the bystander with them, which they interrupt, too. */
static void run(struct result *result) {
  pthread_t interrupters[MOST_INTERRUPTERS], stormer, watcher;
  REQUIRE(pthread_create(&watcher, NULL, watch, NULL) == 0);
  bystander_start();
  for (int i = 0; i < options.interrupters; ++i)
    REQUIRE(pthread_create(&interrupters[i], NULL, interrupter, (void *)(uintptr_t)i) == 0);
  REQUIRE(pthread_create(&stormer, NULL, storm, NULL) == 0);
  run_workers();
  life_leave_slot(bystander);
  for (int i = 0; i < options.interrupters; ++i) REQUIRE(pthread_join(interrupters[i], NULL) == 0);
  REQUIRE(pthread_join(stormer, NULL) == 0);
  bystander_stop(&result->prods, &result->stray);
  atomic_store(&finished, true);
  REQUIRE(pthread_join(watcher, NULL) == 0);
  result->stray += atomic_load(&stray_eintr);
}

static void add_up(struct result *result) {
  for (unsigned number = 0; number < lives(); ++number) {
    struct life *life = life_numbered(number);
    struct totals before = result->interrupts;
    add_account(life, &result->interrupts);
    if (result->interrupts.lost != before.lost || result->interrupts.surplus != before.surplus) {
      fprintf(stderr, "stress: the account of a life does not add up:\n");
      print_life(life);
    }
  }
}

/* --- Descriptors ---------------------------------------------------------------------------------------------------------- */

static long open_descriptors(void) {
  long count = 0;
  DIR *dir = opendir("/proc/self/fd");
  REQUIRE(dir != NULL);
  while (readdir(dir)) ++count;
  closedir(dir);
  return count;
}

/* --- Totals --------------------------------------------------------------------------------------------------------------- */

static void print_totals(const struct result *r) {
  const struct totals *i = &r->interrupts;
  printf("  threads      %u lives in %d places, %d interrupters, %ld children, %ld s\n", lives() - 1, options.threads,
         options.interrupters, atomic_load(&children), r->seconds);
  printf("  signals      %ld foreign, %ld wakes by hand\n", atomic_load(&foreign_sent), atomic_load(&wakes_by_hand));
  printf("  interrupts   %ld posted: %ld new, %ld again, %ld deaf\n", i->posted_new + i->posted_again + i->posted_deaf, i->posted_new,
         i->posted_again, i->posted_deaf);
  printf("               %ld delivered (and %ld latched again), %ld cleared, %ld withdrawn, %ld ended with their thread\n", i->delivered,
         i->repeated, i->cleared, i->withdrawn, i->ended_pending);
  printf("  bytes        %ld written, %ld read\n", r->written, r->read);
  printf("  sockets      %ld connected, %ld accepted, %ld given up; descriptors passed %ld, received %ld\n", r->sockets.connected,
         r->sockets.accepted, r->sockets.given_up, r->sockets.passed, r->sockets.received);
  printf("  bystander    %ld plain waits\n", r->prods);
  printf("  lost         %ld wakes, %ld bytes, %ld descriptors\n", i->lost, r->bytes_lost, r->sockets.lost + r->descriptors_lost);
  printf("  unasked      %ld deliveries, %ld stray EINTR\n", i->surplus, r->stray);
}

/* When the system begins to refuse membarrier nobody knows any more which threads are in a region, so each may be signalled
 * once, and once more by each interrupter that was at work on it (src/platform.h, order). */
static long stray_allowed(void) {
  return options.refuse_membarrier_later ? (1 + options.threads) * (1 + options.threads + options.interrupters) : 0;
}

static const char *backend(void) {
  switch (polite_backend()) {
    case POLITE_BACKEND_WINDOW: return "window";
    case POLITE_BACKEND_SELF_PIPE: return "self-pipe";
    default: return "nothing";
  }
}

#if defined __x86_64__
#define PROCESSOR "x86-64"
#elif defined __aarch64__
#define PROCESSOR "aarch64"
#elif defined __riscv && __riscv_xlen == 64
#define PROCESSOR "riscv64"
#elif defined __i386__
#define PROCESSOR "i386"
#else
#define PROCESSOR "another processor"
#endif

#if defined __GLIBC__
#define LIBC "glibc"
#else
#define LIBC "musl"
#endif

/* The line that tools/test.sh shows of each build: what has been run, and what came of it. */
static void print_line(const struct result *r) {
  printf("stress: %s, " PROCESSOR ", " LIBC "%s: passed: %ld interrupts delivered, %ld bytes moved; lost %ld wakes, %ld bytes, %ld descriptors; %ld stray EINTR\n",
         backend(), UNDER_QEMU ? " (qemu)" : "", r->interrupts.delivered, r->read, r->interrupts.lost, r->bytes_lost,
         r->sockets.lost + r->descriptors_lost, r->stray);
}

static bool flawless(const struct result *r) {
  bool chained = atomic_load(&previous_called) <= atomic_load(&wakes_by_hand);
  if (!chained) fprintf(stderr, "stress: the previous handler ran for polite's own wakes\n");
  return chained && !r->interrupts.lost && !r->interrupts.surplus && !r->bytes_lost && !r->sockets.lost && !r->descriptors_lost &&
         r->stray <= stray_allowed();
}

/* --- Options -------------------------------------------------------------------------------------------------------------- */

static long number_between(const char *text, long least, long most) {
  char *end;
  long number = strtol(text, &end, 10);
  if (*text && !*end && number >= least && number <= most) return number;
  fprintf(stderr, "polite_stress: %s is not a number from %ld to %ld\n", text, least, most);
  exit(2);
}

static void parse(int argc, char **argv) {
  enum { SEED = 1, INTERRUPTS, THREADS, INTERRUPTERS, LIMIT, NO_MEMBARRIER, LATER, NO_QUEUE, PREVIOUS, NO_FORKS, NO_FOREIGN };
  static const struct option known[] = {
      {"seed", 1, NULL, SEED},       {"interrupts", 1, NULL, INTERRUPTS}, {"threads", 1, NULL, THREADS},
      {"limit", 1, NULL, LIMIT},     {"interrupters", 1, NULL, INTERRUPTERS},
      {"no-membarrier", 0, NULL, NO_MEMBARRIER}, {"refuse-membarrier-later", 0, NULL, LATER},
      {"no-signal-queue", 0, NULL, NO_QUEUE},    {"previous-handler", 0, NULL, PREVIOUS},
      {"no-forks", 0, NULL, NO_FORKS},           {"no-foreign", 0, NULL, NO_FOREIGN},
      {NULL, 0, NULL, 0}};
  for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) switch (option) {
      case SEED: options.seed = strtoull(optarg, NULL, 0); break;
      case INTERRUPTS: options.interrupts = number_between(optarg, 1, 1000000000); break;
      case THREADS: options.threads = (int)number_between(optarg, 2, MOST_THREADS); break;
      case INTERRUPTERS: options.interrupters = (int)number_between(optarg, 1, MOST_INTERRUPTERS); break;
      case LIMIT: options.limit_s = (int)number_between(optarg, 1, 3600); break;
      case NO_MEMBARRIER: options.no_membarrier = true; break;
      case LATER: options.refuse_membarrier_later = true; break;
      case NO_QUEUE: options.no_signal_queue = true; break;
      case PREVIOUS: options.previous_handler = true; break;
      case NO_FORKS: options.no_forks = true; break;
      case NO_FOREIGN: options.no_foreign = true; break;
      default: exit(2);
    }
}

static uint64_t seed_of_the_time(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return ((uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec) % 1000000007;
}

int main(int argc, char **argv) {
  options.seed = seed_of_the_time();
  parse(argc, argv);
  setvbuf(stdout, NULL, _IOLBF, 0);
  print_command(stdout);
  struct result result = {0};
  struct random random = random_for(0, 6);
  time_t begin = now_s();
  long descriptors = open_descriptors();
  hardships_before();
  foreign_install();
  streams_open(&random);
  sockets_open();
  run(&result);
  streams_close(&result.written, &result.read, &result.bytes_lost);
  sockets_close(&result.sockets);
  result.descriptors_lost = labs(open_descriptors() - descriptors);
  result.seconds = (long)(now_s() - begin);
  add_up(&result);
  print_totals(&result);
  if (flawless(&result)) {
    print_line(&result);
    return 0;
  }
  say_how_to_run_again();
  return 1;
}

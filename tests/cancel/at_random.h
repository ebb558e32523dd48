/* Interrupts at random moments: what the programs in this folder share.
 *
 *   cancel_at_random    threads that are canceled by the names of POSIX; built twice, with polite/pthread_cancel.h and without
 *   unwind_at_random    threads that live on: boundaries, error returns and unwinding, with polite's own names
 *
 * A *worker* gets things that must be given back (descriptors, locks, units of semaphores) and pushes a cleanup handler for each.
 * A *round* is a thousand interrupts; at its end no worker lives, and all must be as it was before. */
#ifndef POLITE_TESTS_AT_RANDOM_H
#define POLITE_TESTS_AT_RANDOM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "../random.h"
#include "../surroundings.h"

enum { WORKERS = 6, ROUND = 1000 };

/* --- Options, randomness, failing (program.c) ------------------------------------------------------------------------------ */

struct options {
  uint64_t seed;
  long cancels;
  int limit_s; /* nothing waits for longer */
  bool open_loop;
};
extern struct options options;
void read_options(int count, char **arguments);

struct random random_for(unsigned long number, unsigned purpose);

/* Says what is wrong and what each worker is doing; then ends the process by a signal, for who wants to look into it. */
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
#define REQUIRE(condition) ((condition) ? (void)0 : fail("%s:%d: not so: %s", __FILE__, __LINE__, #condition))

/* Fails if `*progress` stays the same for the limit. For as long as the process lives. */
void watch(atomic_long *progress);

/* --- Accounts of handlers (account.c) -------------------------------------------------------------------------------------- */

enum { LOG = 4096 };

/* What one worker pushed, and what was run or popped, as it happened: n when handler n was pushed, -n when it was given back. */
struct account {
  int log[LOG];
  int entries, numbers;
};

struct totals {
  long handlers, run, not_run, out_of_order;
};

int account_push(struct account *); /* the handler's number */
void account_give_back(struct account *, int number);
bool account_is_long(const struct account *);

/* When nothing is held any more: each handler that was pushed was given back once, the latest first. Begins a new account. */
void account_settle(struct account *, struct totals *);
bool all_is_well(const struct totals *);

/* --- Workers --------------------------------------------------------------------------------------------------------------- */

enum call {
  BEGINNING, OPEN, OPEN_FIFO, READ, POLL, ACCEPT, MUTEX, CONDITION, TIMED_CONDITION, SEMAPHORE, FILE_LOCK, SLEEP, NAP, TEST,
  OTHER, CALLS
};
extern const char *const call_names[CALLS];

struct worker {
  unsigned number;
  struct random random;
  _Atomic(enum call) doing;
  atomic_uint calls; /* begun; for those who take aim */
  struct account account;
  struct totals totals;
  bool popping;   /* the next handler to run is one that is popped */
  long run, popped; /* handlers, in the middle of something; by their scope's end */
};
extern struct worker workers[WORKERS];

void about_to(struct worker *, enum call);

/* Waits for the moment to interrupt a worker: at once, or after a while, or just after it has begun a call, or when it is likely
 * to be blocked in one. */
void await_random_moment(struct worker *, struct random *);
void await_first_call(struct worker *, unsigned before, struct random *); /* … and a little longer */
void pause_ns(long nanoseconds);

/* --- Descriptors (descriptors.c) ------------------------------------------------------------------------------------------- */

void descriptors_note(void);  /* what is open now is ours */
long descriptors_left(void);  /* … and what else is open is left over; it is closed */

/* --- What workers wait for (feed.c) ---------------------------------------------------------------------------------------- */

struct feed {
  int to_read;         /* bytes come now and then */
  int listener;        /* … clients */
  char fifo[32];       /* … somebody who opens the other side */
  atomic_long read, accepted;
};
extern struct feed feed;

void feed_open(void);
void feed_begin(unsigned long round);
void feed_end(long *bytes_lost, long *connections_lost); /* what was taken, and nobody was told of */

#endif

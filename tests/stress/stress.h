/* The stress program: what its parts know of each other.
 *
 * A *worker* is a thread that makes random calls of polite; a *life* is one such thread from its birth to its end, with everything
 * that was ever sent to it. When a life is over another thread takes its place. *Posters* are all who send interrupts: the
 * interrupters, the foreign signal handlers, the workers themselves.
 *
 * What must hold is written where it is checked: life.c (interrupts), streams.c (bytes), sockets.c (descriptors),
 * bystander.c and worker.c (EINTR). */
#ifndef POLITE_TESTS_STRESS_H
#define POLITE_TESTS_STRESS_H

#include "polite.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "../random.h"
#include "../surroundings.h"

/* --- Options, randomness, failing (main.c) ------------------------------------------------------------------------------- */

struct options {
  uint64_t seed;
  long interrupts;
  int threads;
  int interrupters;
  int limit_s; /* nothing waits for longer */
  bool no_membarrier;
  bool refuse_membarrier_later;
  bool no_signal_queue;
  bool no_forks;
  bool no_foreign;
  bool previous_handler;
};
extern struct options options;

struct random random_for(unsigned thread, unsigned purpose);

/* Says what was lost, what every thread is doing, and how to run this again; then ends the process. */
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
#define REQUIRE(condition) ((condition) ? (void)0 : fail("%s:%d: not so: %s", __FILE__, __LINE__, #condition))

extern atomic_bool stopping;
void pause_ns(long nanoseconds); /* without polite */
time_t now_s(void);

/* --- Lives and the accounts of their interrupts (life.c) ------------------------------------------------------------------ */

/* The kinds of lives: bits, drawn by the seed. */
enum {
  ONE_AT_A_TIME = 1,    /* never more than one interrupt pending: a lost wake stays lost */
  WITH_OBJECTS = 2,     /* request objects, too */
  WITH_LATCHED = 4,     /* latched requests, too */
  GETS_USR1 = 8,        /* foreign signals whose handler has SA_RESTART */
  GETS_USR2 = 16,       /* … and has not */
  GETS_WAKES = 32,      /* the wake signal by hand */
  HANDLERS_CLEAR = 64,  /* the foreign handlers clear now and then */
  ENDS_QUIETLY = 128,   /* settles its account before it ends; the others end in the middle of the fire */
  HANDLERS_SHIELD = 256 /* the foreign handlers' calls are shielded */
};

enum { LEDGER = 4096, OBJECTS = 6 };

struct object {
  polite_request_t request;
  atomic_bool busy; /* somebody is posting or withdrawing; the fields below are theirs */
  bool posted;
  int reason;
};

struct life {
  unsigned number, slot, kind;
  polite_thread_t handle;
  atomic_int tid;  /* 0: not to be signalled (any more) */
  atomic_bool ending, joined;

  /* The account: life.c says how it must add up. */
  atomic_bool closed;        /* nobody may begin to post any more */
  atomic_int posting;        /* posters at work */
  atomic_bool outstanding;   /* ONE_AT_A_TIME: one is pending */
  atomic_uint next_reason;
  atomic_uchar ledger[LEDGER];
  atomic_long posted_new, posted_again, posted_deaf;
  atomic_long delivered, repeated, cleared, withdrawn;
  struct object objects[OBJECTS];
  polite_request_t contested; /* posted and withdrawn by anybody, at the same time */

  /* The worker's own, and its handlers'. */
  struct random random, handler_random;
  atomic_uint deliveries_seen;
  atomic_uint usr1_runs, usr2_runs, previous_runs;
  atomic_bool shielded;
  int last_reason;
  int ready_pipe[2];
  atomic_long ready_written, ready_read;
  unsigned char *buffer;

  const char *_Atomic doing;
  atomic_uint calls; /* begun; for interrupters that take aim */
};

extern _Thread_local struct life *own_life;

struct life *life_new(unsigned slot, unsigned kind);
struct life *life_in_slot(unsigned slot); /* null: none at present */
struct life *life_at_random(struct random *);
struct life *life_numbered(unsigned number);
unsigned lives(void);
bool lives_used_up(void);
void life_begin(struct life *, polite_thread_t);
void life_leave_slot(struct life *);

/* By any thread, and by handlers. They do nothing where the kind of life does not allow it. True: something was done. */
bool post_interrupt(struct life *, struct random *);
bool post_object(struct life *, struct random *);
bool withdraw_object(struct life *, struct random *);
bool fight_for_object(struct life *, struct random *);
void require_dead(struct life *);

/* By the thread itself, and its handlers. */
unsigned deliveries_before(struct life *);
void note_delivery(struct life *, unsigned before);
void clear_own(struct life *, bool in_handler);

void settle_account(struct life *);       /* by the thread, at a quiet end */
void withdraw_after_death(struct life *); /* by whoever joined it */

struct totals {
  long posted_new, posted_again, posted_deaf, delivered, repeated, cleared, withdrawn, ended_pending, lost, surplus;
};
void add_account(struct life *, struct totals *); /* when nobody posts any more */
extern atomic_long all_delivered, all_ended; /* … and pending no more, for whatever reason */

/* --- Streams (streams.c), sockets (sockets.c) ----------------------------------------------------------------------------- */

enum { BUFFER = 160 * 1024 };

void streams_open(struct random *);
void stream_write_at_random(struct life *);
void stream_read_at_random(struct life *);
void stream_audit_at_random(struct life *);
int stream_to_poll(struct random *);
void streams_close(long *written, long *read, long *lost);

void sockets_open(void);
void accept_at_random(struct life *);
void connect_at_random(struct life *);
void pass_descriptor(struct life *);
void receive_descriptor(struct life *);
struct socket_totals {
  long accepted, connected, given_up, passed, received, lost;
};
void sockets_close(struct socket_totals *);

/* What never becomes ready: only an interrupt ends a wait for it. */
struct never {
  int empty_pipe[2], full_pipe[2];
  int deaf_listener;    /* nobody connects */
  int clogged_listener; /* nobody accepts; its queue is full */
  int family;           /* its address family */
  int clogging[8];
  int clogs;
};
extern struct never never;
int connect_to(struct life *, int sock, int listener);
void close_tcp(int sock);

/* --- Workers (worker.c) --------------------------------------------------------------------------------------------------- */

/* One polite call of a worker: begun before it, judged after it. */
struct attempt {
  unsigned usr1, usr2, previous, deliveries;
};
enum restarts { RESTARTS, NEVER_RESTARTS, CARRIES_ON, ALL_BLOCKED };
struct attempt attempt(struct life *, const char *name);
polite_ssize_t judge(struct life *, const struct attempt *, enum restarts, polite_ssize_t result);
bool no_result(polite_ssize_t); /* POLITE_INTERRUPTED or POLITE_EINTR */

extern atomic_long stray_eintr; /* in plain calls; the bystander counts its own */
void *worker(void *life);
unsigned kind_at_random(struct random *);

/* --- The others ----------------------------------------------------------------------------------------------------------- */

void foreign_install(void);                       /* foreign.c */
void *storm(void *);
extern atomic_long foreign_sent, wakes_by_hand, previous_called;

void *interrupter(void *number);                  /* interrupter.c */

void fork_at_random(struct life *);               /* child.c */
extern atomic_long children;

void bystander_start(void);                       /* bystander.c */
void bystander_prod(void);
void bystander_stop(long *prods, long *stray);
extern struct life *bystander;

void hardships_before(void);                      /* hardship.c */
void refuse_membarrier(void);

void slot_is_over(unsigned slot);                 /* main.c */

#endif

/* The program with polite's own names: what its parts know of each other. */
#ifndef POLITE_TESTS_UNWIND_AT_RANDOM_H
#define POLITE_TESTS_UNWIND_AT_RANDOM_H

#include "at_random.h"
#include "polite.h"

#include <pthread.h>

/* A worker of this program, in the place of the same number in `workers`. */
struct actor {
  struct worker *worker;
  polite_thread_t handle;
  atomic_int tid;    /* 0: has not begun */
  atomic_bool ended; /* begins no call any more */
  bool deaf;         /* in a shield: must not wait for what never comes */
  int boundary;      /* the number of the innermost one; 0: none */
  int leaving;       /* … which is being left by unwinding or an exit, or 0 */
  long boundaries, absorbed, unwound, exited, returned;
  atomic_long posted, posted_deaf; /* news to it, and posts of which that is not known */
  long delivered, cleared;
};
extern struct actor actors[WORKERS];
extern atomic_long all_delivered;

/* Counts a delivery. For all results of interruption points. */
polite_ssize_t judge(struct actor *, polite_ssize_t result);

/* --- Holding things (holding.c) -------------------------------------------------------------------------------------------- */

enum { MOST_HELD = 16 };

/* On the frame of a scope, with the node of its handler, if that is not an allocated one. */
struct thing {
  struct actor *actor;
  int number;
  bool given_back;
  polite_cleanup_t place, *node;
  int fd;
  pthread_mutex_t *mutex;
  void *memory;
};

void holding_open(void);
long locks_left(void); /* when no worker lives */

/* Gets something, and pushes its handler. 0 or POLITE_INTERRUPTED. `held` is how many things the worker holds already: locks are
 * taken in that order. */
int hold(struct actor *, struct thing *, int held);
void pop(struct thing *);           /* its handler runs, or is popped and done by hand */
int wait_somehow(struct actor *);   /* 0 or POLITE_INTERRUPTED */

/* --- Scopes (scopes.c) ----------------------------------------------------------------------------------------------------- */

/* One call of polite_call, with all that may happen in it, and what must hold after it. */
void act(struct actor *);

#endif

/* The program with POSIX's names: what its parts know of each other. Nothing in it is polite's: built with
 * -include polite/pthread_cancel.h its cancellation is. */
#ifndef POLITE_TESTS_CANCEL_AT_RANDOM_H
#define POLITE_TESTS_CANCEL_AT_RANDOM_H

#include "at_random.h"

#include <pthread.h>

/* --- Steps (steps.c) ------------------------------------------------------------------------------------------------------- */

/* Gets something, pushes a handler, does more of the kind inside, pops the handler. */
void random_step(struct worker *, int depth);

/* --- Locks (locks.c) ------------------------------------------------------------------------------------------------------- */

/* One for each depth, so that no two threads wait for each other's. */
enum { DEPTHS = 4, UNITS = 2 };

struct locks {
  pthread_mutex_t mutex;
  pthread_cond_t condition;
  long tokens, given, taken; /* under the mutex */
};
extern struct locks locks[DEPTHS];

void locks_begin(unsigned long round);
void locks_end(long *locks_left, long *units_left, long *tokens_lost);
void lock_step(struct worker *, int depth);
void condition_step(struct worker *, int depth);
void semaphore_step(struct worker *, int depth);

/* --- Things held ----------------------------------------------------------------------------------------------------------- */

/* On the frame of the step; the argument of its handler. */
struct thing {
  struct worker *worker;
  int number;
  bool given_back;
  void (*release)(struct thing *);
  int fds[2];
  struct locks *locks;
};

struct thing thing(struct worker *, void (*release)(struct thing *));
void give_back(void *thing);       /* the handler */
void give_back_popped(struct thing *); /* … unless it has run */
bool runs_at_pop(struct worker *);
void inside(struct worker *, int depth);

/* --- The open loop (open_loop.c) ------------------------------------------------------------------------------------------- */

void *open_for_ever(void *worker);

#endif

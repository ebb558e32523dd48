/* The table of the wrapped calls: for each what it takes to be blocked in it. A row a way of using it; the rows stand where the calls
 * are made, by subject. */
#ifndef TABLE_H
#define TABLE_H

#include "scenes.h"

typedef struct call {
  const char *name;            /* polite_<name> */
  const char *blocked_in;      /* what polite_thread_inspect says of it */
  void (*prepare)(scene_t *);  /* so that the call blocks */
  long (*run)(scene_t *);
  void (*unblock)(scene_t *);  /* so that it has something to do */
  long done;                   /* its result then; SOME_DESCRIPTOR: a descriptor */
  int how;
} call_t;

enum { SOME_DESCRIPTOR = -1001 };

/* What is said of a row. What the machine or the backend cannot do is skipped by name: play.h. */
enum {
  NEVER_BLOCKS = 1,
  NO_DESCRIPTOR = 2,       /* it is about none */
  NOT_MEANWHILE = 4,       /* what unblocks it does so for the next call only */
  NEEDS_A_RING = 8,        /* sandboxes often refuse io_uring */
  TAKES_A_SET = 16,        /* of signals, and gets all of them, or all that it can do without */
  NOT_IN_QEMU = 32,        /* which does not know it */
  NOT_WOKEN_IN_QEMU = 64,  /* which lets signals wait for its end */
  NOT_UNDER_TSAN = 128,    /* which keeps signal handlers back while a thread is in a call that it does not see */
  NOT_BY_SELF_PIPE = 256,  /* what is blocked in it can only be woken through the window */
  NEEDS_6_5 = 512          /* before Linux 6.5 it does not block there */
};

/* Each ends with a row without a name. */
extern const call_t stream_calls[], socket_calls[], file_calls[], waiting_calls[], event_calls[], process_calls[], queue_calls[];

/* Is used outside of the table, too. */
long run_recvmmsg(scene_t *s);

#endif

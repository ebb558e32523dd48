/* The cancellation points, each with what it takes to be blocked in one. */
#ifndef POINT_TABLE_H
#define POINT_TABLE_H

#include "sentences.h"

#include "../calls/scenes.h"

typedef struct point {
  const char *name;
  const char *call;           /* what polite_thread_inspect calls it; null: whatever it does */
  void (*prepare)(scene_t *); /* so that the call blocks */
  long (*run)(scene_t *);     /* its result; -errno for -1 */
  void (*provide)(scene_t *); /* what the call waits for */
  long done;                  /* its result then */
  int traits;
} point_t;

enum {
  BLOCKS = 1, /* until what it waits for is there */
  WAKES = 2,  /* what is provided reaches a call that is blocked */
  LASTS = 4,  /* what is provided is still there for a call that comes later */
  NOT_BY_SELF_PIPE = 8 /* what is blocked in it can only be woken through the window */
};

enum { SOME_DESCRIPTOR = -1001, SOME_CHILD = -1002 };

extern const point_t points[];
extern const int point_count;

#endif

/* The cancellation points, each with what it takes to be blocked in one. */
#ifndef POINT_TABLE_H
#define POINT_TABLE_H

#include "sentences.h"

typedef struct scene {
  int here, there; /* descriptors: the call's, and its other end; -1: none */
  int easy;        /* the call is to be one that does not block */
  char path[64];
  struct sockaddr_un address;
  pthread_mutex_t mutex;
  pthread_cond_t condition;
  sem_t semaphore;
  pthread_t thread; /* to be joined */
  atomic_int let_go;
  pid_t child;
  void *memory;
  int messages; /* a queue of System V */
} scene_t;

typedef struct point {
  const char *name;
  const char *call;           /* what polite_thread_inspect calls it; null: whatever it does */
  void (*prepare)(scene_t *); /* so that the call blocks */
  long (*run)(scene_t *);     /* its result; -errno for -1 */
  void (*provide)(scene_t *); /* what the call waits for */
  void (*end)(scene_t *);
  long done;                  /* its result then */
  int traits;
} point_t;

enum {
  BLOCKS = 1, /* until what it waits for is there */
  WAKES = 2,  /* what is provided reaches a call that is blocked */
  LASTS = 4   /* what is provided is still there for a call that comes later */
};

enum { SOME_DESCRIPTOR = -1001, SOME_CHILD = -1002 };

extern const point_t points[];
extern const int point_count;

#endif

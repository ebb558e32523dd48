/* A thread that blocks in a read of polite's until it is interrupted, by way of whichever copy of the library. For C and C++. */
#ifndef READER_H
#define READER_H

#include "polite.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CHECK(condition)                                                            \
  do {                                                                              \
    if (!(condition)) {                                                             \
      fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
      exit(1);                                                                      \
    }                                                                               \
  } while (0)

/* A copy of the library: those of its functions that a reader needs. */
struct library {
  polite_thread_t (*self)(void);
  int (*interrupt)(polite_thread_t);
  int (*inspect)(polite_thread_t, polite_thread_info_t *);
  polite_ssize_t (*read)(polite_fd, void *, size_t);
};

struct reader {
  const struct library *library;
  int ends[2]; /* of the pipe that it reads from */
  pthread_t pthread;
  polite_thread_t thread;
  polite_ssize_t result;
};

static inline void *read_until_interrupted(void *argument) {
  struct reader *reader = (struct reader *)argument;
  char byte;
  polite_thread_t self = reader->library->self();
  CHECK(self != 0);
  __atomic_store_n(&reader->thread, self, __ATOMIC_RELEASE);
  reader->result = reader->library->read(reader->ends[0], &byte, 1);
  return NULL;
}

static inline void one_millisecond(void) {
  struct timespec time = {0, 1000000};
  nanosleep(&time, NULL);
}

/* Returns when the reader sleeps in its call. */
static inline void await_blocked(struct reader *reader) {
  for (int i = 0; i < 60000; i++) {
    polite_thread_t thread = __atomic_load_n(&reader->thread, __ATOMIC_ACQUIRE);
    if (thread) {
      polite_thread_info_t info;
      memset(&info, 0, sizeof info);
      info.size = sizeof info;
      CHECK(reader->library->inspect(thread, &info) == 0);
      if (info.state == POLITE_THREAD_BLOCKED) return;
    }
    one_millisecond();
  }
  fprintf(stderr, "never blocked\n");
  exit(1);
}

static inline void prepare_reader(struct reader *reader, const struct library *library) {
  memset(reader, 0, sizeof *reader);
  reader->library = library;
  CHECK(pipe(reader->ends) == 0);
}

static inline void start_reader(struct reader *reader, const struct library *library) {
  prepare_reader(reader, library);
  CHECK(pthread_create(&reader->pthread, NULL, read_until_interrupted, reader) == 0);
}

/* Interrupts the blocked reader and waits for its end. */
static inline void finish_reader(struct reader *reader) {
  await_blocked(reader);
  CHECK(reader->library->interrupt(reader->thread) == 0);
  CHECK(pthread_join(reader->pthread, NULL) == 0);
  CHECK(reader->result == POLITE_INTERRUPTED);
  CHECK(reader->library->interrupt(reader->thread) == POLITE_ESRCH);
  close(reader->ends[0]);
  close(reader->ends[1]);
}

#endif

/* A call of somebody else's library as an interruption point, with polite_blocking: here that library is a queue with a mutex and a
 * condition, as thousands of programs have one. A worker takes from it and is asked to stop while it waits.
 *
 * The queue remembers that it was told to stop, so nothing needs to be done about a stop that comes before the wait has begun. It
 * takes a mutex to be told, so no signal handler may interrupt the worker: such a program has a thread for its signals (sigwait). */
#include <polite.h>

#include <pthread.h>
#include <stdio.h>

/* --- The library ---------------------------------------------------------------------------------------------------------- */

struct queue {
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  int items, stopping;
};

static void queue_put(struct queue *queue) {
  pthread_mutex_lock(&queue->mutex);
  ++queue->items;
  pthread_cond_signal(&queue->changed);
  pthread_mutex_unlock(&queue->mutex);
}

static void queue_stop(struct queue *queue) {
  pthread_mutex_lock(&queue->mutex);
  queue->stopping = 1;
  pthread_cond_signal(&queue->changed);
  pthread_mutex_unlock(&queue->mutex);
}

/* 1, with an item; or 0 if it was told to stop, which it forgets then. */
static int queue_take(struct queue *queue) {
  int taken;
  pthread_mutex_lock(&queue->mutex);
  while (!queue->items && !queue->stopping) pthread_cond_wait(&queue->changed, &queue->mutex);
  taken = queue->items > 0;
  queue->items -= taken;
  queue->stopping = 0;
  pthread_mutex_unlock(&queue->mutex);
  return taken;
}

/* --- The library, politely ------------------------------------------------------------------------------------------------ */

static polite_ssize_t take(void *queue) { return queue_take(queue) ? 1 : POLITE_INTERRUPTED; }
static void stop(void *queue) { queue_stop(queue); }

/* An interruption point. 1, or POLITE_INTERRUPTED: nothing was taken. */
static polite_ssize_t queue_take_politely(struct queue *queue) { return polite_blocking(take, queue, stop, queue); }

/* --- A program ------------------------------------------------------------------------------------------------------------ */

static void *work(void *queue) {
  intptr_t taken = 0;
  while (queue_take_politely(queue) == 1) ++taken;
  return (void *)taken;
}

int main(void) {
  struct queue queue = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0};
  polite_thread_t worker;
  void *taken;
  int i, error = polite_thread_create(&worker, NULL, work, &queue);
  if (error) {
    fprintf(stderr, "blocking: %s\n", polite_strerror(error));
    return 1;
  }
  for (i = 0; i < 3; ++i) queue_put(&queue);
  polite_interrupt(worker);
  polite_thread_join(worker, &taken);
  printf("%d taken, %d left\n", (int)(intptr_t)taken, queue.items);
  return (int)(intptr_t)taken + queue.items == 3 ? 0 : 1;
}

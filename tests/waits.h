/* All calls that wait for an object, as a table: how one comes to wait, and who lets him go on. */
#ifndef WAITS_H
#define WAITS_H

#include "scene.h"

enum form { ORDINARY, UNTIL, UNINTERRUPTIBLE };

typedef struct wait {
  const char *call;       /* as inspectors see it; null: not always by the same name */
  const void *object;     /* … and what it is about; null if that is nothing in memory, and has no waiters of ours */
  void (*close)(void);    /* by the test: whoever comes now has to wait */
  int (*wait)(enum form, int64_t deadline);
  void (*let_go)(polite_thread_t); /* by the test, once */
  int (*done)(int result);     /* by the waiter: gives back what it has after that result, 0 if that was right */
  int (*destroy)(void);        /* once nobody waits and the test has opened it again */
} wait_t;

#define FORMS(form, deadline, name, ...)                                              \
  ((form) == ORDINARY ? name(__VA_ARGS__)                                             \
   : (form) == UNTIL  ? name##_until(__VA_ARGS__, deadline) : name##_uninterruptible(__VA_ARGS__))

static inline int64_t far_away(void) { return polite_now() + (int64_t)3600 * 1000000000; }
static int nothing_taken(int result) { return (void)result, 0; }

/* --- The mutex: the test holds it */
static polite_mutex_t mutex;
static void close_mutex(void) { assert_int_equal(polite_mutex_lock(&mutex), 0); }
static int wait_for_mutex(enum form form, int64_t deadline) { return FORMS(form, deadline, polite_mutex_lock, &mutex); }
static void open_mutex(polite_thread_t thread) {
  (void)thread;
  assert_int_equal(polite_mutex_unlock(&mutex), 0);
}
static int done_with_mutex(int result) { return polite_mutex_unlock(&mutex) == (result == 0 ? 0 : POLITE_EPERM) ? 0 : -1; }
static int destroy_mutex(void) { return polite_mutex_destroy(&mutex); }

/* --- The read-write lock: the test writes, or reads */
static polite_rwlock_t rwlock;
static void close_to_readers(void) { assert_int_equal(polite_rwlock_wrlock(&rwlock), 0); }
static void close_to_writers(void) { assert_int_equal(polite_rwlock_rdlock(&rwlock), 0); }
static int wait_to_read(enum form form, int64_t deadline) { return FORMS(form, deadline, polite_rwlock_rdlock, &rwlock); }
static int wait_to_write(enum form form, int64_t deadline) { return FORMS(form, deadline, polite_rwlock_wrlock, &rwlock); }
static void open_rwlock(polite_thread_t thread) {
  (void)thread;
  assert_int_equal(polite_rwlock_unlock(&rwlock), 0);
}
static int done_with_rwlock(int result) { return result == 0 ? polite_rwlock_unlock(&rwlock) : 0; }
static int destroy_rwlock(void) { return polite_rwlock_destroy(&rwlock); }

/* --- The condition: who comes back has the mutex */
static polite_condition_t condition;
static polite_mutex_t for_condition;
static int signalled;
static void close_condition(void) { signalled = 0; }
static int wait_for_condition(enum form form, int64_t deadline) {
  CHECK(polite_mutex_lock_uninterruptible(&for_condition) == 0);
  if (signalled) { /* the test has signalled before: nothing to wait for, except the interrupt */
    int interrupted = form == UNINTERRUPTIBLE ? 0 : polite_checkpoint();
    return interrupted;
  }
  return FORMS(form, deadline, polite_condition_wait, &condition, &for_condition);
}
static void signal_condition(polite_thread_t thread) {
  (void)thread;
  assert_int_equal(polite_mutex_lock_uninterruptible(&for_condition), 0);
  signalled = 1;
  assert_int_equal(polite_condition_signal(&condition), 0);
  assert_int_equal(polite_mutex_unlock(&for_condition), 0);
}
static int done_with_condition(int result) {
  (void)result;
  return polite_mutex_unlock(&for_condition);
}
static int destroy_condition(void) { return polite_condition_destroy(&condition); }

/* --- The semaphore, and the event */
static polite_semaphore_t semaphore;
static void close_semaphore(void) { assert_int_equal(polite_semaphore_trywait(&semaphore), POLITE_EAGAIN); }
static int wait_for_unit(enum form form, int64_t deadline) { return FORMS(form, deadline, polite_semaphore_wait, &semaphore); }
static void post_unit(polite_thread_t thread) {
  (void)thread;
  assert_int_equal(polite_semaphore_post(&semaphore), 0);
}
static int destroy_semaphore(void) { return polite_semaphore_destroy(&semaphore); }

static polite_event_t event;
static void close_event(void) { assert_int_equal(polite_event_reset(&event), 0); }
static void close_automatic(void) { assert_int_equal(polite_event_init(&event, POLITE_EVENT_AUTO), 0); }
static int wait_for_event(enum form form, int64_t deadline) { return FORMS(form, deadline, polite_event_wait, &event); }
static void set_event(polite_thread_t thread) {
  (void)thread;
  assert_int_equal(polite_event_set(&event), 0);
}
static int destroy_event(void) { return polite_event_destroy(&event); }

/* --- The barrier, for two */
static polite_barrier_t barrier;
static void close_barrier(void) { assert_int_equal(polite_barrier_init(&barrier, 2), 0); }
static int wait_at_barrier(enum form form, int64_t deadline) {
  int result = FORMS(form, deadline, polite_barrier_wait, &barrier);
  return result == POLITE_BARRIER_LAST ? 0 : result;
}
static void arrive(polite_thread_t thread) {
  if (thread) assert_int_equal(polite_barrier_wait_uninterruptible(&barrier), POLITE_BARRIER_LAST);
  else polite_barrier_init(&barrier, 1); /* nobody is there */
}
static int destroy_barrier(void) { return polite_barrier_destroy(&barrier); }

/* --- Parking: 0 stands for the calling thread */
static void no_permit(void) { assert_int_equal(polite_park_until(0), POLITE_ETIMEDOUT); }
static int park(enum form form, int64_t deadline) {
  return form == ORDINARY ? polite_park() : form == UNTIL ? polite_park_until(deadline) : polite_park_uninterruptible();
}
static void unpark(polite_thread_t thread) { assert_int_equal(polite_unpark(thread ? thread : polite_self()), 0); }
static int nothing_to_destroy(void) { return 0; }

#if defined _WIN32
#define WAITS_OF_LIBC /* there are none */
#else
#include "waits_of_libc.h"
#endif

static const wait_t waits[] = {
    {"mutex_lock", &mutex, close_mutex, wait_for_mutex, open_mutex, done_with_mutex, destroy_mutex},
    {"rwlock_rdlock", &rwlock, close_to_readers, wait_to_read, open_rwlock, done_with_rwlock, destroy_rwlock},
    {"rwlock_wrlock", &rwlock, close_to_writers, wait_to_write, open_rwlock, done_with_rwlock, destroy_rwlock},
    {"condition_wait", &condition, close_condition, wait_for_condition, signal_condition, done_with_condition, destroy_condition},
    {"semaphore_wait", &semaphore, close_semaphore, wait_for_unit, post_unit, nothing_taken, destroy_semaphore},
    {"event_wait", &event, close_event, wait_for_event, set_event, nothing_taken, destroy_event},
    {"event_wait", &event, close_automatic, wait_for_event, set_event, nothing_taken, destroy_event},
    {"barrier_wait", &barrier, close_barrier, wait_at_barrier, arrive, nothing_taken, destroy_barrier},
    {"park", NULL, no_permit, park, unpark, nothing_taken, nothing_to_destroy},
    WAITS_OF_LIBC
};
#define WAITS (sizeof waits / sizeof *waits)

static inline const wait_t *wait_named(const char *call) {
  const wait_t *wait = waits;
  while (!wait->call || strcmp(wait->call, call) != 0) ++wait;
  return wait;
}

#endif

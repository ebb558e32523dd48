/* Sleeps, locks and objects: no unit of what is counted is lost (rule 2). */
#include "stress.h"

enum { UNITS = 3 };

static polite_semaphore_t semaphore;
static polite_mutex_t mutex;
static polite_condition_t condition;
static atomic_int units;   /* taken from the semaphore */
static int tokens = UNITS; /* guarded by the mutex */
static HANDLE system_units;
static atomic_int system_taken;

static int sleep_long(struct worker *worker) {
  (void)worker;
  int result = polite_nanosleep((int64_t)3600 * 1000000000, NULL);
  REQUIRE(result == POLITE_INTERRUPTED);
  return result;
}

static int park_long(struct worker *worker) {
  (void)worker;
  int result = polite_park();
  REQUIRE(result == POLITE_INTERRUPTED);
  return result;
}

static int hold_for_a_while(struct worker *worker) { return random_once_in(&worker->random, 4) ? polite_nanosleep(random_below(&worker->random, 500000), NULL) : 0; }

static int use_semaphore(struct worker *worker) {
  int result = polite_semaphore_wait(&semaphore);
  if (result == POLITE_INTERRUPTED) return result;
  REQUIRE(result == 0 && ++units <= UNITS);
  int held = hold_for_a_while(worker);
  --units;
  REQUIRE(polite_semaphore_post(&semaphore) == 0);
  return held;
}

/* Who comes back from the wait has the mutex, interrupted or not. */
static int use_condition(struct worker *worker) {
  int result = polite_mutex_lock(&mutex);
  if (result == POLITE_INTERRUPTED) return result;
  while (result == 0 && tokens == 0) result = polite_condition_wait(&condition, &mutex);
  bool taken = result == 0;
  if (taken) --tokens;
  REQUIRE(polite_mutex_unlock(&mutex) == 0);
  if (!taken) return result;
  int held = hold_for_a_while(worker);
  REQUIRE(polite_mutex_lock_uninterruptible(&mutex) == 0);
  ++tokens;
  REQUIRE(polite_condition_signal(&condition) == 0);
  REQUIRE(polite_mutex_unlock(&mutex) == 0);
  return held;
}

static int use_object(struct worker *worker) {
  int result = polite_wait_handle((polite_fd)system_units);
  if (result == POLITE_INTERRUPTED) return result;
  REQUIRE(result == 0 && ++system_taken <= UNITS);
  int held = hold_for_a_while(worker);
  --system_taken;
  REQUIRE(ReleaseSemaphore(system_units, 1, NULL));
  return held;
}

void add_waits(void) {
  REQUIRE(polite_semaphore_init(&semaphore, UNITS) == 0);
  system_units = CreateSemaphoreA(NULL, UNITS, UNITS, NULL);
  add_worker("sleep", sleep_long, NULL);
  add_worker("park", park_long, NULL);
  for (int i = 0; i < UNITS + 1; ++i) {
    add_worker("semaphore", use_semaphore, NULL);
    add_worker("condition", use_condition, NULL);
    add_worker("wait for an object", use_object, NULL);
  }
}

void settle_waits(void) {
  REQUIRE(units == 0 && tokens == UNITS && system_taken == 0);
  for (int i = 0; i < UNITS; ++i) {
    REQUIRE(polite_semaphore_trywait(&semaphore) == 0);
    REQUIRE(WaitForSingleObject(system_units, 0) == WAIT_OBJECT_0);
  }
  REQUIRE(polite_semaphore_trywait(&semaphore) == POLITE_EAGAIN);
  REQUIRE(WaitForSingleObject(system_units, 0) == WAIT_TIMEOUT);
  CloseHandle(system_units);
}

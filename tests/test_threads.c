/* Threads: attaching, handles that are never used again, the end of a thread (rules 9, 11; the trap "thread exit"). */
#include "scene.h"

/* --- Handles ---------------------------------------------------------------------------------------------------------------- */

static void end_at_once(actor_t *actor) { (void)actor; }

static void a_handle_is_never_used_again(void **state) {
  (void)state;
  enum { THREADS = 2000 };
  static polite_thread_t handles[THREADS];
  for (int i = 0; i < THREADS; ++i) {
    actor_t actor;
    start(&actor, end_at_once, NULL);
    finish(&actor);
    handles[i] = actor.thread;
    assert_int_equal(polite_interrupt(handles[i]), POLITE_ESRCH);
    for (int k = 0; k < i; ++k) assert_true(handles[k] != handles[i]);
  }
  actor_t alive;
  polite_fd ends[2];
  make_pipe(ends);
  start(&alive, end_at_once, NULL);
  for (int i = 0; i < THREADS; ++i) assert_int_equal(polite_interrupt(handles[i]), POLITE_ESRCH);
  finish(&alive);
  close_both(ends);
}

static void invented_handles_name_nobody(void **state) {
  (void)state;
  polite_thread_t self = polite_self();
  assert_int_equal(polite_interrupt(0), POLITE_ESRCH);
  assert_int_equal(polite_interrupt(self ^ (uint64_t)1 << 63), POLITE_ESRCH);
  for (int bit = 0; bit < 64; ++bit) assert_int_equal(polite_interrupt(self ^ (uint64_t)1 << bit), POLITE_ESRCH);
  for (uint64_t n = 1; n < 1000000; n += 7) assert_int_equal(polite_interrupt(n * 0x9e3779b97f4a7c15u | 1), POLITE_ESRCH);
  assert_int_equal(polite_interrupt_pending(), 0);
}

/* --- Attaching -------------------------------------------------------------------------------------------------------------- */

static int attached_threads(void) {
  int count = 0;
  for (polite_thread_t thread = 0; (thread = polite_thread_next(thread));) ++count;
  return count;
}

static void *call_without_attaching(void *argument) {
  polite_fd *ends = argument;
  char byte = 'x';
  int before = attached_threads();
  CHECK(polite_write(ends[1], &byte, 1) == 1);
  CHECK(polite_read(ends[0], &byte, 1) == 1);
  CHECK(polite_checkpoint() == 0 && polite_interrupt_pending() == 0 && polite_interrupt_clear() == 0);
  CHECK(polite_interrupt_reason() == POLITE_ENOENT && polite_shield_leave() == POLITE_UNBALANCED);
  CHECK(attached_threads() == before);
  CHECK(polite_shield_enter() == 0);
  CHECK(attached_threads() == before + 1);
  return NULL;
}

static void a_blocking_call_never_attaches(void **state) {
  (void)state;
  polite_fd ends[2];
  make_pipe(ends);
  pthread_t thread;
  pthread_create(&thread, NULL, call_without_attaching, ends);
  pthread_join(thread, NULL);
  close_both(ends);
}

static void wait_for_the_end(actor_t *actor) { AWAIT(*(atomic_int *)actor->with); }

static void the_walk_meets_everybody_once(void **state) {
  (void)state;
  enum { THREADS = 100 };
  static actor_t actors[THREADS];
  atomic_int end = 0;
  for (int i = 0; i < THREADS; ++i) start(&actors[i], wait_for_the_end, &end);
  int met[THREADS] = {0}, others = 0;
  for (polite_thread_t thread = 0; (thread = polite_thread_next(thread));) {
    int i = 0;
    while (i < THREADS && actors[i].thread != thread) ++i;
    if (i < THREADS) ++met[i];
    else ++others;
  }
  for (int i = 0; i < THREADS; ++i) assert_int_equal(met[i], 1);
  assert_int_equal(others, 1);
  end = 1;
  for (int i = 0; i < THREADS; ++i) finish(&actors[i]);
}

/* --- The end of a thread ---------------------------------------------------------------------------------------------------- */

static data_key_t later_key;
static atomic_int destructor_rounds, attached_in_destructor, gone_in_destructor;

/* Sets its value again and again, so it runs in every round; polite's own key, being older, is served before it in each. */
static void destructor(void *value) {
  polite_thread_t self = polite_self();
  if (self) ++attached_in_destructor;
  else ++gone_in_destructor;
  char byte;
  CHECK(polite_read(-1, &byte, 1) == POLITE_EBADF); /* plain calls, if no others */
  if (++destructor_rounds < ROUNDS) set_data(later_key, value);
}

static void leave_a_value(actor_t *actor) { set_data(later_key, actor); }

static void destructors_find_the_thread_attached(void **state) {
  (void)state;
  make_key(&later_key, destructor);
  actor_t actor;
  start(&actor, leave_a_value, NULL);
  finish(&actor);
  assert_int_equal(attached_in_destructor, ROUNDS_ATTACHED);
  assert_int_equal(gone_in_destructor, ROUNDS - ROUNDS_ATTACHED);
  assert_int_equal(polite_interrupt(actor.thread), POLITE_ESRCH);
  int left_over = 0;
  for (polite_thread_t thread = 0; (thread = polite_thread_next(thread));) left_over += thread != polite_self();
  assert_int_equal(left_over, 0);
  delete_key(later_key);
}

/* Interrupters that hold on to a handle while its threads come and go: none is reached by another's. */
static void count_interrupts(actor_t *actor) {
  actor->step = 1;
  AWAIT(*(atomic_int *)actor->with || polite_interrupt_pending());
  actor->result = polite_interrupt_pending();
}

static void shoot_at_the_dead(actor_t *actor) {
  polite_thread_t *dead = actor->with;
  while (actor->step == 0) CHECK(polite_interrupt(*dead) == POLITE_ESRCH);
}

static void the_dead_stay_dead(void **state) {
  (void)state;
  actor_t first, shooter;
  start(&first, end_at_once, NULL);
  finish(&first);
  polite_thread_t dead = first.thread;
  start(&shooter, shoot_at_the_dead, &dead);
  for (int i = 0; i < 2000; ++i) {
    actor_t actor;
    atomic_int end = 0;
    start(&actor, count_interrupts, &end);
    AWAIT(actor.step == 1);
    end = 1;
    assert_int_equal(finish(&actor), 0);
  }
  shooter.step = 1;
  finish(&shooter);
}

/* --- Looking at a thread ---------------------------------------------------------------------------------------------------- */

static void inspecting(void **state) {
  (void)state;
  polite_thread_info_t info = inspect(polite_self());
  assert_int_equal(info.state, POLITE_THREAD_RUNNING);
  assert_null(info.call);
  assert_int_equal(info.object, -1);
  assert_int_equal(info.system_id, my_system_id());
  assert_int_equal(info.pending, 0);
  polite_interrupt(polite_self());
  polite_shield_enter();
  info = inspect(polite_self());
  assert_int_equal(info.pending, 1);
  assert_int_equal(info.shielded, 1);
}

static void sleep_long(actor_t *actor) { actor->result = polite_nanosleep(3600 * (int64_t)1000000000, NULL); }

static void a_call_is_observed(void **state) {
  (void)state;
  actor_t actor;
  start_blocked(&actor, sleep_long, NULL, "nanosleep");
  AWAIT(inspect(actor.thread).observed_ns > 5000000);
  int64_t first = inspect(actor.thread).observed_ns;
  AWAIT(inspect(actor.thread).observed_ns > first);
  polite_interrupt(actor.thread);
  finish(&actor);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_handle_is_never_used_again),    TEST(invented_handles_name_nobody),
      TEST(a_blocking_call_never_attaches),  TEST(the_walk_meets_everybody_once),
      TEST(destructors_find_the_thread_attached), TEST(the_dead_stay_dead),
      TEST(inspecting),                      TEST(a_call_is_observed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

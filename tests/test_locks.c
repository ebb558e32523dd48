/* Waiting for locks, semaphores, events, barriers and permits: what holds for all of them (polite/lock.h), for each call and form. */
#include "on_top.h"
#include "waits.h"

typedef struct scene {
  const wait_t *wait;
  enum form form;
  int64_t deadline;
  int shielded;
} scene_t;

/* `step` says whether an interrupt is pending afterwards: 1, or 2 if not. It stays until it is told to go. */
static void wait_once(actor_t *actor) {
  scene_t *scene = actor->with;
  if (scene->shielded) polite_shield_enter();
  actor->result = scene->wait->wait(scene->form, scene->deadline);
  CHECK(scene->wait->done((int)actor->result) == 0);
  while (actor->step != 1) sched_yield();
  actor->step = polite_interrupt_pending() ? 2 : 3;
}

static int go_on(actor_t *actor) {
  actor->step = 1;
  return (int)finish(actor);
}

#define FOR_EACH_WAIT(wait) for (const wait_t *wait = waits; wait < waits + WAITS; ++wait)
#define FOR_EACH_FORM(form, last) for (enum form form = ORDINARY; form <= (last); ++form)

static actor_t actor;
static scene_t scene;

static void start_waiting(const wait_t *wait, enum form form, int shielded) {
  scene = (scene_t){wait, form, far_away(), shielded};
  wait->close();
  start_blocked(&actor, wait_once, &scene, wait->call);
}

static void interrupted_while_blocked(void **state) {
  (void)state;
  FOR_EACH_WAIT(wait) FOR_EACH_FORM(form, UNTIL) {
    start_waiting(wait, form, 0);
    assert_true(inspect(actor.thread).object == (wait->object ? (int64_t)(intptr_t)wait->object : -1));
    if (wait->object) assert_int_equal(wait->destroy(), POLITE_EBUSY);
    assert_int_equal(polite_interrupt(actor.thread), 0);
    assert_int_equal(go_on(&actor), POLITE_INTERRUPTED);
    assert_int_equal(actor.step, 3);
    wait->let_go(0); /* nobody is there any more, so this is for the next one */
    if (wait->object != &condition) {
      assert_int_equal(wait->wait(UNTIL, 0), 0);
      assert_int_equal(wait->done(0), 0);
    }
    assert_int_equal(wait->destroy(), 0);
  }
}

/* Rule 3: even if there is nothing to wait for. */
static void pending_at_entry(void **state) {
  (void)state;
  FOR_EACH_WAIT(wait) FOR_EACH_FORM(form, UNTIL) {
    wait->close();
    wait->let_go(0);
    assert_int_equal(polite_interrupt(polite_self()), 0);
    int result = wait->wait(form, far_away());
    assert_int_equal(result, POLITE_INTERRUPTED);
    assert_int_equal(wait->done(result), 0);
    assert_int_equal(wait->wait(form, 0), 0); /* nothing was taken */
    assert_int_equal(wait->done(0), 0);
    assert_int_equal(wait->destroy(), 0);
  }
}

/* Rule 2. */
static void let_go_then_interrupted(void **state) {
  (void)state;
  FOR_EACH_WAIT(wait) FOR_EACH_FORM(form, UNINTERRUPTIBLE) {
    start_waiting(wait, form, 0);
    wait->let_go(actor.thread);
    assert_int_equal(polite_interrupt(actor.thread), 0);
    assert_int_equal(go_on(&actor), 0);
    assert_int_equal(actor.step, 2);
    assert_int_equal(wait->destroy(), 0);
  }
}

static void refused(void **state) {
  (void)state;
  FOR_EACH_WAIT(wait) for (int shielded = 0; shielded < 2; ++shielded) {
    start_waiting(wait, shielded ? UNTIL : UNINTERRUPTIBLE, shielded);
    for (int i = 0; i < 100; ++i) assert_int_equal(polite_interrupt(actor.thread), i > 0);
    assert_true(is_blocked_in(actor.thread, wait->call));
    wait->let_go(actor.thread);
    assert_int_equal(go_on(&actor), 0);
    assert_int_equal(actor.step, 2);
    assert_int_equal(wait->destroy(), 0);
  }
}

static void wait_until(actor_t *self) {
  scene_t *what = self->with;
  self->result = what->wait->wait(UNTIL, what->deadline);
  CHECK(what->wait->done((int)self->result) == 0);
}

static void deadlines(void **state) {
  (void)state;
  FOR_EACH_WAIT(wait) for (int i = 0; i < 4; ++i) {
    int64_t moments[] = {INT64_MIN, 0, polite_now() - 1, polite_now() + 10000000};
    scene = (scene_t){wait, UNTIL, moments[i], 0};
    wait->close();
    start(&actor, wait_until, &scene);
    assert_int_equal(finish(&actor), POLITE_ETIMEDOUT);
    assert_true(polite_now() >= scene.deadline);
    wait->let_go(0);
    if (wait->object != &condition) {
      assert_int_equal(wait->wait(UNTIL, moments[i]), 0);
      wait->done(0);
    }
    assert_int_equal(wait->destroy(), 0);
  }
}

/* Threads that never attached wait as well, and let others go; only park attaches. */
static _Atomic uint64_t stranger;

static void *wait_unattached(void *argument) {
  const wait_t *wait = argument;
  stranger = my_system_id();
  int result = wait->wait(ORDINARY, 0);
  CHECK(result == 0 && wait->done(result) == 0);
  return NULL;
}

static void unattached(void **state) {
  (void)state;
  FOR_EACH_WAIT(wait) {
    if (wait->wait == park) continue;
    pthread_t thread;
    stranger = 0;
    wait->close();
    assert_int_equal(pthread_create(&thread, NULL, wait_unattached, (void *)(uintptr_t)wait), 0);
    AWAIT(stranger && system_thread_sleeps(stranger));
    wait->let_go(1);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(wait->destroy(), 0);
  }
}

#if !defined __SANITIZE_THREAD__ /* it calls a program's own handlers when it sees fit (CMakeLists.txt) */
/* A handler on top of a wait: its own waits are plain, and deliver nothing; what it interrupts is the wait beneath, behind itself. */
static polite_semaphore_t of_handler;
static atomic_int handled;

static void wait_in_handler(int signal) {
  (void)signal;
  CHECK(polite_interrupt(polite_self()) == 0);
  CHECK(polite_semaphore_wait_until(&of_handler, 0) == POLITE_ETIMEDOUT);
  CHECK(polite_semaphore_post(&of_handler) == 0);
  CHECK(polite_semaphore_wait(&of_handler) == 0);
  handled = 1;
}

static void handlers_on_top(void **state) {
  (void)state;
  FOR_EACH_WAIT(wait) {
    handled = 0;
    start_waiting(wait, ORDINARY, 0);
    assert_true(run_on_top(actor.pthread, wait_in_handler, 1));
    assert_int_equal(go_on(&actor), POLITE_INTERRUPTED);
    assert_int_equal(handled, 1);
    wait->let_go(0);
    assert_int_equal(wait->wait == park ? polite_park() : wait->destroy(), 0);
  }
}

/* A handler of the program's own does not end a wait. */
static void only_note(int signal) {
  (void)signal;
  handled = 1;
}

static void handlers_do_not_end_it(void **state) {
  (void)state;
  FOR_EACH_WAIT(wait) FOR_EACH_FORM(form, UNINTERRUPTIBLE) {
    handled = 0;
    start_waiting(wait, form, 0);
    assert_true(run_on_top(actor.pthread, only_note, 0));
    AWAIT(handled && is_blocked_in(actor.thread, wait->call));
    wait->let_go(actor.thread);
    assert_int_equal(go_on(&actor), 0);
    assert_int_equal(wait->destroy(), 0);
  }
}
#endif

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(interrupted_while_blocked), TEST(pending_at_entry), TEST(let_go_then_interrupted), TEST(refused), TEST(deadlines),
      TEST(unattached),
#if !defined __SANITIZE_THREAD__
      TEST(handlers_on_top),           TEST(handlers_do_not_end_it),
#endif
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

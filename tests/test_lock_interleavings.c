/* Waiting for locks and their like, interrupted and let go at once: each order is forced by hooks in the library, for each call. */
#include "hold.h"
#include "waits.h"

#if !defined _WIN32
#include <sys/wait.h>
#endif

static actor_t target, interrupter, keeper;
static shot_t shot;

#define FOR_EACH_WAIT(wait) for (const wait_t *wait = waits; wait < waits + WAITS; ++wait)

/* `step` is 1 when the wait is over, and tells then whether an interrupt is pending: 2, or 3 if not. */
static void wait_once(actor_t *actor) {
  const wait_t *wait = actor->with;
  actor->result = wait->wait(ORDINARY, 0);
  actor->step = 1;
  CHECK(wait->done((int)actor->result) == 0);
  while (actor->step != 9) sched_yield();
  actor->step = polite_interrupt_pending() ? 2 : 3;
}

static void expect(long result, int step) {
  AWAIT(target.step == 1);
  target.step = 9;
  assert_int_equal(finish(&target), result);
  assert_int_equal(target.step, step);
}

static void start_target(const wait_t *wait) { start_blocked(&target, wait_once, (void *)(uintptr_t)wait, wait->call); }

/* It does not come out of its wait while somebody is held. */
static void expect_it_stays(void) {
  AWAIT(sleeps(target.thread));
  for (int i = 0; i < 1000; ++i) {
    assert_int_equal(target.step, 0);
    sched_yield();
  }
}

/* The interrupter has seen the region and has yet to wake the thread; that one is let go meanwhile. Its parker is on its stack: it must wait for
 * the interrupter. What it was let go with is its result (rule 2). */
static void let_go_before_the_wake(void **state) {
  (void)state;
  const int hooks[] = {HOOK_REQUEST_SET, HOOK_REGION_SEEN, HOOK_BEFORE_KICK};
  FOR_EACH_WAIT(wait) for (int i = 0; i < 3; ++i) {
    wait->close();
    start_target(wait);
    shot = (shot_t){target.thread, NULL, 0};
    start(&interrupter, shoot, &shot);
    hold_at(&first, hooks[i], interrupter.pthread);
    shot.go = 1;
    AWAIT(first.holding);
    wait->let_go(target.thread);
    expect_it_stays();
    first.release = 1;
    assert_int_equal(finish(&interrupter), 0);
    expect(0, 2);
    assert_int_equal(wait->destroy(), 0);
  }
}

/* The wake has come first, and the thread is about to withdraw; it is let go before it has. Destroying waits for it. */
static void destroy(actor_t *actor) {
  const wait_t *wait = actor->with;
  actor->result = wait->destroy();
  actor->step = 1;
}

static void let_go_before_it_withdraws(void **state) {
  (void)state;
  FOR_EACH_WAIT(wait) {
    if (!wait->object) continue; /* it withdraws nothing */
    actor_t destroyer;
    wait->close();
    start_target(wait);
    hold_at(&first, HOOK_LEAVING, target.pthread);
    assert_int_equal(polite_interrupt(target.thread), 0);
    AWAIT(first.holding);
    wait->let_go(target.thread);
    int is_lock = wait->object == &mutex || wait->object == &rwlock;
    start(&destroyer, destroy, (void *)(uintptr_t)wait);
    if (wait->object == &rwlock) {
      assert_int_equal(finish(&destroyer), POLITE_EBUSY); /* it has it already */
    } else {
      AWAIT(sleeps(destroyer.thread));
      assert_int_equal(destroyer.step, 0);
    }
    first.release = 1;
    expect(0, 2);
    if (!is_lock) assert_int_equal(finish(&destroyer), 0);
    else if (wait->object == &mutex) assert_true(finish(&destroyer) == 0 || destroyer.result == POLITE_EBUSY);
    assert_int_equal(wait->destroy(), 0);
  }
}

/* It has been taken out of the queue, and its post is still to come, when it is interrupted: it waits for the post. Whoever is to post has
 * given up all that is of the object. */
static void close_then_let_go(actor_t *actor) {
  const wait_t *wait = actor->with;
  wait->close();
  actor->step = 1;
  while (actor->step != 2) sched_yield();
  wait->let_go(target.thread);
}

static void interrupted_before_the_post(void **state) {
  (void)state;
  FOR_EACH_WAIT(wait) {
    if (!wait->object) continue; /* there is no post */
    start(&keeper, close_then_let_go, (void *)(uintptr_t)wait);
    AWAIT(keeper.step == 1);
    start_target(wait);
    hold_at(&first, HOOK_BEFORE_POST, keeper.pthread);
    keeper.step = 2;
    AWAIT(first.holding);
    assert_int_equal(polite_interrupt(target.thread), 0);
    expect_it_stays();
    if (wait->object == &mutex) { /* it is free, and the one who made it so is done with it */
      assert_int_equal(polite_mutex_trylock(&mutex), 0);
      assert_int_equal(polite_mutex_unlock(&mutex), 0);
    }
    first.release = 1;
    finish(&keeper);
    expect(0, 2);
    assert_int_equal(wait->destroy(), 0);
  }
}

/* The request is withdrawn while the thread, woken and out of its queue, settles: it waits again; the condition, which it might have missed a
 * signal of, says that there was one. If the object is open by then, that is found. */
static void withdrawn_meanwhile(void **state) {
  (void)state;
  FOR_EACH_WAIT(wait) for (int open_early = 0; open_early < 2; ++open_early) {
    polite_request_t request = {0};
    int is_condition = wait->object == &condition;
    if (open_early && wait->object == &barrier) continue; /* nobody would be there */
    wait->close();
    start_target(wait);
    hold_at(&first, HOOK_BEFORE_TAKING, target.pthread);
    assert_int_equal(polite_request_post(&request, target.thread, 0, 0), 0);
    AWAIT(first.holding);
    assert_int_equal(polite_request_withdraw(&request), 0);
    if (open_early) wait->let_go(target.thread);
    first.release = 1;
    if (!open_early && !is_condition) {
      AWAIT(is_blocked_in(target.thread, wait->call));
      assert_int_equal(target.step, 0);
    }
    if (!open_early) wait->let_go(target.thread);
    expect(0, 3);
    assert_int_equal(wait->destroy(), 0);
  }
}

/* Two wait for a condition; the first is interrupted, and one signal comes. If it has withdrawn the signal is the second one's; if it has not, it
 * has it, and the second goes on waiting. Never is it lost, or taken twice. */
static void whose_signal(void **state) {
  (void)state;
  const wait_t *wait = wait_named("condition_wait");
  const int hooks[] = {HOOK_LEAVING, HOOK_REGION_LEFT};
  for (int i = 0; i < 2; ++i) {
    actor_t other;
    wait->close();
    start_target(wait);
    start_blocked(&other, wait_once, (void *)(uintptr_t)wait, wait->call);
    hold_at(&first, hooks[i], target.pthread);
    assert_int_equal(polite_interrupt(target.thread), 0);
    AWAIT(first.holding);
    wait->let_go(0);
    if (i == 0) assert_true(is_blocked_in(other.thread, wait->call));
    else AWAIT(other.step == 1);
    first.release = 1;
    expect(i == 0 ? 0 : POLITE_INTERRUPTED, i == 0 ? 2 : 3);
    if (i == 0) {
      assert_true(is_blocked_in(other.thread, wait->call));
      wait->let_go(0);
    }
    AWAIT(other.step == 1);
    other.step = 9;
    assert_int_equal(finish(&other), 0);
    assert_int_equal(wait->destroy(), 0);
  }
}

/* A thread that has been woken for a mutex and finds it locked once more gets it from its owner's hand the next time. Until it has come to
 * look, nobody can destroy the mutex. */
static void overtaken_once(void **state) {
  (void)state;
  actor_t destroyer;
  assert_int_equal(polite_mutex_lock(&mutex), 0);
  start_target(wait_named("mutex_lock"));
  hold_at(&first, HOOK_REGION_LEFT, target.pthread);
  assert_int_equal(polite_mutex_unlock(&mutex), 0);
  AWAIT(first.holding);
  start(&destroyer, destroy, (void *)(uintptr_t)wait_named("mutex_lock"));
  AWAIT(sleeps(destroyer.thread) && destroyer.step == 0);
  assert_int_equal(polite_mutex_lock(&mutex), 0);
  first.release = 1;
  assert_int_equal(finish(&destroyer), POLITE_EBUSY);
  AWAIT(is_blocked_in(target.thread, "mutex_lock"));
  hold_at(&first, HOOK_REGION_LEFT, target.pthread);
  assert_int_equal(polite_mutex_unlock(&mutex), 0);
  AWAIT(first.holding);
  assert_int_equal(polite_mutex_trylock(&mutex), POLITE_EBUSY);
  assert_int_equal(polite_mutex_unlock(&mutex), POLITE_EPERM);
  first.release = 1;
  expect(0, 3);
  assert_int_equal(polite_mutex_destroy(&mutex), 0);
}

/* While somebody has the guard, who wants it sleeps: of whatever priority the one is that has it, he can run. */
static void take_a_unit_at_once(actor_t *actor) {
  while (actor->step != 1) sched_yield();
  actor->result = polite_semaphore_wait_until(&semaphore, 0);
  actor->step = 2;
}

static void the_guard_is_slept_for(void **state) {
  (void)state;
  actor_t one, two;
  start_target(wait_named("semaphore_wait")); /* from here on the guard is needed */
  start(&one, take_a_unit_at_once, NULL);
  hold_at(&first, HOOK_GUARDED, one.pthread);
  one.step = 1;
  AWAIT(first.holding);
  start(&two, take_a_unit_at_once, NULL);
  two.step = 1;
  AWAIT(sleeps(two.thread));
  assert_int_equal(two.step, 1);
  first.release = 1;
  assert_int_equal(finish(&one), POLITE_ETIMEDOUT);
  assert_int_equal(finish(&two), POLITE_ETIMEDOUT);
  post_unit(0);
  expect(0, 3);
}

#if defined _WIN32
NOT_ON_WINDOWS(forked_while_guarded, "there is no fork")
#elif !UNDER_TSAN /* it holds signals and forks up as it sees fit (CMakeLists.txt) */
/* Rule 12. The process forks while one thread has the guard and another waits: in the child both are gone, and whoever holds the lock holds it. */
static int live_as_child(void) {
  alarm(LIMIT_SECONDS);
  if (polite_mutex_trylock(&mutex) != POLITE_EBUSY) return 1;
  if (polite_mutex_unlock(&mutex) != 0) return 2;
  if (polite_mutex_lock(&mutex) != 0 || polite_mutex_lock_until(&mutex, 0) != POLITE_ETIMEDOUT) return 3;
  if (polite_mutex_destroy(&mutex) != POLITE_EBUSY || polite_mutex_unlock(&mutex) != 0) return 4;
  return polite_mutex_destroy(&mutex) == 0 ? 0 : 5;
}

static void lock_until_now(actor_t *actor) {
  while (actor->step != 1) sched_yield();
  actor->result = polite_mutex_lock_until(&mutex, 0);
}

static void forked_while_guarded(void **state) {
  (void)state;
  int status;
  actor_t other;
  assert_int_equal(polite_mutex_lock(&mutex), 0);
  start_target(wait_named("mutex_lock"));
  start(&other, lock_until_now, NULL);
  hold_at(&first, HOOK_GUARDED, other.pthread);
  other.step = 1;
  AWAIT(first.holding);
  pid_t child = fork();
  if (child == 0) _exit(live_as_child());
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
  first.release = 1;
  assert_int_equal(finish(&other), POLITE_ETIMEDOUT);
  assert_int_equal(polite_mutex_unlock(&mutex), 0);
  expect(0, 3);
  assert_int_equal(polite_mutex_destroy(&mutex), 0);
}
#endif

int main(void) {
  const struct CMUnitTest tests[] = {
      HELD_TEST(let_go_before_the_wake), HELD_TEST(let_go_before_it_withdraws), HELD_TEST(interrupted_before_the_post),
      HELD_TEST(withdrawn_meanwhile),    HELD_TEST(whose_signal),               HELD_TEST(overtaken_once),
      HELD_TEST(the_guard_is_slept_for),
#if !UNDER_TSAN
      HELD_TEST(forked_while_guarded),
#endif
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

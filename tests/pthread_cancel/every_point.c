/* XSH 2.9.5.2 for each cancellation point of the table: what a request does to a thread that is known to be blocked in it, to
 * one that enters it, and to one that has just got what it waited for. */
#include "point_table.h"

typedef struct play {
  const point_t *point;
  scene_t scene;
  atomic_int hold;    /* the thread is not to go on when the call has returned */
  atomic_int unwound; /* how often its cleanup handler ran */
} play_t;

static void note_unwinding(void *play) { ((play_t *)play)->unwound++; }

static void call_once(actor_t *actor) {
  play_t *play = actor->with;
  pthread_cleanup_push(note_unwinding, play);
  actor->result = play->point->run(&play->scene);
  arrive(actor, 1);
  while (play->hold) sched_yield();
  pthread_testcancel();
  pthread_cleanup_pop(0);
}

static void call_with_request_pending(actor_t *actor) {
  CHECK(pthread_cancel(pthread_self()) == 0);
  call_once(actor);
}

static void call_disabled_with_request_pending(actor_t *actor) {
  CHECK(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL) == 0);
  CHECK(pthread_cancel(pthread_self()) == 0);
  play_t *play = actor->with;
  pthread_cleanup_push(note_unwinding, play);
  actor->result = play->point->run(&play->scene);
  arrive(actor, 1);
  CHECK(pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL) == 0);
  pthread_testcancel();
  arrive(actor, 2);
  pthread_cleanup_pop(0);
}

static void assert_done(const point_t *point, long result) {
  if (point->done == SOME_DESCRIPTOR) {
    if (result < 0) fail_msg("%s: %ld", point->name, result);
    close((int)result);
  } else if (result != point->done) {
    fail_msg("%s: %ld instead of %ld", point->name, result, point->done);
  }
}

static int open_descriptors(void) {
  int count = 0;
  for (int fd = 0; fd < 256; ++fd) count += fcntl(fd, F_GETFD) != -1;
  return count;
}

static int descriptors_before;

static void begin(play_t *play, const point_t *point) {
  memset(play, 0, sizeof *play);
  play->point = point;
  begin_scene(&play->scene);
  descriptors_before = open_descriptors();
  point->prepare(&play->scene);
}

/* What the cancelled call did not take is there for another: as after EINTR, nothing is lost. */
static void do_it_now(play_t *play) {
  if (!(play->point->traits & LASTS)) return;
  actor_t actor;
  start(&actor, call_once, play);
  for (double until = seconds_now() + LIMIT_SECONDS; actor.step == 0; sched_yield())
    if (seconds_now() > until) fail_msg("%s: what was provided is gone", play->point->name);
  assert_null(joined(&actor));
  assert_done(play->point, actor.result);
}

static void end(play_t *play) {
  end_scene(&play->scene);
  int now = open_descriptors();
  if (now != descriptors_before) fail_msg("%s: %d descriptors, %d before", play->point->name, now, descriptors_before);
}

static void start_blocked_call(actor_t *actor, play_t *play) {
  const point_t *point = play->point;
  start(actor, call_once, play);
  for (double until = seconds_now() + LIMIT_SECONDS; !is_blocked_in(actor->thread, point->call); sched_yield())
    if (seconds_now() > until) fail_msg("%s: is not blocked", point->name);
  if (!play->scene.thread) play->scene.thread = actor->pthread;
}

static void cancel(const point_t *point, actor_t *actor) {
  int result = pthread_cancel(actor->pthread);
  if (result != 0) fail_msg("%s: pthread_cancel: %d", point->name, result);
}

/* The thread was cancelled, once; after `steps` steps. */
static void assert_cancelled_after(play_t *play, actor_t *actor, int steps) {
  void *value = joined(actor);
  if (value != PTHREAD_CANCELED || play->unwound != 1 || actor->step != steps)
    fail_msg("%s: value %p, %d times unwound, in step %d, not %d", play->point->name, value, play->unwound, actor->step, steps);
}

/* "If a thread has cancelability enabled and a cancellation request is made with the thread as a target while the thread is
 * suspended at a cancellation point, the thread shall be awakened and the cancellation request shall be acted upon"; "The
 * side-effects … are the same as … when a call to a function is interrupted by a signal and the given function returns [EINTR]"
 * */
static void a_thread_that_is_blocked_is_cancelled(void **state) {
  (void)state;
  for (const point_t *point = points; point < points + point_count; ++point) {
    if (!(point->traits & BLOCKS)) continue;
    if (point->traits & NOT_BY_SELF_PIPE && polite_backend() != POLITE_BACKEND_WINDOW) {
      printf("skipped: %s, canceled while it is blocked: the backend cannot wake it\n", point->name);
      continue;
    }
    play_t play;
    actor_t actor;
    begin(&play, point);
    start_blocked_call(&actor, &play);
    cancel(point, &actor);
    assert_cancelled_after(&play, &actor, 0);
    if (point->traits & LASTS) point->provide(&play.scene);
    do_it_now(&play);
    end(&play);
  }
}

/* "Whenever a thread has cancelability enabled and a cancellation request has been made …, and the thread then calls any
 * function that is a cancellation point …, the cancellation request shall be acted upon before the function returns". Decided:
 * at entry, so that what there is to do is left. */
static void a_request_pending_at_entry_is_acted_on(void **state) {
  (void)state;
  for (const point_t *point = points; point < points + point_count; ++point) {
    for (int ready = 0; ready < 2; ++ready) {
      play_t play;
      actor_t actor;
      begin(&play, point);
      if (ready && (point->traits & LASTS)) point->provide(&play.scene);
      start(&actor, call_with_request_pending, &play);
      assert_cancelled_after(&play, &actor, 0);
      if (!ready && (point->traits & LASTS)) point->provide(&play.scene);
      do_it_now(&play);
      end(&play);
    }
  }
}

/* "cancellation requests are held pending until a cancellation point is reached": one that comes when the call has done its
 * work does not take the result away, and is acted on at the next point. */
static void a_request_after_the_work_is_pending(void **state) {
  (void)state;
  for (const point_t *point = points; point < points + point_count; ++point) {
    play_t play;
    actor_t actor;
    begin(&play, point);
    play.hold = 1;
    if (point->traits & WAKES) {
      start_blocked_call(&actor, &play);
      point->provide(&play.scene);
    } else {
      point->provide(&play.scene);
      start(&actor, call_once, &play);
    }
    AWAIT(actor.step == 1);
    cancel(point, &actor);
    play.hold = 0;
    assert_cancelled_after(&play, &actor, 1);
    assert_done(point, actor.result);
    end(&play);
  }
}

/* "It is unspecified whether the cancellation request is acted upon or whether the cancellation request remains pending and the
 * thread resumes normal execution if … the event for which it is waiting occurs … before the cancellation request is acted
 * upon". But it is one of the two: the result is the thread's, or what happened is there for another. */
static void a_request_and_an_event_at_once_lose_nothing(void **state) {
  (void)state;
  for (const point_t *point = points; point < points + point_count; ++point) {
    if (!(point->traits & WAKES)) continue;
    for (int round = 0; round < 20; ++round) {
      play_t play;
      actor_t actor;
      begin(&play, point);
      play.hold = 1;
      start_blocked_call(&actor, &play);
      if (round & 1 && point->traits & LASTS) {
        cancel(point, &actor);
        point->provide(&play.scene);
      } else {
        point->provide(&play.scene);
        cancel(point, &actor);
      }
      play.hold = 0;
      void *value = joined(&actor);
      if (value != PTHREAD_CANCELED || play.unwound != 1) fail_msg("%s: %p, %d times unwound", point->name, value, play.unwound);
      if (actor.step == 1) assert_done(point, actor.result);
      else do_it_now(&play);
      end(&play);
    }
  }
}

/* "When cancelability is PTHREAD_CANCEL_DISABLE, cancellation requests against the target thread are held pending" */
static void a_disabled_thread_does_its_work(void **state) {
  (void)state;
  for (const point_t *point = points; point < points + point_count; ++point) {
    if (!(point->traits & LASTS)) continue;
    play_t play;
    actor_t actor;
    begin(&play, point);
    point->provide(&play.scene);
    start(&actor, call_disabled_with_request_pending, &play);
    assert_cancelled_after(&play, &actor, 1);
    assert_done(point, actor.result);
    end(&play);
  }
}

int run_every_point(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_thread_that_is_blocked_is_cancelled),       TEST(a_request_pending_at_entry_is_acted_on),
      TEST(a_request_after_the_work_is_pending),         TEST(a_request_and_an_event_at_once_lose_nothing),
      TEST(a_disabled_thread_does_its_work),
  };
  return cmocka_run_group_tests_name("every cancellation point", tests, NULL, NULL);
}

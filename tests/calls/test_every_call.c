/* Every wrapped call, from the table: interrupted while it is known to be blocked, and again afterwards to see that nothing was lost
 * (rules 2, 4, 6); interrupt pending at entry although there is work to do (rule 3); work first, then the interrupt (rule 2). */
#include "play.h"

static void interrupted_while_blocked(void **state) {
  (void)state;
  for (const call_t *call = calls; call->name; ++call) {
    if (call->how & NEVER_BLOCKS) continue;
    play_t play;
    begin_play(&play, call);
    actor_t actor;
    start_blocked(&actor, call_once, &play, call->blocked_in);
    assert_int_equal(polite_interrupt(actor.thread), 0);
    assert_interrupted(call, finish(&actor));

    call->unblock(&play.scene);
    assert_done(call, call->run(&play.scene));
    end_scene(&play.scene);
  }
}

/* Rule 2: what was done before the interrupt came is returned, and the interrupt stays pending. */
static void call_and_wait_to_go_on(actor_t *actor) {
  call_once(actor);
  actor->step = 1;
  while (actor->step == 1) sched_yield();
  CHECK(actor->result == POLITE_INTERRUPTED || polite_checkpoint() == POLITE_INTERRUPTED);
}

static void work_completed_first(void **state) {
  (void)state;
  for (const call_t *call = calls; call->name; ++call) {
    play_t play;
    begin_play(&play, call);
    actor_t actor;
    if (call->how & (NEVER_BLOCKS | NOT_MEANWHILE)) {
      call->unblock(&play.scene);
      start(&actor, call_and_wait_to_go_on, &play);
    } else {
      start_blocked(&actor, call_and_wait_to_go_on, &play, call->blocked_in);
      call->unblock(&play.scene);
    }
    AWAIT(actor.step == 1);
    assert_int_equal(polite_interrupt(actor.thread), 0);
    actor.step = 2;
    assert_done(call, finish(&actor));
    end_scene(&play.scene);
  }
}

/* Both at once: it is one of the two, and then the other is still there. */
static void work_and_interrupt_at_once(void **state) {
  (void)state;
  for (const call_t *call = calls; call->name; ++call) {
    if (call->how & (NEVER_BLOCKS | NOT_MEANWHILE) || call->done == POLITE_EINTR) continue;
    for (int round = 0; round < 20; ++round) {
      play_t play;
      begin_play(&play, call);
      actor_t actor;
      start_blocked(&actor, call_and_wait_to_go_on, &play, call->blocked_in);
      if (round & 1) polite_interrupt(actor.thread);
      call->unblock(&play.scene);
      if (!(round & 1)) polite_interrupt(actor.thread);
      AWAIT(actor.step == 1);
      actor.step = 2;
      long result = finish(&actor);
      assert_done(call, result == POLITE_INTERRUPTED ? call->run(&play.scene) : result);
      end_scene(&play.scene);
    }
  }
}

static void interrupt_pending_at_entry(void **state) {
  (void)state;
  for (const call_t *call = calls; call->name; ++call) {
    play_t play;
    begin_play(&play, call);
    call->unblock(&play.scene);
    assert_int_equal(polite_interrupt(polite_self()), 0);
    assert_interrupted(call, call->run(&play.scene));
    assert_false(polite_interrupt_pending());
    assert_done(call, call->run(&play.scene));
    end_scene(&play.scene);
  }
}

static void shielded_call_is_left_alone(void **state) {
  (void)state;
  for (const call_t *call = calls; call->name; ++call) {
    play_t play;
    begin_play(&play, call);
    call->unblock(&play.scene);
    polite_shield_enter();
    assert_int_equal(polite_interrupt(polite_self()), 0);
    assert_done(call, call->run(&play.scene));
    polite_shield_leave();
    assert_int_equal(polite_checkpoint(), POLITE_INTERRUPTED);
    end_scene(&play.scene);
  }
}

/* What inspect says is what the tests wait for; so it is tested for all of them. */
static void inspect_names_the_call(void **state) {
  (void)state;
  for (const call_t *call = calls; call->name; ++call) {
    if (call->how & NEVER_BLOCKS) continue;
    play_t play;
    begin_play(&play, call);
    actor_t actor;
    start_blocked(&actor, call_once, &play, call->blocked_in);
    polite_thread_info_t info = inspect(actor.thread);
    assert_int_equal(info.object, call->how & NO_DESCRIPTOR ? -1 : play.scene.here);
    polite_interrupt(actor.thread);
    finish(&actor);
    end_scene(&play.scene);
  }
}

/* The first of two interrupts is consumed; the call can be made again and interrupted again. */
static void call_many_times(actor_t *actor) {
  play_t *play = actor->with;
  while ((actor->result = play->call->run(&play->scene)) == POLITE_INTERRUPTED) actor->step++;
}

static void interrupted_again_and_again(void **state) {
  (void)state;
  for (const call_t *call = calls; call->name; ++call) {
    if (call->how & (NEVER_BLOCKS | NOT_MEANWHILE)) continue;
    play_t play;
    begin_play(&play, call);
    actor_t actor;
    start(&actor, call_many_times, &play);
    for (int i = 0; i < 50; ++i) {
      AWAIT(actor.step == i && is_blocked_in(actor.thread, call->blocked_in));
      assert_int_equal(polite_interrupt(actor.thread), 0);
    }
    AWAIT(actor.step == 50 && is_blocked_in(actor.thread, call->blocked_in));
    call->unblock(&play.scene);
    assert_done(call, finish(&actor));
    end_scene(&play.scene);
  }
}

/* For calls_complete.sh: the names of the calls, and whether a test can block them. */
static int list(void) {
  collect_calls();
  for (const call_t *call = calls; call->name; ++call) printf("%s %s\n", call->name, call->how & NEVER_BLOCKS ? "never_blocks" : "blocks");
  return 0;
}

int main(int count, char **words) {
  if (count > 1 && strcmp(words[1], "--list") == 0) return list();
  block_the_signal();
  look_around();
  const struct CMUnitTest tests[] = {
      TEST(interrupted_while_blocked),   TEST(interrupt_pending_at_entry), TEST(shielded_call_is_left_alone),
      TEST(inspect_names_the_call),      TEST(interrupted_again_and_again),
      TEST(work_completed_first),        TEST(work_and_interrupt_at_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

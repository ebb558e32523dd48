/* Calls that take a set of signals, with every signal in it: the wake signal is polite's whatever the set says. It comes through, it is
 * never reported as a signal that was waited for, and what others send by it is not taken away (rules 6, 7). That each of them is
 * interrupted is in test_every_call.c. */
#include "play.h"

#include <sys/syscall.h>

static uint64_t blocked_signals(void) {
  uint64_t mask = 0;
  CHECK(syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &mask, sizeof mask) == 0);
  return mask;
}

static void call_and_keep_the_mask(actor_t *actor) {
  uint64_t before = blocked_signals();
  call_once(actor);
  CHECK(blocked_signals() == before);
}

static void block_wakes(int how) {
  uint64_t wake = (uint64_t)1 << (polite_wake_signal() - 1);
  assert_int_equal(syscall(SYS_rt_sigprocmask, how, &wake, NULL, sizeof wake), 0);
}

/* To the thread, and to the process. The caller blocks the signal until the thread has finished: the kernel ends some calls (epoll_wait,
 * sigtimedwait) with EINTR for a signal of the process that another thread takes in the end, so that no handler runs. That EINTR is
 * the kernel's, and also a plain call's (rule 8). */
static void send_many_wakes(const actor_t *actor) {
  block_wakes(SIG_BLOCK);
  for (int i = 0; i < 100; ++i) {
    assert_int_equal(pthread_kill(actor->pthread, polite_wake_signal()), 0);
    assert_int_equal(kill(getpid(), polite_wake_signal()), 0);
  }
}

static long finish_after_wakes(actor_t *actor) {
  long result = finish(actor);
  block_wakes(SIG_UNBLOCK);
  return result;
}

/* The signal, sent by somebody else, ends nothing; what ends the call is its work, or an interrupt. */
static void the_wake_signal_is_not_reported(void **state) {
  (void)state;
  int played = 0;
  for (const call_t *call = calls; call->name; ++call) {
    if (!(call->how & TAKES_A_SET) || call->how & NEVER_BLOCKS) continue;
    for (int interrupted = 0; interrupted < 2; ++interrupted) {
      play_t play;
      actor_t actor;
      begin_play(&play, call);
      start_blocked(&actor, call_and_keep_the_mask, &play, call->blocked_in);
      send_many_wakes(&actor);
      if (interrupted) {
        assert_int_equal(polite_interrupt(actor.thread), 0);
        assert_interrupted(call, finish_after_wakes(&actor));
      } else {
        call->unblock(&play.scene);
        assert_done(call, finish_after_wakes(&actor));
      }
      end_scene(&play.scene);
      ++played;
    }
  }
  assert_true(played > 0);
}

/* One that waits behind the thread's mask is nobody's to take. (Delivering an interrupt lets it through, to its handler: there may be a
 * wake in it.) */
static void the_wake_signal_is_not_eaten(void **state) {
  (void)state;
  sigset_t all, pending;
  struct timespec at_once = {0, 0};
  siginfo_t info;
  sigfillset(&all);
  block_wakes(SIG_BLOCK);
  pthread_kill(pthread_self(), polite_wake_signal());
  assert_int_equal(polite_sigtimedwait(&all, &info, &at_once), POLITE_EAGAIN);
  assert_int_equal(sigpending(&pending), 0);
  polite_interrupt(polite_self());
  assert_int_equal(polite_sigwaitinfo(&all, &info), POLITE_INTERRUPTED);
  block_wakes(SIG_UNBLOCK);
  assert_true(sigismember(&pending, polite_wake_signal()));
}

static void suspend_for_nothing(actor_t *actor) {
  sigset_t all;
  sigfillset(&all);
  actor->result = polite_sigsuspend(&all);
}

/* Nothing but an interrupt ends this one. */
static void suspended_with_all_signals(void **state) {
  (void)state;
  actor_t actor;
  start_blocked(&actor, suspend_for_nothing, NULL, "sigsuspend");
  send_many_wakes(&actor);
  assert_int_equal(polite_interrupt(actor.thread), 0);
  assert_int_equal(finish_after_wakes(&actor), POLITE_INTERRUPTED);
  polite_interrupt(polite_self());
  suspend_for_nothing(&actor);
  assert_int_equal(actor.result, POLITE_INTERRUPTED);
}

int main(void) {
  block_the_signal();
  look_around();
  const struct CMUnitTest tests[] = {
      TEST(the_wake_signal_is_not_reported),
      TEST(the_wake_signal_is_not_eaten),
      TEST(suspended_with_all_signals),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Interleavings that only some calls and ways to wake have: a time that must not grow when a call is made again, and handlers of signals on
 * top of a call. One thread is held at a place, by hooks in the library, while another does what would be lost there. */
#include "held_read.h"

#include <sys/epoll.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/time.h>

/* A poll never restarts, and goes on all the same. */
static void poll_pipe(actor_t *actor) {
  struct pollfd fd = {ends[0], POLLIN, 0};
  actor->result = polite_poll(&fd, 1, 3600 * 1000);
  actor->step = 1;
}

static void a_poll_goes_on_when_the_request_is_withdrawn(void **state) {
  (void)state;
  withdraw_while_it_settles(poll_pipe, "poll");
}

/* Woken all the time for requests that are withdrawn, a call on a socket with a time limit ends all the same. */
static void receive(actor_t *actor) {
  char byte;
  actor->result = polite_recv(ends[0], &byte, 1, 0);
  actor->step = 1;
}

static void send_much(actor_t *actor) {
  static const char zeros[1 << 20];
  while ((actor->result = polite_send(ends[0], zeros, sizeof zeros, 0)) > 0) {
  }
  actor->step = 1;
}

static void limited_socket(int option) {
  struct timeval limit = {0, 200000};
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  assert_int_equal(setsockopt(ends[0], SOL_SOCKET, option, &limit, sizeof limit), 0);
}

static struct timespec fifth = {0, 200000000}; /* of a second */

static void await_signal(actor_t *actor) {
  sigset_t all;
  sigfillset(&all);
  actor->result = polite_sigtimedwait(&all, NULL, &fifth);
  actor->step = 1;
}

static void sleep_by_clock(actor_t *actor) {
  actor->result = polite_clock_nanosleep(CLOCK_MONOTONIC, 0, &fifth, NULL);
  actor->step = 1;
}

static void select_pipe(actor_t *actor) {
  actor->result = polite_pselect(0, NULL, NULL, NULL, &fifth, NULL);
  actor->step = 1;
}

static void wait_for_events(actor_t *actor) {
  struct epoll_event event;
  int fd = epoll_create1(0);
  actor->result = polite_epoll_wait(fd, &event, 1, 200);
  actor->step = 1;
  close(fd);
}

static void wait_for_events_by_the_nanosecond(actor_t *actor) {
  struct epoll_event event;
  int fd = epoll_create1(0);
  actor->result = polite_epoll_pwait2(fd, &event, 1, &fifth, NULL);
  actor->step = 1;
  close(fd);
}

static void wait_for_semaphore(actor_t *actor) {
  struct sembuf down = {0, -1, 0};
  int set = semget(IPC_PRIVATE, 1, 0600);
  actor->result = polite_semtimedop(set, &down, 1, &fifth);
  actor->step = 1;
  semctl(set, 0, IPC_RMID);
}

static const struct timed {
  void (*body)(actor_t *);
  int option; /* of a socket, if it is about one */
  int result;
} timed[] = {
    {receive, SO_RCVTIMEO, POLITE_EAGAIN}, {send_much, SO_SNDTIMEO, POLITE_EAGAIN}, {await_signal, 0, POLITE_EAGAIN},
    {sleep_by_clock, 0, 0}, {select_pipe, 0, 0},
    {wait_for_semaphore, 0, POLITE_EAGAIN}, {wait_for_events, 0, 0}, {wait_for_events_by_the_nanosecond, 0, 0},
};

static void wakes_for_nothing_do_not_extend_a_limit(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof timed / sizeof *timed; ++i) {
    if (polite_backend() != POLITE_BACKEND_WINDOW && timed[i].body == wait_for_semaphore) continue; /* nobody is woken there */
    if (UNDER_QEMU && (timed[i].body == select_pipe || timed[i].body == wait_for_events_by_the_nanosecond)) continue;
    if (timed[i].option) limited_socket(timed[i].option);
    else make_pipe(ends);
    actor_t target;
    start(&target, timed[i].body, NULL);
    AWAIT(is_blocked_in(target.thread, NULL));
    for (double began = seconds_now(); target.step == 0;) {
      polite_request_t request = {0};
      hold_at(&first, HOOK_BEFORE_TAKING, target.pthread);
      int posted = polite_request_post(&request, target.thread, 0, 0);
      AWAIT(first.holding || target.step == 1);
      if (posted >= 0 && target.step == 0) assert_int_equal(polite_request_withdraw(&request), 0);
      first.release = 1;
      AWAIT(!first.holding);
      if (seconds_now() - began > LIMIT_SECONDS) fail_msg("%d goes on for ever", (int)i);
      AWAIT(target.step == 1 || is_blocked_in(target.thread, NULL));
    }
    assert_int_equal(finish(&target), timed[i].result);
    close_both(ends);
  }
}

/* Rule 7, with somebody else's signal in the place of the wake that is held up: it clears WAKING, and the call ends for the request. The
 * wake is still to come, and has to be waited for. */
static void a_wake_that_anothers_signal_overtook(void **state) {
  (void)state;
  SKIP_BUT_FOR_WINDOW();
  pair_t pair;
  hold_interrupter(&pair, read_then_wait_plainly, HOOK_BEFORE_KICK);
  pthread_kill(pair.target.pthread, polite_wake_signal());
  expect_it_waits(&pair, POLITE_INTERRUPTED);
}

#if !defined __SANITIZE_THREAD__
/* Rule 7. The interrupter has seen the region; the target clears the request in a handler on top of the call, and the call ends. Nothing is
 * pending then, but the wake is still to come. */
static void clear_on_top(int signal) {
  (void)signal;
  CHECK(polite_interrupt_clear() == 1);
}

static void cleared_before_the_wake(void **state) {
  (void)state;
  SKIP_BUT_FOR_WINDOW(); /* elsewhere the call leaves its region for the handler, and waits for the interrupter then */
  struct sigaction action = {.sa_handler = clear_on_top, .sa_flags = SA_RESTART};
  sigaction(SIGUSR1, &action, NULL);
  pair_t pair;
  hold_interrupter(&pair, read_then_wait_plainly, HOOK_REGION_SEEN);
  pthread_kill(pair.target.pthread, SIGUSR1);
  AWAIT(!inspect(pair.target.thread).pending && is_blocked_in(pair.target.thread, "read"));
  assert_int_equal(plain_write(ends[1], "x", 1), 1);
  expect_it_waits(&pair, 1);
}

/* A wake arrives while a handler is on top, and is to be sent once more; before it is, another interrupter sets WAKING. Then that one's is
 * the one that is waited for. */
static atomic_int on_top, may_return;
static void stay_on_top(int signal) {
  (void)signal;
  on_top = 1;
  while (!may_return) sched_yield();
}

static void two_wakes_beneath_a_handler(void **state) {
  (void)state;
  SKIP_BUT_FOR_WINDOW();
  struct sigaction action = {.sa_handler = stay_on_top, .sa_flags = SA_RESTART};
  sigaction(SIGUSR1, &action, NULL);
  on_top = may_return = 0;
  make_pipe(ends);
  actor_t target, interrupter;
  start_blocked(&target, read_then_wait_plainly, NULL, "read");
  pthread_kill(target.pthread, SIGUSR1);
  AWAIT(on_top);
  hold_at(&first, HOOK_WAKE_TAKEN, target.pthread);
  assert_true(polite_interrupt(target.thread) >= 0);
  AWAIT(first.holding);
  shot_t shot = {target.thread, NULL, 0};
  start(&interrupter, shoot, &shot);
  hold_at(&second, HOOK_BEFORE_KICK, interrupter.pthread);
  shot.go = 1;
  AWAIT(second.holding);
  first.release = 1;
  may_return = 1;
  for (int i = 0; i < 100000; ++i) {
    assert_int_equal(target.step, 0);
    sched_yield();
  }
  second.release = 1;
  AWAIT(target.step == 1);
  finish(&interrupter);
  assert_int_equal(plain_write(ends[1], "x", 1), 1);
  finish(&target);
  assert_int_equal(target.result, POLITE_INTERRUPTED);
  assert_int_equal(target.step, 2);
  close_both(ends);
}

#endif

int main(void) {
  const struct CMUnitTest tests[] = {
      HELD_TEST(a_poll_goes_on_when_the_request_is_withdrawn),
      HELD_TEST(wakes_for_nothing_do_not_extend_a_limit), HELD_TEST(a_wake_that_anothers_signal_overtook),
#if !defined __SANITIZE_THREAD__ /* it calls a program's own handlers when it sees fit (CMakeLists.txt) */
      HELD_TEST(cleared_before_the_wake),       HELD_TEST(two_wakes_beneath_a_handler),
#endif
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

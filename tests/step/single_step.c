// Rules 1 to 8 at every instruction: a call of polite is stepped through, and at each instruction in turn, the blocked kernel
// included, something is done to its thread. Whatever the instruction: every request is delivered once or is pending, every
// byte is in the buffer or in the pipe, nothing hangs, and no wake arrives after the call.
#include "stepper.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../surroundings.h"

enum { BIG = 100000, FEW = 5 };  // more than a pipe holds, and less

static const int64_t HOUR = INT64_C(3600) * 1000000000;
static const int64_t SLACK = 1000000;  // the kernel counts its timer slack (prctl(2)) among the time that is left

static int pipe_under_test[2], side_pipe[2];  // the second one is for calls in handlers
static char buffer[BIG];
static int64_t time_left;

// --- What the cases are made of: before the call, the call, and what ends it ------------------------------------------------

static int bytes_in(const int *both) {
  int n = 0;
  ioctl(both[0], FIONREAD, &n);
  return n;
}

static void put(const int *both) {
  if (write(both[1], "bytes", FEW) != FEW) expect(false, "write failed", 0);
}

static void fill(void) { put(pipe_under_test); }
static void fill_side(void) { put(side_pipe); }

static void fill_and_block_wakes(void) {
  sigset_t wake;
  sigemptyset(&wake);
  sigaddset(&wake, polite_wake_signal());
  pthread_sigmask(SIG_BLOCK, &wake, NULL);
  fill();
}

static void drain(void) {
  char bytes[4096];
  while (bytes_in(pipe_under_test) > 0) shared->drained += read(pipe_under_test[0], bytes, sizeof bytes);
}

static long read_it(void) {
  memset(buffer, 0, FEW);
  return polite_read(pipe_under_test[0], buffer, sizeof buffer);
}

static long read_shielded(void) {
  polite_shield_enter();
  long result = read_it();
  polite_shield_leave();
  return result;
}

static long write_big(void) { return polite_write(pipe_under_test[1], buffer, BIG); }

static long poll_it(void) {
  struct pollfd descriptor = {.fd = pipe_under_test[0], .events = POLLIN};
  return polite_poll(&descriptor, 1, -1);
}

// Only wakes come in while it waits.
static long poll_alone(void) {
  struct pollfd descriptor = {.fd = pipe_under_test[0], .events = POLLIN};
  sigset_t all;
  sigfillset(&all);
  return polite_ppoll(&descriptor, 1, NULL, &all);
}

static long sleep_an_hour(void) { return polite_nanosleep(HOUR, &time_left); }

// --- After the call ---------------------------------------------------------------------------------------------------------

static void check_empty(void) {
  expect(bytes_in(pipe_under_test) == 0, "bytes are left in the pipe", bytes_in(pipe_under_test));
  expect(bytes_in(side_pipe) == 0, "bytes are left in the side pipe", bytes_in(side_pipe));
}

// The pipe goes on working: nothing of what is written now has been swallowed.
static void check_next_read(void) {
  check_empty();
  fill();
  long result = read_it();
  expect(result == FEW && memcmp(buffer, "bytes", FEW) == 0, "the next read returned", result);
}

static void check_interrupted(long result) {
  expect(result == POLITE_INTERRUPTED, "the blocked call returned", result);
  check_next_read();
}

// A handler without SA_RESTART ended the call: an interrupt that came after that is pending.
static void check_interrupted_or_eintr(long result) {
  expect(result == POLITE_INTERRUPTED || result == POLITE_EINTR, "the blocked call returned", result);
  check_next_read();
}

static void check_read(long result) {
  int left = bytes_in(pipe_under_test);
  expect(result == FEW || result == POLITE_INTERRUPTED, "the read returned", result);
  expect(left == (result == FEW ? 0 : FEW), "bytes in the pipe after the read", left);
  expect(result != FEW || memcmp(buffer, "bytes", FEW) == 0, "other bytes were read", 0);
  drain();
  check_next_read();
}

// Rule 7 where the target blocks the wake: the call that was to be woken has taken in what was sent.
static void check_no_wake_left(long result) {
  sigset_t waiting;
  sigpending(&waiting);
  expect(!sigismember(&waiting, polite_wake_signal()), "a wake is left over after the call", result);
  check_read(result);
}

// Rule 8: the EINTR is the program's own, whatever came and went. If it came and went just between the handler and the window's
// look at the answer, and nowhere else, it is as if the handler had run before the call.
static void check_foreign_eintr(long result) {
  static int gone_on;
  if (result != POLITE_EINTR) expect(result == FEW && ++gone_on <= 1, "the call beneath the handler returned", result);
  drain();
  check_next_read();
}

static void check_undisturbed_read(long result) {
  expect(result == FEW && memcmp(buffer, "bytes", FEW) == 0, "the read returned", result);
  check_next_read();
}

// The bytes are in one place, whether the call was fed after it had come back or not.
static void check_read_or_withdrawn(long result) {
  if (result == POLITE_INTERRUPTED) drain();
  else expect(result == FEW, "the read returned", result);
  check_next_read();
}

static void check_written(long result) {
  long there = (long)shared->drained + bytes_in(pipe_under_test);
  expect(result > 0 || result == POLITE_INTERRUPTED, "the write returned", result);
  expect(there == (result > 0 ? result : 0), "bytes went into the pipe", there);
  drain();
  check_next_read();
}

static void check_undisturbed_write(long result) {
  expect(result > 0, "the write returned", result);
  check_written(result);
}

static void check_poll(long result) {
  expect(result == 1 || result == POLITE_INTERRUPTED, "the poll returned", result);
  drain();
  check_next_read();
}

static void check_undisturbed_poll(long result) {
  expect(result == 1, "the poll returned", result);
  check_poll(result);
}

static void check_poll_or_eintr(long result) {
  expect(result == POLITE_INTERRUPTED || result == POLITE_EINTR, "the poll returned", result);
  check_next_read();
}

static void check_sleep(long result) {
  expect(result == POLITE_INTERRUPTED, "the sleep returned", result);
  expect(time_left > HOUR - HOUR / 10 && time_left <= HOUR + SLACK, "time left, in ms", (long)(time_left / 1000000));
  check_empty();
}

// --- Handlers of the program's own ------------------------------------------------------------------------------------------

static void nested(long (*call)(void), long right) {
  handler_begins();
  shared->nested = call();
  handler_ends();
  expect(shared->nested == right, "the call in the handler returned", (long)shared->nested);
}

static long read_side(void) {
  char bytes[16];
  return polite_read(side_pipe[0], bytes, sizeof bytes);
}

static long write_side(void) { return polite_write(side_pipe[1], "bytes", FEW); }

static void read_in_handler(void) { nested(read_side, FEW); }

static void write_in_handler(void) {
  nested(write_side, FEW);
  shared->nested = read_side();
}

// Wherever this handler ran: what it moved is right, and what it left pending is delivered to the call beneath.
static void use_polite_in_handler(void) {
  expect(write_side() == FEW, "the write in the handler failed", 0);
  expect(read_side() == FEW, "the read in the handler failed", 0);
  polite_shield_enter();
  polite_shield_leave();
  interrupt_target();
}

// Nothing is left of the wake but that it arrived on top of this handler. Once the call has been fed there is something to poll.
static void clear_in_handler(void) {
  if (polite_interrupt_clear() == 1) --shared->requests;
  if (shared->fed && bytes_in(pipe_under_test) == 0) fill();
}

static void interrupt_and_clear_in_handler(void) {
  interrupt_target();
  clear_in_handler();
}

static void wake_by_hand_in_handler(void) {
  raise(polite_wake_signal());
  clear_in_handler();
}

// While the target waits alone: it wakes, and then this is what it does first.
static void interrupt_and_signal(void) {
  raise_in_target();
  interrupt_target();
}

// --- The cases --------------------------------------------------------------------------------------------------------------

#define READ .symbol = "polite_read", .call = read_it
#define WRITE .symbol = "polite_write", .call = write_big
#define POLL .symbol = "polite_poll", .call = poll_it
#define SLEEP .symbol = "polite_nanosleep", .call = sleep_an_hour

// The places in a window: up to the blocked system call, and up to the end of the call.
enum { BLOCKED_LEAST = 16, WHOLE_LEAST = 25, SLOW_LEAST = 100 };

static const struct Case interrupt_blocked_read = {"interrupt, blocked read", READ, .least = BLOCKED_LEAST, .check = check_interrupted};
static const struct Case interrupt_ready_read = {"interrupt, read with data", READ, .least = WHOLE_LEAST, .prepare = fill, .check = check_read};
static const struct Case interrupt_deaf_read = {"interrupt, read with data, wake blocked", READ, .least = WHOLE_LEAST, .deaf = true, .prepare = fill_and_block_wakes, .check = check_no_wake_left};
static const struct Case interrupt_write = {"interrupt, write that moves part", WRITE, .least = WHOLE_LEAST, .feed = drain, .check = check_written};
static const struct Case interrupt_blocked_poll = {"interrupt, blocked poll", POLL, .least = BLOCKED_LEAST, .check = check_interrupted};
static const struct Case interrupt_ready_poll = {"interrupt, poll with data", POLL, .least = WHOLE_LEAST, .prepare = fill, .check = check_poll};
static const struct Case interrupt_sleep = {"interrupt, sleep", SLEEP, .least = BLOCKED_LEAST, .check = check_sleep};

// A second interrupt is the same as the first one, or is delivered after it.
static const struct Case second_at_entry = {"second interrupt, read with one pending", READ, .start = START_PENDING, .least = SLOW_LEAST, .check = check_interrupted};
static const struct Case second_in_wake_of_read = {"second interrupt, read being woken", READ, .start = START_INTERRUPTED, .least = SLOW_LEAST, .check = check_interrupted};
static const struct Case second_in_wake_of_poll = {"second interrupt, poll being woken", POLL, .start = START_INTERRUPTED, .least = SLOW_LEAST, .check = check_interrupted};

static const struct Case in_handler_read = {"interrupt, read with data in a handler", READ, .start = START_HANDLER, .least = SLOW_LEAST,
                                            .handler_flags = SA_RESTART, .prepare = fill_side, .handler = read_in_handler, .check = check_interrupted};
static const struct Case in_handler_blocked_read = {"interrupt, blocked read in a handler", READ, .start = START_HANDLER, .least = SLOW_LEAST,
                                                    .handler_flags = SA_RESTART, .handler = read_in_handler, .feed = fill_side, .check = check_interrupted};
static const struct Case in_handler_write = {"interrupt, write in a handler", READ, .start = START_HANDLER, .least = SLOW_LEAST,
                                             .handler_flags = SA_RESTART, .handler = write_in_handler, .check = check_interrupted};
static const struct Case in_plain_handler_read = {"interrupt, read in a handler, no SA_RESTART", READ, .start = START_HANDLER, .least = SLOW_LEAST,
                                                  .prepare = fill_side, .handler = read_in_handler, .check = check_interrupted_or_eintr};
static const struct Case in_plain_handler_write = {"interrupt, write in a handler, no SA_RESTART", READ, .start = START_HANDLER, .least = SLOW_LEAST,
                                                   .handler = write_in_handler, .check = check_interrupted_or_eintr};
static const struct Case in_handler_of_poll = {"interrupt, read in a handler on a poll", POLL, .start = START_HANDLER, .least = SLOW_LEAST,
                                               .handler_flags = SA_RESTART, .prepare = fill_side, .handler = read_in_handler, .check = check_poll_or_eintr};

static const struct Case handler_in_blocked_read = {"handler, blocked read", READ, .action = FOREIGN_SIGNAL, .least = BLOCKED_LEAST,
                                                    .handler_flags = SA_RESTART, .handler = use_polite_in_handler, .check = check_interrupted};
static const struct Case plain_handler_in_blocked_read = {"handler without SA_RESTART, blocked read", READ, .action = FOREIGN_SIGNAL, .least = BLOCKED_LEAST,
                                                          .handler = use_polite_in_handler, .check = check_interrupted};
static const struct Case handler_in_ready_read = {"handler, read with data", READ, .action = FOREIGN_SIGNAL, .least = WHOLE_LEAST,
                                                  .handler_flags = SA_RESTART, .prepare = fill, .handler = use_polite_in_handler, .check = check_read};

static const struct Case handler_in_lone_poll = {"handler, poll with all signals blocked", .symbol = "polite_ppoll", .call = poll_alone, .action = FOREIGN_SIGNAL, .least = BLOCKED_LEAST, .until_blocked = true,
                                                 .handler_flags = SA_RESTART, .handler = interrupt_and_clear_in_handler, .feed = interrupt_and_signal, .check = check_undisturbed_poll};

static const struct Case wake_by_hand_in_lone_poll = {"wake by hand, poll with all signals blocked", .symbol = "polite_ppoll", .call = poll_alone, .action = FOREIGN_SIGNAL, .least = BLOCKED_LEAST, .until_blocked = true,
                                                      .handler_flags = SA_RESTART, .handler = wake_by_hand_in_handler, .feed = interrupt_and_signal, .check = check_undisturbed_poll};

static const struct Case post_blocked_read = {"post and withdraw, blocked read", READ, .action = POST_WITHDRAW, .least = WHOLE_LEAST, .feed = fill, .check = check_undisturbed_read};
static const struct Case post_ready_read = {"post and withdraw, read with data", READ, .action = POST_WITHDRAW, .least = WHOLE_LEAST, .prepare = fill, .check = check_undisturbed_read};
static const struct Case post_write = {"post and withdraw, write that moves part", WRITE, .action = POST_WITHDRAW, .least = WHOLE_LEAST, .feed = drain, .check = check_undisturbed_write};
static const struct Case post_poll = {"post and withdraw, blocked poll", POLL, .action = POST_WITHDRAW, .least = WHOLE_LEAST, .feed = fill, .check = check_undisturbed_poll};
static const struct Case post_in_handler = {"post and withdraw, handler on a blocked read", READ, .start = START_HANDLER, .action = POST_WITHDRAW, .least = SLOW_LEAST,
                                            .handler_flags = SA_RESTART, .prepare = fill_side, .handler = read_in_handler, .feed = fill, .check = check_undisturbed_read};
static const struct Case post_in_plain_handler = {"post and withdraw, no SA_RESTART", READ, .start = START_HANDLER, .action = POST_WITHDRAW, .least = SLOW_LEAST,
                                                  .prepare = fill_side, .handler = read_in_handler, .feed = fill, .check = check_foreign_eintr};
static const struct Case post_sleep = {"post and withdraw, sleep", SLEEP, .action = POST_WITHDRAW, .least = BLOCKED_LEAST, .feed = interrupt_target, .check = check_sleep};

static const struct Case withdraw_read = {"withdraw, read being woken", READ, .start = START_WAKING, .action = WITHDRAW, .least = SLOW_LEAST, .feed = fill, .check = check_read_or_withdrawn};
static const struct Case withdraw_poll = {"withdraw, poll being woken", POLL, .start = START_WAKING, .action = WITHDRAW, .least = SLOW_LEAST, .feed = fill, .check = check_poll};

static const struct Case withdraw_in_plain_handler = {"withdraw, handler without SA_RESTART, woken", READ, .start = START_HANDLER_POSTED, .action = WITHDRAW, .least = SLOW_LEAST,
                                                      .prepare = fill_side, .handler = read_in_handler, .feed = fill, .check = check_interrupted_or_eintr};
static const struct Case withdraw_in_handler = {"withdraw, handler on a read being woken", READ, .start = START_HANDLER_POSTED, .action = WITHDRAW, .least = SLOW_LEAST,
                                                .handler_flags = SA_RESTART, .prepare = fill_side, .handler = read_in_handler, .feed = fill, .check = check_read_or_withdrawn};

#define SHIELDED .symbol = "polite_read", .call = read_shielded
static const struct Case shielded_blocked_read = {"interrupt, shielded blocked read", SHIELDED, .least = WHOLE_LEAST, .feed = fill, .check = check_undisturbed_read};
static const struct Case shielded_ready_read = {"interrupt, shielded read with data", SHIELDED, .least = WHOLE_LEAST, .prepare = fill, .check = check_undisturbed_read};

// --- Running them -----------------------------------------------------------------------------------------------------------

static void every_place(void **state) {
  const struct Case *c = *state;
#if UNDER_TSAN
  print_message("skipped: ThreadSanitizer adds thousands of instructions to each step, and delivers signals late\n");
  skip();
#endif
  assert_int_equal(pipe(pipe_under_test), 0);
  assert_int_equal(pipe(side_pipe), 0);
  int places = step_through(c);
  for (int i = 0; i < 2; ++i) close(pipe_under_test[i]), close(side_pipe[i]);
  if (places == -1) {
    print_message("skipped: ptrace is not permitted here\n");
    skip();
  }
  assert_int_not_equal(places, -2);
  print_message("%-52s %5d places\n", c->name, places);
  if (places < (int)c->least) fail_msg("%d places are too few: there must be %u", places, c->least);
}

#define EVERY(c) {#c, every_place, NULL, NULL, (void *)(uintptr_t)&c}

int main(void) {
  const struct CMUnitTest tests[] = {
      EVERY(interrupt_blocked_read), EVERY(interrupt_ready_read), EVERY(interrupt_deaf_read), EVERY(interrupt_write),
      EVERY(interrupt_blocked_poll), EVERY(interrupt_ready_poll), EVERY(interrupt_sleep),
      EVERY(second_at_entry), EVERY(second_in_wake_of_read), EVERY(second_in_wake_of_poll),
      EVERY(in_handler_read), EVERY(in_handler_blocked_read), EVERY(in_handler_write),
      EVERY(in_plain_handler_read), EVERY(in_plain_handler_write), EVERY(in_handler_of_poll),
      EVERY(handler_in_blocked_read), EVERY(plain_handler_in_blocked_read), EVERY(handler_in_ready_read), EVERY(handler_in_lone_poll), EVERY(wake_by_hand_in_lone_poll),
      EVERY(post_blocked_read), EVERY(post_ready_read), EVERY(post_write), EVERY(post_poll), EVERY(post_in_handler), EVERY(post_in_plain_handler), EVERY(post_sleep),
      EVERY(withdraw_read), EVERY(withdraw_poll), EVERY(withdraw_in_plain_handler), EVERY(withdraw_in_handler),
      EVERY(shielded_blocked_read), EVERY(shielded_ready_read),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

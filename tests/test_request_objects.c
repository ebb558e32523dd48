/* Request objects: posted and withdrawn exactly, each without touching the others. */
#include "scene.h"

static polite_thread_t self(void) { return polite_self(); }

static void withdrawn_before_delivery(void **state) {
  (void)state;
  polite_request_t request = {0};
  assert_int_equal(polite_request_post(&request, self(), 1, 0), 0);
  assert_int_equal(polite_interrupt_pending(), 1);
  assert_int_equal(polite_request_withdraw(&request), 0);
  assert_int_equal(polite_interrupt_pending(), 0);
  assert_int_equal(polite_checkpoint(), 0);
}

static void withdrawn_after_delivery(void **state) {
  (void)state;
  polite_request_t request = {0};
  assert_int_equal(polite_request_post(&request, self(), 1, 0), 0);
  assert_int_equal(polite_checkpoint(), POLITE_INTERRUPTED);
  assert_int_equal(polite_request_withdraw(&request), 1);
  assert_int_equal(polite_request_post(&request, self(), 1, 0), 0);
  assert_int_equal(polite_interrupt_clear(), 1);
  assert_int_equal(polite_request_withdraw(&request), 1);
  assert_int_equal(polite_request_withdraw(&request), 0); /* as new */
}

static void the_others_are_untouched(void **state) {
  (void)state;
  polite_request_t a = {0}, b = {0};
  assert_int_equal(polite_request_post(&a, self(), 1, 0), 0);
  assert_int_equal(polite_interrupt_with(self(), 2, 0), 1);
  assert_int_equal(polite_request_post(&b, self(), 3, 0), 1);
  assert_int_equal(polite_request_withdraw(&a), 0);
  assert_int_equal(polite_checkpoint(), POLITE_INTERRUPTED);
  assert_int_equal(polite_interrupt_reason(), 2); /* the first of those that were left */
  assert_int_equal(polite_checkpoint(), 0);
  assert_int_equal(polite_request_withdraw(&b), 1);
}

static void the_first_reason_whoever_made_it(void **state) {
  (void)state;
  polite_request_t requests[3] = {{{0}}};
  for (int rounds = 0; rounds < 40000; ++rounds) { /* tickets wrap around at 32,768 */
    for (int i = 0; i < 3; ++i) polite_request_post(&requests[(rounds + i) % 3], self(), 10 + i, 0);
    if (rounds % 2) polite_interrupt_with(self(), 99, 0);
    if (polite_checkpoint() != POLITE_INTERRUPTED || polite_interrupt_reason() != 10)
      fail_msg("round %d: reason %d", rounds, polite_interrupt_reason());
    for (int i = 0; i < 3; ++i)
      if (polite_request_withdraw(&requests[i]) != 1) fail_msg("round %d", rounds);
  }
}

static void latched_until_withdrawn(void **state) {
  (void)state;
  polite_request_t latched = {0}, plain = {0};
  assert_int_equal(polite_request_post(&latched, self(), 1, POLITE_LATCHED), 0);
  assert_int_equal(polite_request_post(&plain, self(), 2, 0), 1);
  for (int i = 0; i < 3; ++i) assert_int_equal(polite_checkpoint(), POLITE_INTERRUPTED);
  assert_int_equal(polite_request_withdraw(&plain), 1);
  assert_int_equal(polite_request_withdraw(&latched), 0);
  assert_int_equal(polite_checkpoint(), 0);
}

static void posted_again(void **state) {
  (void)state;
  polite_request_t request = {0};
  assert_int_equal(polite_request_post(&request, self(), 1, 0), 0);
  assert_int_equal(polite_request_post(&request, self(), 1, 0), POLITE_EALREADY);
  assert_int_equal(polite_checkpoint(), POLITE_INTERRUPTED);
  assert_int_equal(polite_request_post(&request, self(), 5, 0), 0); /* delivered: free to be posted to the same thread */
  assert_int_equal(polite_checkpoint(), POLITE_INTERRUPTED);
  assert_int_equal(polite_interrupt_reason(), 5);
  assert_int_equal(polite_request_withdraw(&request), 1);
}

static void as_many_as_promised(void **state) {
  (void)state;
  enum { MOST = POLITE_REQUESTS_MAX, LATCHED = POLITE_LATCHED_REQUESTS_MAX };
  polite_request_t requests[MOST + 1] = {{{0}}}, latched[LATCHED + 1] = {{{0}}};
  for (int i = 0; i < MOST; ++i) assert_int_equal(polite_request_post(&requests[i], self(), i, 0), i > 0);
  assert_int_equal(polite_request_post(&requests[MOST], self(), 0, 0), POLITE_EAGAIN);
  for (int i = 0; i < LATCHED; ++i) assert_int_equal(polite_request_post(&latched[i], self(), 99, POLITE_LATCHED), 1);
  assert_int_equal(polite_request_post(&latched[LATCHED], self(), 0, POLITE_LATCHED), POLITE_EAGAIN);
  for (int i = 0; i < MOST; i += 2) assert_int_equal(polite_request_withdraw(&requests[i]), 0);
  assert_int_equal(polite_checkpoint(), POLITE_INTERRUPTED);
  assert_int_equal(polite_interrupt_reason(), 1);
  for (int i = 1; i < MOST; i += 2) assert_int_equal(polite_request_withdraw(&requests[i]), 1);
  assert_int_equal(polite_checkpoint(), POLITE_INTERRUPTED);
  for (int i = 0; i < LATCHED; ++i) assert_int_equal(polite_request_withdraw(&latched[i]), 0);
  assert_int_equal(polite_checkpoint(), 0);
  assert_int_equal(polite_request_withdraw(&requests[MOST]), 0);
}

static void latched_another_time(void **state) {
  (void)state;
  polite_request_t request = {0};
  for (int i = 0; i < 100; ++i) {
    unsigned flags = i % 2 ? POLITE_LATCHED : 0;
    assert_int_equal(polite_request_post(&request, self(), i, flags), 0);
    assert_int_equal(polite_checkpoint(), POLITE_INTERRUPTED);
    assert_int_equal(polite_interrupt_reason(), i);
    assert_int_equal(polite_checkpoint(), flags ? POLITE_INTERRUPTED : 0);
    if (flags) assert_int_equal(polite_interrupt_clear(), 1);
  }
  assert_int_equal(polite_request_withdraw(&request), 1);
}

/* A blocked call that is woken for a request which is gone by then goes on as if nothing had happened. */
static void read_one(actor_t *actor) {
  char byte;
  actor->result = polite_read(*(polite_fd *)actor->with, &byte, 1);
}

static void read_until_a_byte_comes(actor_t *actor) {
  for (;;) {
    read_one(actor);
    if (actor->result != POLITE_INTERRUPTED) return;
    ++actor->step;
  }
}

static void a_blocked_call_goes_on(void **state) {
  (void)state;
  polite_fd ends[2];
  int delivered = 0;
  make_pipe(ends);
  actor_t actor;
  start_blocked(&actor, read_until_a_byte_comes, ends, "read");
  for (int i = 0; i < 20000; ++i) {
    polite_request_t request = {0};
    int posted = polite_request_post(&request, actor.thread, 0, 0);
    int withdrawn = polite_request_withdraw(&request);
    if (posted != 0 || withdrawn < 0) fail_msg("posted %d, withdrawn %d", posted, withdrawn);
    delivered += withdrawn;
  }
  assert_int_equal(plain_write(ends[1], "x", 1), 1);
  assert_int_equal(finish(&actor), 1);
  assert_int_equal(actor.step, delivered);
  close_both(ends);
}

static void to_a_thread_that_has_ended(void **state) {
  (void)state;
  polite_fd ends[2];
  make_pipe(ends);
  actor_t actor;
  polite_request_t request = {0}, late = {0};
  start_blocked(&actor, read_one, ends, "read");
  assert_int_equal(polite_request_post(&request, actor.thread, 0, 0), 0);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  assert_int_equal(polite_request_withdraw(&request), POLITE_ESRCH);
  assert_int_equal(polite_request_post(&late, actor.thread, 0, 0), POLITE_ESRCH);
  assert_int_equal(polite_request_withdraw(&late), 0);
  assert_int_equal(polite_request_post(&request, self(), 0, 0), 0); /* as new */
  assert_int_equal(polite_request_withdraw(&request), 0);
  close_both(ends);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(withdrawn_before_delivery),
      TEST(withdrawn_after_delivery),
      TEST(the_others_are_untouched),
      TEST(the_first_reason_whoever_made_it),
      TEST(latched_until_withdrawn),
      TEST(posted_again),
      TEST(as_many_as_promised),
      TEST(latched_another_time),
      TEST(a_blocked_call_goes_on),
      TEST(to_a_thread_that_has_ended),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

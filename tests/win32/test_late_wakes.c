/* A wake that comes when its request has been delivered already, and finds the thread in its next call. */
#include "../hold.h"
#include "pipes.h"

static char received[100];

static void deliver_and_read(actor_t *actor) {
  AWAIT(actor->step == 1);
  CHECK(polite_checkpoint() == POLITE_INTERRUPTED);
  actor->result = polite_read(*(polite_fd *)actor->with, received, sizeof received);
}

/* Rule 7: that call is not ours to cancel, or is made again. */
static void the_next_call_goes_on(void **state) {
  (void)state;
  for (const kind_t *kind = kinds; kind < kinds + KINDS; ++kind) {
    polite_fd ends[2];
    open_kind(kind, ends);
    actor_t reader, shooter;
    start(&reader, deliver_and_read, &ends[0]);
    shot_t shot = {.at = reader.thread};
    start(&shooter, shoot, &shot);
    hold_at(&first, HOOK_REQUEST_SET, shooter.pthread); /* it has posted, and not looked where the reader is */
    shot.go = 1;
    AWAIT(first.holding);
    reader.step = 1;
    AWAIT(is_blocked_in(reader.thread, "read"));
    first.release = 1;
    assert_int_equal(finish(&shooter), 0);
    assert_int_equal(polite_write(ends[1], "abc", 3), 3);
    assert_int_equal(finish(&reader), 3);
    close_both(ends);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {HELD_TEST(the_next_call_goes_on)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

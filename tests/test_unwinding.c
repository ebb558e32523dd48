/* Boundaries, and unwinding to them: what runs, where control goes on, and what is refused. */
#include "broken.h"
#include "handlers.h"
#include "on_top.h"

#include <polite/unwind.h>

static int is_empty_here(void) {
  polite_cleanup_t node = {{0}};
  polite_mark_t mark;
  polite_cleanup_mark(&mark);
  return (uintptr_t)mark.reserved[0] == 0 && polite_cleanup_pop(&node, 0) == POLITE_UNBALANCED;
}

/* --- The three ways in which a call ends ------------------------------------------------------------------------------------ */

static void *give_back(void *argument) { return argument; }

static void *push_and_exit(void *argument) {
  polite_cleanup_t a = {{0}}, b = {{0}};
  polite_cleanup_push(&a, note, letter("a"));
  polite_cleanup_push(&b, note, letter("b"));
  polite_shield_enter();
  polite_exit(argument);
  CHECK(!"comes back");
  return NULL;
}

static void *push_and_unwind(void *argument) {
  (void)argument;
  polite_cleanup_t a = {{0}}, b = {{0}};
  polite_cleanup_push(&a, note, letter("a"));
  polite_cleanup_push(&b, note, letter("b"));
  polite_shield_enter();
  polite_unwind();
  CHECK(!"comes back");
  return NULL;
}

static void a_call_returns_exits_or_is_unwound(void **state) {
  (void)state;
  int here;
  void *result = NULL;
  assert_int_equal(polite_call(give_back, &here, &result), POLITE_RETURNED);
  assert_ptr_equal(result, &here);
  assert_int_equal(polite_call(push_and_exit, &here, &result), POLITE_EXITED);
  assert_ptr_equal(result, &here);
  assert_string_equal(ran, "ba");
  assert_int_equal(polite_call(push_and_unwind, NULL, &result), POLITE_UNWOUND);
  assert_ptr_equal(result, POLITE_CANCELED);
  assert_string_equal(ran, "baba");
  assert_int_equal(inspect(polite_self()).shielded, 0);
  assert_true(is_empty_here());
  assert_int_equal(polite_call(give_back, NULL, NULL), POLITE_RETURNED);
  assert_int_equal(polite_call(NULL, NULL, &result), POLITE_EINVAL);
}

static void *leave_a_shield(void *argument) {
  polite_shield_leave();
  return argument;
}

static void the_shield_depth_is_what_it_was(void **state) {
  (void)state;
  polite_shield_enter();
  polite_shield_enter();
  polite_call(leave_a_shield, NULL, NULL);
  assert_int_equal(inspect(polite_self()).shielded, 2);
  polite_call(push_and_exit, NULL, NULL);
  assert_int_equal(inspect(polite_self()).shielded, 2);
  polite_shield_restore(0);
}

static void without_a_boundary_it_is_refused(void **state) {
  (void)state;
  polite_cleanup_t a = {{0}};
  polite_cleanup_push(&a, note, letter("a"));
  assert_int_equal(polite_unwind(), POLITE_UNBOUNDED);
  assert_int_equal(polite_exit(NULL), POLITE_UNBOUNDED);
  assert_string_equal(ran, "");
  polite_interrupt(polite_self());
  assert_int_equal(polite_checkpoint_or_unwind(), POLITE_INTERRUPTED);  /* told after all */
  assert_int_equal(polite_cleanup_pop(&a, 0), 0);
}

/* --- Nesting ------------------------------------------------------------------------------------------------------------------- */

static void *inner(void *argument) {
  polite_cleanup_t node = {{0}};
  polite_cleanup_push(&node, note, letter("i"));
  polite_checkpoint_or_unwind();
  polite_cleanup_pop(&node, 0);
  return argument;
}

static void *outer(void *argument) {
  polite_cleanup_t node = {{0}};
  void *result;
  polite_cleanup_push(&node, note, letter("o"));
  CHECK(polite_call(inner, argument, &result) == POLITE_UNWOUND && result == POLITE_CANCELED);
  note(letter("-"));
  CHECK(polite_cleanup_pop(&node, 1) == 0);
  return argument;
}

static void an_inner_boundary_absorbs_the_interrupt(void **state) {
  (void)state;
  void *result;
  polite_interrupt_with(polite_self(), 7, 0);
  assert_int_equal(polite_call(outer, &result, &result), POLITE_RETURNED);
  assert_string_equal(ran, "i-o");
  assert_int_equal(polite_interrupt_reason(), 7);
}

static polite_cleanup_t *of_the_outside;
static polite_mark_t *mark_of_the_outside;

static void *reach_out(void *argument) {
  CHECK(polite_cleanup_pop(of_the_outside, 1) == POLITE_UNBALANCED);
  CHECK(polite_cleanup_run(mark_of_the_outside) == POLITE_UNBALANCED);
  return argument;
}

static void what_is_below_a_boundary_is_out_of_reach(void **state) {
  (void)state;
  polite_cleanup_t node = {{0}};
  polite_mark_t mark;
  polite_cleanup_mark(&mark);
  polite_cleanup_push(&node, note, letter("a"));
  of_the_outside = &node;
  mark_of_the_outside = &mark;
  assert_int_equal(polite_call(reach_out, NULL, NULL), POLITE_RETURNED);
  assert_string_equal(ran, "");
  assert_int_equal(polite_cleanup_pop(&node, 1), 0);
}

static void *nest(void *depth_) {
  int *depth = depth_;
  polite_cleanup_t node = {{0}};
  polite_cleanup_push(&node, note, letter("n"));
  if (--*depth == 0) polite_unwind();
  int how = polite_call(nest, depth, NULL);
  CHECK(how == POLITE_UNWOUND);
  polite_unwind();
  return NULL;
}

static void each_boundary_may_pass_it_on(void **state) {
  (void)state;
  int depth = 20;
  assert_int_equal(polite_call(nest, &depth, NULL), POLITE_UNWOUND);
  assert_string_equal(ran, "nnnnnnnnnnnnnnnnnnnn");
}

/* --- Handlers on the way ------------------------------------------------------------------------------------------------------- */

static void exit_with_another(void *result) {
  note(letter("x"));
  polite_exit(result);
}

static void call_and_exit_within(void *argument) {
  void *result;
  CHECK(polite_call(push_and_exit, argument, &result) == POLITE_EXITED && result == argument);
}

static void *unwind_with_difficult_handlers(void *result) {
  polite_cleanup_t nodes[3] = {{{0}}};
  polite_cleanup_push(&nodes[0], note, letter("z"));
  polite_cleanup_push(&nodes[1], exit_with_another, result);
  polite_cleanup_push(&nodes[2], call_and_exit_within, result);
  polite_unwind();
  return NULL;
}

static void a_handler_may_call_and_may_exit(void **state) {
  (void)state;
  int here;
  void *result;
  assert_int_equal(polite_call(unwind_with_difficult_handlers, &here, &result), POLITE_EXITED);
  assert_ptr_equal(result, &here);
  assert_string_equal(ran, "baxz");
  assert_int_equal(inspect(polite_self()).shielded, 0);
}

static void stay_blocked(void *ends) {
  char byte;
  CHECK(polite_read(((polite_fd *)ends)[0], &byte, 1) == 1);
  note(letter("b"));
}

static void *unwind_and_block(void *ends) {
  polite_cleanup_t node = {{0}};
  polite_cleanup_push(&node, stay_blocked, ends);
  polite_nanosleep_or_unwind(INT64_MAX, NULL);
  return NULL;
}

static void call_unwinding(actor_t *actor) { actor->result = polite_call(unwind_and_block, actor->with, NULL); }

static void a_handler_is_not_interrupted(void **state) {
  (void)state;
  polite_fd ends[2];
  make_pipe(ends);
  actor_t actor;
  start_blocked(&actor, call_unwinding, ends, "nanosleep");
  polite_interrupt(actor.thread);
  AWAIT(is_blocked_in(actor.thread, "read"));
  assert_int_equal(polite_interrupt(actor.thread), 0);
  assert_true(is_blocked_in(actor.thread, "read"));
  assert_int_equal(plain_write(ends[1], "x", 1), 1);
  assert_int_equal(finish(&actor), POLITE_UNWOUND);
  assert_string_equal(ran, "b");
  close_both(ends);
}

/* --- On top of a blocked call ---------------------------------------------------------------------------------------------------- */

static atomic_int refused, left_within;

static void *exit_from_here(void *argument) {
  polite_exit(argument);
  return NULL;
}

static void unwind_on_top(int signal) {
  (void)signal;
  refused = polite_unwind() == POLITE_INSIDE && polite_exit(NULL) == POLITE_INSIDE;
  left_within = polite_call(exit_from_here, NULL, NULL) == POLITE_EXITED;
}

static void *read_a_byte(void *ends) {
  char byte;
  return (void *)(intptr_t)polite_read(((polite_fd *)ends)[0], &byte, 1);
}

static void *sleep_long(void *unused) {
  (void)unused;
  return (void *)(intptr_t)polite_nanosleep(INT64_MAX, NULL);
}

static const struct blocked_call {
  void *(*fn)(void *);
  const char *name;
} blocked_calls[] = {{sleep_long, "nanosleep"}, {read_a_byte, "read"}};

static polite_fd read_ends[2];

static void call_blocking(actor_t *actor) {
  const struct blocked_call *call = actor->with;
  void *result;
  CHECK(polite_call(call->fn, read_ends, &result) == POLITE_RETURNED);
  actor->result = (intptr_t)result;
}

static void a_blocked_call_is_not_crossed(void **state) {
  (void)state;
#if UNDER_TSAN
  skip();  /* which does not run a program's handlers while their thread is blocked */
#endif
  make_pipe(read_ends);
  for (int i = 0; i <= ON_TOP_OF_READS; ++i) {
    const struct blocked_call *call = &blocked_calls[i];
    actor_t actor;
    refused = left_within = 0;
    start_blocked(&actor, call_blocking, (void *)(uintptr_t)call, call->name);
    assert_true(run_on_top(actor.pthread, unwind_on_top, 1));
    AWAIT(left_within);
    assert_true(refused);
    AWAIT(is_blocked_in(actor.thread, call->name));  /* and can be interrupted still */
    polite_interrupt(actor.thread);
    assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  }
  close_both(read_ends);
}

/* --- Threads that are not attached ---------------------------------------------------------------------------------------------- */

static void *attach_within(void *argument) {
  polite_shield_enter();
  return argument;
}

static void *call_unattached(void *argument) {
  (void)argument;
  CHECK(polite_call(push_and_exit, NULL, NULL) == POLITE_EXITED);
  CHECK(polite_call(attach_within, NULL, NULL) == POLITE_RETURNED);
  CHECK(polite_shield_leave() == POLITE_UNBALANCED);  /* it was none before */
  polite_interrupt(polite_self());
  CHECK(polite_checkpoint() == POLITE_INTERRUPTED);
  return NULL;
}

static void an_unattached_thread_may_call(void **state) {
  (void)state;
  pthread_t thread;
  pthread_create(&thread, NULL, call_unattached, NULL);
  pthread_join(thread, NULL);
  assert_string_equal(ran, "ba");
}

/* --- Broken programs ------------------------------------------------------------------------------------------------------------- */

static void *return_without_popping(void *argument) {
  static polite_cleanup_t node;
  polite_cleanup_push(&node, note, letter("a"));
  return argument;
}

static int call_what_does_not_pop(void) {
  int here;
  void *result;
  int how = polite_call(return_without_popping, &here, &result);
  return how == POLITE_RETURNED && result == &here && is_empty_here() && ran[0] == 0 ? 0 : 1;
}

static void *unwind_over_an_overwritten_node(void *error) {
  static polite_cleanup_t node;
  polite_cleanup_push(&node, note, letter("a"));
  memset(&node, 0x55, sizeof node);
  *(int *)error = polite_unwind();
  return NULL;
}

static int unwind_a_broken_stack(void) {
  int error = 0;
  polite_call(unwind_over_an_overwritten_node, &error, NULL);
  return error == POLITE_UNBOUNDED && is_empty_here() && ran[0] == 0 ? 0 : 1;
}

static void what_was_not_popped_is_told_and_dropped(void **state) {
  (void)state;
  expect_broken(call_what_does_not_pop, "not popped");
  expect_broken(unwind_a_broken_stack, "overwritten");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      HANDLER_TEST(a_call_returns_exits_or_is_unwound),
      HANDLER_TEST(the_shield_depth_is_what_it_was),
      HANDLER_TEST(without_a_boundary_it_is_refused),
      HANDLER_TEST(an_inner_boundary_absorbs_the_interrupt),
      HANDLER_TEST(what_is_below_a_boundary_is_out_of_reach),
      HANDLER_TEST(each_boundary_may_pass_it_on),
      HANDLER_TEST(a_handler_may_call_and_may_exit),
      HANDLER_TEST(a_handler_is_not_interrupted),
      HANDLER_TEST(a_blocked_call_is_not_crossed),
      HANDLER_TEST(an_unattached_thread_may_call),
      HANDLER_TEST(what_was_not_popped_is_told_and_dropped),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

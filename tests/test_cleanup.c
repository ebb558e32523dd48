/* The cleanup stack: handlers run latest first, once, shielded (rule 5); stretches change hands; what is out of order is refused. */
#include "broken.h"
#include "handlers.h"

/* --- Pushing and popping ------------------------------------------------------------------------------------------------------ */

static void popping_runs_the_handler_or_not(void **state) {
  (void)state;
  polite_cleanup_t a = {{0}}, b = {{0}};
  assert_int_equal(polite_cleanup_push(&a, note, letter("a")), 0);
  assert_int_equal(polite_cleanup_push(&b, note, letter("b")), 0);
  assert_int_equal(polite_cleanup_pop(&b, 0), 0);
  assert_string_equal(ran, "");
  assert_int_equal(polite_cleanup_pop(&a, 1), 0);
  assert_string_equal(ran, "a");
}

static void a_node_may_be_used_again(void **state) {
  (void)state;
  polite_cleanup_t a = {{0}};
  for (int i = 0; i < 3; ++i) {
    assert_int_equal(polite_cleanup_push(&a, note, letter("a")), 0);
    assert_int_equal(polite_cleanup_pop(&a, i != 1), 0);
  }
  assert_string_equal(ran, "aa");
}

static void an_allocated_node_is_popped_like_any(void **state) {
  (void)state;
  polite_cleanup_t *a, *b;
  assert_int_equal(polite_cleanup_push_new(&a, note, letter("a")), 0);
  assert_int_equal(polite_cleanup_push_new(&b, note, letter("b")), 0);
  assert_int_equal(polite_cleanup_pop(a, 1), POLITE_UNBALANCED);
  assert_int_equal(polite_cleanup_pop(b, 1), 0);
  assert_int_equal(polite_cleanup_pop(a, 0), 0);
  assert_string_equal(ran, "b");
}

static void bad_input_changes_nothing(void **state) {
  (void)state;
  polite_cleanup_t a = {{0}}, b = {{0}}, never = {{0}};
  polite_mark_t mark;
  assert_int_equal(polite_cleanup_push(NULL, note, NULL), POLITE_EINVAL);
  assert_int_equal(polite_cleanup_push(&a, NULL, NULL), POLITE_EINVAL);
  assert_int_equal(polite_cleanup_push_new(NULL, NULL, NULL), POLITE_EINVAL);
  assert_int_equal(polite_cleanup_pop(NULL, 1), POLITE_EINVAL);
  assert_int_equal(polite_cleanup_mark(NULL), POLITE_EINVAL);
  assert_int_equal(polite_cleanup_run(NULL), POLITE_EINVAL);
  assert_int_equal(polite_cleanup_take(NULL, &mark), POLITE_EINVAL);
  assert_int_equal(polite_cleanup_put(NULL), POLITE_EINVAL);
  assert_int_equal(polite_cleanup_run_stretch(NULL), POLITE_EINVAL);
  assert_int_equal(polite_cleanup_forget(NULL), POLITE_EINVAL);
  assert_int_equal(polite_cleanup_pop(&a, 1), POLITE_UNBALANCED);  /* of an empty stack */
  assert_int_equal(polite_cleanup_push(&a, note, letter("a")), 0);
  assert_int_equal(polite_cleanup_push(&a, note, letter("x")), POLITE_EALREADY);
  assert_int_equal(polite_cleanup_push(&b, note, letter("b")), 0);
  assert_int_equal(polite_cleanup_push(&a, note, letter("x")), POLITE_EALREADY);
  assert_int_equal(polite_cleanup_pop(&a, 1), POLITE_UNBALANCED);  /* not on top */
  assert_int_equal(polite_cleanup_pop(&never, 1), POLITE_UNBALANCED);
  assert_string_equal(ran, "");
  assert_int_equal(polite_cleanup_pop(&b, 1), 0);
  assert_int_equal(polite_cleanup_pop(&b, 1), POLITE_UNBALANCED);
  assert_int_equal(polite_cleanup_pop(&a, 1), 0);
  assert_string_equal(ran, "ba");
}

/* --- Handlers ----------------------------------------------------------------------------------------------------------------- */

static void find_myself_shielded(void *depth) {
  polite_thread_info_t info = inspect(polite_self());
  *(int *)depth = (int)info.shielded;
  CHECK(polite_checkpoint() == 0);  /* though one is pending */
  polite_shield_enter();            /* not left: that must not concern the next handler */
}

static void handlers_are_shielded_each_for_itself(void **state) {
  (void)state;
  int depths[3] = {-1, -1, -1};
  polite_cleanup_t nodes[3] = {{{0}}};
  polite_mark_t mark;
  polite_interrupt(polite_self());
  polite_cleanup_mark(&mark);
  for (int i = 0; i < 3; ++i) polite_cleanup_push(&nodes[i], find_myself_shielded, &depths[i]);
  polite_cleanup_pop(&nodes[2], 1);
  assert_int_equal(polite_cleanup_run(&mark), 0);
  for (int i = 0; i < 3; ++i) assert_int_equal(depths[i], 1);
  assert_int_equal(inspect(polite_self()).shielded, 0);
  assert_int_equal(polite_checkpoint(), POLITE_INTERRUPTED);
}

/* A handler that pushes one that stays, and one that it pops. */
static void push_more(void *node) {
  polite_cleanup_t brief = {{0}};
  CHECK(polite_cleanup_push(&brief, note, letter("x")) == 0);
  CHECK(polite_cleanup_pop(&brief, 1) == 0);
  if (node) CHECK(polite_cleanup_push(node, note, letter("y")) == 0);
}

static void a_handler_may_push_and_pop(void **state) {
  (void)state;
  static polite_cleanup_t a, b, left;
  polite_mark_t mark;
  polite_cleanup_mark(&mark);
  polite_cleanup_push(&a, note, letter("a"));
  polite_cleanup_push(&b, push_more, &left);
  assert_int_equal(polite_cleanup_run(&mark), 0);
  assert_string_equal(ran, "xya");
}

typedef struct object {
  int content;
  polite_cleanup_t node;
} object_t;

static void destroy(void *object) {
  note(letter("d"));
  memset(object, 0xee, sizeof(object_t));
  free(object);
}

static void a_handler_may_be_the_last_user_of_its_node(void **state) {
  (void)state;
  polite_mark_t mark;
  polite_cleanup_mark(&mark);
  for (int i = 0; i < 3; ++i) {
    object_t *object = calloc(1, sizeof *object);
    polite_cleanup_push(&object->node, destroy, object);
  }
  assert_int_equal(polite_cleanup_run(&mark), 0);
  assert_string_equal(ran, "ddd");
  object_t *object = calloc(1, sizeof *object);
  polite_cleanup_push(&object->node, destroy, object);
  assert_int_equal(polite_cleanup_pop(&object->node, 1), 0);
}

static void block(void *ends) {
  char byte;
  CHECK(polite_read(((polite_fd *)ends)[0], &byte, 1) == 1);
}

static void clean_up_blocking(actor_t *actor) {
  polite_cleanup_t node = {{0}};
  polite_cleanup_push(&node, block, actor->with);
  actor->result = polite_cleanup_pop(&node, 1);
  CHECK(polite_checkpoint() == POLITE_INTERRUPTED);
}

static void a_handler_may_block_and_is_not_interrupted(void **state) {
  (void)state;
  polite_fd ends[2];
  make_pipe(ends);
  actor_t actor;
  start_blocked(&actor, clean_up_blocking, ends, "read");
  assert_int_equal(polite_interrupt(actor.thread), 0);
  assert_true(is_blocked_in(actor.thread, "read"));
  assert_int_equal(plain_write(ends[1], "x", 1), 1);
  assert_int_equal(finish(&actor), 0);
  close_both(ends);
}

static int counted;
static void count(void *expected) {
  CHECK((intptr_t)expected == counted);
  --counted;
}

/* On a stack that would not hold a frame for each. */
static void run_a_million(actor_t *actor) {
  enum { MANY = 1000000 };
  polite_mark_t mark;
  polite_cleanup_mark(&mark);
  for (intptr_t i = 1; i <= MANY; ++i) CHECK(polite_cleanup_push_new(NULL, count, (void *)i) == 0);
  counted = MANY;
  actor->result = polite_cleanup_run(&mark);
}

static void a_million_handlers_run_without_recursion(void **state) {
  (void)state;
  actor_t actor;
  start(&actor, run_a_million, NULL);
  assert_int_equal(finish(&actor), 0);
  assert_int_equal(counted, 0);
}

/* --- Marks -------------------------------------------------------------------------------------------------------------------- */

static void a_mark_runs_what_is_above_it(void **state) {
  (void)state;
  polite_cleanup_t a = {{0}}, b = {{0}}, c = {{0}};
  polite_mark_t low, high;
  polite_cleanup_push(&a, note, letter("a"));
  polite_cleanup_mark(&low);
  polite_cleanup_push(&b, note, letter("b"));
  polite_cleanup_mark(&high);
  polite_cleanup_push(&c, note, letter("c"));
  assert_int_equal(polite_cleanup_run(&high), 0);
  assert_string_equal(ran, "c");
  assert_int_equal(polite_cleanup_run(&high), 0);  /* nothing is above it now */
  polite_cleanup_push(&c, note, letter("C"));
  assert_int_equal(polite_cleanup_run(&low), 0);
  assert_string_equal(ran, "cCb");
  assert_int_equal(polite_cleanup_run(&high), POLITE_UNBALANCED);  /* the stack has been lower since */
  assert_int_equal(polite_cleanup_pop(&a, 1), 0);
  assert_int_equal(polite_cleanup_run(&low), POLITE_UNBALANCED);
  assert_string_equal(ran, "cCba");
}

static void run_anothers_mark(actor_t *actor) { actor->result = polite_cleanup_run(actor->with); }

static void a_mark_belongs_to_its_thread(void **state) {
  (void)state;
  polite_cleanup_t a = {{0}};
  polite_mark_t mark;
  polite_cleanup_mark(&mark);
  polite_cleanup_push(&a, note, letter("a"));
  actor_t actor;
  start(&actor, run_anothers_mark, &mark);
  assert_int_equal(finish(&actor), POLITE_EPERM);
  assert_string_equal(ran, "");
  polite_cleanup_pop(&a, 0);
}

/* --- Stretches ---------------------------------------------------------------------------------------------------------------- */

static void push_three(polite_mark_t *mark, polite_cleanup_t nodes[3]) {
  polite_cleanup_mark(mark);
  polite_cleanup_push(&nodes[0], note, letter("a"));
  polite_cleanup_push_new(NULL, note, letter("b"));
  polite_cleanup_push(&nodes[2], note, letter("c"));
}

static void a_stretch_is_kept_or_given_back_as_a_whole(void **state) {
  (void)state;
  polite_cleanup_t nodes[3] = {{{0}}}, beneath = {{0}};
  polite_stretch_t stretch = {{0}};
  polite_mark_t mark;
  polite_cleanup_push(&beneath, note, letter("z"));
  push_three(&mark, nodes);
  assert_int_equal(polite_cleanup_take(&stretch, &mark), 0);
  assert_int_equal(polite_cleanup_run(&mark), 0);  /* it is not on the stack any more */
  assert_string_equal(ran, "");
  assert_int_equal(polite_cleanup_push(&nodes[0], note, letter("x")), POLITE_EALREADY);
  assert_int_equal(polite_cleanup_run_stretch(&stretch), 0);
  assert_string_equal(ran, "cba");
  assert_int_equal(polite_cleanup_run_stretch(&stretch), 0);
  push_three(&mark, nodes);
  assert_int_equal(polite_cleanup_take(&stretch, &mark), 0);
  assert_int_equal(polite_cleanup_forget(&stretch), 0);
  assert_int_equal(polite_cleanup_push(&nodes[0], note, letter("x")), 0);  /* a forgotten node is free again */
  assert_int_equal(polite_cleanup_pop(&nodes[0], 0), 0);
  assert_int_equal(polite_cleanup_pop(&beneath, 1), 0);
  assert_string_equal(ran, "cbaz");
}

static void a_stretch_grows_at_its_top(void **state) {
  (void)state;
  polite_cleanup_t first[3] = {{{0}}}, second = {{0}};
  polite_stretch_t stretch = {{0}};
  polite_mark_t mark;
  push_three(&mark, first);
  assert_int_equal(polite_cleanup_take(&stretch, &mark), 0);
  assert_int_equal(polite_cleanup_take(&stretch, &mark), 0);  /* of nothing */
  polite_cleanup_push(&second, note, letter("d"));
  assert_int_equal(polite_cleanup_take(&stretch, &mark), 0);
  assert_int_equal(polite_cleanup_put(&stretch), 0);
  assert_int_equal(polite_cleanup_put(&stretch), 0);
  assert_int_equal(polite_cleanup_run(&mark), 0);
  assert_string_equal(ran, "dcba");
}

static void adopt_and_run(actor_t *actor) {
  polite_mark_t mark;
  polite_cleanup_mark(&mark);
  polite_cleanup_put(actor->with);
  actor->result = polite_cleanup_run(&mark);
}

static void another_thread_may_own_it(void **state) {
  (void)state;
  static polite_cleanup_t nodes[3];
  polite_stretch_t stretch = {{0}};
  polite_mark_t mark;
  push_three(&mark, nodes);
  assert_int_equal(polite_cleanup_take(&stretch, &mark), 0);
  actor_t actor;
  start(&actor, adopt_and_run, &stretch);
  assert_int_equal(finish(&actor), 0);
  assert_string_equal(ran, "cba");
}

/* --- Threads and signals -------------------------------------------------------------------------------------------------------- */

static void *push_unattached(void *argument) {
  (void)argument;
  polite_cleanup_t a = {{0}};
  CHECK(polite_cleanup_push(&a, note, letter("a")) == 0);
  CHECK(polite_cleanup_pop(&a, 1) == 0);
  for (polite_thread_t thread = 0; (thread = polite_thread_next(thread));)
    CHECK(inspect(thread).system_id != my_system_id());
  return NULL;
}

static void it_does_not_attach(void **state) {
  (void)state;
  pthread_t thread;
  pthread_create(&thread, NULL, push_unattached, NULL);
  pthread_join(thread, NULL);
  assert_string_equal(ran, "a");
}

#if defined _WIN32
NOT_ON_WINDOWS(a_signal_handler_may_use_it, "there are no signal handlers")
#else
static void in_handler(int signal) {
  (void)signal;
  polite_cleanup_t node = {{0}};
  CHECK(polite_cleanup_push(&node, note, letter("s")) == 0);
  CHECK(polite_cleanup_pop(&node, 1) == 0);
}

static void a_signal_handler_may_use_it(void **state) {
  (void)state;
  polite_cleanup_t a = {{0}};
  struct sigaction action = {.sa_handler = in_handler}, before;
  sigaction(SIGUSR1, &action, &before);
  polite_cleanup_push(&a, note, letter("a"));
  raise(SIGUSR1);
  assert_int_equal(polite_cleanup_pop(&a, 1), 0);
  assert_string_equal(ran, "sa");
  sigaction(SIGUSR1, &before, NULL);
}
#endif

/* --- Broken programs ----------------------------------------------------------------------------------------------------------- */

static int run_what_was_overwritten(void) {
  static polite_cleanup_t low, high;
  polite_mark_t mark;
  polite_cleanup_mark(&mark);
  polite_cleanup_push(&low, note, letter("a"));
  polite_cleanup_push(&high, note, letter("b"));
  memset(&high, 0x55, sizeof high);  /* what becomes of a frame that has been left */
  return polite_cleanup_run(&mark) == POLITE_UNBALANCED && ran[0] == 0 ? 0 : 1;
}

static int pop_what_was_overwritten(void) {
  static polite_cleanup_t node;
  polite_cleanup_push(&node, note, letter("a"));
  memset(&node, 0x55, sizeof node);
  return polite_cleanup_pop(&node, 1) == POLITE_UNBALANCED && ran[0] == 0 ? 0 : 1;
}

static void an_overwritten_node_is_not_believed(void **state) {
  (void)state;
  expect_broken(run_what_was_overwritten, "overwritten");
  expect_broken(pop_what_was_overwritten, "overwritten");
}

static void pop_beneath(void *node) { CHECK(polite_cleanup_pop(node, 0) == 0); }

static int pop_the_mark_from_a_handler(void) {
  static polite_cleanup_t lowest, low, high;
  polite_mark_t mark;
  polite_cleanup_push(&lowest, note, letter("z"));
  polite_cleanup_push(&low, note, letter("a"));
  polite_cleanup_mark(&mark);
  polite_cleanup_push(&high, pop_beneath, &low);
  polite_cleanup_run(&mark);
  return ran[0] != 0;  /* nothing from beneath the mark */
}

static void a_handler_that_pops_beneath_itself_is_told(void **state) {
  (void)state;
  expect_broken(pop_the_mark_from_a_handler, "beneath");
}

static int run_a_copy(void) {
  static polite_cleanup_t nodes[3];
  polite_stretch_t stretch = {{0}};
  polite_mark_t mark;
  push_three(&mark, nodes);
  polite_cleanup_take(&stretch, &mark);
  polite_stretch_t copy = stretch;
  polite_cleanup_forget(&stretch);
  return polite_cleanup_run_stretch(&copy) != 0 || ran[0] != 0;
}

static void a_stretch_does_not_live_twice(void **state) {
  (void)state;
  expect_broken(run_a_copy, "in a stretch");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      HANDLER_TEST(popping_runs_the_handler_or_not),
      HANDLER_TEST(a_node_may_be_used_again),
      HANDLER_TEST(an_allocated_node_is_popped_like_any),
      HANDLER_TEST(bad_input_changes_nothing),
      HANDLER_TEST(handlers_are_shielded_each_for_itself),
      HANDLER_TEST(a_handler_may_push_and_pop),
      HANDLER_TEST(a_handler_may_be_the_last_user_of_its_node),
      HANDLER_TEST(a_handler_may_block_and_is_not_interrupted),
      HANDLER_TEST(a_million_handlers_run_without_recursion),
      HANDLER_TEST(a_mark_runs_what_is_above_it),
      HANDLER_TEST(a_mark_belongs_to_its_thread),
      HANDLER_TEST(a_stretch_is_kept_or_given_back_as_a_whole),
      HANDLER_TEST(a_stretch_grows_at_its_top),
      HANDLER_TEST(another_thread_may_own_it),
      HANDLER_TEST(it_does_not_attach),
      HANDLER_TEST(a_signal_handler_may_use_it),
      HANDLER_TEST(an_overwritten_node_is_not_believed),
      HANDLER_TEST(a_handler_that_pops_beneath_itself_is_told),
      HANDLER_TEST(a_stretch_does_not_live_twice),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Scopes: functions that get things and call other scopes, plainly or within a boundary. Each has one of two styles, by chance:
 * an interrupt makes it run its handlers down to its mark and return an error, or makes it unwind. */
#include "unwind_at_random.h"

#include <string.h>

enum { DEEPEST = 3, THINGS = 3 };

struct call_of_scope {
  struct actor *actor;
  int depth, held;
};

static int scope(struct actor *actor, int depth, int held);

/* --- Leaving --------------------------------------------------------------------------------------------------------------- */

_Noreturn static void unwind(struct actor *actor) {
  actor->leaving = actor->boundary;
  ++actor->unwound;
  int said = polite_unwind();
  fail("polite_unwind returned %s", polite_error_name(said));
}

_Noreturn static void leave(struct actor *actor) {
  actor->leaving = actor->boundary;
  ++actor->exited;
  int said = polite_exit(actor);
  fail("polite_exit returned %s", polite_error_name(said));
}

static int give_up(struct actor *actor, const polite_mark_t *mark) {
  if (random_once_in(&actor->worker->random, 2)) unwind(actor);
  ++actor->returned;
  REQUIRE(polite_cleanup_run(mark) == 0);
  return POLITE_INTERRUPTED;
}

/* --- Boundaries ------------------------------------------------------------------------------------------------------------ */

/* An error that nobody inside has handled becomes the result. */
static void *scope_within_boundary(void *call_) {
  struct call_of_scope *call = call_;
  return scope(call->actor, call->depth, call->held) == 0 ? call_ : NULL;
}

static void judge_end(struct actor *actor, int how, const void *result, const struct call_of_scope *call) {
  switch (how) {
    case POLITE_RETURNED: REQUIRE(!actor->leaving && (result == call || !result)); break;
    case POLITE_EXITED: REQUIRE(actor->leaving == actor->boundary && result == actor); break;
    case POLITE_UNWOUND: REQUIRE(actor->leaving == actor->boundary && result == POLITE_CANCELED); break;
    default: fail("polite_call said %s", polite_error_name(how));
  }
}

static int shields(void) {
  int depth = polite_shield_enter();
  REQUIRE(depth >= 0 && polite_shield_leave() == depth + 1);
  return depth;
}

/* 0, or POLITE_INTERRUPTED if the scope inside was left by an interrupt. */
static int call_scope(struct actor *actor, int depth, int held) {
  struct call_of_scope call = {actor, depth, held};
  polite_mark_t before, after;
  void *result;
  int outer = actor->boundary, shields_before = shields();
  bool deaf = actor->deaf;
  REQUIRE(polite_cleanup_mark(&before) == 0);
  actor->boundary = (int)++actor->boundaries;
  int how = polite_call(scope_within_boundary, &call, &result);
  judge_end(actor, how, result, &call);
  actor->leaving = 0;
  actor->boundary = outer;
  actor->deaf = deaf;
  REQUIRE(polite_cleanup_mark(&after) == 0 && memcmp(&before, &after, sizeof before) == 0);
  REQUIRE(shields() == shields_before);
  return how == POLITE_UNWOUND || !result ? POLITE_INTERRUPTED : 0;
}

static bool absorbs(struct actor *actor) {
  bool absorbed = random_once_in(&actor->worker->random, 2);
  actor->absorbed += absorbed;
  return absorbed;
}

/* --- Scopes ---------------------------------------------------------------------------------------------------------------- */

static int inside(struct actor *actor, int depth, int held) {
  struct random *random = &actor->worker->random;
  int error = 0;
  for (unsigned steps = random_below(random, 3); steps > 0 && error == 0; --steps) {
    if (depth >= DEEPEST || random_once_in(random, 3)) {
      error = wait_somehow(actor);
    } else if (random_once_in(random, 2)) {
      error = scope(actor, depth + 1, held);
    } else {
      error = call_scope(actor, depth + 1, held);
    }
    if (error && depth < DEEPEST && absorbs(actor)) error = 0;
  }
  return error;
}

static int fill(struct actor *actor, struct thing *things, int depth, int held, int *count) {
  int error = 0;
  for (int most = (int)random_below(&actor->worker->random, THINGS + 1); *count < most && error == 0;) {
    error = hold(actor, &things[*count], held + *count);
    if (error) return error;
    ++*count;
    error = inside(actor, depth, held + *count);
  }
  return error;
}

/* Where nothing went wrong: one by one, or all at once, or by way of a stretch, which changes hands and back. */
static void end_well(struct actor *actor, struct thing *things, int count, const polite_mark_t *mark) {
  polite_stretch_t stretch = {{0}};
  switch (random_below(&actor->worker->random, 4)) {
    case 0: REQUIRE(polite_cleanup_run(mark) == 0); break;
    case 1:
      REQUIRE(polite_cleanup_take(&stretch, mark) == 0);
      REQUIRE(polite_cleanup_run_stretch(&stretch) == 0);
      break;
    case 2:
      REQUIRE(polite_cleanup_take(&stretch, mark) == 0);
      REQUIRE(polite_cleanup_put(&stretch) == 0);
      REQUIRE(polite_cleanup_run(mark) == 0);
      break;
    default:
      while (count > 0) pop(&things[--count]);
      break;
  }
  for (int i = 0; i < count; ++i) REQUIRE(things[i].given_back);
}

/* A shield is left by the one who entered it, unless a boundary does. */
static int fill_deaf(struct actor *actor, struct thing *things, int depth, int held, int *count) {
  bool deaf = actor->deaf;
  int before = polite_shield_enter();
  REQUIRE(before >= 0);
  actor->deaf = true;
  int error = fill(actor, things, depth, held, count);
  REQUIRE(error == 0);
  if (random_once_in(&actor->worker->random, 4)) leave(actor);
  actor->deaf = deaf;
  REQUIRE(polite_shield_restore(before) == before + 1);
  return error;
}

static int scope(struct actor *actor, int depth, int held) {
  struct thing things[THINGS];
  polite_mark_t mark;
  int count = 0, error;
  REQUIRE(polite_cleanup_mark(&mark) == 0);
  if (random_once_in(&actor->worker->random, 8)) error = fill_deaf(actor, things, depth, held, &count);
  else error = fill(actor, things, depth, held, &count);
  if (error) return give_up(actor, &mark);
  if (random_once_in(&actor->worker->random, 32)) leave(actor);
  end_well(actor, things, count, &mark);
  return 0;
}

void act(struct actor *actor) {
  call_scope(actor, 0, 0);
  REQUIRE(actor->boundary == 0 && shields() == 0);
}

/* Interrupters: threads that do nothing but interrupt others, in every way there is. Every second one has attached itself. */
#include "stress.h"

static void try_the_dead(struct random *random) {
  struct life *life = life_numbered(random_below(random, lives()));
  if (life && atomic_load(&life->joined)) require_dead(life);
}

static void look_at(struct life *life) {
  polite_thread_info_t info = {.size = sizeof info};
  bool joined = atomic_load(&life->joined);
  int said = polite_thread_inspect(life->handle, &info);
  REQUIRE(said == 0 ? !joined : said == POLITE_ESRCH && atomic_load(&life->ending));
}

static void walk(void) {
  int seen = 0;
  for (polite_thread_t thread = 0; (thread = polite_thread_next(thread)) != 0;) ++seen;
  REQUIRE(seen > 0);
}

/* Waits, for some microseconds, until the thread is about to enter a call: so that many interrupts come within the few
 * nanoseconds in which the order of two stores decides. */
static void take_aim(struct life *life) {
  unsigned seen = atomic_load(&life->calls);
  for (int spins = 0; spins < 3000 && atomic_load(&life->calls) == seen; ++spins) continue;
}

static bool interrupt_somebody(struct random *random) {
  if (random_once_in(random, 50)) return post_interrupt(bystander, random);
  struct life *life = life_at_random(random);
  if (!life) return false;
  switch (random_below(random, 16)) {
    case 0: try_the_dead(random); return false;
    case 1: look_at(life); return false;
    case 2: case 3: case 4: return post_object(life, random);
    case 5: case 6: return withdraw_object(life, random);
    case 7: return fight_for_object(life, random);
    case 8: if (random_once_in(random, 16)) walk(); return false;
    case 9: case 10: case 11: take_aim(life); return post_interrupt(life, random);
    default: return post_interrupt(life, random);
  }
}

void *interrupter(void *number_) {
  unsigned number = (unsigned)(uintptr_t)number_;
  struct random random = random_for(number, 4);
  if (number % 2) REQUIRE(polite_self() != 0);
  for (unsigned idle = 0; !atomic_load(&stopping) || life_in_slot((unsigned)options.threads);) {
    idle = interrupt_somebody(&random) ? 0 : idle + 1;
    if (idle > 8 || random_once_in(&random, 4)) pause_ns((long)random_below(&random, 60000));
  }
  return NULL;
}

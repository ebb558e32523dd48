/* Lives, and the account of the interrupts of each.
 *
 * What is exact. All requests of a thread are bits of one word, and each of these changes it by one atomic operation:
 *
 *   a post      sets a bit. It says 0 if no request was pending before, 1 if one was: so the posts that say 0 are the times that
 *               the word went from "nothing pending" to "pending". 2 ("cannot be woken now") does not tell which of the two it
 *               was: those are the slack of the account. There are few.
 *   a delivery  clears all bits (but latched ones)
 *   a clear     clears all bits; it says 1 if there were any
 *   a withdraw  clears one bit, and says 0 if it was set; it does not tell whether that was the last one
 *   the end     of the thread takes what is pending with it. A quiet end closes the account before: it keeps
 *               posters out, waits for those at work, and clears.
 *
 * So for each life without latched requests, when nobody posts any more:
 *
 *   new <= delivered + cleared + withdrawn + (1 if it ended loudly)           else a request or its wake was lost
 *   delivered + cleared <= new + deaf                                         else something was delivered twice, or out of thin air
 *
 * Most lives have no objects, and hence no withdrawals: there, but for the deaf ones, both sides are equal. Besides, each
 * post has a reason of its own in its life, and a delivery tells the reason of the first: a *named* delivery. The ledger says of each
 * reason what became of it, and
 *
 *   - a reason is delivered once, unless latched; after the thread has cleared it, never again;
 *   - it is one that was posted with success; in a life without objects, one that did not say "1";
 *   - it is not one that was withdrawn.
 *
 * A delivery is not named if a handler on the same thread had one at the same time: then the reason may be the handler's.
 *
 * In a life that is ONE_AT_A_TIME nobody posts before the last interrupt has ended, so that no later wake covers up for one that was lost,
 * and "1" is an error. Many such lives get no foreign signal either, and sit in calls that nothing else will end. */
#include "stress.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 64, MOST_LIVES = 1 << 15 };

/* What the ledger says of a reason. */
enum { SAID_NEW = 1, SAID_AGAIN = 2, SAID_DEAF = 4, SAID_DEAD = 8, DELIVERED = 16, WITHDRAWN = 32, GONE = 64 };

atomic_long all_delivered, all_ended;

static struct life *_Atomic table[MOST_LIVES];
static struct life *_Atomic slots[SLOTS];
static atomic_uint count;

_Thread_local struct life *own_life;

/* --- The table ------------------------------------------------------------------------------------------------------------ */

struct life *life_new(unsigned slot, unsigned kind) {
  struct life *life = calloc(1, sizeof *life);
  REQUIRE(life != NULL && slot < SLOTS);
  life->number = atomic_load(&count);
  life->slot = slot;
  life->kind = kind;
  life->random = random_for(life->number, 1);
  life->handler_random = random_for(life->number, 2);
  life->last_reason = -1;
  life->doing = "being born";
  atomic_store(&life->next_reason, 1);
  atomic_store(&table[life->number], life);
  atomic_store(&count, life->number + 1);
  return life;
}

unsigned lives(void) { return atomic_load(&count); }
bool lives_used_up(void) { return lives() >= MOST_LIVES - SLOTS; }
struct life *life_numbered(unsigned number) { return atomic_load(&table[number]); }
struct life *life_in_slot(unsigned slot) { return atomic_load(&slots[slot]); }
struct life *life_at_random(struct random *random) { return life_in_slot(random_below(random, (unsigned)options.threads)); }

void life_begin(struct life *life, polite_thread_t handle) {
  REQUIRE(handle != 0);
  life->handle = handle;
  own_life = life;
  atomic_store(&slots[life->slot], life);
}

void life_leave_slot(struct life *life) {
  struct life *expected = life;
  atomic_compare_exchange_strong(&slots[life->slot], &expected, NULL);
}

/* --- Posting -------------------------------------------------------------------------------------------------------------- */

/* Keeps the account open; false if it is closed. */
static bool enter_account(struct life *life) {
  atomic_fetch_add(&life->posting, 1);
  if (!atomic_load(&life->closed)) return true;
  atomic_fetch_sub(&life->posting, 1);
  return false;
}

static void leave_account(struct life *life) { atomic_fetch_sub(&life->posting, 1); }

/* A reason of its own, or 0 when they are used up: such a post is counted, but not named. */
static int new_reason(struct life *life) {
  if (atomic_load(&life->next_reason) >= LEDGER) return 0;
  unsigned reason = atomic_fetch_add(&life->next_reason, 1);
  return reason < LEDGER ? (int)reason : 0;
}

static void enter_in_ledger(struct life *life, int reason, unsigned char what) {
  if (reason > 0) atomic_fetch_or(&life->ledger[reason], what);
}

/* The books for what a post said. `joined` is from before the post. */
static void note_post(struct life *life, int reason, int said, bool joined) {
  switch (said) {
    case 0: atomic_fetch_add(&life->posted_new, 1); enter_in_ledger(life, reason, SAID_NEW); break;
    case 1: atomic_fetch_add(&life->posted_again, 1); enter_in_ledger(life, reason, SAID_AGAIN); break;
    case 2: atomic_fetch_add(&life->posted_deaf, 1); enter_in_ledger(life, reason, SAID_DEAF); break;
    case POLITE_ESRCH:
      enter_in_ledger(life, reason, SAID_DEAD);
      if (!atomic_load(&life->ending)) fail("life %u: a living thread was no such thread", life->number);
      return;
    default: fail("life %u: a post said %d (%s)", life->number, said, polite_error_name(said));
  }
  if (joined) fail("life %u: an interrupt was sent to a thread that had ended", life->number);
  if (said == 1 && life->kind & ONE_AT_A_TIME) fail("life %u: one was pending already, but all had ended", life->number);
}

bool post_interrupt(struct life *life, struct random *random) {
  if (!enter_account(life)) return false;
  bool expected = false;
  if (life->kind & ONE_AT_A_TIME && !atomic_compare_exchange_strong(&life->outstanding, &expected, true)) {
    leave_account(life);
    return false;
  }
  bool joined = atomic_load(&life->joined);
  bool latched = life->kind & WITH_LATCHED && random_once_in(random, 8);
  int reason = latched || !random_once_in(random, 16) ? new_reason(life) : 0;
  int said = reason || latched ? polite_interrupt_with(life->handle, reason, latched ? POLITE_LATCHED : 0)
                               : polite_interrupt(life->handle);
  note_post(life, reason, said, joined);
  leave_account(life);
  return said >= 0;
}

/* --- Request objects ------------------------------------------------------------------------------------------------------ */

static bool take_object(struct object *object) { return !atomic_exchange(&object->busy, true); }
static void let_go_of_object(struct object *object) { atomic_store(&object->busy, false); }

static void post_taken(struct life *life, struct object *object, struct random *random) {
  bool joined = atomic_load(&life->joined);
  unsigned flags = life->kind & WITH_LATCHED && random_once_in(random, 8) ? POLITE_LATCHED : 0;
  int reason = new_reason(life);
  int said = polite_request_post(&object->request, life->handle, reason, flags);
  if (said == POLITE_EALREADY) {
    if (!object->posted) fail("life %u: an object that is free was posted already", life->number);
    return;
  }
  note_post(life, reason, said, joined);
  if (said < 0) return;
  object->posted = true;
  object->reason = reason;
}

bool post_object(struct life *life, struct random *random) {
  if (!(life->kind & WITH_OBJECTS) || !enter_account(life)) return false;
  struct object *object = &life->objects[random_below(random, OBJECTS)];
  bool taken = take_object(object);
  if (taken) {
    post_taken(life, object, random);
    let_go_of_object(object);
  }
  leave_account(life);
  return taken;
}

static void withdraw_taken(struct life *life, struct object *object) {
  int said = polite_request_withdraw(&object->request);
  if (said == 1 && !object->posted) fail("life %u: an object that was never posted has been delivered", life->number);
  if (said == POLITE_ESRCH && !atomic_load(&life->ending)) fail("life %u: its object says that it ended", life->number);
  if (said < 0 && said != POLITE_ESRCH) fail("life %u: a withdrawal said %s", life->number, polite_error_name(said));
  if (said == 0 && object->posted) {
    atomic_fetch_add(&life->withdrawn, 1);
    enter_in_ledger(life, object->reason, WITHDRAWN);
    atomic_fetch_add(&all_ended, 1);
  }
  object->posted = false;
}

bool withdraw_object(struct life *life, struct random *random) {
  if (!(life->kind & WITH_OBJECTS) || !enter_account(life)) return false;
  struct object *object = &life->objects[random_below(random, OBJECTS)];
  bool taken = take_object(object);
  if (taken) {
    withdraw_taken(life, object);
    let_go_of_object(object);
  }
  leave_account(life);
  return taken;
}

/* One object that nobody takes for himself. Its withdrawals may be of nothing, so they only widen the account. */
bool fight_for_object(struct life *life, struct random *random) {
  if (!(life->kind & WITH_OBJECTS) || !enter_account(life)) return false;
  if (random_once_in(random, 2)) {
    int reason = new_reason(life);
    bool joined = atomic_load(&life->joined);
    int said = polite_request_post(&life->contested, life->handle, reason, 0);
    if (said != POLITE_EALREADY) note_post(life, reason, said, joined);
  } else {
    int said = polite_request_withdraw(&life->contested);
    if (said == 0) atomic_fetch_add(&life->withdrawn, 1);
    else if (said < 0 && said != POLITE_EALREADY && said != POLITE_ESRCH) fail("a withdrawal said %s", polite_error_name(said));
  }
  leave_account(life);
  return true;
}

/* --- Receiving ------------------------------------------------------------------------------------------------------------ */

static void ended_one(struct life *life) {
  atomic_store(&life->outstanding, false);
  atomic_fetch_add(&all_ended, 1);
}

unsigned deliveries_before(struct life *life) { return atomic_load(&life->deliveries_seen); }

/* Delivered before: a latched one, or an error. */
static void note_repetition(struct life *life, int reason, unsigned char known) {
  if (!(life->kind & WITH_LATCHED)) fail("life %u: interrupt %d was delivered twice", life->number, reason);
  if (known & GONE) fail("life %u: latched interrupt %d was delivered after it had been cleared", life->number, reason);
  atomic_fetch_add(&life->repeated, 1);
}

void note_delivery(struct life *life, unsigned before) {
  int reason = polite_interrupt_reason();
  bool named = atomic_fetch_add(&life->deliveries_seen, 1) == before && reason > 0 && reason < LEDGER;
  if (reason < 0) fail("life %u: delivered without a reason: %s", life->number, polite_error_name(reason));
  unsigned char known = named ? atomic_fetch_or(&life->ledger[reason], DELIVERED) : 0;
  if (known & DELIVERED) {
    note_repetition(life, reason, known);
  } else {
    atomic_fetch_add(&life->delivered, 1);
    atomic_fetch_add(&all_delivered, 1);
  }
  if (named) life->last_reason = reason;
  ended_one(life);
}

/* What is known to have been delivered, and is now cleared, never comes again. In a handler it is not known: the call beneath
 * may have taken a request, and not have come to tell it. */
void clear_own(struct life *life, bool in_handler) {
  int last = life->last_reason;
  int said = polite_interrupt_clear();
  REQUIRE(said == 0 || said == 1);
  if (said) {
    atomic_fetch_add(&life->cleared, 1);
    ended_one(life);
  }
  if (!in_handler && last > 0) atomic_fetch_or(&life->ledger[last], GONE);
}

/* --- The end -------------------------------------------------------------------------------------------------------------- */

void settle_account(struct life *life) {
  atomic_store(&life->closed, true);
  while (atomic_load(&life->posting)) sched_yield();
  for (int i = 0; i < OBJECTS; ++i) {
    REQUIRE(take_object(&life->objects[i]));
    withdraw_taken(life, &life->objects[i]);
    let_go_of_object(&life->objects[i]);
  }
  if (polite_request_withdraw(&life->contested) == 0) atomic_fetch_add(&life->withdrawn, 1);
  clear_own(life, false);
  REQUIRE(polite_interrupt_pending() == 0);
  REQUIRE(polite_checkpoint() == 0);
}

/* The thread has been joined: nobody may reach it, and every object says so and is free. */
void withdraw_after_death(struct life *life) {
  atomic_store(&life->joined, true);
  atomic_store(&life->closed, true);
  while (atomic_load(&life->posting)) sched_yield();
  for (int i = 0; i < OBJECTS; ++i) {
    struct object *object = &life->objects[i];
    int said = polite_request_withdraw(&object->request);
    if (said != (object->posted ? POLITE_ESRCH : 0)) fail("life %u: after its end an object said %d", life->number, said);
    object->posted = false;
  }
  int said = polite_request_withdraw(&life->contested);
  REQUIRE(said == 0 || said == POLITE_ESRCH);
}

void require_dead(struct life *life) {
  polite_thread_info_t info = {.size = sizeof info};
  polite_request_t request = {{0}};
  if (polite_interrupt(life->handle) != POLITE_ESRCH || polite_thread_inspect(life->handle, &info) != POLITE_ESRCH ||
      polite_request_post(&request, life->handle, 0, 0) != POLITE_ESRCH || polite_request_withdraw(&request) != 0)
    fail("life %u: its handle names a thread after its end", life->number);
}

/* --- The audit ------------------------------------------------------------------------------------------------------------ */

static void audit_reason(struct life *life, int reason, unsigned char book, long *deaf_unknown, long *deaf_new) {
  if (book & SAID_DEAF) ++*(book & DELIVERED ? deaf_new : deaf_unknown);
  if (!(book & DELIVERED)) return;
  if (!(book & (SAID_NEW | SAID_AGAIN | SAID_DEAF))) fail("life %u: %d was delivered, but not posted", life->number, reason);
  if (book & SAID_AGAIN && !(life->kind & (WITH_OBJECTS | WITH_LATCHED)))
    fail("life %u: %d was delivered as the first, but one was pending before it", life->number, reason);
  if (book & WITHDRAWN && !(life->kind & WITH_LATCHED)) fail("life %u: %d was withdrawn and delivered", life->number, reason);
}

void add_account(struct life *life, struct totals *totals) {
  long deaf_unknown = 0, deaf_new = 0;
  for (int reason = 1; reason < LEDGER; ++reason) {
    unsigned char book = atomic_load(&life->ledger[reason]);
    if (book) audit_reason(life, reason, book, &deaf_unknown, &deaf_new);
  }
  if (life->kind & WITH_OBJECTS) deaf_new = 0; /* the first need not be the one that found nothing pending */
  deaf_unknown = life->posted_deaf - deaf_new;
  long came = life->posted_new + deaf_new, went = life->delivered + life->cleared;
  long missing = came - went - life->withdrawn, loud = life->kind & ENDS_QUIETLY ? 0 : 1;
  if (!(life->kind & WITH_LATCHED)) {
    if (missing > loud) totals->lost += missing - loud;
    if (went > came + deaf_unknown) totals->surplus += went - came - deaf_unknown;
    if (missing > 0 && loud) totals->ended_pending += 1;
  }
  totals->posted_new += life->posted_new;
  totals->posted_again += life->posted_again;
  totals->posted_deaf += life->posted_deaf;
  totals->delivered += life->delivered;
  totals->repeated += life->repeated;
  totals->cleared += life->cleared;
  totals->withdrawn += life->withdrawn;
}

/* Workers: threads that make random calls of polite, and judge each answer; and plain ones in between.
 *
 * An answer POLITE_EINTR is stray unless a foreign handler has run since before the call: one without SA_RESTART, or any,
 * where the system never restarts (signal(7)). Calls that carry on never say it at all. */
#include "stress.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static const int64_t AN_HOUR = 3600ll * 1000 * 1000 * 1000;

atomic_long stray_eintr;

/* Where membarrier is refused in the middle of the run, a few are allowed (main.c). */
static void note_stray(struct life *life) {
  atomic_fetch_add(&stray_eintr, 1);
  if (!options.refuse_membarrier_later) fail("life %u: stray EINTR in %s", life->number, atomic_load(&life->doing));
}

/* --- One call ------------------------------------------------------------------------------------------------------------- */

/* An interrupter that takes aim (interrupter.c) needs some hundred nanoseconds to set its bit, so that the call begins a random
 * part of that later. */
static void hesitate(struct life *life) {
  if (random_once_in(&life->random, 2)) return;
  for (unsigned longer = random_below(&life->random, 1000); longer > 0; --longer) (void)atomic_load(&life->shielded);
}

struct attempt attempt(struct life *life, const char *name) {
  atomic_store(&life->doing, name);
  struct attempt this = {atomic_load(&life->usr1_runs), atomic_load(&life->usr2_runs), atomic_load(&life->previous_runs),
                         deliveries_before(life)};
  atomic_fetch_add(&life->calls, 1);
  hesitate(life);
  return this;
}

/* TSan runs the program's handlers when it sees fit: after the call that they interrupted has returned. */
static bool may_be_foreign(const struct life *life, enum restarts restarts) {
  unsigned wakes = options.previous_handler ? GETS_WAKES : 0;
  return life->kind & (restarts == ALL_BLOCKED ? wakes : wakes | GETS_USR1 | GETS_USR2);
}

static bool eintr_is_foreign(struct life *life, const struct attempt *before, enum restarts restarts) {
  if (restarts == CARRIES_ON) return false;
  if (UNDER_TSAN) return may_be_foreign(life, restarts);
  bool previous_ran = atomic_load(&life->previous_runs) != before->previous;
  if (restarts == ALL_BLOCKED) return previous_ran;
  if (atomic_load(&life->usr2_runs) != before->usr2) return true;
  return restarts == NEVER_RESTARTS && (atomic_load(&life->usr1_runs) != before->usr1 || previous_ran);
}

polite_ssize_t judge(struct life *life, const struct attempt *before, enum restarts restarts, polite_ssize_t result) {
  if (result == POLITE_INTERRUPTED) {
    if (atomic_load(&life->shielded)) fail("life %u: delivered inside a shield, in %s", life->number, atomic_load(&life->doing));
    note_delivery(life, before->deliveries);
  }
  if (result == POLITE_EINTR && !eintr_is_foreign(life, before, restarts))
    fail("life %u: stray EINTR from %s", life->number, atomic_load(&life->doing));
  atomic_store(&life->doing, "running");
  return result;
}

bool no_result(polite_ssize_t result) { return result == POLITE_INTERRUPTED || result == POLITE_EINTR; }

/* --- Waiting for what never comes ----------------------------------------------------------------------------------------- */

static void require_no_result(struct life *life, const char *name, polite_ssize_t result) {
  if (!no_result(result)) fail("life %u: %s said %ld (%s)", life->number, name, (long)result, polite_error_name((int)result));
}

static void read_for_ever(struct life *life) {
  struct attempt this = attempt(life, "read for ever");
  require_no_result(life, "read for ever", judge(life, &this, RESTARTS, polite_read(never.empty_pipe[0], life->buffer, 100)));
}

static void write_for_ever(struct life *life) {
  struct attempt this = attempt(life, "write for ever");
  require_no_result(life, "write for ever", judge(life, &this, RESTARTS, polite_write(never.full_pipe[1], life->buffer, 1)));
}

static void accept_for_ever(struct life *life) {
  struct attempt this = attempt(life, "accept for ever");
  require_no_result(life, "accept for ever", judge(life, &this, RESTARTS, polite_accept(never.deaf_listener, NULL, NULL)));
}

static void connect_for_ever(struct life *life) {
  int sock = socket(never.family, SOCK_STREAM, 0);
  REQUIRE(sock >= 0);
  require_no_result(life, "connect for ever", connect_to(life, sock, never.clogged_listener));
  if (never.family == AF_INET) close_tcp(sock);
  else REQUIRE(polite_close(sock) == 0);
}

static void sleep_for_ever(struct life *life) {
  int64_t left = -1;
  struct attempt this = attempt(life, "sleep for an hour");
  polite_ssize_t said = judge(life, &this, CARRIES_ON, polite_nanosleep(AN_HOUR, &left));
  require_no_result(life, "sleep for an hour", said);
  REQUIRE(left > 0 && left <= AN_HOUR);
}

static void poll_for_ever(struct life *life) {
  struct pollfd ready = {never.empty_pipe[0], POLLIN, 0};
  struct attempt this = attempt(life, "poll for ever");
  require_no_result(life, "poll for ever", judge(life, &this, NEVER_RESTARTS, polite_poll(&ready, 1, -1)));
}

/* With every signal blocked: the wake gets through all the same, and nothing else. (A wake by hand is not polite's where a
 * handler was installed before: then it ends the wait, as that handler would.) */
static void ppoll_for_ever(struct life *life) {
  struct pollfd ready = {never.empty_pipe[0], POLLIN, 0};
  sigset_t all;
  sigfillset(&all);
  struct attempt this = attempt(life, "ppoll for ever");
  require_no_result(life, "ppoll for ever", judge(life, &this, ALL_BLOCKED, polite_ppoll(&ready, 1, NULL, &all)));
}

/* --- What ends by itself -------------------------------------------------------------------------------------------------- */

static void sleep_a_little(struct life *life) {
  int64_t time = random_below(&life->random, 300000), left = -1;
  struct attempt this = attempt(life, "sleep");
  polite_ssize_t said = judge(life, &this, CARRIES_ON, polite_nanosleep(time, &left));
  REQUIRE(said == 0 || said == POLITE_INTERRUPTED);
  REQUIRE(left >= 0 && left <= time && (said != 0 || left == 0));
}

static void poll_a_stream(struct life *life) {
  struct pollfd ready = {stream_to_poll(&life->random), POLLIN, 0};
  struct attempt this = attempt(life, "poll of a stream");
  polite_ssize_t said = judge(life, &this, NEVER_RESTARTS, polite_poll(&ready, 1, (int)random_below(&life->random, 2)));
  REQUIRE(said == 0 || said == 1 || no_result(said));
}

static void ppoll_a_stream(struct life *life) {
  struct pollfd ready = {stream_to_poll(&life->random), POLLIN, 0};
  struct timespec time = {0, random_below(&life->random, 300000)}, before = time;
  struct attempt this = attempt(life, "ppoll of a stream");
  polite_ssize_t said = judge(life, &this, NEVER_RESTARTS, polite_ppoll(&ready, 1, &time, NULL));
  REQUIRE(said == 0 || said == 1 || no_result(said));
  REQUIRE(time.tv_nsec == before.tv_nsec && time.tv_sec == 0);
}

static void checkpoint(struct life *life) {
  struct attempt this = attempt(life, "checkpoint");
  polite_ssize_t said = judge(life, &this, CARRIES_ON, polite_checkpoint());
  REQUIRE(said == 0 || said == POLITE_INTERRUPTED);
}

/* --- Plain calls: rule 7 holds for a thread that has just been in a region, too -------------------------------------------- */

static void plain_poll(struct life *life) {
  struct pollfd ready = {never.empty_pipe[0], POLLIN, 0};
  if (life->kind & GETS_WAKES) return;
  struct attempt before = attempt(life, "plain poll");
  int said = poll(&ready, 1, (int)random_below(&life->random, 2));
  if (said == -1) {
    REQUIRE(errno == EINTR);
    if (!eintr_is_foreign(life, &before, NEVER_RESTARTS)) note_stray(life);
  }
  atomic_store(&life->doing, "running");
}

/* --- Shields, clears, requests -------------------------------------------------------------------------------------------- */

/* In a shield only what ends by itself: nothing else would end it. */
static void run_shielded(struct life *life) {
  static void (*const finite[])(struct life *) = {sleep_a_little, poll_a_stream, ppoll_a_stream, checkpoint};
  for (unsigned i = random_below(&life->random, 4); i > 0; --i) finite[random_below(&life->random, 4)](life);
}

static void shield(struct life *life) {
  int depth = 1 + (int)random_below(&life->random, 3);
  for (int i = 0; i < depth; ++i) REQUIRE(polite_shield_enter() == i);
  atomic_store(&life->shielded, true);
  run_shielded(life);
  atomic_store(&life->shielded, false);
  if (random_once_in(&life->random, 2)) {
    REQUIRE(polite_shield_restore(0) == depth);
  } else {
    for (int i = depth; i > 0; --i) REQUIRE(polite_shield_leave() == i);
  }
  REQUIRE(polite_shield_leave() == POLITE_UNBALANCED);
}

static void clear(struct life *life) { clear_own(life, false); }
static void interrupt_oneself(struct life *life) { (void)post_interrupt(life, &life->random); }
static void post_to_oneself(struct life *life) { (void)post_object(life, &life->random); }
static void withdraw(struct life *life) { (void)withdraw_object(life, &life->random); }
static void fight(struct life *life) { (void)fight_for_object(life, &life->random); }

/* --- A life --------------------------------------------------------------------------------------------------------------- */

static const struct operation {
  void (*run)(struct life *);
  unsigned weight;
} operations[] = {
    {stream_write_at_random, 90}, {stream_read_at_random, 90}, {stream_audit_at_random, 30}, {accept_at_random, 40},
    {connect_at_random, 40},      {pass_descriptor, 25},       {receive_descriptor, 25},     {read_for_ever, 30},
    {write_for_ever, 20},         {accept_for_ever, 20},       {connect_for_ever, 15},       {sleep_for_ever, 20},
    {poll_for_ever, 30},          {ppoll_for_ever, 20},        {sleep_a_little, 20},         {poll_a_stream, 20},
    {ppoll_a_stream, 15},         {checkpoint, 20},            {plain_poll, 30},             {shield, 20},
    {clear, 8},                   {interrupt_oneself, 10},     {post_to_oneself, 10},        {withdraw, 20},
    {fight, 5},                   {fork_at_random, 2},
};
enum { OPERATIONS = sizeof operations / sizeof *operations };

static void operate(struct life *life) {
  unsigned total = 0;
  for (int i = 0; i < OPERATIONS; ++i) total += operations[i].weight;
  unsigned draw = random_below(&life->random, total);
  const struct operation *operation = operations;
  for (; draw >= operation->weight; ++operation) draw -= operation->weight;
  operation->run(life);
}

unsigned kind_at_random(struct random *random) {
  unsigned kind = (unsigned)random_next(random) & (GETS_USR1 | GETS_USR2 | GETS_WAKES | HANDLERS_CLEAR | ENDS_QUIETLY | HANDLERS_SHIELD);
  switch (random_below(random, 6)) {
    case 0: case 1: case 2: return kind | ONE_AT_A_TIME;
    case 3: return kind | WITH_OBJECTS;
    case 4: return kind | (random_once_in(random, 2) ? WITH_OBJECTS | WITH_LATCHED : WITH_LATCHED);
    default: return kind;
  }
}

static void be_born(struct life *life) {
  life->buffer = malloc(BUFFER);
  REQUIRE(life->buffer != NULL && pipe(life->ready_pipe) == 0);
  life_begin(life, polite_self());
  REQUIRE(polite_interrupt_reason() == POLITE_ENOENT);
  atomic_store(&life->tid, (int)syscall(SYS_gettid));
}

/* From here on no handler does anything (foreign.c). What they wrote they have read, or it is still there. */
static void die(struct life *life) {
  atomic_store(&life->ending, true);
  atomic_store(&life->tid, 0);
  own_life = NULL;
  char byte;
  while (life->ready_written > life->ready_read) {
    REQUIRE(read(life->ready_pipe[0], &byte, 1) == 1);
    atomic_fetch_add(&life->ready_read, 1);
  }
  REQUIRE(life->ready_written == life->ready_read);
  struct pollfd ready = {life->ready_pipe[0], POLLIN, 0};
  REQUIRE(poll(&ready, 1, 0) <= 0);
  close(life->ready_pipe[0]);
  close(life->ready_pipe[1]);
  free(life->buffer);
}

void *worker(void *life_) {
  struct life *life = life_;
  be_born(life);
  unsigned length = 20 + random_below(&life->random, 400);
  for (unsigned i = 0; (i < length || lives_used_up()) && !atomic_load(&stopping); ++i) {
    if (life->kind & WITH_LATCHED && random_once_in(&life->random, 4)) clear(life);
    operate(life);
    if (random_once_in(&life->random, 3)) plain_poll(life);
  }
  if (life->kind & ENDS_QUIETLY) settle_account(life);
  die(life);
  slot_is_over(life->slot);
  return NULL;
}

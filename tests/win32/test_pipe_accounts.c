/* Writers that are interrupted again and again against a slow reader account for every byte (rule 2). */
#include "pipes.h"

#include "../random.h"

/* Where the library is told that a write cannot be taken back it goes byte by byte (src/win32/pipes.h). */
#if defined IN_DOUBT
extern int polite_writes_in_doubt;
enum { INTERRUPTS = 500, MOST_WRITERS = 2, LONGEST = 300, LONGEST_MESSAGE = 1, AWAITS_WRITER = 0 /* it is slower than the reader */ };
#else
enum { INTERRUPTS = 3000, MOST_WRITERS = 2, LONGEST = 3 * BUFFER, LONGEST_MESSAGE = BUFFER, AWAITS_WRITER = 1 };
#endif

typedef struct account {
  const kind_t *kind;
  polite_fd ends[2];
  int writers;
  atomic_int stop;
  actor_t writer[MOST_WRITERS], reader;
  /* By the writers. */
  int64_t written[MOST_WRITERS], interrupted[MOST_WRITERS], partial[MOST_WRITERS];
  /* By the reader. */
  int64_t read[MOST_WRITERS];
} account_t;

static int number_of(const account_t *account, const actor_t *actor) { return (int)(actor - account->writer); }

/* Byte number n of a writer's: what the reader finds is all of it, in order. The top bit is the writer's. */
static unsigned char byte_at(int writer, int64_t n) { return (unsigned char)(writer << 7 | ((n ^ n >> 7 ^ n >> 14) & 127)); }

/* Streams get more than their buffer at once, messages what can be taken back. */
static void write_on(actor_t *actor) {
  account_t *account = actor->with;
  int me = number_of(account, actor);
  struct random random = random_from(4711, (uint64_t)me);
  unsigned char bytes[LONGEST];
  while (!account->stop) {
    size_t length = 1 + random_below(&random, has_messages(account->kind) ? LONGEST_MESSAGE : LONGEST);
    for (size_t i = 0; i < length; ++i) bytes[i] = byte_at(me, account->written[me] + (int64_t)i);
    polite_ssize_t n = polite_write(account->ends[1], bytes, length);
    if (n == POLITE_INTERRUPTED) {
      ++account->interrupted[me];
      continue;
    }
    if (n <= 0) fprintf(stderr, "%s\n", polite_error_name((int)n));
    CHECK(n > 0 && (size_t)n <= length);
    CHECK(!has_messages(account->kind) || (size_t)n == length);
    account->partial[me] += (size_t)n != length;
    account->written[me] += n;
  }
}

static void read_on(actor_t *actor) {
  account_t *account = actor->with;
  struct random random = random_from(815, 0);
  unsigned char bytes[BUFFER];
  polite_ssize_t n;
  while ((n = polite_read(account->ends[0], bytes, 1 + random_below(&random, 1500))) > 0) {
    for (polite_ssize_t i = 0; i < n; ++i) {
      int writer = bytes[i] >> 7;
      CHECK(bytes[i] == byte_at(writer, account->read[writer]++));
    }
    if (random_once_in(&random, 8)) sched_yield();
  }
  CHECK(n == 0);
}

static void keep_account(const kind_t *kind, int writers) {
  static account_t account;
  memset(&account, 0, sizeof account);
  account.kind = kind;
  account.writers = writers;
  open_kind(kind, account.ends);
  for (int i = 0; i < writers; ++i) start(&account.writer[i], write_on, &account);
  start(&account.reader, read_on, &account);
  struct random random = random_from(1, (uint64_t)writers);
  double until = seconds_now() + LIMIT_SECONDS;
  int64_t stopped;
  do {
    const actor_t *victim = &account.writer[random_below(&random, (unsigned)writers)];
    if (AWAITS_WRITER && random_below(&random, 4)) AWAIT(is_blocked_in(victim->thread, "write"));
    polite_interrupt(victim->thread);
    stopped = 0;
    for (int i = 0; i < writers; ++i) stopped += account.interrupted[i] + account.partial[i];
    if (seconds_now() > until) fail_msg("%s: %d interrupts only", kind->name, (int)stopped);
  } while (stopped < INTERRUPTS);
  account.stop = 1;
  int64_t whole = 0, partial = 0;
  for (int i = 0; i < writers; ++i) {
    finish(&account.writer[i]);
    whole += account.interrupted[i];
    partial += account.partial[i];
  }
  polite_close(account.ends[1]);
  finish(&account.reader);
  polite_close(account.ends[0]);
  for (int i = 0; i < writers; ++i) assert_int_equal(account.read[i], account.written[i]);
  printf("%s, %d writers: %lld interrupted, %lld in part, %lld bytes\n", kind->name, writers, (long long)whole, (long long)partial,
         (long long)(account.written[0] + account.written[1]));
}

static void one_writer(void **state) {
  (void)state;
  for (const kind_t *kind = kinds; kind < kinds + KINDS; ++kind) keep_account(kind, 1);
}

static void two_writers(void **state) {
  (void)state;
  for (const kind_t *kind = kinds; kind < kinds + KINDS; ++kind) keep_account(kind, 2);
}

int main(void) {
#if defined IN_DOUBT
  polite_writes_in_doubt = 1;
#endif
  const struct CMUnitTest tests[] = {TEST(one_writer), TEST(two_writers)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

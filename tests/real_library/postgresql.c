/* A query of libpq as an interruption point, against a real server (postgresql.sh).
 *
 *   postgresql CONNECTION_STRING
 *
 * PQcancel's "successful dispatch is no guarantee that the request will have any effect" (libpq's manual): a server that has not begun with the
 * query forgets it. So the query begins with a notice, which the server sends at once, and libpq calls back for: there the
 * function looks. From then on until its answer is complete the server remembers a cancel. It has acted on it when PQcancel returns, and
 * polite_blocking does not return before: the next query is not hit. */
#include "../scene.h"

#include <libpq-fe.h>

#define BEGUN "begun"
#define POLITELY "DO $$BEGIN RAISE INFO '" BEGUN "'; END$$; "

typedef struct job {
  PGconn *connection;
  PGcancel *cancel;
  const char *sql;
  PGresult *answer;
  int early; /* the test's: to wait before the query is sent */
  atomic_int looks, called, begun, told;
} job_t;

static const char *connection_string;

/* --- Politely ------------------------------------------------------------------------------------------------------------- */

static int was_canceled(const PGresult *answer) {
  const char *state = PQresultErrorField(answer, PG_DIAG_SQLSTATE);
  return state && strcmp(state, "57014") == 0;
}

static polite_ssize_t query(void *arg) {
  job_t *job = arg;
  job->called = 1;
  while (job->early && !job->told) sched_yield(); /* the moment at which it would be forgotten */
  job->answer = PQexec(job->connection, job->sql);
  return was_canceled(job->answer) ? POLITE_INTERRUPTED : 0;
}

static void stop(void *arg) {
  job_t *job = arg;
  char error[256];
  CHECK(PQcancel(job->cancel, error, sizeof error) == 1);
  ++job->told;
}

static void notice(void *arg, const PGresult *notice) {
  job_t *job = arg;
  if (strcmp(PQresultErrorField(notice, PG_DIAG_MESSAGE_PRIMARY), BEGUN) != 0) return;
  job->begun = 1;
  if (job->looks && polite_blocking_requested()) stop(job);
}

/* An interruption point. 0, and `job->answer` is the server's; or POLITE_INTERRUPTED, and so it is if the query was begun. */
static polite_ssize_t query_politely(job_t *job) {
  job->answer = NULL;
  return polite_blocking(query, job, stop, job);
}

/* --- The scene ------------------------------------------------------------------------------------------------------------ */

static void expect(job_t *job, const char *sql, const char *value) {
  PGresult *answer = PQexec(job->connection, sql);
  if (PQresultStatus(answer) != PGRES_TUPLES_OK && PQresultStatus(answer) != PGRES_COMMAND_OK) fail_msg("%s: %s", sql, PQresultErrorMessage(answer));
  if (value) assert_string_equal(PQgetvalue(answer, 0, 0), value);
  PQclear(answer);
}

static void open_job(job_t *job) {
  memset(job, 0, sizeof *job);
  job->connection = PQconnectdb(connection_string);
  if (PQstatus(job->connection) != CONNECTION_OK) fail_msg("%s", PQerrorMessage(job->connection));
  job->cancel = PQgetCancel(job->connection);
  job->sql = POLITELY "SELECT pg_sleep(3600)";
  job->looks = 1;
  PQsetNoticeReceiver(job->connection, notice, job);
  expect(job, "CREATE TEMPORARY TABLE t (x int)", NULL);
  expect(job, "INSERT INTO t VALUES (1), (2), (3)", NULL);
}

static void close_job(job_t *job) {
  PQfreeCancel(job->cancel);
  PQfinish(job->connection);
}

static void work(actor_t *actor) {
  job_t *job = actor->with;
  actor->result = query_politely(job);
  PQclear(job->answer);
}

/* `begun`: once the server has the query. Otherwise at any moment; or early, when it was not even sent. */
static void interrupt_it(job_t *job, int begun) {
  actor_t actor;
  job->called = job->begun = job->told = 0;
  start(&actor, work, job);
  if (begun) AWAIT(job->begun && is_blocked_in(actor.thread, "blocking"));
  else if (job->early) AWAIT(job->called);
  else AWAIT(inspect(actor.thread).state != POLITE_THREAD_RUNNING);
  assert_int_equal(polite_interrupt(actor.thread), 0);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  expect(job, "SELECT 42", "42");
}

static void a_sleeping_query(void **state) {
  (void)state;
  job_t job;
  open_job(&job);
  for (int i = 0; i < 100; ++i) {
    interrupt_it(&job, 1);
    assert_int_equal(job.told, 1);
    interrupt_it(&job, 0); /* at any moment: it may have been told, by the look, and be told, by the interrupter */
  }
  expect(&job, "SELECT sum(x) FROM t", "6");
  close_job(&job);
}

static void told_before_it_has_begun(void **state) {
  (void)state;
  job_t job;
  open_job(&job);
  job.early = 1;
  for (int i = 0; i < 100; ++i) {
    interrupt_it(&job, 0);
    assert_int_equal(job.told, 2); /* the first was forgotten; the second is the look's */
  }
  close_job(&job);
}

/* Without the look it stays there, until somebody interrupts it once more. */
static void a_further_interrupt(void **state) {
  (void)state;
  job_t job;
  actor_t actor;
  open_job(&job);
  job.looks = 0;
  start_blocked(&actor, work, &job, "blocking");
  AWAIT(job.begun);
  assert_int_equal(polite_interrupt(actor.thread), 0);
  finish(&actor);
  job.early = 1;
  job.called = job.begun = job.told = 0;
  start(&actor, work, &job);
  AWAIT(job.called);
  assert_int_equal(polite_interrupt(actor.thread), 0);
  AWAIT(job.begun && is_blocked_in(actor.thread, "blocking"));
  assert_int_equal(polite_interrupt(actor.thread), 1);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  assert_int_equal(job.told, 2);
  close_job(&job);
}

/* What a canceled query leaves of an explicit transaction: a failed one, to be rolled back. As without polite. */
static void the_state_of_a_transaction(void **state) {
  (void)state;
  job_t job;
  actor_t actor;
  open_job(&job);
  expect(&job, "BEGIN", NULL);
  expect(&job, "INSERT INTO t VALUES (4)", NULL);
  start_blocked(&actor, work, &job, "blocking");
  AWAIT(job.begun);
  assert_int_equal(polite_interrupt(actor.thread), 0);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  assert_int_equal(PQtransactionStatus(job.connection), PQTRANS_INERROR);
  expect(&job, "ROLLBACK", NULL);
  expect(&job, "SELECT sum(x) FROM t", "6");
  close_job(&job);
}

/* Rule 2: the answer is there, and then the interrupt: it stays. */
static polite_ssize_t query_and_be_interrupted(void *arg) {
  polite_ssize_t result = query(arg);
  CHECK(polite_interrupt(polite_self()) == 0);
  return result;
}

static void a_result_and_an_interrupt(void **state) {
  (void)state;
  job_t job;
  open_job(&job);
  job.sql = POLITELY "INSERT INTO t VALUES (4)";
  for (int i = 0; i < 100; ++i) {
    assert_int_equal(polite_blocking(query_and_be_interrupted, &job, stop, &job), 0);
    assert_int_equal(PQresultStatus(job.answer), PGRES_COMMAND_OK);
    PQclear(job.answer);
    expect(&job, "SELECT 42", "42");
    assert_int_equal(query_politely(&job), POLITE_INTERRUPTED);
    assert_null(job.answer);
  }
  expect(&job, "SELECT sum(x) FROM t", "406");
  close_job(&job);
}

int main(int count, char **arguments) {
  const struct CMUnitTest tests[] = {
      TEST(a_sleeping_query),           TEST(told_before_it_has_begun), TEST(a_further_interrupt),
      TEST(the_state_of_a_transaction), TEST(a_result_and_an_interrupt),
  };
  if (count != 2) return 2;
  connection_string = arguments[1];
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* A query of SQLite as an interruption point.
 *
 * sqlite3_interrupt "that occurs when there are no running SQL statements is a no-op and has no effect on SQL statements that are started after
 * the sqlite3_interrupt() call returns" (its manual). So it may be forgotten: between the region's beginning and that of the query. There are two
 * ways out, and both are shown: a statement that runs all the while, and looking from the progress handler. */
#include "../scene.h"

#include <sqlite3.h>

typedef struct job {
  sqlite3 *db;
  sqlite3_stmt *running; /* a statement of which the first row has been taken, if that is the way */
  const char *sql;
  int result;
  int early;          /* the test's: how long to wait before the query is begun */
  atomic_int called, begun, told;
} job_t;

static const char *endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

/* --- Politely ------------------------------------------------------------------------------------------------------------- */

static polite_ssize_t query(void *arg) {
  job_t *job = arg;
  job->called = 1;
  while (job->early && !job->told) sched_yield(); /* the moment at which it would be forgotten */
  job->result = sqlite3_exec(job->db, job->sql, NULL, NULL, NULL);
  return job->result == SQLITE_INTERRUPT ? POLITE_INTERRUPTED : 0;
}

static void stop(void *arg) {
  job_t *job = arg;
  sqlite3_interrupt(job->db);
  ++job->told;
}

static int progress(void *arg) {
  job_t *job = arg;
  job->begun = 1;
  return !job->running && polite_blocking_requested();
}

/* An interruption point. 0, and `job->result` is SQLite's; or POLITE_INTERRUPTED. */
static polite_ssize_t query_politely(job_t *job) {
  if (job->running) CHECK(sqlite3_step(job->running) == SQLITE_ROW);
  polite_ssize_t result = polite_blocking(query, job, stop, job);
  if (job->running) sqlite3_reset(job->running);
  return result;
}

/* --- The scene ------------------------------------------------------------------------------------------------------------ */

enum { STATEMENT, PROGRESS, WAYS };

static void do_sql(sqlite3 *db, const char *sql) {
  char *error = NULL;
  if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK) fail_msg("%s: %s", sql, error);
}

static int number(sqlite3 *db, const char *sql) {
  sqlite3_stmt *statement;
  assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
  int result = sqlite3_column_int(statement, 0);
  assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
  return result;
}

static void open_job(job_t *job, int way) {
  memset(job, 0, sizeof *job);
  job->sql = endless;
  assert_int_equal(sqlite3_open(":memory:", &job->db), SQLITE_OK);
  do_sql(job->db, "CREATE TABLE t (x); INSERT INTO t VALUES (1), (2), (3)");
  sqlite3_progress_handler(job->db, 1000, progress, job);
  if (way == STATEMENT) assert_int_equal(sqlite3_prepare_v2(job->db, "VALUES (1)", -1, &job->running, NULL), SQLITE_OK);
}

static void close_job(job_t *job) {
  sqlite3_finalize(job->running);
  assert_int_equal(sqlite3_close(job->db), SQLITE_OK);
}

static void work(actor_t *actor) { actor->result = query_politely(actor->with); }

static void interrupt_it(job_t *job) {
  actor_t actor;
  job->called = job->begun = job->told = 0;
  start(&actor, work, job);
  AWAIT(job->early ? job->called : job->begun);
  assert_int_equal(polite_interrupt(actor.thread), 0);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
}

static void an_endless_query(void **state) {
  (void)state;
  for (int way = 0; way < WAYS; ++way) {
    job_t job;
    open_job(&job, way);
    for (int i = 0; i < 100; ++i) {
      interrupt_it(&job);
      assert_int_equal(job.result, SQLITE_INTERRUPT);
      assert_int_equal(number(job.db, "SELECT sum(x) FROM t"), 6); /* and it goes on working */
    }
    close_job(&job);
  }
}

/* Without either way this query would never end. */
static void told_before_it_has_begun(void **state) {
  (void)state;
  for (int way = 0; way < WAYS; ++way) {
    job_t job;
    open_job(&job, way);
    job.early = 1;
    for (int i = 0; i < 100; ++i) {
      interrupt_it(&job);
      assert_int_equal(number(job.db, "SELECT sum(x) FROM t"), 6);
    }
    close_job(&job);
  }
}

/* "If the interrupted SQL operation is an INSERT, UPDATE, or DELETE that is inside an explicit transaction, then the entire transaction will
 * be rolled back automatically": as without polite. A SELECT leaves it open. */
static void the_state_of_a_transaction(void **state) {
  (void)state;
  for (int way = 0; way < WAYS; ++way) {
    job_t job;
    open_job(&job, way);
    do_sql(job.db, "BEGIN; INSERT INTO t VALUES (4)");
    interrupt_it(&job);
    assert_int_equal(sqlite3_get_autocommit(job.db), 0);
    assert_int_equal(number(job.db, "SELECT sum(x) FROM t"), 10);
    job.sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) INSERT INTO t SELECT i FROM n";
    interrupt_it(&job);
    assert_int_equal(sqlite3_get_autocommit(job.db), 1);
    assert_int_equal(number(job.db, "SELECT sum(x) FROM t"), 6);
    close_job(&job);
  }
}

/* Rule 2: the query ends by itself, the interrupt is there, and it stays. And what was told too late does not hit the next one. */
static polite_ssize_t query_and_be_interrupted(void *arg) {
  job_t *job = arg;
  job->result = sqlite3_exec(job->db, job->sql, NULL, NULL, NULL);
  CHECK(polite_interrupt(polite_self()) == 0);
  return job->result == SQLITE_INTERRUPT ? POLITE_INTERRUPTED : 0;
}

static void a_result_and_an_interrupt(void **state) {
  (void)state;
  for (int way = 0; way < WAYS; ++way) {
    job_t job;
    open_job(&job, way);
    job.sql = "INSERT INTO t VALUES (4)";
    if (job.running) assert_int_equal(sqlite3_step(job.running), SQLITE_ROW);
    assert_int_equal(polite_blocking(query_and_be_interrupted, &job, stop, &job), 0);
    if (job.running) sqlite3_reset(job.running);
    assert_int_equal(job.result, SQLITE_OK);
    assert_int_equal(job.told, 1);
    assert_int_equal(number(job.db, "SELECT sum(x) FROM t"), 10);
    assert_int_equal(query_politely(&job), POLITE_INTERRUPTED);
    assert_int_equal(number(job.db, "SELECT sum(x) FROM t"), 10);
    close_job(&job);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(an_endless_query),
      TEST(told_before_it_has_begun),
      TEST(the_state_of_a_transaction),
      TEST(a_result_and_an_interrupt),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Streams of stdio that are interrupted: every byte is accounted for, whatever libc thinks of its buffer (polite/stream.h). */
#include "scene.h"

#include <polite/dropin_functions.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

enum { LARGE = 400000 };
static char sent[LARGE], received[LARGE + 1];
static int ends[2];
static FILE *stream;

static void pattern(void) {
  for (size_t i = 0; i < LARGE; ++i) sent[i] = (char)(i * 31 + (i >> 8) + (i >> 16));
}

static FILE *open_on(int fd, const char *mode) {
  FILE *opened;
  assert_int_equal(polite_fdopen(&opened, fd, mode), 0);
  assert_non_null(opened);
  return opened;
}

/* What is in the pipe now, at most `most`. */
static size_t take_from(int fd, size_t got, size_t most) {
  size_t before = got;
  ssize_t n;
  while (got - before < most && poll(&(struct pollfd){fd, POLLIN, 0}, 1, 0) == 1 &&
         (n = read(fd, received + got, most - (got - before) < LARGE + 1 - got ? most - (got - before) : LARGE + 1 - got)) > 0)
    got += (size_t)n;
  return got;
}

static size_t take_all(int fd, size_t got) {
  ssize_t n;
  while ((n = read(fd, received + got, LARGE + 1 - got)) > 0) got += (size_t)n;
  return got;
}

/* --- Writing ---------------------------------------------------------------------------------------------------------------- */

static void check_canceled(FILE *of) {
  CHECK(errno == ECANCELED && ferror(of));
  CHECK(!polite_interrupt_pending());
  clearerr(of);
}

/* How the bytes are given to the stream. Each says how many it took. */
static size_t by_small_pieces(size_t at) { return fwrite(sent + at, 1, LARGE - at < 700 ? LARGE - at : 700, stream); }
static size_t by_large_pieces(size_t at) { return fwrite(sent + at, 1, LARGE - at < 50001 ? LARGE - at : 50001, stream); }
static size_t by_both(size_t at) { return at % 3 ? by_small_pieces(at) : by_large_pieces(at); }
static size_t at_once(size_t at) { return fwrite(sent + at, 1, LARGE - at, stream); }
static size_t by_characters(size_t at) {
  if (putc(sent[at], stream) == (unsigned char)sent[at]) return 1;
  CHECK(ferror(stream));
  return 0;
}

static size_t (*give)(size_t at);

static void write_pattern(actor_t *actor) {
  for (size_t at = 0; at < LARGE;) {
    at += give(at);
    if (!ferror(stream)) continue;
    check_canceled(stream);
    actor->step++;
  }
  int result;
  while ((result = polite_fflush(stream)) == POLITE_INTERRUPTED) {
    CHECK(!polite_interrupt_pending());
    clearerr(stream);
    actor->step++;
  }
  actor->result = result;
}

/* A slow reader, and interrupts whenever the writer is known to be blocked, one of them right after another. */
static void interrupt_a_writer(size_t (*how)(size_t at), int buffering) {
  size_t got = 0;
  int interrupts = 0;
  make_pipe(ends);
  fcntl(ends[1], F_SETPIPE_SZ, 4096);
  stream = open_on(ends[1], "w");
  if (buffering >= 0) assert_int_equal(setvbuf(stream, NULL, buffering, 0), 0);
  give = how;
  actor_t actor;
  start(&actor, write_pattern, NULL);
  while (got < LARGE) {
    for (int i = 0; i < 1 + interrupts % 3; ++i) {
      AWAIT(is_blocked_in(actor.thread, "write") || got + 4096 >= LARGE);
      if (got + 4096 >= LARGE) break;
      assert_int_equal(polite_interrupt(actor.thread), 0);
      ++interrupts;
      AWAIT(actor.step == interrupts);
    }
    size_t before = got;
    AWAIT((got = take_from(ends[0], before, 5000)) > before);
  }
  assert_int_equal(finish(&actor), 0);
  assert_true(interrupts > 50);
  assert_int_equal(polite_fclose(stream, 0), 0);
  assert_int_equal(take_all(ends[0], got), LARGE);
  assert_memory_equal(sent, received, LARGE);
  close(ends[0]);
}

static void small_pieces(void **state) { (void)state, interrupt_a_writer(by_small_pieces, -1); }
static void large_pieces(void **state) { (void)state, interrupt_a_writer(by_large_pieces, -1); }
static void both_kinds_of_pieces(void **state) { (void)state, interrupt_a_writer(by_both, -1); }
static void everything_at_once(void **state) { (void)state, interrupt_a_writer(at_once, -1); }
static void characters(void **state) { (void)state, interrupt_a_writer(by_characters, -1); }
static void pieces_without_a_buffer(void **state) { (void)state, interrupt_a_writer(by_small_pieces, _IONBF); }
static void characters_without_a_buffer(void **state) { (void)state, interrupt_a_writer(by_characters, _IONBF); }

/* Fills the pipe, so that not a byte goes in any more. Returns how many did. */
static size_t fill(int fd) {
  static const char zeros[4096];
  size_t filled = 0;
  ssize_t n;
  fcntl(fd, F_SETFL, O_NONBLOCK);
  for (size_t piece = sizeof zeros; piece; piece /= 2)
    while ((n = write(fd, zeros, piece)) > 0) filled += (size_t)n;
  fcntl(fd, F_SETFL, 0);
  return filled;
}

static void flush(actor_t *actor) {
  actor->result = fflush(stream) == 0 ? 0 : -errno;
  actor->step = ferror(stream) ? 1 : 2;
}
static void flush_politely(actor_t *actor) {
  actor->result = polite_fflush(stream);
  actor->step = ferror(stream) ? 1 : 2;
}

/* libc's own flush takes its buffer for empty afterwards; polite_fflush knows better, and so do the next bytes. */
static void what_was_kept_goes_out_first(void **state) {
  (void)state;
  actor_t actor;
  make_pipe(ends);
  size_t filled = fill(ends[1]);
  stream = open_on(ends[1], "w");
  assert_int_equal(fputs("one ", stream) >= 0, 1);
  start_blocked(&actor, flush, NULL, "write");
  polite_interrupt(actor.thread);
  assert_int_equal(finish(&actor), -ECANCELED);
  assert_int_equal(actor.step, 1);
  clearerr(stream);
  start_blocked(&actor, flush_politely, NULL, "write");
  polite_interrupt(actor.thread);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  clearerr(stream);
  assert_int_equal(fputs("two ", stream) >= 0, 1);
  start_blocked(&actor, flush_politely, NULL, "write");
  assert_int_equal(take_from(ends[0], 0, filled), filled);
  assert_int_equal(finish(&actor), 0);
  assert_int_equal(take_from(ends[0], 0, 100), 8);
  assert_memory_equal(received, "one two ", 8);
  assert_int_equal(polite_fflush(stream), 0);
  assert_int_equal(take_from(ends[0], 0, 100), 0);
  assert_int_equal(fclose(stream), 0);
  close(ends[0]);
}

static void get_a_line(actor_t *actor) {
  char line[16];
  actor->result = fgets(line, sizeof line, stream) && strcmp(line, "answer\n") == 0;
}

/* A question that was interrupted is asked before its answer is waited for. */
static void a_read_sends_what_was_kept(void **state) {
  (void)state;
  actor_t actor;
  int sockets[2];
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
  fill(sockets[0]);
  stream = open_on(sockets[0], "r+");
  fputs("question", stream);
  start_blocked(&actor, flush, NULL, "write");
  polite_interrupt(actor.thread);
  assert_int_equal(finish(&actor), -ECANCELED);
  clearerr(stream);
  assert_int_equal(fflush(stream), 0);
  start_blocked(&actor, get_a_line, NULL, "write");
  while (take_from(sockets[1], 0, LARGE) > 0) {
  }
  AWAIT(is_blocked_in(actor.thread, "read"));
  assert_int_equal(write(sockets[1], "answer\n", 7), 7);
  assert_int_equal(finish(&actor), 1);
  assert_int_equal(fclose(stream), 0);
  close(sockets[1]);
}

/* --- Closing ---------------------------------------------------------------------------------------------------------------- */

static void closing_writes_what_is_left(void **state) {
  (void)state;
  for (int politely = 0; politely < 3; ++politely) {
    make_pipe(ends);
    stream = open_on(ends[1], "w");
    fputs("all of it", stream);
    polite_interrupt(polite_self());
    if (politely) {
      assert_int_equal(politely == 1 ? polite_fclose(stream, 0) : polite_dropin_fclose(stream), 0);
      assert_int_equal(polite_interrupt_clear(), 1); /* it stayed */
    } else {
      errno = 0;
      assert_int_equal(fclose(stream), EOF);
      assert_int_equal(errno, ECANCELED);
      assert_int_equal(polite_dropin_interrupted(), 1);
      assert_int_equal(polite_interrupt_pending(), 0);
    }
    assert_int_equal(fcntl(ends[1], F_GETFD), -1);
    assert_int_equal(take_all(ends[0], 0), 9);
    assert_memory_equal(received, "all of it", 9);
    close(ends[0]);
  }
}

static void close_it(actor_t *actor) { actor->result = polite_fclose(stream, 0); }

/* An interrupt does not get it out: it releases. A reader does. */
static void closing_is_no_interruption_point(void **state) {
  (void)state;
  actor_t actor;
  make_pipe(ends);
  size_t filled = fill(ends[1]);
  stream = open_on(ends[1], "w");
  fputs("the end", stream);
  start(&actor, close_it, NULL);
  AWAIT(is_blocked_in(actor.thread, "write"));
  assert_true(inspect(actor.thread).shielded);
  polite_interrupt(actor.thread);
  assert_int_equal(take_from(ends[0], 0, filled), filled);
  assert_int_equal(finish(&actor), 0);
  assert_int_equal(take_all(ends[0], 0), 7);
  close(ends[0]);
}

static void what_is_left_can_be_dropped(void **state) {
  (void)state;
  actor_t actor;
  make_pipe(ends);
  size_t filled = fill(ends[1]);
  stream = open_on(ends[1], "w");
  fputs("kept", stream);
  start_blocked(&actor, flush, NULL, "write");
  polite_interrupt(actor.thread);
  finish(&actor);
  fputs("buffered", stream);
  assert_int_equal(polite_fclose(stream, 2), POLITE_EINVAL);
  assert_int_equal(polite_fclose(stream, POLITE_STREAM_DISCARD), 0);
  assert_int_equal(take_all(ends[0], 0), filled);
  close(ends[0]);
}

/* --- Reading ---------------------------------------------------------------------------------------------------------------- */

static void read_fifty(actor_t *actor) {
  actor->result = (long)fread(received, 1, 50, stream);
  actor->step = !ferror(stream) ? 1 : errno == ECANCELED ? 2 : 3;
}

static void a_read_says_how_far_it_got(void **state) {
  (void)state;
  actor_t actor;
  make_pipe(ends);
  stream = open_on(ends[0], "r");
  assert_int_equal(write(ends[1], sent, 20), 20);
  start(&actor, read_fifty, NULL);
  AWAIT(is_blocked_in(actor.thread, "read") && poll(&(struct pollfd){ends[0], POLLIN, 0}, 1, 0) == 0);
  polite_interrupt(actor.thread);
  assert_int_equal(finish(&actor), 20);
  assert_int_equal(actor.step, 2);
  assert_memory_equal(received, sent, 20);
  clearerr(stream);
  assert_int_equal(write(ends[1], sent + 20, 60), 60);
  start(&actor, read_fifty, NULL);
  assert_int_equal(finish(&actor), 50);
  assert_memory_equal(received, sent + 20, 50);
  polite_interrupt(polite_self()); /* what is in the buffer needs no call */
  assert_int_equal(getc(stream), (unsigned char)sent[70]);
  assert_int_equal(polite_interrupt_clear(), 1);
  assert_int_equal(fclose(stream), 0);
  close(ends[1]);
}

#if !UNDER_TSAN
static void on_signal(int signal) { (void)signal; }

static void after_a_handler(void **state) {
  (void)state;
  struct sigaction action = {.sa_handler = on_signal}, before;
  sigaction(SIGUSR1, &action, &before);
  actor_t actor;
  make_pipe(ends);
  stream = open_on(ends[0], "r");
  start_blocked(&actor, read_fifty, NULL, "read");
  pthread_kill(actor.pthread, SIGUSR1);
  assert_int_equal(finish(&actor), 0);
  assert_int_equal(actor.step, 3); /* EINTR */
  assert_int_equal(fclose(stream), 0);
  close(ends[1]);
  sigaction(SIGUSR1, &before, NULL);
}
#endif

/* --- The rest --------------------------------------------------------------------------------------------------------------- */

static void a_file_is_sought(void **state) {
  (void)state;
  char name[] = "/tmp/polite-test-XXXXXX", line[16];
  int fd = mkstemp(name);
  assert_true(fd >= 0);
  unlink(name);
  stream = open_on(fd, "r+");
  fputs("first\nsecond\n", stream);
  polite_interrupt(polite_self());
  assert_int_equal(fflush(stream), EOF);
  clearerr(stream);
  assert_int_equal(fseek(stream, 6, SEEK_SET), 0); /* what was kept is written where it belongs */
  assert_non_null(fgets(line, sizeof line, stream));
  assert_string_equal(line, "second\n");
  assert_int_equal(ftell(stream), 13);
  assert_int_equal(fgetc(stream), EOF);
  assert_true(feof(stream));
  assert_int_equal(fclose(stream), 0);
}

static void bad_input(void **state) {
  (void)state;
  FILE *opened = stdin;
  make_pipe(ends);
  assert_int_equal(polite_fdopen(NULL, ends[0], "r"), POLITE_EINVAL);
  assert_int_equal(polite_fdopen(&opened, ends[0], NULL), POLITE_EINVAL);
  assert_null(opened);
  errno = 1234;
  assert_int_equal(polite_fdopen(&opened, -1, "r"), POLITE_EBADF);
  assert_int_equal(polite_fdopen(&opened, ends[0], "x"), POLITE_EINVAL);
  assert_int_equal(polite_fdopen(&opened, ends[0], "w"), POLITE_EINVAL);
  assert_int_equal(polite_fdopen(&opened, ends[0], "r+"), POLITE_EINVAL);
  assert_int_equal(polite_fdopen(&opened, ends[1], "r"), POLITE_EINVAL);
  assert_int_equal(errno, 1234);
  assert_int_equal(polite_fflush(NULL), POLITE_EINVAL);
  assert_int_equal(polite_fclose(NULL, 0), POLITE_EINVAL);
  opened = open_on(ends[1], "ae");
  assert_true(fcntl(ends[1], F_GETFL) & O_APPEND);
  assert_true(fcntl(ends[1], F_GETFD) & FD_CLOEXEC);
  close(ends[0]);
  signal(SIGPIPE, SIG_IGN);
  fputc('x', opened);
  assert_int_equal(polite_fflush(opened), POLITE_EPIPE);
  fputc('x', opened);
  assert_int_equal(polite_fclose(opened, 0), POLITE_EPIPE);
}

static void *write_unattached(void *unused) {
  fputs("text", stream);
  CHECK(polite_fflush(stream) == 0 && polite_fclose(stream, 0) == 0);
  for (polite_thread_t thread = 0; (thread = polite_thread_next(thread)) != 0;)
    CHECK(inspect(thread).system_id == (uint64_t)getpid()); /* nobody but the main thread */
  return unused;
}

static void nobody_is_attached_by_it(void **state) {
  (void)state;
  pthread_t thread;
  make_pipe(ends);
  stream = open_on(ends[1], "w");
  assert_int_equal(pthread_create(&thread, NULL, write_unattached, NULL), 0);
  pthread_join(thread, NULL);
  assert_int_equal(take_all(ends[0], 0), 4);
  close(ends[0]);
}

int main(void) {
  pattern();
  const struct CMUnitTest tests[] = {
      TEST(small_pieces),
      TEST(large_pieces),
      TEST(both_kinds_of_pieces),
      TEST(everything_at_once),
      TEST(characters),
      TEST(pieces_without_a_buffer),
      TEST(characters_without_a_buffer),
      TEST(what_was_kept_goes_out_first),
      TEST(a_read_sends_what_was_kept),
      TEST(closing_writes_what_is_left),
      TEST(closing_is_no_interruption_point),
      TEST(what_is_left_can_be_dropped),
      TEST(a_read_says_how_far_it_got),
#if !UNDER_TSAN
      TEST(after_a_handler),
#endif
      TEST(a_file_is_sought),
      TEST(bad_input),
      TEST(nobody_is_attached_by_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

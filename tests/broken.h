/* What the library says of a program whose state is broken: a line on standard error, and in a debug build the end of the process. */
#ifndef BROKEN_H
#define BROKEN_H

#include "scene.h"

#include <sys/wait.h>

/* Runs `fn` in a child, and fails unless the child says something with `text` in it, and, if the library is a debug build, aborts; otherwise
 * `fn` must return 0. */
static void expect_broken(int (*fn)(void), const char *text) {
  int ends[2];
  make_pipe(ends);
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    dup2(ends[1], 2);
    close_both(ends);
    signal(SIGABRT, SIG_DFL);  /* cmocka's would go on with the next test */
    _exit(fn());
  }
  close(ends[1]);
  char said[4096];
  size_t length = 0;
  for (ssize_t n; length < sizeof said - 1 && (n = read(ends[0], said + length, sizeof said - 1 - length)) > 0;) length += (size_t)n;
  said[length] = 0;
  close(ends[0]);
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  if (!strstr(said, text)) fail_msg("said: %s", said);
#if defined NDEBUG
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), 0);
#else
  assert_true(WIFSIGNALED(status));
  assert_int_equal(WTERMSIG(status), SIGABRT);
#endif
}

#endif

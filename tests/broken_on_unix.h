/* A function in a process of its own: a fork's child. */
#ifndef BROKEN_ON_UNIX_H
#define BROKEN_ON_UNIX_H

#include <sys/wait.h>

enum { ABORTED = 1000 };

/* What it returned, or ABORTED; and what was said on standard error. */
static int run_in_child(int (*fn)(void), char *said, size_t size) {
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
  size_t length = 0;
  for (ssize_t n; length < size - 1 && (n = read(ends[0], said + length, size - 1 - length)) > 0;) length += (size_t)n;
  said[length] = 0;
  close(ends[0]);
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  if (WIFSIGNALED(status)) return WTERMSIG(status) == SIGABRT ? ABORTED : -1;
  return WEXITSTATUS(status);
}

#endif

/* What the library says of a program whose state is broken: a line on standard error, and in a debug build the end of the process. */
#ifndef BROKEN_H
#define BROKEN_H

#include "scene.h"

#if defined _WIN32
#include "broken_on_windows.h"
#else
#include "broken_on_unix.h"
#endif

/* Runs `fn` in a process of its own, and fails unless that says something with `text` in it, and, if the library is a debug build, aborts;
 * otherwise `fn` must return 0. */
static void expect_broken(int (*fn)(void), const char *text) {
  char said[4096];
  int status = run_in_child(fn, said, sizeof said);
  if (!strstr(said, text)) fail_msg("said: %s", said);
#if defined NDEBUG
  assert_int_equal(status, 0);
#else
  assert_int_equal(status, ABORTED);
#endif
}

#endif

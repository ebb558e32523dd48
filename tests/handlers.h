/* Cleanup handlers that note that they ran, and in which order. */
#ifndef HANDLERS_H
#define HANDLERS_H

#include "scene.h"

static char ran[64]; /* a letter for each */

static void note(void *letter) {
  size_t length = strlen(ran);
  ran[length] = *(const char *)letter;
  ran[length + 1] = 0;
}

/* The argument of `note`. */
static void *letter(const char *text) { return (void *)(uintptr_t)text; }

static int nothing_ran(void **state) {
  ran[0] = 0;
  return clean_thread(state);
}

#define HANDLER_TEST(function) cmocka_unit_test_setup(function, nothing_ran)

#endif

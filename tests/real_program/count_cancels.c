/* Preloaded into a program: counts the threads that it cancels and joins, and how those ended. Compiled once for libc's functions
 * (-DCANCEL=pthread_cancel -DJOIN=pthread_join) and once for polite's. */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define TEXT_OF(name) #name
#define TEXT(name) TEXT_OF(name)

int CANCEL(pthread_t thread);
int JOIN(pthread_t thread, void **result);

/* `refused` are those that are answered ESRCH, as a thread that has ended may be. */
static int cancels, refused, canceled, ended, errors;

static void *next(const char *name) {
  void *function = dlsym(RTLD_NEXT, name);
  if (!function) abort();
  return function;
}

int CANCEL(pthread_t thread) {
  int error = ((int (*)(pthread_t))next(TEXT(CANCEL)))(thread);
  cancels++;
  if (error == ESRCH) refused++;
  else if (error != 0) errors++;
  return error;
}

int JOIN(pthread_t thread, void **result) {
  void *own;
  int error = ((int (*)(pthread_t, void **))next(TEXT(JOIN)))(thread, &own);
  if (error != 0) {
    errors++;
  } else {
    if (own == PTHREAD_CANCELED) canceled++; else ended++;
    if (result) *result = own;
  }
  return error;
}

/* Nothing is written by the commands that the program starts: they inherit this library, and cancel nothing. */
__attribute__((destructor)) static void report(void) {
  const char *name = getenv("CANCELS_REPORT");
  FILE *file = name && cancels ? fopen(name, "w") : NULL;
  if (!file) return;
  fprintf(file, "%d %d %d %d %d\n", cancels, refused, canceled, ended, errors);
  fclose(file);
}

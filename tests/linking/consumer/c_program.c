/* A C program that uses the library as it is installed: a thread that waits for input is told to stop. */
#include <polite.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int ends[2];
static polite_thread_t waiter;

static void *wait_for_input(void *unused) {
  char byte;
  (void)unused;
  __atomic_store_n(&waiter, polite_self(), __ATOMIC_RELEASE);
  if (polite_read(ends[0], &byte, 1) != POLITE_INTERRUPTED) abort();
  return NULL;
}

int main(void) {
  pthread_t thread;
  if (pipe(ends) != 0 || pthread_create(&thread, NULL, wait_for_input, NULL) != 0) abort();
  while (!__atomic_load_n(&waiter, __ATOMIC_ACQUIRE)) polite_nanosleep(1000000, NULL);
  if (polite_interrupt(waiter) < 0) abort(); /* blocked by now or not: it is delivered */
  pthread_join(thread, NULL);
  if (polite_version() != POLITE_VERSION) abort();
  printf("interrupted\n");
  return 0;
}

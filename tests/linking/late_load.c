/* The library comes into a process that has threads already. They use it as if it had always been there, and it stays when it is closed.
 *
 *     late_load LIBRARY */
#include "reader.h"

#include <dlfcn.h>

enum { READERS = 3 };

static struct library library;
static struct reader readers[READERS];
static int gate[2], plain[2];

/* Started before there is a library. */
static void *wait_for_the_library(void *reader) {
  char byte;
  CHECK(read(gate[0], &byte, 1) == 1);
  CHECK(library.read(plain[0], &byte, 1) == 1); /* not attached yet: a plain call */
  return read_until_interrupted(reader);
}

/* ISO C has no conversion from what dlsym returns to a function. */
static void find(void *handle, const char *name, void *function) {
  void *address = dlsym(handle, name);
  CHECK(address != NULL);
  memcpy(function, &address, sizeof address);
}

int main(int argc, char **argv) {
  CHECK(argc == 2 && pipe(gate) == 0 && pipe(plain) == 0);
  for (int i = 0; i < READERS; i++) {
    prepare_reader(&readers[i], &library);
    CHECK(pthread_create(&readers[i].pthread, NULL, wait_for_the_library, &readers[i]) == 0);
  }

  void *handle = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  if (!handle) fprintf(stderr, "%s\n", dlerror());
  CHECK(handle != NULL);
  find(handle, "polite_self", &library.self);
  find(handle, "polite_interrupt", &library.interrupt);
  find(handle, "polite_thread_inspect", &library.inspect);
  find(handle, "polite_read", &library.read);

  CHECK(write(plain[1], "abc", READERS) == READERS);
  CHECK(write(gate[1], "abc", READERS) == READERS);
  for (int i = 0; i < READERS; i++) finish_reader(&readers[i]);

  CHECK(dlclose(handle) == 0);
  CHECK(dlopen(argv[1], RTLD_NOW | RTLD_NOLOAD) != NULL);
  struct reader afterwards;
  start_reader(&afterwards, &library);
  finish_reader(&afterwards);
  return 0;
}

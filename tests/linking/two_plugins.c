/* Two copies of the library in one process. Each wakes its own threads, the other's handles name nobody, and when one is closed the
 * other goes on.
 *
 *     two_plugins PLUGIN ANOTHER first|second
 *
 * The last argument says which of the two is closed: they attach their first threads in the order in which they are named, so the handler
 * of the second is the process's, and that of the first is called by it. */
#include "reader.h"

#include <dlfcn.h>
#include <signal.h>

typedef const struct library *(*plugin_function)(void);

static void *load(const char *path, const struct library **library) {
  void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!handle) fprintf(stderr, "%s\n", dlerror());
  CHECK(handle != NULL);
  void *address = dlsym(handle, "plugin");
  CHECK(address != NULL);
  plugin_function function;
  memcpy(&function, &address, sizeof address);
  *library = function();
  return handle;
}

/* What tells them apart is made from the copies' addresses (src/record.cpp). These two were loaded one after the other, with nothing in
 * between, so their distance, and with it the outcome, is always the same. */
static void handles_are_the_copys_own(const struct reader *a, const struct reader *b) {
  polite_thread_info_t info;
  memset(&info, 0, sizeof info);
  info.size = sizeof info;
  CHECK(a->thread != b->thread);
  CHECK(a->library->interrupt(b->thread) == POLITE_ESRCH);
  CHECK(b->library->interrupt(a->thread) == POLITE_ESRCH);
  CHECK(a->library->inspect(b->thread, &info) == POLITE_ESRCH);
}

/* A thread that is attached to both copies is woken in the calls of each. */
static const struct library *both[2];

static void *read_by_both(void *argument) {
  struct reader *reader = (struct reader *)argument;
  for (int i = 0; i < 2; i++) {
    reader[i].thread = 0;
    CHECK(both[i]->self() != 0);
  }
  for (int i = 0; i < 2; i++) {
    read_until_interrupted(&reader[i]);
    CHECK(reader[i].result == POLITE_INTERRUPTED);
  }
  return NULL;
}

static void a_thread_of_both_is_woken_by_both(void) {
  struct reader reader[2];
  pthread_t thread;
  for (int i = 0; i < 2; i++) prepare_reader(&reader[i], both[i]);
  CHECK(pthread_create(&thread, NULL, read_by_both, reader) == 0);
  for (int i = 0; i < 2; i++) {
    await_blocked(&reader[i]);
    CHECK(both[i]->interrupt(reader[i].thread) == 0);
  }
  CHECK(pthread_join(thread, NULL) == 0);
}

static void goes_on(const struct library *library) {
  struct reader reader;
  start_reader(&reader, library);
  finish_reader(&reader);
}

int main(int argc, char **argv) {
  CHECK(argc == 4);
  void *handles[2];
  struct reader readers[2];
  for (int i = 0; i < 2; i++) handles[i] = load(argv[1 + i], &both[i]);
  for (int i = 0; i < 2; i++) {
    start_reader(&readers[i], both[i]);
    await_blocked(&readers[i]);
  }
  CHECK(both[0]->self != both[1]->self);
  handles_are_the_copys_own(&readers[0], &readers[1]);
  for (int i = 0; i < 2; i++) finish_reader(&readers[i]);
  a_thread_of_both_is_woken_by_both();

  int closed = strcmp(argv[3], "first") == 0 ? 0 : 1;
  CHECK(dlclose(handles[closed]) == 0);
  goes_on(both[!closed]);
  CHECK(dlclose(handles[!closed]) == 0);
  CHECK(raise(SIGURG) == 0); /* nobody's now, but both handlers are still there */
  return 0;
}

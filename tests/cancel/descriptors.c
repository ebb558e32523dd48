/* Descriptors: which are open that were not open before. */
#include "at_random.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 4096 };

static bool ours[MOST];

static void for_each_descriptor(void (*fn)(int)) {
  DIR *directory = opendir("/proc/self/fd");
  REQUIRE(directory != NULL);
  for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
    int fd = atoi(entry->d_name);
    if (entry->d_name[0] != '.' && fd != dirfd(directory)) fn(fd);
  }
  closedir(directory);
}

static void note(int fd) {
  REQUIRE(fd < MOST);
  ours[fd] = true;
}

/* A round of libc's own cancellation leaves hundreds behind. The calling thread has slept, and so has the descriptor that is its own where
 * it is woken by one. */
void descriptors_note(void) {
  REQUIRE(nanosleep(&(struct timespec){0, 1}, NULL) == 0);
  struct rlimit limit;
  REQUIRE(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  limit.rlim_cur = limit.rlim_max < MOST ? limit.rlim_max : MOST;
  REQUIRE(setrlimit(RLIMIT_NOFILE, &limit) == 0);
  for_each_descriptor(note);
}

static int left[MOST], left_count;
static int wake_ends; /* of threads that go on: this one, and the one that watches */
enum { THREADS_THAT_GO_ON = 2 };

/* By which polite wakes threads on the self-pipe. Nobody else here makes such descriptors. */
static bool is_wake_end(int fd) {
  char path[64], what[64] = "";
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  return readlink(path, what, sizeof what - 1) > 0 && strstr(what, "[eventfd]");
}

static void note_left(int fd) {
  if (ours[fd] || (is_wake_end(fd) && wake_ends++ < THREADS_THAT_GO_ON)) return;
  left[left_count++] = fd;
}

long descriptors_left(void) {
  left_count = wake_ends = 0;
  for_each_descriptor(note_left);
  for (int i = 0; i < left_count; ++i) close(left[i]);
  return left_count;
}

/* Descriptors: which are open that were not open before. */
#include "at_random.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/resource.h>
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

/* A round of libc's own cancellation leaves hundreds behind. */
void descriptors_note(void) {
  struct rlimit limit;
  REQUIRE(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  limit.rlim_cur = limit.rlim_max < MOST ? limit.rlim_max : MOST;
  REQUIRE(setrlimit(RLIMIT_NOFILE, &limit) == 0);
  for_each_descriptor(note);
}

static int left[MOST], left_count;

static void note_left(int fd) {
  if (!ours[fd]) left[left_count++] = fd;
}

long descriptors_left(void) {
  left_count = 0;
  for_each_descriptor(note_left);
  for (int i = 0; i < left_count; ++i) close(left[i]);
  return left_count;
}

/* Finding the file that a path names, and never one outside of the root, wherever symbolic links lead. */
#define _GNU_SOURCE 1

#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined __has_include
#  if __has_include(<linux/openat2.h>)
#    include <linux/openat2.h>
#    include <sys/syscall.h>
#  endif
#endif

/* O_NONBLOCK: the opening of a FIFO would wait for its writer. */
enum { OPEN_FLAGS = O_RDONLY | O_CLOEXEC | O_NONBLOCK };

/* Step by step, and through no symbolic link at all. */
static int walk_below(int root, const char *path) {
  int at = dup(root);

  while (at >= 0 && *path != '\0') {
    size_t length = strcspn(path, "/");
    char *name = strndup(path, length);
    path += length;
    int kind = *path == '/' ? O_DIRECTORY : 0;
    path += strspn(path, "/");

    int next = name != NULL ? openat(at, name, OPEN_FLAGS | O_NOFOLLOW | kind) : -1;
    int error = errno;
    free(name);
    close(at);
    errno = error;
    at = next;
  }
  return at;
}

static int open_below(int root, const char *path) {
#ifdef RESOLVE_BENEATH
  struct open_how how = {.flags = OPEN_FLAGS, .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
  int file = (int)syscall(SYS_openat2, root, path, &how, sizeof how);
  if (file >= 0 || (errno != ENOSYS && errno != EPERM)) return file; /* those two: not known, or not allowed here */
#endif
  return walk_below(root, path);
}

static int refusal(int error) {
  switch (error) {
    case ENOENT: case ENOTDIR: case ENAMETOOLONG: return 404;
    case EACCES: case EPERM: case EXDEV: case ELOOP: return 403; /* EXDEV: it leads out of the root */
    case EMFILE: case ENFILE: case ENOMEM: case EAGAIN: return 503;
    default: return 500;
  }
}

int open_file(int root, char *path, int *file, int64_t *size) {
  struct stat info;

  if (*path == '\0') strcpy(path, ".");
  *file = open_below(root, path);
  if (*file >= 0 && fstat(*file, &info) == 0 && S_ISDIR(info.st_mode)) {
    close(*file);
    strcat(path, INDEX_FILE);
    *file = open_below(root, path);
  }
  if (*file < 0) return refusal(errno);
  if (fstat(*file, &info) != 0 || !S_ISREG(info.st_mode)) {
    close(*file);
    return 404;
  }
  *size = info.st_size;
  return 200;
}

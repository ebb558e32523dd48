/* The open loop: what is lost between a system call and the program that made it. The program does what it can: nothing but
 * open's own result can be lost. */
#include "cancel_at_random.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* libc's close is a cancellation point, and may have closed it. */
static void close_it(void *fd_) {
  int fd = *(int *)fd_;
  if (fd >= 0) REQUIRE(close(fd) == 0 || errno == EBADF);
}

void *open_for_ever(void *worker) {
  int fd = -1;
  pthread_cleanup_push(close_it, &fd);
  for (;;) {
    about_to(worker, OPEN);
    fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    REQUIRE(fd >= 0);
    close(fd);
    fd = -1;
  }
  pthread_cleanup_pop(1);
  return NULL;
}

/* The drop-in in a strict C99 program without feature-test macros: compiled only. What the system declares there is replaced. */
#ifdef DROPIN_FIRST
#include "polite/dropin.h"
#include <unistd.h>
#else
#include <unistd.h>
#include "polite/dropin.h"
#endif

/* Names that a strict program may use for itself, as the system does not declare them there. */
#if defined __GLIBC__
int nanosleep(int);
int accept4(void);
#endif

char buf[8];
long total(int fd);

long total(int fd) {
  struct pollfd one = {0, 0, 0};
  struct iovec piece = {0, 0};
  struct msghdr message;
  return read(fd, buf, 8) + write(fd, buf, 8) + readv(fd, &piece, 1) + writev(fd, &piece, 1) + close(fd) + poll(&one, 1, 0) +
         recv(fd, buf, 8, 0) + recvfrom(fd, buf, 8, 0, 0, 0) + recvmsg(fd, &message, 0) + send(fd, buf, 8, 0) +
         sendto(fd, buf, 8, 0, 0, 0) + sendmsg(fd, &message, 0) + accept(fd, 0, 0) + connect(fd, 0, 0);
}

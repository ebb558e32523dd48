/* Compiled in all the ways in which the drop-in may be met on Windows, by dropin.sh, and once more as the second file of the same program. Whether
 * a name has been replaced is seen in the object file, and by a pending interrupt, which a plain call knows nothing of. */
#ifdef DROPIN_FIRST
#include "polite/dropin.h"
#endif
#include <winsock2.h>
#include <ws2tcpip.h>
#include <windows.h>

#include <errno.h>
#include <io.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static int before(SOCKET s) { return closesocket(s); } /* a use that comes first, as in somebody's inline function */

#include "polite/dropin.h"

#ifdef SECOND
#define FUNCTION second
#else
#define FUNCTION first
#endif
#ifdef __cplusplus
extern "C" {
#endif
int first(void), second(void);
#ifdef __cplusplus
}
struct reader {
  int read() const { return recv; }
  int recv;
};
namespace mine {
inline int accept(int a) { return a; }
}
#endif

static int expect(int line, int holds) {
  if (!holds) fprintf(stderr, "%s:%d: does not hold\n", __FILE__, line);
  return !holds;
}
#define POST() polite_interrupt(polite_self())
#define BY_ERRNO(call) (POST(), errno = 0, failures += expect(__LINE__, (call) == -1 && errno == ECANCELED && polite_dropin_interrupted()))
#define BY_LAST_ERROR(call) \
  (POST(), failures += expect(__LINE__, (call) == -1 && WSAGetLastError() == WSA_E_CANCELLED && polite_dropin_interrupted()))
#define BY_NUMBER(call) (POST(), failures += expect(__LINE__, (call) == WSA_E_CANCELLED && polite_dropin_interrupted()))

int FUNCTION(void) {
  int failures = 0, ends[2];
  char bytes[4] = {0, 0, 0, 0};
  struct sockaddr_in address;
  struct addrinfo *list;
  SOCKET s = socket(AF_INET, SOCK_DGRAM, 0);
  WSAPOLLFD one;
  u_long on = 1;
  int length = sizeof address;
  one.fd = s;
  one.events = 0;
  address.sin_family = AF_INET;
  address.sin_port = 9;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  failures += expect(__LINE__, _pipe(ends, 100, 0x8000) == 0);
  BY_ERRNO(_read(ends[0], bytes, sizeof bytes));
  BY_ERRNO(_write(ends[1], bytes, 1));
#ifndef NO_OLDNAMES
  BY_ERRNO(read(ends[0], bytes, sizeof bytes));
  BY_ERRNO(write(ends[1], bytes, 1));
#endif
  BY_ERRNO(usleep(1));
  POST();
  failures += expect(__LINE__, sleep(0) == 1);
#ifdef WIN_PTHREADS_TIME_H
  {
    struct timespec moment = {0, 1};
    BY_ERRNO(nanosleep(&moment, NULL));
  }
#endif
  BY_LAST_ERROR(recv(s, bytes, sizeof bytes, 0));
  BY_LAST_ERROR(recvfrom(s, bytes, sizeof bytes, 0, NULL, NULL));
  BY_LAST_ERROR(send(s, bytes, 1, 0));
  BY_LAST_ERROR(sendto(s, bytes, 1, 0, (struct sockaddr *)&address, length));
  BY_LAST_ERROR((intptr_t)accept(s, NULL, NULL));
  BY_LAST_ERROR(connect(s, (struct sockaddr *)&address, length));
  BY_LAST_ERROR(WSAPoll(&one, 1, 0));
  BY_NUMBER(getaddrinfo("127.0.0.1", NULL, NULL, &list));
  BY_NUMBER(getnameinfo((struct sockaddr *)&address, length, bytes, 1, NULL, 0, NI_NUMERICHOST));
  failures += expect(__LINE__, ioctlsocket(s, (long)FIONBIO, &on) == 0 && recv(s, bytes, 1, 0) == -1);
  failures += expect(__LINE__, WSAEventSelect(s, NULL, 0) == 0 && WSAAsyncSelect(s, NULL, 0, 0) != 1);
  failures += expect(__LINE__, before(s) == 0 && _close(ends[0]) + _close(ends[1]) == 0);
#ifdef __cplusplus
  reader one_reader = {3};
  failures += expect(__LINE__, one_reader.read() + mine::accept(1) == 4);
#endif
  return failures;
}

#ifndef SECOND
int main(void) {
  WSADATA data;
  if (WSAStartup(MAKEWORD(2, 2), &data) != 0) return 99;
  return first() + second();
}
#endif

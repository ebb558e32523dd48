/* Connections: each that was made is taken once, and no socket is left over (rule 2). */
#include "stress.h"

static SOCKET listener;
static struct sockaddr_in address;
static atomic_long connected, accepted;
static SOCKET connecting = INVALID_SOCKET;

/* The one who connects takes up again what was interrupted; then says one byte, and closes. */
static int connect_once(struct worker *worker) {
  (void)worker;
  if (connecting == INVALID_SOCKET) connecting = socket(AF_INET, SOCK_STREAM, 0);
  REQUIRE(connecting != INVALID_SOCKET);
  int result = polite_connect((polite_sock)connecting, (struct sockaddr *)&address, sizeof address);
  if (result == POLITE_INTERRUPTED) return result;
  if (result != 0) fail("connect: %s", polite_error_name(result));
  ++connected;
  closesocket(connecting);
  connecting = INVALID_SOCKET;
  return polite_nanosleep(random_below(&worker->random, 1000000), NULL);
}

static int accept_once(struct worker *worker) {
  (void)worker;
  struct sockaddr_in from;
  uint32_t length = sizeof from;
  polite_sock taken = polite_accept((polite_sock)listener, (struct sockaddr *)&from, &length);
  if (taken == POLITE_INTERRUPTED) return POLITE_INTERRUPTED;
  if (taken < 0) fail("accept: %s", polite_error_name((int)taken));
  REQUIRE(from.sin_addr.s_addr == address.sin_addr.s_addr && length == sizeof from);
  ++accepted;
  closesocket((SOCKET)taken);
  return 0;
}

void add_connections(void) {
  connected = accepted = 0;
  connecting = INVALID_SOCKET;
  int length = sizeof address;
  listener = socket(AF_INET, SOCK_STREAM, 0);
  address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  REQUIRE(bind(listener, (struct sockaddr *)&address, length) == 0 && listen(listener, 64) == 0);
  REQUIRE(getsockname(listener, (struct sockaddr *)&address, &length) == 0);
  add_worker("connect", connect_once, NULL);
  add_worker("accept", accept_once, NULL);
  add_worker("accept, too", accept_once, NULL);
}

/* What is in the backlog still; the one that is being made comes to an end first. */
long settle_connections(void) {
  if (connecting != INVALID_SOCKET) {
    int result = polite_connect((polite_sock)connecting, (struct sockaddr *)&address, sizeof address);
    if (result != 0) fail("connect, in the end: %s", polite_error_name(result));
    ++connected;
    closesocket(connecting);
  }
  while (accepted < connected) {
    SOCKET taken = accept(listener, NULL, NULL);
    REQUIRE(taken != INVALID_SOCKET);
    ++accepted;
    closesocket(taken);
  }
  u_long none = 1;
  REQUIRE(ioctlsocket(listener, FIONBIO, &none) == 0);
  REQUIRE(accept(listener, NULL, NULL) == INVALID_SOCKET && accepted == connected);
  closesocket(listener);
  return connected;
}

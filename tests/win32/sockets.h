/* Sockets for the tests: on this machine, ready to be blocked on. */
#ifndef WIN32_SOCKETS_H
#define WIN32_SOCKETS_H

#include <winsock2.h>
#include <ws2tcpip.h>
#include <mswsock.h>

#include "../scene.h"
#include "handles.h"

/* How a socket is made. */
enum how { OVERLAPPED_USE = WSA_FLAG_OVERLAPPED, PLAIN_USE = 0 };

static inline int begin_sockets(void **state) {
  (void)state;
  WSADATA data;
  return WSAStartup(MAKEWORD(2, 2), &data);
}

static inline SOCKET make_socket(int type, enum how how) {
  SOCKET made = WSASocketW(AF_INET, type, 0, NULL, 0, how);
  assert_true(made != INVALID_SOCKET);
  return made;
}

static inline struct sockaddr_in address_of(SOCKET socket) {
  struct sockaddr_in address;
  int length = sizeof address;
  assert_int_equal(getsockname(socket, (struct sockaddr *)&address, &length), 0);
  return address;
}

static inline void bind_here(SOCKET socket) {
  struct sockaddr_in here = {.sin_family = AF_INET};
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  assert_int_equal(bind(socket, (struct sockaddr *)&here, sizeof here), 0);
}

static inline SOCKET make_listener(int backlog, enum how how) {
  SOCKET listener = make_socket(SOCK_STREAM, how);
  bind_here(listener);
  assert_int_equal(listen(listener, backlog), 0);
  return listener;
}

/* By plain calls. Whether it did. */
static inline int connect_to(SOCKET socket, SOCKET listener) {
  struct sockaddr_in there = address_of(listener);
  return connect(socket, (struct sockaddr *)&there, sizeof there) == 0;
}

/* Two ends of a stream, of which the first is made as is said. */
static inline void make_stream(SOCKET ends[2], enum how how) {
  SOCKET listener = make_listener(1, OVERLAPPED_USE);
  ends[0] = make_socket(SOCK_STREAM, how);
  assert_true(connect_to(ends[0], listener));
  ends[1] = accept(listener, NULL, NULL);
  assert_true(ends[1] != INVALID_SOCKET);
  closesocket(listener);
}

/* The same with datagrams; each is connected to the other. */
static inline void make_datagrams(SOCKET ends[2], enum how how) {
  for (int i = 0; i < 2; ++i) bind_here(ends[i] = make_socket(SOCK_DGRAM, i ? OVERLAPPED_USE : how));
  for (int i = 0; i < 2; ++i) assert_true(connect_to(ends[i], ends[!i]));
}

static inline void close_pair(SOCKET ends[2]) {
  closesocket(ends[0]);
  closesocket(ends[1]);
}

static inline void set_limit(SOCKET socket, int option, DWORD milliseconds) {
  assert_int_equal(setsockopt(socket, SOL_SOCKET, option, (char *)&milliseconds, sizeof milliseconds), 0);
}

#endif

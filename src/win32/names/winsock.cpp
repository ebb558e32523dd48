// Winsock's calls, with its arguments and its errors.
//
// A socket's mode is known to polite if it is told (polite_sock_set_nonblocking): so what changes it is here, too.
#include "polite/dropin_functions.h"
#include "polite/error.h"
#include "polite/io.h"
#include "polite/names.h"
#include "polite/socket.h"
#include "polite/windows.h"
#include "win32/names/conventions.h"
#include "win32/sockets.h"

using namespace polite;

namespace {

int fail(DWORD error) {
  WSASetLastError(int(error));
  return SOCKET_ERROR;
}

// What has waited in vain for its time limit says so, where what does not wait says that it would have to.
int answer_of(polite_ssize_t n, polite_sock sock, int limit) {
  if (n >= 0) return int(n);
  DWORD milliseconds = 0;
  int size = sizeof milliseconds;
  if (n == POLITE_EAGAIN) getsockopt(SOCKET(sock), SOL_SOCKET, limit, reinterpret_cast<char *>(&milliseconds), &size);
  return milliseconds && milliseconds != NONBLOCKING_MARK ? fail(WSAETIMEDOUT) : by_last_error(n);
}

int resolver_answer(int code) {
  if (code == 0) return 0;
  if (code == POLITE_ENOMEM || code == POLITE_EAGAIN) code = POLITE_EAI_MEMORY;  // for the question, not for the answer
  DWORD error = winsock_error(code);
  WSASetLastError(int(error));
  return int(error);
}

// The system has put the socket into non-blocking mode.
int note_mode(int answer, polite_sock sock, long events) {
  DWORD error = DWORD(WSAGetLastError());
  if (answer == 0 && events) polite_sock_set_nonblocking(sock, 1);
  WSASetLastError(int(error));
  return answer;
}

}  // namespace

extern "C" {

int polite_dropin_recv(polite_sock sock, char *buf, int len, int flags) {
  if (len < 0) return fail(WSAEFAULT);
  return answer_of(polite_recv(sock, buf, size_t(len), flags | POLITE_MSG_WHOLE), sock, SO_RCVTIMEO);
}

// What comes by a stream has no address with it, and the plain call leaves them alone.
int polite_dropin_recvfrom(polite_sock sock, char *buf, int len, int flags, sockaddr *from, int *from_len) {
  if (len < 0 || (from && from_len && *from_len < 0)) return fail(WSAEFAULT);
  uint32_t room = from && from_len ? uint32_t(*from_len) : 0;
  polite_ssize_t n = polite_recvfrom(sock, buf, size_t(len), flags | POLITE_MSG_WHOLE, from, from_len ? &room : nullptr);
  if ((n >= 0 || n == POLITE_EMSGSIZE) && from && from_len && room) *from_len = int(room);
  return answer_of(n, sock, SO_RCVTIMEO);
}

int polite_dropin_send(polite_sock sock, const char *buf, int len, int flags) {
  if (len < 0) return fail(WSAEFAULT);
  return answer_of(polite_send(sock, buf, size_t(len), flags), sock, SO_SNDTIMEO);
}

int polite_dropin_sendto(polite_sock sock, const char *buf, int len, int flags, const sockaddr *to, int to_len) {
  if (len < 0) return fail(WSAEFAULT);
  return answer_of(polite_sendto(sock, buf, size_t(len), flags, to, uint32_t(to_len)), sock, SO_SNDTIMEO);
}

polite_sock polite_dropin_accept(polite_sock sock, sockaddr *from, int *from_len) {
  uint32_t room = from_len && *from_len > 0 ? uint32_t(*from_len) : 0;
  polite_sock made = polite_accept(sock, from, from_len ? &room : nullptr);
  if (made < 0) return by_last_error(made);
  if (from && from_len) *from_len = int(room);
  return made;
}

int polite_dropin_connect(polite_sock sock, const sockaddr *to, int to_len) {
  if (to_len < 0) return fail(WSAEFAULT);
  int answer = polite_connect(sock, to, uint32_t(to_len));
  return answer == 0 ? 0 : by_last_error(answer);
}

int polite_dropin_WSAPoll(pollfd *fds, unsigned long count, int timeout) {
  int answer = polite_poll(fds, count, timeout);
  return answer < 0 ? by_last_error(answer) : answer;
}

int polite_dropin_closesocket(polite_sock sock) {
  int answer = polite_close_socket(sock);
  return answer < 0 ? by_last_error(answer) : 0;
}

int polite_dropin_ioctlsocket(polite_sock sock, long command, unsigned long *argument) {
  bool sets_mode = command == long(FIONBIO) && argument;
  if (sets_mode && polite_sock_set_nonblocking(sock, *argument != 0) == 0) return 0;
  return ioctlsocket(SOCKET(sock), command, argument);
}

int polite_dropin_WSAEventSelect(polite_sock sock, void *event, long events) {
  return note_mode(WSAEventSelect(SOCKET(sock), event, events), sock, events);
}

int polite_dropin_WSAAsyncSelect(polite_sock sock, void *window, unsigned message, long events) {
  return note_mode(WSAAsyncSelect(SOCKET(sock), static_cast<HWND>(window), message, events), sock, events);
}

int polite_dropin_getaddrinfo(const char *node, const char *service, const addrinfo *hints, addrinfo **result) {
  int answer = polite_getaddrinfo(node, service, hints, result);
  if (answer != 0 && result) *result = nullptr;
  return resolver_answer(answer);
}

int polite_dropin_getnameinfo(const sockaddr *address, int address_len, char *node, unsigned long node_len, char *service,
                              unsigned long service_len, int flags) {
  return resolver_answer(polite_getnameinfo(address, uint32_t(address_len), node, node_len, service, service_len, flags));
}

}  // extern "C"

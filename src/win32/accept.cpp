// Taking connections, by AcceptEx. A connection that has been taken when the interrupt comes is returned; one that has not waits for the
// next call (rule 2). The socket for it is made before, and is closed on every way on which it does not become the result.
#include "polite/error.h"
#include "polite/interrupt.h"
#include "polite/socket.h"
#include "polite/windows.h"
#include "win32/afd.h"
#include "win32/errors.h"
#include "win32/sockets.h"

#include <string.h>

using namespace polite;

namespace {

constexpr Call accepting = {"accept", 0, true, false, 0};

// On Wine AcceptEx waits for ever on another one.
bool is_listener(SOCKET socket) {
  int listening = 0, size = sizeof listening;
  return getsockopt(socket, SOL_SOCKET, SO_ACCEPTCONN, reinterpret_cast<char *>(&listening), &size) == 0 && listening;
}

// Of the listener's family and provider; handed on to child processes if the listener is.
DWORD make_socket(SOCKET listener, SOCKET &made) {
  WSAPROTOCOL_INFOW info;
  int size = sizeof info;
  if (getsockopt(listener, SOL_SOCKET, SO_PROTOCOL_INFOW, reinterpret_cast<char *>(&info), &size) != 0) return DWORD(WSAGetLastError());
  DWORD inherited = 0;
  GetHandleInformation(reinterpret_cast<HANDLE>(listener), &inherited);
  DWORD flags = WSA_FLAG_OVERLAPPED | (inherited & HANDLE_FLAG_INHERIT ? 0 : WSA_FLAG_NO_HANDLE_INHERIT);
  made = WSASocketW(info.iAddressFamily, info.iSocketType, info.iProtocol, &info, 0, flags);
  return made == INVALID_SOCKET ? DWORD(WSAGetLastError()) : 0;
}

void hand_out(const sockaddr *address, int length, sockaddr *from, uint32_t *from_len) {
  if (!from || !from_len) return;
  uint32_t known = uint32_t(length);
  memcpy(from, address, known < *from_len ? known : *from_len);
  *from_len = known;
}

struct Accept : Operation {
  SOCKET listener, made;
  LPFN_ACCEPTEX accept_ex;
  static constexpr DWORD ROOM = sizeof(sockaddr_storage) + 16;  // as AcceptEx wants it
  char addresses[2 * ROOM];

  static DWORD begin(Operation &operation, OVERLAPPED &overlapped) {
    Accept &accept = static_cast<Accept &>(operation);
    DWORD bytes;
    bool done = accept.accept_ex(accept.listener, accept.made, accept.addresses, 0, ROOM, ROOM, &bytes, &overlapped);
    return done ? 0 : DWORD(WSAGetLastError());
  }

  void hand_out_peer(sockaddr *from, uint32_t *from_len) {
    auto addresses_in = extension<LPFN_GETACCEPTEXSOCKADDRS>(listener, WSAID_GETACCEPTEXSOCKADDRS);
    sockaddr *local, *peer = nullptr;
    int local_len, peer_len;
    if (!addresses_in) return;
    addresses_in(addresses, 0, ROOM, ROOM, &local, &local_len, &peer, &peer_len);
    if (peer) hand_out(peer, peer_len, from, from_len);
  }
};

// Made by the system's accept: on a socket that does not wait, or cannot be waited for.
polite_sock plainly(const Socket &listener, sockaddr *from, uint32_t *from_len) {
  sockaddr_storage address = {};
  int length = sizeof address;
  SOCKET taken = accept(listener.number, reinterpret_cast<sockaddr *>(&address), &length);
  if (taken == INVALID_SOCKET) return code_of(DWORD(WSAGetLastError()));
  if (listener.at_once) polite_sock_set_nonblocking(polite_sock(taken), 1);
  hand_out(reinterpret_cast<sockaddr *>(&address), length, from, from_len);
  return polite_sock(taken);
}

polite_sock when_ready(const Socket &listener, sockaddr *from, uint32_t *from_len) {
  Outcome ready = afd::wait_until_ready(accepting, listener.number, afd::ACCEPT, INFINITE);
  if (ready.interrupted) return POLITE_INTERRUPTED;
  return ready.error ? code_of(ready.error) : plainly(listener, from, from_len);
}

polite_sock overlapped(const Socket &listener, LPFN_ACCEPTEX accept_ex, sockaddr *from, uint32_t *from_len) {
  SOCKET made;
  if (DWORD error = make_socket(listener.number, made)) return code_of(error);
  Accept accept = {{accepting, listener.handle(), Accept::begin, by_socket}, listener.number, made, accept_ex, {}};
  Outcome outcome = perform(accept);
  if (outcome.interrupted || outcome.error) {
    closesocket(made);
    return outcome.interrupted ? POLITE_INTERRUPTED : code_of(outcome.error);
  }
  // Without it the socket has neither the listener's options nor a peer. It fails if the peer has gone: that, the next call on it tells.
  setsockopt(made, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, reinterpret_cast<const char *>(&listener.number), sizeof listener.number);
  accept.hand_out_peer(from, from_len);
  return polite_sock(made);
}

}  // namespace

extern "C" polite_sock polite_accept(polite_sock sock, sockaddr *from, uint32_t *from_len) {
  if (int interrupted = polite_checkpoint()) return interrupted;
  Socket listener;
  if (DWORD error = look_at(listener, sock, SO_RCVTIMEO)) return code_of(error);
  if (listener.at_once || !is_listener(listener.number)) return plainly(listener, from, from_len);
  auto accept_ex = extension<LPFN_ACCEPTEX>(listener.number, WSAID_ACCEPTEX);
  if (!listener.overlapped || !accept_ex) return when_ready(listener, from, from_len);
  return overlapped(listener, accept_ex, from, from_len);
}

// Connecting, by ConnectEx. It continues: one that was cancelled could not be made again, so an interrupted one is left in flight, and is
// taken up by the next call on that socket.
//
// What the system writes into then belongs to nobody's frame. It is kept in a list, by the number of the socket, and belongs to
// the list or to one thread that waits for it. A number may be another socket's by now: what is in the list counts for a socket that is
// bound to the same port, which a new one is not; and "connected" counts only for one that is.
//
// What will never be taken up is freed when it has come to its end and somebody connects, or closes a socket by polite_close_socket.
#include "delivery.h"
#include "polite/error.h"
#include "polite/interrupt.h"
#include "polite/socket.h"
#include "process.h"
#include "win32/errors.h"
#include "win32/sleeping.h"
#include "win32/sockets.h"

#include <stdlib.h>

namespace polite {

namespace {

constexpr Call connecting = {"connect", 0, true, false, 0};

struct Address {
  sockaddr_storage storage = {};
  int length = sizeof storage;

  sockaddr *get() { return reinterpret_cast<sockaddr *>(&storage); }
  USHORT port() const { return reinterpret_cast<const sockaddr_in &>(storage).sin_port; }  // IPv6 has it there, too
  // The rest of the address is filled in by connecting.
  bool is_local_of(SOCKET socket) const {
    Address now;
    return getsockname(socket, now.get(), &now.length) == 0 && now.storage.ss_family == storage.ss_family && now.port() == port();
  }
};

}  // namespace

struct Connecting {
  OVERLAPPED overlapped;
  HANDLE event;
  SOCKET socket;  // INVALID_SOCKET: nobody will take it up
  Address local;
  Connecting *next;

  bool ended() const { return WaitForSingleObject(event, 0) == WAIT_OBJECT_0; }
  DWORD error() {
    Operation operation = {connecting, reinterpret_cast<HANDLE>(socket), nullptr};
    DWORD bytes;
    return by_socket(operation, overlapped, bytes);
  }
};

namespace {

SRWLOCK guard = SRWLOCK_INIT;
Connecting *left_behind;

struct Guarded {
  Guarded() { AcquireSRWLockExclusive(&guard); }
  ~Guarded() { ReleaseSRWLockExclusive(&guard); }
};

void dispose(Connecting *ended) {
  CloseHandle(ended->event);
  free(ended);
}

void put(Connecting *one) {
  Guarded guarded;
  one->next = left_behind;
  left_behind = one;
}

// Frees what has come to its end, but for what may be asked for.
void sweep() {
  Guarded guarded;
  for (Connecting **place = &left_behind; *place;) {
    Connecting *one = *place;
    bool done = one->ended() && (one->socket == INVALID_SOCKET || !one->local.is_local_of(one->socket));
    if (done) {
      *place = one->next;
      dispose(one);
    } else {
      place = &one->next;
    }
  }
}

// Begins. 0 and what is in flight, or an error.
DWORD begin(SOCKET socket, LPFN_CONNECTEX connect_ex, const sockaddr *to, int to_len, Connecting *&begun) {
  Connecting *one = static_cast<Connecting *>(calloc(1, sizeof *one));
  HANDLE event = one ? CreateEventW(nullptr, TRUE, FALSE, nullptr) : nullptr;
  if (!event) {
    free(one);
    return ERROR_NOT_ENOUGH_MEMORY;
  }
  one->event = event;
  one->socket = socket;
  one->local = Address();
  one->overlapped.hEvent = reinterpret_cast<HANDLE>(reinterpret_cast<uintptr_t>(event) | 1);  // as Operation has it
  getsockname(socket, one->local.get(), &one->local.length);
  DWORD error = connect_ex(socket, to, to_len, nullptr, 0, nullptr, &one->overlapped) ? 0 : DWORD(WSAGetLastError());
  if (error != 0 && error != ERROR_IO_PENDING) {
    dispose(one);
    return error;
  }
  begun = one;
  return 0;
}

// ConnectEx wants a socket that has an address, which connect() would see to.
DWORD bind_if_need_be(SOCKET socket, int family) {
  Address address;
  if (getsockname(socket, address.get(), &address.length) == 0) return 0;
  address.storage = {};
  address.storage.ss_family = ADDRESS_FAMILY(family);
  int length = family == AF_INET ? int(sizeof(sockaddr_in)) : int(sizeof(sockaddr_in6));
  if (bind(socket, address.get(), length) == 0) return 0;
  DWORD error = DWORD(WSAGetLastError());
  return error == WSAEINVAL ? 0 : error;  // it has one by now
}

// True if it has come to its end; false if an interrupt has been delivered.
bool wait_for(Connecting &one) {
  using namespace polite::platform;
  Record &record = present();
  bool plain = outside(record);
  for (;;) {
    Bed_waker waker;
    if (plain || !waker.bed().event()) return wait_for_objects(&one.event, 1, nullptr, waker.bed(), NEVER) == 0;
    Region region(record, waker, connecting, one.socket);
    int woken = wait_for_objects(&one.event, 1, &region, waker.bed(), NEVER);
    switch (region.leave(woken == 0 ? Ending::result : Ending::woken)) {
      case Next::interrupted: return false;
      case Next::give_back: return true;
      case Next::again: break;
    }
  }
}

int update(SOCKET socket) { return setsockopt(socket, SOL_SOCKET, SO_UPDATE_CONNECT_CONTEXT, nullptr, 0); }

// What came of it, which is then gone; or it is left behind.
int outcome_of(Connecting *one) {
  if (!wait_for(*one)) {
    leave_connect(one);
    return POLITE_INTERRUPTED;
  }
  DWORD error = one->error();
  if (!error) update(one->socket);
  dispose(one);
  return error ? code_of(error) : 0;
}

// The same for one that was left behind. False: it says nothing about this socket. (The system cancels what a thread has begun when that
// ends; and such a connect cannot be made again.)
bool take_up(SOCKET socket, int &answer) {
  Connecting *one = take_up_connect(socket);
  if (!one) return false;
  if (one->ended() && one->error() == 0) {
    bool connected = update(socket) == 0;
    dispose(one);
    answer = 0;
    return connected;
  }
  answer = outcome_of(one);
  return true;
}

// By the system's connect, which nobody can wake.
int plainly(const Socket &socket, const sockaddr *to, int to_len) {
  if (connect(socket.number, to, to_len) == 0) return 0;
  DWORD error = DWORD(WSAGetLastError());
  return error == WSAEWOULDBLOCK ? POLITE_EINPROGRESS : code_of(error);
}

}  // namespace

Connecting *take_up_connect(SOCKET socket) {
  Guarded guarded;
  for (Connecting **place = &left_behind; *place; place = &(*place)->next) {
    Connecting *one = *place;
    if (one->socket != socket) continue;
    if (one->local.is_local_of(socket)) {
      *place = one->next;
      return one;
    }
    one->socket = INVALID_SOCKET;
  }
  return nullptr;
}

void leave_connect(Connecting *one) { put(one); }

void give_up_connect(Connecting *one) {
  one->socket = INVALID_SOCKET;
  put(one);
  sweep();
}

}  // namespace polite

using namespace polite;

extern "C" int polite_connect(polite_sock sock, const sockaddr *to, uint32_t to_len) {
  if (int interrupted = polite_checkpoint()) return interrupted;
  Socket socket;
  if (DWORD error = look_at(socket, sock, SO_SNDTIMEO)) return code_of(error);
  if (!to || to_len < sizeof to->sa_family) return POLITE_EFAULT;
  int length = int(to_len);
  bool waits = !socket.at_once && socket.overlapped && (to->sa_family == AF_INET || to->sa_family == AF_INET6) && is_stream(socket.number);
  auto connect_ex = waits ? extension<LPFN_CONNECTEX>(socket.number, WSAID_CONNECTEX) : nullptr;
  if (!connect_ex) return plainly(socket, to, length);
  int answer;
  if (take_up(socket.number, answer)) return answer;
  sweep();
  if (DWORD error = bind_if_need_be(socket.number, to->sa_family)) return code_of(error);
  Connecting *begun;
  if (DWORD error = begin(socket.number, connect_ex, to, length, begun)) return code_of(error);
  return outcome_of(begun);
}

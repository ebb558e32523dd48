// What all calls on sockets have in common: what a socket is like, and how what was started on it has ended.
//
// A socket can be waited for if it was made for overlapped use, as socket() and accept() make it. On another one the system's calls
// block, whatever they are given; so there the thread waits until it is ready (afd.h), and makes the call then.
//
// Nobody tells whether a socket is in non-blocking mode, and an overlapped call on one pends all the same. So its owner tells us
// (polite_sock_set_nonblocking), and what he said is kept in the socket itself, as a time limit that nobody else would set: it is gone
// when the socket is.
#pragma once

#include "win32/operation.h"

#include <mswsock.h>
#include <ws2tcpip.h>

namespace polite {

// As a time limit, on a socket that is known to be in non-blocking mode: 24 days. What is not negative as an int comes back as it was set (seen on Wine, and with what getsockopt gives out).
constexpr DWORD NONBLOCKING_MARK = 0x7ffffffe;

struct Socket {
  SOCKET number;
  bool overlapped;  // it can be waited for
  bool at_once;     // its calls do not wait
  DWORD limit;      // the time that its calls in this direction may take, in milliseconds, or INFINITE

  HANDLE handle() const { return reinterpret_cast<HANDLE>(number); }
};

// `limit` is SO_RCVTIMEO or SO_SNDTIMEO. 0, or the system's error.
DWORD look_at(Socket &, polite_sock, int limit);

// Whether it moves bytes, not messages.
bool is_stream(SOCKET);

// A function of the socket's provider, or null.
template <class Function>
Function extension(SOCKET socket, GUID name) {
  Function function = nullptr;
  DWORD bytes;
  WSAIoctl(socket, SIO_GET_EXTENSION_FUNCTION_POINTER, &name, sizeof name, &function, sizeof function, &bytes, nullptr, nullptr);
  return function;
}

// For Operation::finish. What has been cancelled, and what ended because another thread closed the socket, is ERROR_OPERATION_ABORTED.
DWORD by_socket(Operation &, OVERLAPPED &, DWORD &bytes);

// A connect that was interrupted, and is to be given up when its socket is closed (connect.cpp).
struct Connecting;
Connecting *take_up_connect(SOCKET);
void give_up_connect(Connecting *);
void leave_connect(Connecting *);

}  // namespace polite

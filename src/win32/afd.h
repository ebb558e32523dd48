// Waiting for sockets to be ready, many at a time, by what select() and WSAPoll are made of: a request to the driver beneath all sockets,
// which is no operation of the sockets' own. So their modes and event selections are left alone, and it can be cancelled.
//
// The request is documented by those who use it (wepoll, libuv, mio) and not by its maker, who has kept it as it is since Windows 2000.
#pragma once

#include "win32/operation.h"

#include <winternl.h>

namespace polite::afd {

enum Event : ULONG {
  RECEIVE = 0x1,
  RECEIVE_EXPEDITED = 0x2,
  SEND = 0x4,
  DISCONNECT = 0x8,
  ABORT = 0x10,
  LOCAL_CLOSE = 0x20,
  ACCEPT = 0x80,
  CONNECT_FAIL = 0x100
};

struct Polled {
  HANDLE handle;  // as base_handle says
  ULONG events;
  NTSTATUS status;
};

struct Request {
  LARGE_INTEGER timeout;
  ULONG count;
  ULONG exclusive;
  Polled sockets[1];  // and more

  static constexpr DWORD size_for(ULONG count) { return DWORD(offsetof(Request, sockets) + count * sizeof(Polled)); }
};

// The socket beneath what providers have laid on top of it. 0, or the system's error.
DWORD base_handle(SOCKET, HANDLE &);

// Fills in `answer`, which has room for as many sockets as `request` and holds those with something to tell, in the order of the request.
// `request` needs no timeout; that is in milliseconds, or INFINITE.
Outcome poll(const Call &, uint64_t object, Request &request, Request &answer, DWORD milliseconds, bool goes_on = false);

// The same for one.
Outcome wait_until_ready(const Call &, SOCKET, ULONG events, DWORD milliseconds, bool goes_on = false);

}  // namespace polite::afd

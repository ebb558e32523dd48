#include "win32/sockets.h"

#include "polite/windows.h"
#include "win32/errors.h"

#include <winternl.h>

namespace polite {

namespace {

constexpr NTSTATUS CANCELLED = NTSTATUS(0xC0000120), HANDLES_CLOSED = NTSTATUS(0x8000000A);

DWORD limit_of(SOCKET socket, int option, DWORD &limit) {
  int size = sizeof limit;
  limit = 0;
  if (getsockopt(socket, SOL_SOCKET, option, reinterpret_cast<char *>(&limit), &size) == 0) return 0;
  DWORD error = DWORD(WSAGetLastError());
  return error == WSAENOPROTOOPT ? 0 : error;
}

bool made_overlapped(HANDLE handle) {
  constexpr ULONG SYNCHRONOUS = 0x30;  // FILE_SYNCHRONOUS_IO_ALERT, FILE_SYNCHRONOUS_IO_NONALERT
  constexpr FILE_INFORMATION_CLASS FileModeInformation = FILE_INFORMATION_CLASS(16);
  IO_STATUS_BLOCK status;
  ULONG mode = 0;
  return NtQueryInformationFile(handle, &status, &mode, sizeof mode, FileModeInformation) < 0 || !(mode & SYNCHRONOUS);
}

// Leaves a limit that is the program's alone.
int mark(SOCKET socket, int option, bool on) {
  DWORD before, wanted = on ? NONBLOCKING_MARK : 0;
  if (DWORD error = limit_of(socket, option, before)) return code_of(error);
  if (!on && before != NONBLOCKING_MARK) return 0;
  if (setsockopt(socket, SOL_SOCKET, option, reinterpret_cast<char *>(&wanted), sizeof wanted) == 0) return 0;
  return code_of(DWORD(WSAGetLastError()));
}

int mark_both(SOCKET socket, bool on) {
  int receiving = mark(socket, SO_RCVTIMEO, on);
  return receiving ? receiving : mark(socket, SO_SNDTIMEO, on);
}

}  // namespace

DWORD look_at(Socket &socket, polite_sock sock, int option) {
  socket.number = SOCKET(sock);
  if (DWORD error = limit_of(socket.number, option, socket.limit)) return error;
  socket.at_once = socket.limit == NONBLOCKING_MARK;
  if (!socket.limit) socket.limit = INFINITE;
  socket.overlapped = made_overlapped(socket.handle());
  return 0;
}

bool is_stream(SOCKET socket) {
  int type = 0, size = sizeof type;
  return getsockopt(socket, SOL_SOCKET, SO_TYPE, reinterpret_cast<char *>(&type), &size) == 0 && type == SOCK_STREAM;
}

// The socket may be none any more, so what was done is taken from where the system has put it.
DWORD by_socket(Operation &operation, OVERLAPPED &overlapped, DWORD &bytes) {
  NTSTATUS status = NTSTATUS(overlapped.Internal);
  bytes = DWORD(overlapped.InternalHigh);
  if (status == 0) return 0;
  if (status == CANCELLED || status == HANDLES_CLOSED) return ERROR_OPERATION_ABORTED;
  DWORD flags, moved;
  if (WSAGetOverlappedResult(reinterpret_cast<SOCKET>(operation.handle), &overlapped, &moved, FALSE, &flags)) return 0;
  DWORD error = DWORD(WSAGetLastError());
  return error == WSAENOTSOCK ? RtlNtStatusToDosError(status) : error;
}

}  // namespace polite

using namespace polite;

extern "C" {

int polite_sock_set_nonblocking(polite_sock sock, int on) {
  u_long mode = on != 0;
  // Before it blocks the marks are gone: who finds one makes the plain call.
  if (!on)
    if (int error = mark_both(SOCKET(sock), false)) return error;
  if (ioctlsocket(SOCKET(sock), long(FIONBIO), &mode) != 0) return code_of(DWORD(WSAGetLastError()));
  return on ? mark_both(SOCKET(sock), true) : 0;
}

// The number may be another socket's as soon as it is closed.
int polite_close_socket(polite_sock sock) {
  Connecting *connecting = take_up_connect(SOCKET(sock));
  bool closed = closesocket(SOCKET(sock)) == 0;
  DWORD error = DWORD(WSAGetLastError());
  if (connecting) closed ? give_up_connect(connecting) : leave_connect(connecting);
  return closed ? 0 : code_of(error);
}

}  // extern "C"

#include "win32/afd.h"

#include "atomic.h"

#include <mswsock.h>

namespace polite::afd {

namespace {

constexpr ULONG IOCTL_AFD_POLL = 0x12024;
constexpr NTSTATUS PENDING = 0x103, CANCELLED = NTSTATUS(0xC0000120);

// The driver, opened under a name that says by whom. It is never closed.
HANDLE driver() {
  static Atomic<HANDLE> known;
  if (HANDLE handle = known.load()) return handle;
  wchar_t text[] = L"\\Device\\Afd\\polite";
  UNICODE_STRING name = {sizeof text - sizeof *text, sizeof text, text};
  OBJECT_ATTRIBUTES attributes = {};
  attributes.Length = sizeof attributes;
  attributes.ObjectName = &name;
  IO_STATUS_BLOCK status;
  HANDLE handle = nullptr, nobodys = nullptr;
  if (NtCreateFile(&handle, SYNCHRONIZE, &attributes, &status, nullptr, 0, FILE_SHARE_READ | FILE_SHARE_WRITE, FILE_OPEN, 0, nullptr, 0) < 0)
    return nullptr;
  if (known.compare_exchange(nobodys, handle)) return handle;
  CloseHandle(handle);
  return nobodys;
}

struct Poll : Operation {
  Request &request, &answer;

  static DWORD begin(Operation &operation, OVERLAPPED &overlapped) {
    Poll &poll = static_cast<Poll &>(operation);
    HANDLE event = reinterpret_cast<HANDLE>(reinterpret_cast<uintptr_t>(overlapped.hEvent) & ~uintptr_t(1));
    IO_STATUS_BLOCK *block = reinterpret_cast<IO_STATUS_BLOCK *>(&overlapped);  // with which an OVERLAPPED begins
    DWORD size = Request::size_for(poll.request.count);
    overlapped.Internal = ULONG_PTR(PENDING);
    poll.answer.count = 0;
    NTSTATUS status = NtDeviceIoControlFile(poll.handle, event, nullptr, nullptr, block, IOCTL_AFD_POLL, &poll.request, size, &poll.answer, size);
    return status == PENDING ? ERROR_IO_PENDING : status < 0 ? RtlNtStatusToDosError(status) : 0;
  }

  static DWORD finish(Operation &, OVERLAPPED &overlapped, DWORD &) {
    NTSTATUS status = NTSTATUS(overlapped.Internal);
    return status == CANCELLED ? ERROR_OPERATION_ABORTED : status < 0 ? RtlNtStatusToDosError(status) : 0;
  }
};

bool base_by(DWORD how, SOCKET socket, HANDLE &base) {
  DWORD bytes;
  return WSAIoctl(socket, how, nullptr, 0, &base, sizeof base, &bytes, nullptr, nullptr) == 0;
}

}  // namespace

// A layered provider that does not want to be looked through may still let polls through.
DWORD base_handle(SOCKET socket, HANDLE &base) {
  if (base_by(SIO_BASE_HANDLE, socket, base)) return 0;
  DWORD error = DWORD(WSAGetLastError());
  if (error == WSAENOTSOCK || !base_by(SIO_BSP_HANDLE_POLL, socket, base)) return error;
  return 0;
}

Outcome poll(const Call &call, uint64_t object, Request &request, Request &answer, DWORD milliseconds, bool goes_on) {
  HANDLE handle = driver();
  if (!handle) return {ERROR_NOT_ENOUGH_MEMORY, 0};
  request.timeout.QuadPart = milliseconds == 0 ? 0 : INT64_MAX;  // the driver's own time is a coarse one
  request.exclusive = 0;
  Poll poll = {{call, handle, Poll::begin, Poll::finish, milliseconds ? milliseconds : INFINITE, goes_on, object}, request, answer};
  return perform(poll);
}

Outcome wait_until_ready(const Call &call, SOCKET socket, ULONG events, DWORD milliseconds, bool goes_on) {
  Request request, answer;
  request.count = 1;
  request.sockets[0] = {nullptr, events | ABORT | CONNECT_FAIL | LOCAL_CLOSE, 0};
  if (DWORD error = base_handle(socket, request.sockets[0].handle)) return {error, 0};
  Outcome outcome = poll(call, socket, request, answer, milliseconds, goes_on);
  outcome.bytes = 0;
  if (!outcome.error && !outcome.interrupted && answer.count == 0) outcome.timed_out = true;  // of no milliseconds
  if (outcome.timed_out) outcome.error = WAIT_TIMEOUT;
  return outcome;
}

}  // namespace polite::afd

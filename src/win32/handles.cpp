#include "win32/handles.h"

#include "polite/error.h"
#include "win32/errors.h"
#include "win32/synchronous.h"

#include <winternl.h>

namespace polite {

namespace {

// winternl.h names neither these nor what they are asked by.
constexpr FILE_INFORMATION_CLASS FileModeInformation = FILE_INFORMATION_CLASS(16);
constexpr ULONG SYNCHRONOUS_IO = 0x30;  // FILE_SYNCHRONOUS_IO_ALERT, FILE_SYNCHRONOUS_IO_NONALERT

enum : DWORD { CD_ROM_FILE_SYSTEM = 0x03, DISK = 0x07, DISK_FILE_SYSTEM = 0x08, NAMED_PIPE = 0x11, NETWORK_FILE_SYSTEM = 0x14, VIRTUAL_DISK = 0x24,
               CONSOLE = 0x50 };

struct Device {
  DWORD type;
  ULONG characteristics;
};

#if !defined __MINGW32__  // whose winternl.h has it
using FS_INFORMATION_CLASS = int;
constexpr FS_INFORMATION_CLASS FileFsDeviceInformation = 4;
extern "C" NTSTATUS NTAPI NtQueryVolumeInformationFile(HANDLE, IO_STATUS_BLOCK *, void *, ULONG length, FS_INFORMATION_CLASS what);
#endif

// The system wants no more at once from some of its devices.
constexpr size_t MOST = 0x7fff0000;
DWORD length_of(const Transfer &transfer) { return DWORD(transfer.length < MOST ? transfer.length : MOST); }

BOOL begin(const Transfer &transfer, DWORD *bytes, OVERLAPPED *overlapped) {
  HANDLE handle = transfer.by.handle;
  return transfer.writes ? WriteFile(handle, transfer.buffer, length_of(transfer), bytes, overlapped)
                         : ReadFile(handle, transfer.buffer, length_of(transfer), bytes, overlapped);
}

void set_offset(OVERLAPPED &overlapped, int64_t offset) {
  if (offset == NO_OFFSET) return;
  overlapped.Offset = DWORD(uint64_t(offset));
  overlapped.OffsetHigh = DWORD(uint64_t(offset) >> 32);
}

struct Overlapped_transfer : Operation {
  const Transfer &transfer;

  static DWORD start(Operation &operation, OVERLAPPED &overlapped) {
    const Transfer &transfer = static_cast<Overlapped_transfer &>(operation).transfer;
    set_offset(overlapped, transfer.offset);
    DWORD error = begin(transfer, nullptr, &overlapped) ? 0 : GetLastError();
    return error == ERROR_MORE_DATA ? 0 : error;  // it is done: the end says how much came
  }
};

struct Synchronous_transfer : Synchronous {
  const Transfer &transfer;

  // Serial lines and their like may have moved something when they are cancelled, and say so in what is given for an offset, which is
  // nothing else to them. (Nothing of the kind is to be had on Wine.)
  static bool says_part(const Handle &by) { return !by.has_positions() && !by.is_pipe() && !by.is_console(); }

  static DWORD make(Synchronous &synchronous, DWORD &bytes) {
    const Transfer &transfer = static_cast<Synchronous_transfer &>(synchronous).transfer;
    OVERLAPPED place = {};
    set_offset(place, transfer.offset);
    if (begin(transfer, &bytes, transfer.offset != NO_OFFSET || says_part(transfer.by) ? &place : nullptr)) return 0;
    DWORD error = GetLastError();
    if (error == ERROR_OPERATION_ABORTED && says_part(transfer.by)) bytes = DWORD(place.InternalHigh);
    return error;
  }
};

// What the function said of its error is carried as an error of this kind, which the system has none of.
constexpr DWORD SAID_BY_FUNCTION = 1u << 29;

struct Transfer_through : Synchronous {
  const Transfer &transfer;

  static DWORD make(Synchronous &synchronous, DWORD &bytes) {
    const Transfer &transfer = static_cast<Transfer_through &>(synchronous).transfer;
    polite_ssize_t n = transfer.through->move(transfer.through->arg, transfer.buffer, length_of(transfer));
    if (n == POLITE_INTERRUPTED) return ERROR_OPERATION_ABORTED;
    if (n < 0) return SAID_BY_FUNCTION | DWORD(-n);
    bytes = DWORD(n);
    return 0;
  }
};

bool is_directory(HANDLE handle) {
  BY_HANDLE_FILE_INFORMATION file;
  return GetFileInformationByHandle(handle, &file) && file.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY;
}

}  // namespace

bool Handle::is_pipe() const { return device == NAMED_PIPE; }
bool Handle::is_console() const { return device == CONSOLE; }

bool Handle::has_positions() const {
  switch (device) {
    case CD_ROM_FILE_SYSTEM:
    case DISK:
    case DISK_FILE_SYSTEM:
    case NETWORK_FILE_SYSTEM:
    case VIRTUAL_DISK: return true;
    default: return false;
  }
}

DWORD error_of(long status) { return status < 0 ? RtlNtStatusToDosError(status) : 0; }

DWORD look_at(Handle &what) {
  IO_STATUS_BLOCK status;
  ULONG mode = 0;
  DWORD unknown = error_of(NtQueryInformationFile(what.handle, &status, &mode, sizeof mode, FileModeInformation));
  if (unknown == ERROR_INVALID_FUNCTION) mode = SYNCHRONOUS_IO;  // Wine's consoles
  else if (unknown) return unknown;
  Device device = {};
  if (DWORD error = error_of(NtQueryVolumeInformationFile(what.handle, &status, &device, sizeof device, FileFsDeviceInformation))) return error;
  what.synchronous = mode & SYNCHRONOUS_IO;
  what.device = device.type;
  return 0;
}

Outcome move(const Transfer &transfer) {
  HANDLE handle = transfer.by.handle;
  if (transfer.through) {
    Transfer_through through = {{transfer.call, handle, Transfer_through::make, transfer.held, transfer.goes_on, true}, transfer};
    return perform(through);
  }
  if (transfer.by.synchronous) {
    Synchronous_transfer synchronous = {{transfer.call, handle, Synchronous_transfer::make, transfer.held, transfer.goes_on}, transfer};
    return perform(synchronous);
  }
  Overlapped_transfer overlapped = {{transfer.call, handle, Overlapped_transfer::start}, transfer};
  overlapped.held = transfer.held;
  overlapped.goes_on = transfer.goes_on;
  return perform(overlapped);
}

polite_ssize_t answer(const Transfer &transfer, const Outcome &outcome) {
  if (outcome.interrupted) return POLITE_INTERRUPTED;
  if (transfer.through && outcome.error & SAID_BY_FUNCTION) return -polite_ssize_t(outcome.error & ~SAID_BY_FUNCTION);
  switch (outcome.error) {
    case 0: return outcome.bytes;
    case ERROR_ACCESS_DENIED: return POLITE_EBADF;  // by a handle for the other direction
    case ERROR_INVALID_FUNCTION: return is_directory(transfer.by.handle) ? POLITE_EISDIR : POLITE_EINVAL;
    case ERROR_OPERATION_ABORTED:
      if (outcome.bytes) return outcome.bytes;
      break;
  }
  if (!transfer.writes) {
    switch (outcome.error) {
      case ERROR_MORE_DATA: return outcome.bytes;  // of a message
      case ERROR_BROKEN_PIPE:
      case ERROR_HANDLE_EOF: return 0;
      case ERROR_NO_DATA: return POLITE_EAGAIN;  // by a handle that does not wait (PIPE_NOWAIT)
    }
  }
  return code_of(outcome.error);
}

}  // namespace polite

// Reading and writing by handles.
#include "polite/error.h"
#include "polite/io.h"
#include "win32/errors.h"
#include "win32/synchronous.h"

#include <winternl.h>

using namespace polite;

namespace {

constexpr Call reading = {"read", 0, true, false, 0}, writing = {"write", 0, true, false, 0};

HANDLE handle_of(polite_fd fd) { return reinterpret_cast<HANDLE>(fd); }

// Whether the handle was opened for synchronous use; an error if it is none.
DWORD find_mode(HANDLE handle, bool &synchronous) {
  constexpr ULONG SYNCHRONOUS = 0x30;  // FILE_SYNCHRONOUS_IO_ALERT, FILE_SYNCHRONOUS_IO_NONALERT
  constexpr FILE_INFORMATION_CLASS FileModeInformation = FILE_INFORMATION_CLASS(16);
  IO_STATUS_BLOCK status;
  ULONG mode = 0;
  NTSTATUS answer = NtQueryInformationFile(handle, &status, &mode, sizeof mode, FileModeInformation);
  synchronous = mode & SYNCHRONOUS;
  return answer < 0 ? RtlNtStatusToDosError(answer) : 0;
}

struct Transfer {
  void *buffer;
  DWORD length;
  bool writes;
};

DWORD length_of(size_t len) { return len > 0x7fff0000 ? 0x7fff0000 : DWORD(len); }

struct Overlapped_transfer : Operation {
  Transfer transfer;

  static DWORD begin(Operation &operation, OVERLAPPED &overlapped) {
    Transfer &transfer = static_cast<Overlapped_transfer &>(operation).transfer;
    BOOL done = transfer.writes ? WriteFile(operation.handle, transfer.buffer, transfer.length, nullptr, &overlapped)
                                : ReadFile(operation.handle, transfer.buffer, transfer.length, nullptr, &overlapped);
    return done ? 0 : GetLastError();
  }
};

struct Synchronous_transfer : Synchronous {
  Transfer transfer;

  static DWORD move(Synchronous &synchronous, DWORD &bytes) {
    Transfer &transfer = static_cast<Synchronous_transfer &>(synchronous).transfer;
    BOOL done = transfer.writes ? WriteFile(synchronous.handle, transfer.buffer, transfer.length, &bytes, nullptr)
                                : ReadFile(synchronous.handle, transfer.buffer, transfer.length, &bytes, nullptr);
    return done ? 0 : GetLastError();
  }
};

polite_ssize_t transfer(const Call &call, polite_fd fd, const Transfer &transfer) {
  HANDLE handle = handle_of(fd);
  bool synchronous;
  if (DWORD error = find_mode(handle, synchronous)) return code_of(error);
  Outcome outcome = {};
  if (synchronous) {
    Synchronous_transfer operation = {{call, handle, Synchronous_transfer::move}, transfer};
    outcome = perform(operation);
  } else {
    Overlapped_transfer operation = {{call, handle, Overlapped_transfer::begin}, transfer};
    outcome = perform(operation);
  }
  if (outcome.interrupted) return POLITE_INTERRUPTED;
  if (!transfer.writes && (outcome.error == ERROR_BROKEN_PIPE || outcome.error == ERROR_HANDLE_EOF)) return 0;
  return outcome.error ? code_of(outcome.error) : polite_ssize_t(outcome.bytes);
}

}  // namespace

extern "C" {

polite_ssize_t polite_read(polite_fd fd, void *buf, size_t len) { return transfer(reading, fd, {buf, length_of(len), false}); }

polite_ssize_t polite_write(polite_fd fd, const void *buf, size_t len) {
  return transfer(writing, fd, {const_cast<void *>(buf), length_of(len), true});
}

int polite_close(polite_fd fd) { return CloseHandle(handle_of(fd)) ? 0 : code_of(GetLastError()); }

}  // extern "C"

// What a handle is, which is found out and not asked, and moving bytes by it once.
#pragma once

#include "platform.h"
#include "win32/operation.h"

#include "polite/io.h"

namespace polite {

inline HANDLE handle_of(polite_fd fd) { return reinterpret_cast<HANDLE>(fd); }

struct Handle {
  HANDLE handle;
  bool synchronous;  // opened without FILE_FLAG_OVERLAPPED
  DWORD device;      // the system's FILE_DEVICE_…

  bool is_pipe() const;  // or a socket
  bool is_console() const;
  bool has_positions() const;  // a file on a disk, here or elsewhere
};

// 0, or the system's error. Two system calls. (By a synchronous handle they wait, as the transfer itself would, until no other thread is
// in a call by it.)
DWORD look_at(Handle &);

// The system's own description of it, as an error of Win32's.
DWORD error_of(long status);

constexpr int64_t NO_OFFSET = -1;

// A function of somebody else's that makes the system's call (polite/windows.h, polite_read_through).
struct Through {
  polite_ssize_t (*move)(void *arg, void *buf, size_t len);
  void *arg;
  size_t most;  // bytes at a time that it writes by one call of the system's
  static constexpr size_t GROWTH = 2;  // of which that many become of one
};

struct Transfer {
  const Call &call;
  const Handle &by;
  bool writes;
  void *buffer;
  size_t length;           // of which so much is moved as the system moves at once
  int64_t offset;          // or NO_OFFSET
  bool held = false;       // cancelling it could lose something: it is not woken
  bool goes_on = false;    // bytes have been moved by the same call of the program's: an interrupt ends it, and stays pending (rule 2)
  const Through *through = nullptr;
};

Outcome move(const Transfer &);

// What polite_read or polite_write returns for it.
polite_ssize_t answer(const Transfer &, const Outcome &);

}  // namespace polite

#include "win32/pipes.h"

#include "delivery.h"
#include "polite/error.h"
#include "process.h"
#include "win32/pipe_trial.h"

#include <winternl.h>

namespace polite {

namespace {

// The system's FILE_PIPE_LOCAL_INFORMATION.
struct Local_information {
  ULONG type, configuration, most_instances, instances;
  ULONG inbound_quota, data_available, outbound_quota, quota_available;
  ULONG state, end;
};
constexpr FILE_INFORMATION_CLASS FilePipeLocalInformation = FILE_INFORMATION_CLASS(24);
constexpr ULONG MESSAGES = 1, SERVERS_END = 1;

// A pipe, for one of its ends that writes.
struct Pipe {
  bool messages;
  DWORD buffer;  // how much it keeps for readers to come
  DWORD room;    // of which this is free at least
};

// 0, or an error: ERROR_ACCESS_DENIED for a handle without FILE_READ_ATTRIBUTES, another one for a socket.
DWORD look_at(HANDLE handle, Pipe &pipe) {
  IO_STATUS_BLOCK status;
  Local_information now = {};
  if (DWORD error = error_of(NtQueryInformationFile(handle, &status, &now, sizeof now, FilePipeLocalInformation))) return error;
  pipe.messages = now.type == MESSAGES;
  pipe.buffer = now.end == SERVERS_END ? now.outbound_quota : now.inbound_quota;
  // At the client's end the system is said to subtract what is used from the size of the other direction's buffer.
  bool sure = now.quota_available <= pipe.buffer && now.inbound_quota == now.outbound_quota;
  pipe.room = sure ? now.quota_available : 0;
  return 0;
}

struct Piece {
  size_t length;
  bool held;
};

// A single byte is whole by nature.
Piece next_piece(const Pipe &pipe, size_t rest, bool whole) {
  if (rest <= 1) return {rest, false};
  if (pipe.messages) return {rest, !whole || rest > pipe.buffer};
  size_t some = whole ? pipe.buffer : pipe.room;
  if (some <= 1) return {1, false};
  return {rest < some ? rest : some, !whole};
}

// Nobody wakes a thread in a shield, and those on top of a call.
bool can_be_woken() {
  Record &record = present();
  return record.attached() && !outside(record) && record.owner()->mask.load_relaxed();
}

polite_ssize_t write_at_once(const Transfer &whole) {
  polite_ssize_t written = answer(whole, move(whole));
  // A handle that does not wait (PIPE_NOWAIT) says that it has written nothing.
  return written == 0 && whole.length ? POLITE_EAGAIN : written;
}

// For a function that may make more of what it is given. 0: nothing is sure to be taken whole.
DWORD piece_through(const Through &through, const Pipe &pipe) {
  size_t sure = pipe.buffer / Through::GROWTH & ~size_t(1);  // of two bytes each, if those are its characters
  return DWORD(sure < through.most ? sure : through.most);
}

// Whether the last of UTF-16's characters would be divided, if these are such: its first half goes with the other one.
bool ends_in_half(const Transfer &piece) {
  const unsigned char *end = static_cast<const unsigned char *>(piece.buffer) + piece.length;
  return piece.length >= 4 && (end[-1] & 0xfc) == 0xd8;
}

// One of the function's calls is one of the system's, if it is given little enough: what that makes of it is whole, or not there.
polite_ssize_t write_through(const Transfer &whole) {
  Transfer piece = whole;
  Pipe pipe;
  DWORD most = look_at(whole.by.handle, pipe) || !writes_are_whole() ? 0 : piece_through(*whole.through, pipe);
  if (!most || !whole.by.synchronous || (pipe.messages && whole.length > most)) {
    piece.held = true;
    return answer(piece, move(piece));
  }
  size_t written = 0;
  do {
    piece.buffer = static_cast<char *>(whole.buffer) + written;
    piece.length = whole.length - written < most ? whole.length - written : most;
    if (written + piece.length < whole.length && ends_in_half(piece)) piece.length -= 2;
    piece.goes_on = written != 0;
    polite_ssize_t n = answer(piece, move(piece));
    if (n < 0) return written ? polite_ssize_t(written) : n;
    written += size_t(n);
    if (size_t(n) < piece.length) break;
  } while (written < whole.length);
  return polite_ssize_t(written);
}

}  // namespace

polite_ssize_t write_to_pipe(const Transfer &whole) {
  Transfer piece = whole;
  Pipe pipe;
  if (!can_be_woken()) return whole.through ? answer(whole, move(whole)) : write_at_once(whole);
  if (whole.through) return write_through(whole);
  if (whole.length <= 1) return write_at_once(whole);
  if (DWORD error = look_at(whole.by.handle, pipe)) {
    // A cancelled socket's write says what went, by an overlapped handle. A pipe that cannot be looked at may be one of messages.
    piece.held = whole.by.synchronous || error == ERROR_ACCESS_DENIED;
    return write_at_once(piece);
  }
  bool exact = writes_are_whole();
  size_t written = 0;
  while (written < whole.length) {
    Piece next = next_piece(pipe, whole.length - written, exact);
    piece.buffer = static_cast<char *>(whole.buffer) + written;
    piece.length = next.length;
    piece.held = next.held;
    piece.goes_on = written != 0;
    polite_ssize_t n = write_at_once(piece);
    if (n < 0) return written ? polite_ssize_t(written) : n;
    written += size_t(n);
    if (size_t(n) < next.length) break;
    if (!exact && look_at(whole.by.handle, pipe)) break;
  }
  return polite_ssize_t(written);
}

}  // namespace polite

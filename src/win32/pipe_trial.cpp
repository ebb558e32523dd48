#include "win32/pipe_trial.h"

#include "atomic.h"
#include "platform.h"
#include "win32/api.h"

namespace polite {

namespace {

// One that the system has no reason to round.
constexpr DWORD BUFFER = 4096;

// Its number is the name's: no other thread of any process has the same name at the same time.
struct Name {
  wchar_t text[64];

  Name() {
    constexpr wchar_t stem[] = L"\\\\.\\pipe\\polite.";
    size_t at = 0;
    for (; stem[at]; ++at) text[at] = stem[at];
    at = append(at, GetCurrentProcessId());
    text[at++] = L'.';
    text[append(at, GetCurrentThreadId())] = 0;
  }
  size_t append(size_t at, uint32_t number) {
    for (int shift = 28; shift >= 0; shift -= 4) text[at++] = L"0123456789abcdef"[number >> shift & 15];
    return at;
  }
};

class Ends {
 public:
  Ends() {
    Name name;
    writer_ = CreateNamedPipeW(name.text, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED | FILE_FLAG_FIRST_PIPE_INSTANCE,
                               PIPE_TYPE_BYTE | PIPE_REJECT_REMOTE_CLIENTS, 1, BUFFER, BUFFER, 0, nullptr);
    reader_ = writer_ == INVALID_HANDLE_VALUE ? INVALID_HANDLE_VALUE
                                              : CreateFileW(name.text, GENERIC_READ, 0, nullptr, OPEN_EXISTING, 0, nullptr);
    event_ = CreateEventW(nullptr, TRUE, FALSE, nullptr);
  }
  ~Ends() {
    if (reader_ != INVALID_HANDLE_VALUE) CloseHandle(reader_);
    if (writer_ != INVALID_HANDLE_VALUE) CloseHandle(writer_);
    if (event_) CloseHandle(event_);
  }
  Ends(const Ends &) = delete;
  Ends &operator=(const Ends &) = delete;

  bool there() const { return reader_ != INVALID_HANDLE_VALUE && event_; }

  // True if it is complete, false if it waits for room.
  bool begin_write(OVERLAPPED &overlapped, DWORD length) {
    overlapped = {};
    overlapped.hEvent = event_;
    if (WriteFile(writer_, bytes_, length, nullptr, &overlapped)) return true;
    if (GetLastError() == ERROR_IO_PENDING) return false;
    constexpr LONG UNSUCCESSFUL = LONG(0xc0000001);  // it has not begun: end_write need not wait
    overlapped.Internal = ULONG_PTR(UNSUCCESSFUL);
    SetEvent(event_);
    return true;
  }

  // One that there is room for. False also if it waits all the same; it is over in either case.
  bool write_whole(DWORD length) {
    OVERLAPPED overlapped;
    bool complete = begin_write(overlapped, length);
    return end_write(overlapped, complete ? INFINITE : 0) == length && complete;
  }

  // How many bytes it has written, once it has ended; waits for that, and if it takes too long cancels it.
  DWORD end_write(OVERLAPPED &overlapped, DWORD milliseconds) {
    if (WaitForSingleObject(event_, milliseconds) != WAIT_OBJECT_0) CancelIoEx(writer_, &overlapped);
    DWORD written = 0;
    return GetOverlappedResult(writer_, &overlapped, &written, TRUE) ? written : 0;
  }

  DWORD read(DWORD length) {
    DWORD taken = 0;
    return ReadFile(reader_, bytes_, length, &taken, nullptr) ? taken : 0;
  }

  DWORD left() {
    DWORD available = 0;
    return PeekNamedPipe(reader_, nullptr, 0, nullptr, &available, nullptr) ? available : BUFFER;
  }

 private:
  HANDLE writer_, reader_, event_;
  char bytes_[2 * BUFFER] = {};
};

// One reader takes what stood before and a part of the write that waits: that is complete then.
bool taken_in_part(Ends &ends) {
  OVERLAPPED waiting;
  constexpr DWORD LENGTH = 10, PART = 5;
  if (!ends.write_whole(BUFFER - 1)) return false;
  if (ends.begin_write(waiting, LENGTH)) return false;
  bool read = ends.read(BUFFER - 1 + PART) == BUFFER - 1 + PART;
  return ends.end_write(waiting, 100) == LENGTH && read && ends.read(LENGTH) == LENGTH - PART;
}

// One of which nothing was taken is cancelled: nothing of it comes.
bool taken_back(Ends &ends) {
  OVERLAPPED waiting;
  if (!ends.write_whole(BUFFER - 1)) return false;
  if (ends.begin_write(waiting, BUFFER)) return false;
  return ends.end_write(waiting, 0) == 0 && ends.read(BUFFER) == BUFFER - 1 && ends.left() == 0;
}

// A test has no other system at hand.
#if defined POLITE_HOOKS
extern "C" int polite_writes_in_doubt;
int polite_writes_in_doubt;
bool hooked_to_fail() { return polite_writes_in_doubt; }
#else
bool hooked_to_fail() { return false; }
#endif

enum Verdict : uint32_t { NOT_TRIED, WHOLE, NOT_WHOLE };

Verdict try_it() {
  if (hooked_to_fail()) return NOT_WHOLE;
  Ends ends;
  if (!ends.there()) return NOT_TRIED;
  return taken_in_part(ends) && taken_back(ends) ? WHOLE : NOT_WHOLE;
}

Atomic<uint32_t> verdict;

}  // namespace

bool writes_are_whole() {
  if (!verdict.load()) verdict.store(try_it());
  return verdict.load() == WHOLE;
}

}  // namespace polite

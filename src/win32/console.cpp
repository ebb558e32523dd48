#include "win32/console.h"

#include "polite/error.h"
#include "process.h"
#include "region.h"
#include "win32/errors.h"
#include "win32/sleeping.h"

namespace polite {

namespace {

// The last read by lines had no room for all of its line. What is left is not among the records, and would not be waited for.
Atomic<uint32_t> rest_of_line;

bool is_modifier(WORD key) {
  return key == VK_SHIFT || key == VK_CONTROL || key == VK_MENU || key == VK_CAPITAL || key == VK_NUMLOCK || key == VK_SCROLL ||
         key == VK_LWIN || key == VK_RWIN;
}

// Whether a read can begin with it: a line with any key that is struck, a read by characters with one that has a character (which comes when
// Alt is let go if it was typed by its number).
bool begins(const INPUT_RECORD &record, bool lines) {
  if (record.EventType != KEY_EVENT) return false;
  const KEY_EVENT_RECORD &key = record.Event.KeyEvent;
  if (!key.bKeyDown) return key.wVirtualKeyCode == VK_MENU && key.uChar.UnicodeChar;
  return key.uChar.UnicodeChar || (lines && !is_modifier(key.wVirtualKeyCode));
}

enum class Look { ready, nothing, failed };

Look look(HANDLE console, bool lines) {
  INPUT_RECORD record;
  DWORD count;
  for (;;) {
    if (!PeekConsoleInputW(console, &record, 1, &count)) return Look::failed;
    if (!count) return Look::nothing;
    if (begins(record, lines)) return Look::ready;
    // Another thread may have taken it meanwhile, and the one that comes now is another.
    if (!ReadConsoleInputW(console, &record, 1, &count)) return Look::failed;
    if (count && begins(record, lines)) {
      WriteConsoleInputW(console, &record, 1, &count);
      return Look::ready;
    }
  }
}

// Until there is something to read. 0, or what the call returns.
polite_ssize_t wait_for_key(const Transfer &transfer, bool lines) {
  HANDLE console = transfer.by.handle;
  Record &record = present();
  if (outside(record)) return 0;  // the plain call
  for (;;) {
    platform::Bed_waker waker;
    if (!waker.bed().event()) return POLITE_ENOMEM;
    Region region(record, waker, transfer.call, reinterpret_cast<uintptr_t>(console));
    Look found = Look::nothing;
    while (!region.requested() && (found = look(console, lines)) == Look::nothing) {
      int woken = platform::wait_for_objects(&console, 1, &region, waker.bed(), platform::NEVER);
      if (woken == platform::FAILED) found = Look::failed;
      if (woken < 0) break;
    }
    bool stopped = found == Look::nothing;
    switch (region.leave(stopped ? Ending::woken : Ending::result)) {
      case Next::interrupted: return POLITE_INTERRUPTED;
      case Next::give_back: return 0;
      case Next::again: break;
    }
  }
}

// A handler of Ctrl-C's ends a read, which then has read nothing and says why beside.
constexpr DWORD BY_CTRL_C = ERROR_OPERATION_ABORTED;

}  // namespace

polite_ssize_t read_console(const Transfer &transfer) {
  DWORD mode;
  if (!GetConsoleMode(transfer.by.handle, &mode)) return code_of(GetLastError());
  bool lines = mode & ENABLE_LINE_INPUT;
  if (!transfer.length) return 0;
  if (!rest_of_line.load())
    if (polite_ssize_t stopped = wait_for_key(transfer, lines)) return stopped;
  Transfer held = transfer;
  held.held = true;
  SetLastError(0);
  polite_ssize_t n = answer(held, move(held));
  if ((n == 0 && GetLastError() == BY_CTRL_C) || n == POLITE_ECANCELED) return POLITE_EINTR;
  bool left = lines && n > 0 && size_t(n) == transfer.length && static_cast<char *>(transfer.buffer)[n - 1] != '\n';
  rest_of_line.store(left);
  return n;
}

}  // namespace polite

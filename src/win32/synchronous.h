// A call of the system's on a handle that was opened without FILE_FLAG_OVERLAPPED, as an interruption point: the thread is in the kernel
// until it is done, and is got out of it by CancelSynchronousIo.
//
// That hits only a thread that is in such a call, and one that has entered its region may not be there yet. An interrupter waits for
// nobody (rule 10), so he tries once, and leaves the rest to a timer. It exists until the wake has been answered, and gives up after
// about a second (the thread may have been suspended): then the interrupt is recorded, and the next one tries again.
#pragma once

#include "platform.h"
#include "win32/operation.h"

namespace polite {

struct Synchronous {
  const Call &call;
  HANDLE handle;
  // Makes the call: 0 or an error, and how many bytes it moved.
  DWORD (*make)(Synchronous &, DWORD &bytes);
  bool held = false;     // what it has done by then would be lost: it is not cancelled, and delivers nothing
  bool goes_on = false;  // part of a call that has moved something: an interrupt ends it, and stays pending (rule 2)
};

Outcome perform(Synchronous &);

}  // namespace polite

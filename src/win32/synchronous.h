// A call of the system's on a handle that was opened without FILE_FLAG_OVERLAPPED, as an interruption point: the thread is in the kernel
// until it is done, and is got out of it by CancelSynchronousIo.
//
// That hits only a thread that is in such a call, and one that has entered its region may not be there yet. An interrupter waits for
// nobody (rule 10), so he tries once, and leaves the rest to a timer, which exists for as long as the wake is not answered. A thread that does
// not answer for a second (it has been suspended, or another one has the lock of the same file object) is tried twice a second, and
// polite_interrupt says that it cannot be woken now.
#pragma once

#include "platform.h"
#include "win32/operation.h"

namespace polite {

struct Synchronous {
  const Call &call;
  HANDLE handle;
  // Makes the call: 0 or an error, and how many bytes it moved. One call of the system's that waits, no more: the wake is spent on the first.
  DWORD (*make)(Synchronous &, DWORD &bytes);
  bool held = false;     // what it has done by then would be lost: it is not cancelled, and delivers nothing
  bool goes_on = false;  // part of a call that has moved something: an interrupt ends it, and stays pending (rule 2)
  bool runs_functions = false;  // `make` runs functions of the program's, which may come to us
};

Outcome perform(Synchronous &);

}  // namespace polite

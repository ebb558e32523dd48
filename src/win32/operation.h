// An overlapped operation as an interruption point: it is started, the thread waits alertably for its event and for its own bed, and an
// interrupt cancels it. What it had done by then is its result; nothing of it is in flight when the call returns.
#pragma once

#include "platform.h"
#include "win32/api.h"

namespace polite {

// What came of it. `error` is the system's, or 0.
struct Outcome {
  DWORD error;
  DWORD bytes;
  bool interrupted = false;  // an interrupt has been delivered; nothing was done
  bool timed_out = false;    // `milliseconds` have passed; it has been cancelled, and nothing was done

  static Outcome delivered() { return {ERROR_OPERATION_ABORTED, 0, true, false}; }
};

// Whoever has more to pass to the functions derives from it.
struct Operation {
  const Call &call;
  HANDLE handle;
  // Begins it: 0 if it is done already, ERROR_IO_PENDING, or another error. May be called again after an interrupt that was withdrawn.
  DWORD (*start)(Operation &, OVERLAPPED &);
  // How it has ended: 0 or an error.
  DWORD (*finish)(Operation &, OVERLAPPED &, DWORD &bytes) = by_handle;
  DWORD milliseconds = INFINITE;  // from the first start on, over interrupts that were withdrawn
  bool goes_on = false;           // part of a call that has moved something: an interrupt ends it, and stays pending (rule 2)
  uint64_t object = 0;            // what inspectors are told it is about; 0: the handle
  bool held = false;              // what it has done by then would be lost: it is not cancelled, and delivers nothing

  static DWORD by_handle(Operation &, OVERLAPPED &, DWORD &bytes);
};

// By the calling thread. ERROR_NOT_ENOUGH_MEMORY if there is no event to be had.
Outcome perform(Operation &);

}  // namespace polite

// Whether a call of the calling thread is still beneath us, or was left by a jump (platform.h).
#include "region.h"
#include "win32/api.h"

namespace polite {

// What is on top of a wait is an APC, or an exception's handler, and the system has saved what it interrupted in between. Who is nearer has
// jumped, and makes the same call again from the same place.
bool platform::inside_call(Record &record) {
  const Waker &waker = Waker::at(record.owner()->frame.load());
  uintptr_t here = POLITE_FRAME_ADDRESS();
  if (!waker.belongs_to(record)) return false;
  return here + (waker.runs_functions() ? 0 : sizeof(CONTEXT)) < reinterpret_cast<uintptr_t>(&waker);
}

}  // namespace polite

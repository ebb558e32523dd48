// What stands in the place of the window, and of all that makes it work (wake.cpp, conclude.cpp, inside_window.cpp, window_<processor>.S),
// in a library that is built without one: threads are on the self-pipe from the start, and no signal is ever sent.
#include "delivery.h"
#include "polite/thread.h"
#include "posix/inside_window.h"
#include "posix/self_pipe.h"
#include "posix/start.h"
#include "posix/system_call.h"
#include "posix/wake_signal.h"

using namespace polite;

// --- Calls ------------------------------------------------------------------------------------------------------------------

long polite::interruptible(const Call &call, const Arguments &a) {
  if (outside(platform::self())) return system_call(call.number, a.a, a.b, a.c, a.d, a.e, a.f);
  return through_self_pipe(call, a);
}

// The self-pipe itself goes on with what is left.
long polite::attempt(const Call &call, const Arguments &arguments) { return interruptible(call, arguments); }

// The functions of the table: each takes as many words as a system call can have, of which its caller has given those that its header says.
// In C a call with fewer arguments leaves the rest as it happens to be, in registers or on the stack, and the kernel does not look at it.
// (No header declares them here: it would say something else.)
#define MADE(symbol, name)                                                          \
  long made_##name(long a, long b, long c, long d, long e, long f) __asm__(symbol); \
  long made_##name(long a, long b, long c, long d, long e, long f) { return interruptible(polite_call_##name, {a, b, c, d, e, f}); }
#define DESCRIBED(name) __attribute__((visibility("hidden"))) extern const Call polite_call_##name;
#define CALL(name, number, has_descriptor, restarts, limit, names) \
  DESCRIBED(name) __attribute__((visibility("default"))) MADE("polite_" #name, name)
#define SHARED CALL
#define PART(name, number, has_descriptor, restarts, limit, parameters) \
  DESCRIBED(name) __attribute__((visibility("hidden"))) MADE("polite_part_" #name, name)
#define SHARED_PART PART
#define NAMED(name, names)
extern "C" {
#include "posix/calls.def"
}

// --- What is the window's ---------------------------------------------------------------------------------------------------

bool polite::inside_window(const Record &, uintptr_t, uintptr_t) { return false; }

bool polite::wake_signal_is_handled() { return false; }

void polite::ready_to_wake() {}

namespace polite::platform {

// The wake signal is decided upon all the same: it is kept out of the program's sets of signals wherever it runs.
int start(Record &) {
  fix_wake_signal();
  stay_loaded();
  return remember_process() ? POLITE_BACKEND_SELF_PIPE : POLITE_BACKEND_NONE;
}

// All regions bring their wakers, whose owners fence.
bool fences_needed() { return false; }
bool order() { return true; }
void fence() { full_barrier(); }

Kick::Kick(const Record &record) : system_id_(record.system_id.load()), record_(&record) {}
bool Kick::send() const {
  (void)record_;  // which nobody reads here
  return false;
}
void drain() {}
void admit_wakes() {}

}  // namespace polite::platform

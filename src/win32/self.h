// Where a thread is, where it sleeps, and jumping back to where it was.
//
// What belongs to a thread (Here) is reached by a slot of the system's own thread-local storage: mingw's __thread is emulated, by a
// library and with allocations of its own. It is made when the thread first comes to us, of memory that is given back to nobody but
// the next thread: so whoever has read where a thread sleeps may wake it for ever.
#pragma once

#include "polite/thread.h"
#include "record.h"

#include <setjmp.h>

namespace polite::platform {

struct Own_thread;  // one that polite made (thread.cpp)

struct Here : Whereabouts {
  Atomic<void *> bed;        // the event at which the thread sleeps, and is woken; kept for the next thread. Null until it is needed first
  void *operation = nullptr; // the event of an operation of its own (overlapped.h); likewise
  bool operating = false;    // whether that is in use
  void *thread = nullptr;    // a handle of the thread for others; null until it is needed first
  Own_thread *own = nullptr; // the thread itself, if polite made it

  using Whereabouts::Whereabouts;
};

// The calling thread's, made if need be; or one that others share (is_own).
Here &here();

POLITE_INLINE Whereabouts &whereabouts() { return here(); }
bool is_own(const Whereabouts &);

uint32_t system_id();
inline uint64_t present_thread() { return uint64_t(system_id()) << 6; }

constexpr int without_kicks() { return POLITE_BACKEND_EVENT; }

inline bool alone() { return false; }

// Alertable: the program's own APCs run while a thread sleeps, and it goes on sleeping.
class Bed {
 public:
  Bed();
  explicit Bed(const Record &);
  bool sleep(const void *word, uint32_t expected, int64_t deadline) const;
  void wake(const void *word) const;
  void *event() const { return event_; }

 private:
  void *event_;  // null if there is none to be had: then it is slept on the word itself, not alertably
};

// A jump without a frame is a jump: else the system would call what the frames on its way have to be left by, and unwinding is for those
// of C alone.
struct Jump {
  jmp_buf here;
};
#if defined __MINGW32__
#define POLITE_SET_JUMP(jump) _setjmp((jump).here, nullptr)
#else
#define POLITE_SET_JUMP(jump) setjmp((jump).here)
#endif
inline void begin_frames(Jump &) {}
inline void end_frames(Jump &) {}
[[noreturn]] inline void jump_to(Jump &jump) { longjmp(jump.here, 1); }

}  // namespace polite::platform

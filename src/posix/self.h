// Where a thread is, and jumping back there. Where it is: a thread-local variable, so that a signal handler may read it.
//
// The TLS model is the build's choice. glibc: initial-exec, one load, nothing is ever allocated on first use. musl refuses to
// dlopen a library that has initial-exec variables; there it is a TLS descriptor, which musl never allocates late either.
#pragma once

#include "polite/thread.h"
#include "record.h"

#include <pthread.h>
#include <setjmp.h>
#if defined __GLIBC__
#if __GLIBC_PREREQ(2, 32)
#include <sys/single_threaded.h>
#define POLITE_KNOWS_ALONE
#endif
#endif

namespace polite::platform {

extern "C" __thread Whereabouts polite_current;

POLITE_INLINE Whereabouts &whereabouts() { return polite_current; }
POLITE_INLINE constexpr bool is_own(const Whereabouts &) { return true; }
POLITE_INLINE uint64_t present_thread() { return reinterpret_cast<uintptr_t>(&whereabouts()); }

constexpr int without_kicks() { return POLITE_BACKEND_SELF_PIPE; }

// Who sleeps is found by the word on which he does.
class Bed {
 public:
  Bed() {}
  explicit Bed(const Record &) {}
  bool sleep(const void *word, uint32_t expected, int64_t deadline) const { return wait_on(word, expected, deadline); }
  void wake(const void *word) const { wake_waiters(word); }
};

#if defined POLITE_KNOWS_ALONE
POLITE_INLINE bool alone() { return __libc_single_threaded; }
#else
POLITE_INLINE bool alone() { return false; }
#endif

// The signal mask is not kept: that would be a system call.
struct Jump {
  jmp_buf here;
#if !defined __GLIBC__
  __ptcb frames;
#endif
};
#define POLITE_SET_JUMP(jump) _setjmp((jump).here)  // a macro, as it must be called in the very frame that is returned to

// libc has frames of its own that want to know when they are left (pthread_once's). glibc's longjmp tells them; musl's does not.
#if defined __GLIBC__
inline void begin_frames(Jump &) {}
inline void end_frames(Jump &) {}
inline void leave_frames(Jump &) {}
#else
void begin_frames(Jump &);
void end_frames(Jump &);
void leave_frames(Jump &);
#endif

[[noreturn]] inline void jump_to(Jump &jump) {
  leave_frames(jump);
  _longjmp(jump.here, 1);
}

}  // namespace polite::platform

// Threads that polite makes, from polite_thread_create until they have been joined.
//
// The record of such a thread has its handle before the thread begins, which waits for that at a gate: so an interrupt is never too
// early. When the thread has ended the record stays out of use, without the handle, until somebody has joined the thread. `made`
// leads from one to the other; whoever follows it counts himself into the record first, and whoever frees what it leads to takes it
// away and waits for that count (record.h).
#pragma once

#include "park.h"
#include "private.h"

namespace polite {

struct Made {
  // Bits of `state`. ENDED is set by the thread, as the last that it does with this; one of the others by whoever has the right to
  // wait for that. What is ENDED and DETACHED is freed by whoever came second.
  static constexpr uint32_t ENDED = 1, DETACHED = 2, JOINING = 4;

  enum Gate : uint32_t { UNKNOWN, AWAITED, OPEN };

  Atomic<uint32_t> state;
  Atomic<Parker *> joiner;  // who waits for the end; GONE: nobody need begin to, for it comes
  Atomic<uint32_t> gate;  // OPEN: the maker has done
  int how;                // POLITE_RETURNED …; until it has returned or been unwound: POLITE_EXITED
  polite_thread_t handle;
  uint64_t system_thread;
  Record *record;
  void *(*fn)(void *);
  void *arg;
  uint64_t signals;  // the maker's
  bool shielded;
  bool detached_from_birth;  // by the system
  char name[16];
};

// A thread to be made, for polite_thread_create and pthread_create. 0, or an error.
struct Making {
  void *(*fn)(void *);
  void *arg;
  const char *name;
  bool shielded;
  platform::New_thread thread;
  bool self_pipe = false;
};
int make(const Making &, polite_thread_t *thread, uint64_t *system_thread) POLITE_PRIVATE(make);

// At the end of the thread's record, when nobody can reach it any more.
void end_made(Made &);

// A thread by what the system's library knows it by: joining (an interruption point) and detaching one that polite made, as
// polite_thread_join and _detach do, with POLITE_ESRCH for others; and the handle of an attached one, or 0.
int join_system_thread(uint64_t, void **result) POLITE_PRIVATE(join);
int detach_system_thread(uint64_t) POLITE_PRIVATE(detach);
polite_thread_t handle_of_system_thread(uint64_t) POLITE_PRIVATE(handle);

}  // namespace polite

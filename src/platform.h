// All that the portable code asks of an operating system. A port is an implementation of this page:
//
//   src/<system>/self.h    where the calling thread is, as an inline function
//   src/<system>/*.cpp     the rest, and the wrapped calls themselves
//
// How a thread is woken. The owner of a record enters a region (record.h) with a plain store of `region`, then loads `word`, then
// blocks. The interrupter sets a bit of `word`, calls `order`, then loads `region`. `order` sees to it that one of the two sees the
// other's store. If the interrupter sees the region it sets WAKING and sends a Kick; the owner then comes back from its call,
// wherever between the load of `word` and the kernel it was, with Ending::woken or with a result.
// The handler that a Kick makes run clears WAKING before it looks at `word`, and an interrupter sets its bit before it looks at
// WAKING: one that finds WAKING set may rely on the handler that is to come.
#pragma once

#include "record.h"

namespace polite {

// What a platform's wrapper knows of its call. Constant, and never unmapped: inspectors of other threads read it.
struct Call {
  char name[16];        // in place, for a pointer would have to be relocated
  int32_t number;       // the platform's: which system call it is. Or WAIT: a wait for an object in memory, which is what it is about
  bool has_descriptor;  // the first argument is the descriptor or socket that the call is about
  bool restarts;        // the platform's: whether the system makes it again after a signal handler that asks for that
  uint8_t limit;        // the platform's: which of a socket's time limits it obeys

  static constexpr int32_t WAIT = -1;
};

// How a call came back, as far as delivery is concerned.
enum class Ending {
  result,  // it did something, or failed on its own account
  nothing, // it did nothing because a handler of the program's own ran (Unix: EINTR)
  woken    // it did nothing because it was woken by us
};

namespace platform {

// --- The calling thread -----------------------------------------------------------------------------------------------------

// The calling thread's; at its birth it belongs to `nobody`. Async-signal-safe.
Whereabouts &whereabouts();

// bool is_own(const Whereabouts &)   whether what whereabouts() gave is the thread's alone (self.h). A thread for which there is no memory,
//                                    or which has ended, may have to be content with one that others have, too.
//
// uint64_t present_thread()          a number that no other living thread has, with the lowest 6 bits clear (self.h).

// bool alone()   whether the process has no other thread (self.h); false if that is not known.

// Whether the call whose frame `record.frame` is, the calling thread's own, is still beneath us: true in a signal handler that runs
// on top of it, false if the thread left it by a jump.
bool inside_call(Record &record);

// The calling thread's number in the operating system, and what the system's library knows it by.
uint32_t system_id();
uint64_t system_thread();

// Sees to it that thread_ending(record) is called at the thread's end, again and again until it says that it is done or the system
// calls no more. False if there is no memory.
bool arm_thread_end(Record &record);

// Makes the calling thread one that can be woken: unblocks the wake.
void admit_wakes();

// Holds all signals of the calling thread back for as long as it exists, so that what it guards is short, and counts once.
class Signals_held {
 public:
  enum Extent { ALL, ALL_BUT_WAKES };  // the latter lets wakes in whether they were let in before or not
  explicit Signals_held(Extent extent = ALL);
  ~Signals_held();
  uint64_t before() const { return before_; }  // what will be again, for let_in
  Signals_held(const Signals_held &) = delete;
  Signals_held &operator=(const Signals_held &) = delete;

 private:
  uint64_t before_;
};

// Has the calling thread's signals held back as in another thread before, from whom it has inherited them. Wakes are let in.
void let_in(uint64_t before);

// --- Making threads ---------------------------------------------------------------------------------------------------------

struct New_thread {
  uint64_t stack_size;     // 0: the system's choice
  const void *attributes;  // the system's own, or null
  bool detached;
};

// Makes a thread that calls begin(argument), with the caller's signals: they should be held back; `signals` is what they were, and
// becomes what the thread is to have, if its attributes say so. Gives out what the system's library
// knows it by. 0, or an error.
int make_thread(uint64_t *thread, const New_thread &, uint64_t *signals, void *(*begin)(void *), void *argument);

void name_thread(const char *name);  // the calling one

// Once the thread is about to end: waits until it has, all of it, and tells what `begin` returned, or the thread was ended with.
void *join_thread(uint64_t thread);

// Nobody will join it.
void detach_thread(uint64_t thread);

// Ends the calling thread.
[[noreturn]] void end_thread(void *result);

// --- Waking others ----------------------------------------------------------------------------------------------------------

// By the first thread that attaches, or by several at once, with `record` as the calling thread's: prepares for waking, and tries it on
// the calling thread. Returns the POLITE_BACKEND_ that works, or that threads are to begin with.
int start(Record &record);

// What is kept in `platforms` for a thread without kicks: given up when the thread leaves that, or ends, or has been copied by a fork.
void leave_self_pipe(Record &record);

// int without_kicks()   the POLITE_BACKEND_ by which threads are woken that get no kicks (self.h).

// Whether new records have to be FENCED.
bool fences_needed();

// The interrupter's side of the order above, for a thread that does not fence by itself. False if the order cannot be known; then the
// interrupter kicks as if it had seen the region, and the handler sets FENCED, so that it is known the next time.
bool order();

// The owner's side where FENCED is set: a full memory barrier.
void fence();

// What gets a thread out of its region. Made while the thread cannot end; sent when WAKING and the count of `kicking` keep it from
// settling. send() is false if it could not be sent. Async-signal-safe.
// The handler clears WAKING before all else, and sets UNSURE if the signal may not have been that of the Kick that set it.
class Kick {
 public:
  explicit Kick(const Record &record);
  bool send() const;

 private:
  uint32_t system_id_;
  const Record *record_;
};

// When it returns, every wake that was sent to the calling thread has been handled.
void drain();

// Sleeps until WAKING is cleared in the calling thread's word, or for no reason.
void wait_for_wake(const Atomic<uint64_t> &word);

struct Observation {
  bool asleep;  // the thread sleeps in the kernel
  bool deaf;    // it does, and blocks a wake that has been sent to it
};
// Looks at a thread of this process from the outside. All false if that cannot be known. Async-signal-safe.
Observation observe(const Record &record);

// --- Errors -------------------------------------------------------------------------------------------------------------------

// The name of a code that polite/error.h has no name for; null if it is none.
const char *error_name(int code);

// A sentence about a code of the system's. Never null; the next call may write over it.
const char *describe(int code);

// --- Memory, time, waiting --------------------------------------------------------------------------------------------------

void *map(size_t size);  // zeroed memory, or null
void unmap(void *, size_t size);

// A line to the people who look after the program. Async-signal-safe.
void tell(const char *line);

int64_t monotonic_ns();
constexpr int64_t NEVER = INT64_MAX;

// A moment's rest for the processor, in a loop.
void pause();

// Sleeps until `word` is not `expected`, or somebody calls wake_waiters on it, or for no reason. Async-signal-safe.
// False if it is that moment already (of monotonic_ns).
bool wait_on(const void *word, uint32_t expected, int64_t deadline = NEVER);
void wake_waiters(const void *word);

// class Bed   where a thread sleeps for the program's sake (self.h), not for that of a guard of ours: there it is as it wants to be found when it
//             sleeps (Windows: alertable). A copy may be used when the thread is gone; then it wakes nobody, or somebody else for no
//             reason.
//   Bed()                  the calling thread's
//   Bed(const Record &)    that of a thread which cannot end meanwhile
//   sleep(word, expected, deadline)   as wait_on, in one's own
//   wake(word)                        as wake_waiters, for the one who sleeps there. The word is not looked at

// --- The process ------------------------------------------------------------------------------------------------------------

// A word that is 0 in a new process that got this one's memory by a fork, until somebody sets it; elsewhere as it was left.
Atomic<uint32_t> &process_mark();

// In the new process, once: all that the system does not hand on to it.
void after_fork();

}  // namespace platform

// Called by the platform at the thread's end: once, the thread's functions being gone; and then at each round of destructors. True: done.
// False: call again in the next round, if there is one.
void thread_begins_to_end(Record &record);
bool thread_ending(Record &record, bool last_round);

}  // namespace polite

#include "self.h"

namespace polite::platform {

// The calling thread's record, or `nobody`, or `gone`. Async-signal-safe.
POLITE_INLINE Record &self() { return *whereabouts().record; }

}  // namespace polite::platform

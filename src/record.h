// A thread's record: what others may know of it, and all that its calls look at.
//
// The one test: a request is deliverable if `word & mask` is not 0. The shared `word` holds the request bits; `mask`, which only
// the owner writes, says which of them may be delivered now (a shield is mask 0). `region` is a copy of the mask for as
// long as the owner is, or is about to be, blocked: the bits for which it wants to be woken.
//
// Records are never unmapped, so whoever has seen one may read it for ever (rule 9). A handle is checked *after* the reader
// has counted itself into `inflight`, and the owner waits for that count to fall to 0 *after* it has taken the handle away:
// either the reader finds no such thread, or the thread cannot end under it.
#pragma once

#include "atomic.h"
#include "polite/base.h"
#include "polite/interrupt.h"

#include <stddef.h>

namespace polite {

struct Record;
struct Call;  // what the platform knows of a wrapped call (platform.h)
struct Node;
struct Made;  // a thread that polite made (made.h)

// The bits and fields of `word`. Bit 7 is kept for a kind of request that is still to come.
namespace word {
constexpr uint64_t INTERRUPT = 1u << 0;  // by polite_interrupt and its like
constexpr uint64_t LATCHED = 1u << 1;    // delivery does not consume INTERRUPT
constexpr uint64_t WAKING = 1u << 2;     // a wake is being sent, and its handler has not run yet
constexpr uint64_t FENCED = 1u << 3;     // the owner fences between `region` and `word` (platform.h, order)
constexpr uint64_t UNSURE = 1u << 4;     // a handler cleared WAKING that may have been run by somebody else's signal
constexpr uint64_t SELF_PIPE = 1u << 5;  // the owner is not woken by kicks: all its regions bring their wakers (region.h)
constexpr uint64_t PERMIT = 1u << 6;     // the owner's next park returns at once (polite_unpark)
constexpr int SLOT_SHIFT = 8;            // a bit for each slot in which a request object may be posted
constexpr unsigned PLAIN_SLOTS = POLITE_REQUESTS_MAX, ALL_SLOTS = PLAIN_SLOTS + POLITE_LATCHED_REQUESTS_MAX;
constexpr uint64_t SLOTS = ((uint64_t(1) << ALL_SLOTS) - 1) << SLOT_SHIFT;
constexpr uint64_t CONSUMABLE_SLOTS = ((uint64_t(1) << PLAIN_SLOTS) - 1) << SLOT_SHIFT;  // the others are latched requests'
constexpr int REASON_SHIFT = 32;  // INTERRUPT's reason, 16 bits
constexpr int TICKET_SHIFT = 48;  // INTERRUPT's place in the order of requests, 15 bits
constexpr uint64_t REQUESTS = INTERRUPT | SLOTS;
constexpr uint64_t LASTING = FENCED | SELF_PIPE;  // these say how the owner works, and stay when all that was asked of it is void
constexpr uint64_t UNSHIELDED = REQUESTS | FENCED;  // the mask of a thread without a shield: FENCED leads it off the fast path

constexpr uint64_t slot(unsigned n) { return uint64_t(1) << (SLOT_SHIFT + n); }
}  // namespace word

// Counts of interrupters at work on a record. A thread counts at most once, for it holds its signals back meanwhile, and the counts
// have more room than a system has threads.
namespace count {
constexpr uint32_t AWAITED = 1u << 31;  // the owner sleeps until the rest is 0
}  // namespace count

// What only the owner writes, and stores at each of its calls. It lives in the thread's own thread-local memory, beside the pointer to its
// record: a store whose address is known only after two loads in a row costs more than all the rest of the fast path.
// The window knows these offsets.
struct alignas(64) Whereabouts {
  Record *record;
  Atomic<uint64_t> region;    // 0, or the mask with which the thread is blocked
  Atomic<uintptr_t> frame;    // where the frame of its call is, or 0 if it is in none
  Atomic<const Call *> call;  // the call that it is in, if `frame` is not 0 …
  Atomic<uint64_t> object;    // … and that call's first argument, of which an int may be the lower half
  Atomic<uint32_t> calls;     // a number for each call
  Atomic<int32_t> depth;      // how many shields
  Atomic<uint64_t> mask;      // UNSHIELDED, or 0 inside a shield
  Node *cleanup = nullptr;    // the top of its cleanup stack (cleanup.h). A thread needs no record for that

  // A thread without a record of its own seems to be inside a call already, and under as many shields as there can be: so the checks
  // that are made anyway find it.
  static constexpr uintptr_t INSIDE = 1;

  // An odd `frame` is the address of the Waker of the region that the thread is in (region.h).
  static constexpr uintptr_t WAKER = 1;

  // A thread on the self-pipe, in no call: the window is not for it.
  static constexpr uintptr_t SELF_PIPE = 2;

  static bool is_waker(uintptr_t frame) { return frame & WAKER && frame != INSIDE; }

  bool in_no_call() const {
    uintptr_t now = frame.load();
    return now == 0 || now == SELF_PIPE;
  }

  constexpr explicit Whereabouts(Record *nobodys) : record(nobodys), frame(INSIDE), depth(INT32_MAX) {}
  constexpr Whereabouts() : record(nullptr) {}

  // The thread whose this is has that record from now on, or `nobody`, or `gone`.
  void belong_to(Record &);
};

struct alignas(64) Record {
  // What an uninterrupted call looks at. The window knows these offsets.
  Atomic<uint64_t> word;       // shared: requests, as above
  Atomic<uint32_t> inflight;   // shared: how many interrupters are at work here, and have not begun to send a wake
  Atomic<uint32_t> kicking;    // shared: how many are sending one

  Atomic<Whereabouts *> whereabouts;  // the owner's; good for as long as the owner cannot end (Target)
  Atomic<uint64_t> handle;     // the thread's handle, or 0 while the record is nobody's
  Atomic<uint64_t> seen;       // inspectors: since when (40 bits, ms) a call (24 bits of its number) has been seen
  Atomic<uint64_t> system_thread;  // the thread as the system's library knows it (platform.h) …
  Atomic<uint32_t> system_id;      // … and its number in the operating system
  Atomic<uint32_t> tickets;    // shared: counts requests, to tell which of several was first
  Atomic<uint32_t> claimed;    // shared: the slots that belong to a request object
  Atomic<uint32_t> slots[word::ALL_SLOTS];  // their tickets and reasons (request.cpp)
  Atomic<uint32_t> given_up;   // shared: claimed slots whose objects have been withdrawn
  Atomic<Made *> made;         // what is to be known of a thread that polite made, until it has been joined
  Atomic<uint32_t> born;       // owner: in which process, counted by forks (process.h). While it is nobody's: next_free
  uint32_t place = 0;          // where this record stands among all records, from 1; never changes
  uint32_t generation = 0;     // counts owners
  int32_t reason = 0;          // owner: of the interrupt delivered last, or -1
  Atomic<uint32_t> platforms;  // owner: something of the platform's (wake.cpp, self_pipe.cpp)
  Atomic<uint8_t> taking;      // owner: whether it is in the middle of a delivery
  uint8_t rounds = 0;          // owner: of thread-specific destructors, at the thread's end
  bool state_disabled = false; // owner: one of its shields is that of pthread_setcancelstate

  constexpr Record() {}
  constexpr explicit Record(Whereabouts *owners) : whereabouts(owners) {}
  bool attached() const { return place != 0; }
  POLITE_INLINE Whereabouts *owner() const { return whereabouts.load_acquire(); }
  uintptr_t idle_frame() const { return word.load_relaxed() & word::SELF_PIPE ? Whereabouts::SELF_PIPE : 0; }
  Atomic<uint32_t> &next_free() { return born; }
};
static_assert(sizeof(Record) + sizeof(Whereabouts) <= 256, "the bar: at most 256 bytes for each attached thread");

// What a thread has instead of a record of its own: its calls are plain calls.
extern Record nobody;  // has not attached
extern Record gone;    // has ended, and never will again

// Where a thread is that has a record, but has not begun yet: in no call, in no shield.
extern Whereabouts unborn;

// A record for a new thread: all fields as at the thread's birth, but the handle. Null if there is no memory, or no place.
Record *take_record();

// Gives a record back once nobody can reach it.
void release_record(Record &);

// The handle for a new owner. Stored in the record it makes that known to others.
polite_thread_t next_handle(Record &);

// The record which the handle named or names, or null if it never was one. To be checked under an in-flight count (Target).
Record *find_record(polite_thread_t);

// The record in a place, from 1 to `places_in_use`.
Record &record_at(uint32_t place);
uint32_t places_in_use();
uint32_t place_of(polite_thread_t);

}  // namespace polite

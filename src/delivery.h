// Delivery: what an interruption point does when it may have been interrupted. Everything else is the fast path.
#pragma once

#include "platform.h"

namespace polite {

// What a call does next.
enum class Next {
  give_back,    // its result
  interrupted,  // POLITE_INTERRUPTED; the request has been consumed
  again         // it was woken, but the request is gone: go on with the time that is left
};

// After a call of the calling thread's own, which is out of its region again. Settles, then decides (rule 2).
Next conclude(Ending ending);

// The same after a region with a waker (region.h).
Next conclude_region(Ending ending);

// Consumes what is deliverable to the calling thread, and notes the reason. False if nothing is.
bool take(Record &record);

// True if the calling thread, which has a frame, is a handler on top of a blocked call, or has no record at all: its calls are
// plain then, and deliver nothing. If it left that call by a jump, the call is forgotten and the answer is false.
bool outside(Record &record);

// The call that the thread was in will never return.
void leave_abandoned_call(Record &record);

// Waits, as the only one who does, until a count has fallen to 0 (record.h, count).
void wait_until_zero(Atomic<uint32_t> &);

// Waits until every interrupter that is at work on the calling thread's record has finished. They wait for nobody.
void wait_for_interrupters(Record &record);

}  // namespace polite

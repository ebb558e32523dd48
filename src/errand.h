// Work that cannot be woken, done by a thread of its own for a caller that can be. The caller waits interruptibly, and leaves the work
// behind when it is interrupted; what is left behind ends when it ends, and frees itself. So rule 11 does not hold for what is done
// this way, and only that which can block is.
#pragma once

#include "park.h"

namespace polite {

struct Errand {
  void (*work)(Errand &);  // in the other thread, where no signal arrives. Nothing of the caller's may be touched: it may be gone
  void (*free)(Errand &);  // all of it, and what the work has made
  Atomic<Parker *> waiting;  // the caller; or, at the end of one side, what the other one finds (errand.cpp)
};

// Whether the calling thread can be interrupted, so that an errand is worth its price: not if it is shielded, or nobody can name it,
// or it is in a handler on top of a blocked call.
bool can_be_interrupted();

// An interruption point. 0: the work is done. POLITE_INTERRUPTED: the errand is not the caller's any more, who must not touch it.
// Another error: there is no thread for it, and nothing was done.
int run_errand(const Call &, Errand &);

}  // namespace polite

// What a condition does with a mutex.
#pragma once

#include "waitable.h"

namespace polite {

// Nobody but the owner makes the word his name, or another's.
inline bool is_owner(const Waitable &mutex) { return (mutex.word.load_relaxed() & ~Waitable::FLAGS) == present_thread(); }

// By the owner, of a mutex that he has locked once.
void unlock_mutex(Waitable &);

// Not interruptibly; by a thread that is not the owner.
void lock_mutex(Waitable &);

}  // namespace polite

// Shields within the library: those that polite puts around code of the program's.
#pragma once

#include "private.h"

#include "platform.h"

namespace polite {

// The depth of the calling thread's shields, 0 for one that is not attached; and to bring it back to that. Handlers attach threads.
int shield_depth();
void set_shield_depth(int depth);

// The calling thread is ending: a shield that is not left. To pthread_setcancelstate it is PTHREAD_CANCEL_DISABLE.
void shield_the_end();

// Sets whether the calling thread's cancelability state is PTHREAD_CANCEL_DISABLE, which is one shield, however often it is said. What
// it was before.
bool disable_cancel_state(bool disable) POLITE_PRIVATE(disable_cancel_state);

}  // namespace polite

// Shields within the library: those that polite puts around code of the program's.
#pragma once

#include "platform.h"

namespace polite {

// The depth of the calling thread's shields, 0 for one that is not attached; and to bring it back to that. Handlers attach threads.
int shield_depth();
void set_shield_depth(int depth);

}  // namespace polite

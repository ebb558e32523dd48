// The two halves of platform::inside_call: what is common, and what is the window's.
#pragma once

#include "record.h"

namespace polite {

// The end of the calling thread's alternate stack, if it is on that; else 0.
uintptr_t alternate_stack_top();

// Whether the call of the window with that frame is beneath `here`. Without a window there is none.
bool inside_window(const Record &record, uintptr_t frame, uintptr_t here);

}  // namespace polite

// The system's errors, of its calls and of its sockets, as codes of polite's.
#pragma once

#include "win32/api.h"

namespace polite {

// Negative. One that has no counterpart keeps its number (POLITE_WINDOWS, polite/windows.h).
int code_of(DWORD error);

}  // namespace polite

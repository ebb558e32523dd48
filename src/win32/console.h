// Reading from a console, so that nothing that was typed is lost (rule 2).
//
// A read by lines that is cancelled takes the beginning of the line with it, and the next one may come without the rest. So the thread waits for
// the console's records, and for its bed; what a read would pass over anyway (keys that are let go, the mouse, the focus) it takes out of the
// way; and only when a key has been struck the read begins, with its echo and its editing. From there on it is not woken: it ends
// with the line.
#pragma once

#include "win32/handles.h"

namespace polite {

polite_ssize_t read_console(const Transfer &);

}  // namespace polite

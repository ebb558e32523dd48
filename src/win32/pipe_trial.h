// Whether this system completes a pipe's write that fits into the buffer before any of it can be taken (pipes.h).
#pragma once

namespace polite {

// Tried once in each process, by two pipes' ends of its own.
bool writes_are_whole();

}  // namespace polite

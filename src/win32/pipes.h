// Writing to pipes, so that an interrupt never leaves the number of bytes in doubt (rule 2).
//
// A pipe's write that is cancelled says 0, whatever its readers have taken of it. But a write of no more than the pipe's buffer
// (its quota) is as good as whole: as soon as its first byte is taken nothing stands before it, all of it fits, and the system
// completes it. So until it is complete nothing of it is gone, and cancelling it is exact. That is how Wine does it (measured: 40,000
// cancels of writes of the buffer's size by two threads, no byte in doubt; of more than it, 70 MB lost), and it is tried once in each
// process whether the system at hand does. A stream is written in pieces of that size.
//
// Where the trial fails, pieces are either of what the buffer has room for, and do not wait, or of one byte, which cannot be taken
// in part.
//
// A message is never divided. One that is larger than the buffer is not woken once it has begun.
#pragma once

#include "win32/handles.h"

namespace polite {

// `whole` is all that the program wants to have written.
polite_ssize_t write_to_pipe(const Transfer &whole);

}  // namespace polite

// The conventions of errno, for the functions that stand in for plain names.
#pragma once

namespace polite {

// Sets errno for a negative result: ECANCELED for an interrupt, of which polite_dropin_interrupted then knows. -1.
int by_errno(long error) __asm__("polite_by_errno");

// The same number, and errno is left alone.
int by_number(long error);

// fcntl(2): an error of what waits is told by `convention`. The commands that do not wait are libc's.
int fcntl_by(int (*convention)(long error), int fd, int command, void *argument);

}  // namespace polite

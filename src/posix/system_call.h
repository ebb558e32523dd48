// The bare instructions: the system call of Linux, the number and up to six arguments; its answer is
// the kernel's, negative errors included.
#pragma once

#include "atomic.h"

#include <sys/syscall.h>

namespace polite {

template <class T>
POLITE_INLINE long argument(T *pointer) { return reinterpret_cast<long>(pointer); }
template <class T>
POLITE_INLINE long argument(T number) { return static_cast<long>(number); }

#if defined __x86_64__

POLITE_INLINE long system_call(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0) {
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  __asm__ volatile("syscall"
                   : "+a"(number)
                   : "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory", "cc");
  return number;
}

// A moment's rest, in a loop.
POLITE_INLINE void relax() { __asm__ volatile("pause"); }

// A full memory barrier. (TSan refuses the compiler's own.)
POLITE_INLINE void full_barrier() { __asm__ volatile("mfence" ::: "memory"); }

#else
#error "no bare system call is written for this processor yet"
#endif

}  // namespace polite

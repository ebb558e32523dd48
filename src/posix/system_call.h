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

#elif defined __aarch64__

POLITE_INLINE long system_call(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  register long x5 __asm__("x5") = f;
  __asm__ volatile("svc 0" : "+r"(x0), "+r"(x8) : "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
  return x0;
}

POLITE_INLINE void relax() { __asm__ volatile("yield"); }

POLITE_INLINE void full_barrier() { __asm__ volatile("dmb ish" ::: "memory"); }

#else
#error "no bare system call is written for this processor yet"
#endif

}  // namespace polite

// The bare instructions: the system call of Linux, the number and up to six arguments; its answer is
// the kernel's, negative errors included.
#pragma once

#include "atomic.h"

#include "posix/numbers.h"

#include <linux/membarrier.h>

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

// What membarrier offers besides where its private expedited barrier can be relied upon; 0: everywhere.
constexpr long WHOLE_BARRIER = 0;

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

constexpr long WHOLE_BARRIER = 0;

#elif defined __riscv && __riscv_xlen == 64

#if defined __riscv_vector  // the kernel empties the vector registers, which no function need keep, but this may be inlined
#define POLITE_TAKEN_BY_KERNEL                                                                                                   \
  "memory", "vl", "vtype", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15", \
      "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31"
#else
#define POLITE_TAKEN_BY_KERNEL "memory"
#endif

POLITE_INLINE long system_call(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0) {
  register long a7 __asm__("a7") = number;
  register long a0 __asm__("a0") = a;
  register long a1 __asm__("a1") = b;
  register long a2 __asm__("a2") = c;
  register long a3 __asm__("a3") = d;
  register long a4 __asm__("a4") = e;
  register long a5 __asm__("a5") = f;
  __asm__ volatile("ecall" : "+r"(a0), "+r"(a7) : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5) : POLITE_TAKEN_BY_KERNEL);
  return a0;
}

#undef POLITE_TAKEN_BY_KERNEL

POLITE_INLINE void relax() { __asm__ volatile(".4byte 0x0100000f"); }  // pause, where there is one; elsewhere a fence of nothing

POLITE_INLINE void full_barrier() { __asm__ volatile("fence rw, rw" ::: "memory"); }

// Before Linux 6.9 a switch from another process lacked the barrier that membarrier counts upon (arch/riscv, membarrier.h). This came
// with it.
constexpr long WHOLE_BARRIER = MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE;

#elif defined __i386__

POLITE_INLINE long system_call(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0) {
  __asm__ volatile("int $0x80" : "+a"(number) : "b"(a), "c"(b), "d"(c), "S"(d), "D"(e) : "memory", "cc");
  return number;
}

// The sixth goes where the frame pointer is, which a compiler need not know how to give away.
POLITE_INLINE long system_call(long number, long a, long b, long c, long d, long e, long f) {
  const long last[] = {e, f}, *at = last;
  __asm__ volatile(
      "pushl %%ebp\n\t"
      "movl 4(%%edi), %%ebp\n\t"
      "movl (%%edi), %%edi\n\t"
      "int $0x80\n\t"
      "popl %%ebp"
      : "+a"(number), "+D"(at)
      : "b"(a), "c"(b), "d"(c), "S"(d)
      : "memory", "cc");
  return number;
}

POLITE_INLINE void relax() { __asm__ volatile("pause"); }

POLITE_INLINE void full_barrier() { __asm__ volatile("lock; orl $0, (%%esp)" ::: "memory", "cc"); }

#else
#error "no bare system call is written for this processor yet"
#endif

}  // namespace polite

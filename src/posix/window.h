// The window: the system call of an interruption point, made so that a wake can be told from its program counter.
// The machine instructions are in window_<processor>.S, the handler that looks at the program counter is in wake.cpp.
#pragma once

#include "platform.h"
#include "posix/system_call.h"

#include <stdint.h>

namespace polite {

// What the window returns instead of -EINTR if it was us who woke the call, or if a request was pending at entry. The lower half is
// that of -EINTR, so that the fast path tells both from a result by one comparison. No wrapped call returns such a number: the
// kernel moves at most 0x7ffff000 bytes at a time (read(2)).
constexpr long WOKEN = 0xfffffffc;

extern "C" {
// Addresses in the code of the window, in this order. See window_<processor>.S.
__attribute__((visibility("hidden"))) extern const char polite_window_begin[], polite_window_syscall[], polite_window_done[],
    polite_window_cancel[];
}

#if defined __x86_64__

// window(record, call, number, arguments…): leaves the registers as the kernel wants them, the record in rbx, the call in r11.
#define POLITE_WINDOW(...)                                                                                                   \
  __asm__ volatile("call polite_window" : "+a"(number), "+r"(r11) : "b"(&record), __VA_ARGS__ : "rcx", "memory", "cc")

POLITE_INLINE long window(Record &record, const Call &call, long number, long a, long b = 0, long c = 0) {
  register const Call *r11 __asm__("r11") = &call;
  POLITE_WINDOW("D"(a), "S"(b), "d"(c));
  return number;
}
POLITE_INLINE long window(Record &record, const Call &call, long number, long a, long b, long c, long d) {
  register const Call *r11 __asm__("r11") = &call;
  register long r10 __asm__("r10") = d;
  POLITE_WINDOW("D"(a), "S"(b), "d"(c), "r"(r10));
  return number;
}
POLITE_INLINE long window(Record &record, const Call &call, long number, long a, long b, long c, long d, long e, long f = 0) {
  register const Call *r11 __asm__("r11") = &call;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  POLITE_WINDOW("D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9));
  return number;
}

#undef POLITE_WINDOW

// The window's own offsets.
static_assert(offsetof(Record, word) == 0 && offsetof(Record, mask) == 8 && offsetof(Record, region) == 16);
static_assert(offsetof(Record, inflight) == 24 && offsetof(Record, frame) == 32 && offsetof(Record, call) == 40);
static_assert(offsetof(Record, object) == 48 && offsetof(Record, calls) == 56 && inflight::FENCED == 1);

#endif

}  // namespace polite

// The window: the system call of an interruption point, made so that a wake can be told from its program counter. There is one
// copy for each wrapped call, all alike; window_<processor>.S has them, wake.cpp looks at the program counter.
#pragma once

#include "posix/interruptible.h"

#include <stdint.h>

namespace polite {

// What comes out of the window instead of -EINTR if it was us who woke the call, or if a request was pending at entry. The lower half
// is that of -EINTR, so that the fast path tells both from a result by one comparison. No wrapped call returns such a number: the
// kernel moves at most 0x7ffff000 bytes at a time (read(2)).
constexpr long WOKEN = 0xfffffffc;

// The same, but the call had been made, and said -EINTR. A call that the kernel restarts does not say so because of us.
constexpr long WOKEN_LATE = 0x1fffffffc;

extern "C" {

// Makes a call in a window of the calling thread, which has a record, and returns as it comes out: nothing is concluded.
__attribute__((visibility("hidden"))) long polite_window(const Call *call, const Arguments *arguments);

// Where the fast paths go to when something happened. (And to polite_interruptible, when the thread seems to be inside a call already.)
__attribute__((visibility("hidden"))) long polite_conclude(const Call *call, const Arguments *arguments, long answer);

// The copies, one behind the other.
__attribute__((visibility("hidden"))) extern const char polite_windows[], polite_windows_end[];
}

// What the program counter means, from the beginning of a copy.
namespace window {
#if defined __x86_64__
constexpr uintptr_t SIZE = 256, CANCEL = 16, ENTRY = 32, CORE = 83, SYSCALL = 128, DONE = 130;
#if defined POLITE_TLS_DESCRIPTORS
constexpr uintptr_t LEFT = 151;
#else
constexpr uintptr_t LEFT = 157;
#endif
#elif defined __aarch64__
constexpr uintptr_t SIZE = 256, CANCEL = 20, ENTRY = 28, CORE = 108, SYSCALL = 160, DONE = 164, LEFT = 176;
#elif defined __riscv
constexpr uintptr_t SIZE = 256, CANCEL = 20, ENTRY = 36, CORE = 100, SYSCALL = 156, DONE = 160, LEFT = 172;
#endif
}  // namespace window

// The window's own offsets and bits.
static_assert(offsetof(Record, word) == 0 && offsetof(Record, inflight) == 8);
static_assert(offsetof(Whereabouts, record) == 0 && offsetof(Whereabouts, region) == 8 && offsetof(Whereabouts, frame) == 16);
static_assert(offsetof(Whereabouts, call) == 24 && offsetof(Whereabouts, object) == 32 && offsetof(Whereabouts, calls) == 40);
static_assert(offsetof(Whereabouts, mask) == 48);
static_assert(word::FENCED == 8);
static_assert(offsetof(Call, number) == 16);

}  // namespace polite

// What the kernel saved of an interrupted thread: a signal handler's third argument, and where it lies on the stack.
#pragma once

#include "posix/window.h"

#include <stdint.h>
#include <ucontext.h>

namespace polite {

// Where in which copy of the window a program counter is.
struct Place {
  uintptr_t window;  // 0: in none
  uintptr_t offset;  // from its beginning

  POLITE_INLINE explicit Place(uintptr_t pc) : window(0), offset(0) {
    uintptr_t begin = reinterpret_cast<uintptr_t>(polite_windows), end = reinterpret_cast<uintptr_t>(polite_windows_end);
    if (pc < begin || pc >= end) return;
    offset = (pc - begin) % window::SIZE;
    window = pc - offset;
  }

  // On the way from the look at `word` to the system call, or back there to make it again.
  POLITE_INLINE bool before_the_call() const {
    return window && (offset < window::CANCEL || (offset >= window::CORE && offset <= window::SYSCALL));
  }

  // In the part that runs while the region is the copy's own. The rest runs nested, too.
  POLITE_INLINE bool in_own_region() const {
    return window && (offset < window::ENTRY || (offset >= window::CORE && offset < window::LEFT));
  }
};

#if defined __x86_64__

POLITE_INLINE greg_t &program_counter(ucontext_t *context) { return context->uc_mcontext.gregs[REG_RIP]; }
POLITE_INLINE greg_t &call_result(ucontext_t *context) { return context->uc_mcontext.gregs[REG_RAX]; }

// Whether `words` are the saved stack pointer and program counter of a thread that was interrupted in the window with this frame, in a
// signal frame that is whole: the kernel marks the end of the floating-point state, at its far side (arch/x86, sigcontext.h).
// A part of it may be left from a handler that is gone.
POLITE_INLINE bool is_interrupted_call(const uintptr_t *words, uintptr_t frame) {
  static_assert(REG_RIP == REG_RSP + 1);
  Place place(words[1]);
  bool popped = place.offset > window::DONE;  // the window has taken its cookie off the stack again
  if (words[0] != frame + (popped ? sizeof(uintptr_t) : 0) || !place.in_own_region()) return false;
  constexpr int STATE = 23 - REG_RSP;  // the pointer to it follows the 23 registers
  constexpr int SIZE_AT = 468, MARK_AT = 464;
  constexpr uint32_t BEGIN_MARK = 0x46505853, END_MARK = 0x46505845;
  const char *state = reinterpret_cast<const char *>(words[STATE]);
  if (state < reinterpret_cast<const char *>(words)) return state == nullptr;
  if (state - reinterpret_cast<const char *>(words) > 4096) return false;
  uint32_t mark = *reinterpret_cast<const uint32_t *>(state + MARK_AT), size = *reinterpret_cast<const uint32_t *>(state + SIZE_AT);
  if (mark != BEGIN_MARK) return true;  // a processor without such a state
  return size < 65536 && *reinterpret_cast<const uint32_t *>(state + size - 4) == END_MARK;
}

constexpr uintptr_t RED_ZONE = 128;

#endif

}  // namespace polite

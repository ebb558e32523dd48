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

using Saved = greg_t;
POLITE_INLINE Saved &program_counter(ucontext_t *context) { return context->uc_mcontext.gregs[REG_RIP]; }
POLITE_INLINE Saved &call_result(ucontext_t *context) { return context->uc_mcontext.gregs[REG_RAX]; }

// Whether `words` are the saved stack pointer and program counter of a thread that was interrupted in the window with this frame, in a
// signal frame that is whole, and began beneath `top`: the kernel marks the end of the floating-point state, at its far side
// (arch/x86, sigcontext.h). A part of it may be left from a handler that is gone.
__attribute__((no_sanitize("address"))) POLITE_INLINE bool is_interrupted_call(const uintptr_t *words, uintptr_t frame, uintptr_t) {
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

// A signal frame is within this of where the handler's stack begins: all of today's processor states are smaller.
constexpr uintptr_t SIGNAL_FRAME = 16384;

// The end of the kernel's struct sigaction. What a handler returns to is the program's (SA_RESTORER, which libc keeps to itself).
extern "C" __attribute__((visibility("hidden"))) void polite_signal_return(void);
constexpr unsigned long RETURN_GIVEN = 0x04000000;
struct Return_and_mask {
  void (*restorer)(void);
  uint64_t mask;
};
constexpr Return_and_mask ALL_HELD_BACK = {polite_signal_return, ~uint64_t(0)};

#elif defined __aarch64__

using Saved = decltype(mcontext_t::pc);  // which libcs spell differently
POLITE_INLINE Saved &program_counter(ucontext_t *context) { return context->uc_mcontext.pc; }
POLITE_INLINE Saved &call_result(ucontext_t *context) { return context->uc_mcontext.regs[0]; }

// As above. The floating-point state comes first of what follows the registers; the far side of the frame is a copy of x29 and x30, as
// any function's frame begins (arch/arm64, signal.c).
__attribute__((no_sanitize("address"))) POLITE_INLINE bool is_interrupted_call(const uintptr_t *words, uintptr_t frame, uintptr_t top) {
  static_assert(offsetof(mcontext_t, regs) + 31 * 8 == offsetof(mcontext_t, sp) &&
                offsetof(mcontext_t, pc) == offsetof(mcontext_t, sp) + 8);
  constexpr int STATE = (offsetof(mcontext_t, __reserved) - offsetof(mcontext_t, sp)) / 8;
  constexpr uint32_t FLOATING_POINT = 0x46508001;
  if (words[0] != frame || !Place(words[1]).in_own_region() || uint32_t(words[STATE]) != FLOATING_POINT) return false;
  const uintptr_t *far_side = reinterpret_cast<const uintptr_t *>(top & ~uintptr_t(15)) - 2;
  return far_side > words && far_side[0] == words[-2] && far_side[1] == words[-1];
}

constexpr uintptr_t RED_ZONE = 0;
constexpr uintptr_t SIGNAL_FRAME = 131072;  // the architecture's widest vectors and matrices, and some

// The kernel brings what a handler returns to.
constexpr unsigned long RETURN_GIVEN = 0;
struct Return_and_mask {
  void (*restorer)(void);
  uint64_t mask;
};
constexpr Return_and_mask ALL_HELD_BACK = {nullptr, ~uint64_t(0)};

#elif defined __riscv

using Saved = unsigned long;
POLITE_INLINE Saved &program_counter(ucontext_t *context) { return context->uc_mcontext.__gregs[REG_PC]; }
POLITE_INLINE Saved &call_result(ucontext_t *context) { return context->uc_mcontext.__gregs[REG_A0]; }

// Whether what follows the floating-point state ends where the frame does: a word of 0, and then a header for each further extension's
// state, the last of which is 0 (arch/riscv, signal.c). An emulator may leave that out: qemu's frames end with the state (7.2).
POLITE_INLINE bool ends_with_frame(uintptr_t registers, uintptr_t top) {
  constexpr uintptr_t STATE = 32 * 8, STATE_SIZE = 33 * 8, EXTENSIONS = 516, ALIGNMENT = 48;
  struct Header {
    uint32_t magic, size;
  };
  if (top - (registers + STATE + STATE_SIZE) < ALIGNMENT) return true;
  uintptr_t at = registers + STATE + EXTENSIONS;
  if (at + 4 > top || *reinterpret_cast<const uint32_t *>(at) != 0) return false;
  at += 4;
  while (at + sizeof(Header) <= top) {
    Header header = *reinterpret_cast<const Header *>(at);
    if (header.magic == 0) return header.size == 0 && top - (at + sizeof(Header)) < ALIGNMENT;
    if (header.size < sizeof(Header) || header.size > top - at) return false;
    at += header.size;
  }
  return false;
}

// As above. The program counter comes first, and among the registers is that with the record, which the frame begins with.
__attribute__((no_sanitize("address"))) POLITE_INLINE bool is_interrupted_call(const uintptr_t *words, uintptr_t frame, uintptr_t top) {
  constexpr int T1 = 6;
  if (words[REG_SP] != frame || !Place(words[REG_PC]).in_own_region()) return false;
  return words[T1] == *reinterpret_cast<const uintptr_t *>(frame) && ends_with_frame(reinterpret_cast<uintptr_t>(words), top);
}

constexpr uintptr_t RED_ZONE = 0;
constexpr uintptr_t SIGNAL_FRAME = 4096 + 32 * 8192;  // the architecture's widest vectors

// The kernel brings what a handler returns to, and knows no other.
constexpr unsigned long RETURN_GIVEN = 0;
struct Return_and_mask {
  uint64_t mask;
};
constexpr Return_and_mask ALL_HELD_BACK = {~uint64_t(0)};

#endif

}  // namespace polite

// Atomic variables, on the compiler's own operations: the C++ library is not ours to use, and always_inline keeps
// the signal handler free of code that a sanitizer has instrumented elsewhere.
//
// The plain names are sequentially consistent; whoever means less says so, and says why where it matters.
#pragma once

#include <stdint.h>

namespace polite {

#define POLITE_INLINE __attribute__((always_inline)) inline
#define POLITE_COLD __attribute__((noinline, cold))

POLITE_INLINE bool likely(bool b) { return __builtin_expect(b, true); }
POLITE_INLINE bool unlikely(bool b) { return __builtin_expect(b, false); }

// Eight bytes are aligned to eight, which i386's own alignment is not: else they might not change all at once.
// What is smaller than four bytes can be loaded and stored only: riscv64 has no instructions for more, and gcc would call a library.
template <class T>
class Atomic {
 public:
  constexpr Atomic() : value_() {}
  constexpr Atomic(T value) : value_(value) {}
  Atomic(const Atomic &) = delete;
  Atomic &operator=(const Atomic &) = delete;

  POLITE_INLINE T load() const { return __atomic_load_n(&value_, __ATOMIC_SEQ_CST); }
  POLITE_INLINE T load_acquire() const { return __atomic_load_n(&value_, __ATOMIC_ACQUIRE); }
  POLITE_INLINE T load_relaxed() const { return __atomic_load_n(&value_, __ATOMIC_RELAXED); }
  POLITE_INLINE void store(T v) { __atomic_store_n(&value_, v, __ATOMIC_SEQ_CST); }
  POLITE_INLINE void store_release(T v) { __atomic_store_n(&value_, v, __ATOMIC_RELEASE); }
  POLITE_INLINE void store_relaxed(T v) { __atomic_store_n(&value_, v, __ATOMIC_RELAXED); }
  POLITE_INLINE T exchange(T v) { return __atomic_exchange_n(&whole(), v, __ATOMIC_SEQ_CST); }
  POLITE_INLINE T fetch_or(T v) { return __atomic_fetch_or(&whole(), v, __ATOMIC_SEQ_CST); }
  POLITE_INLINE T fetch_and(T v) { return __atomic_fetch_and(&whole(), v, __ATOMIC_SEQ_CST); }
  POLITE_INLINE T fetch_add(T v) { return __atomic_fetch_add(&whole(), v, __ATOMIC_SEQ_CST); }
  POLITE_INLINE T fetch_sub(T v) { return __atomic_fetch_sub(&whole(), v, __ATOMIC_SEQ_CST); }
  // On failure `expected` becomes the present value.
  POLITE_INLINE bool compare_exchange(T &expected, T desired) {
    return __atomic_compare_exchange_n(&whole(), &expected, desired, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
  }

 private:
  POLITE_INLINE T &whole() {
    static_assert(sizeof(T) >= 4);
    return value_;
  }

  alignas(sizeof(T)) T value_;
};

}  // namespace polite

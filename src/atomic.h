// Atomic variables, on the compiler's own operations: the C++ library is not ours to use, and always_inline keeps
// the signal handler free of code that a sanitizer has instrumented elsewhere.
//
// The plain names are sequentially consistent; whoever means less says so, and says why where it matters.
#pragma once

#include "compiler.h"

namespace polite {

// Eight bytes are aligned to eight, which i386's own alignment is not: else they might not change all at once.
// What is smaller than four bytes can be loaded and stored only: riscv64 has no instructions for more, and gcc would call a library.
template <class T>
class Atomic {
 public:
  constexpr Atomic() : value_() {}
  constexpr Atomic(T value) : value_(value) {}
  Atomic(const Atomic &) = delete;
  Atomic &operator=(const Atomic &) = delete;

  POLITE_INLINE T load() const { return atomic::load(value_); }
  POLITE_INLINE T load_acquire() const { return atomic::load_acquire(value_); }
  POLITE_INLINE T load_relaxed() const { return atomic::load_relaxed(value_); }
  POLITE_INLINE void store(T v) { atomic::store(value_, v); }
  POLITE_INLINE void store_release(T v) { atomic::store_release(value_, v); }
  POLITE_INLINE void store_relaxed(T v) { atomic::store_relaxed(value_, v); }
  POLITE_INLINE T exchange(T v) { return atomic::exchange(whole(), v); }
  POLITE_INLINE T fetch_or(T v) { return atomic::fetch_or(whole(), v); }
  POLITE_INLINE T fetch_and(T v) { return atomic::fetch_and(whole(), v); }
  POLITE_INLINE T fetch_add(T v) { return atomic::fetch_add(whole(), v); }
  POLITE_INLINE T fetch_sub(T v) { return atomic::fetch_add(whole(), T(0) - v); }
  // On failure `expected` becomes the present value.
  POLITE_INLINE bool compare_exchange(T &expected, T desired) { return atomic::compare_exchange(whole(), expected, desired); }

 private:
  POLITE_INLINE T &whole() {
    static_assert(sizeof(T) >= 4);
    return value_;
  }

  alignas(sizeof(T)) T value_;
};

}  // namespace polite

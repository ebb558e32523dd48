// All that is a compiler's own: gcc's and clang's (clang-cl's among them), and Microsoft's, with which this has not been built yet.
#pragma once

#include <stdint.h>

#if defined __GNUC__

#define POLITE_INLINE __attribute__((always_inline)) inline
#define POLITE_COLD __attribute__((noinline, cold))
#define POLITE_UNREACHABLE() __builtin_unreachable()
#define POLITE_FRAME_ADDRESS() reinterpret_cast<uintptr_t>(__builtin_frame_address(0))

namespace polite {

constexpr bool LEAST_BYTE_FIRST = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;

POLITE_INLINE bool likely(bool b) { return __builtin_expect(b, true); }
POLITE_INLINE bool unlikely(bool b) { return __builtin_expect(b, false); }

// Of numbers that are not 0.
POLITE_INLINE int lowest_bit(uint64_t n) { return __builtin_ctzll(n); }
POLITE_INLINE int highest_bit(uint32_t n) { return 31 - __builtin_clz(n); }

// Stores and loads are not moved across: by the compiler, for handlers of the same thread; by the processor, too.
POLITE_INLINE void order_for_handlers() { __atomic_signal_fence(__ATOMIC_SEQ_CST); }
POLITE_INLINE void order_for_threads() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

namespace atomic {

template <class T> POLITE_INLINE T load(const T &at) { return __atomic_load_n(&at, __ATOMIC_SEQ_CST); }
template <class T> POLITE_INLINE T load_acquire(const T &at) { return __atomic_load_n(&at, __ATOMIC_ACQUIRE); }
template <class T> POLITE_INLINE T load_relaxed(const T &at) { return __atomic_load_n(&at, __ATOMIC_RELAXED); }
template <class T> POLITE_INLINE void store(T &at, T v) { __atomic_store_n(&at, v, __ATOMIC_SEQ_CST); }
template <class T> POLITE_INLINE void store_release(T &at, T v) { __atomic_store_n(&at, v, __ATOMIC_RELEASE); }
template <class T> POLITE_INLINE void store_relaxed(T &at, T v) { __atomic_store_n(&at, v, __ATOMIC_RELAXED); }
template <class T> POLITE_INLINE T exchange(T &at, T v) { return __atomic_exchange_n(&at, v, __ATOMIC_SEQ_CST); }
template <class T> POLITE_INLINE T fetch_or(T &at, T v) { return __atomic_fetch_or(&at, v, __ATOMIC_SEQ_CST); }
template <class T> POLITE_INLINE T fetch_and(T &at, T v) { return __atomic_fetch_and(&at, v, __ATOMIC_SEQ_CST); }
template <class T> POLITE_INLINE T fetch_add(T &at, T v) { return __atomic_fetch_add(&at, v, __ATOMIC_SEQ_CST); }
template <class T> POLITE_INLINE bool compare_exchange(T &at, T &expected, T desired) {
  return __atomic_compare_exchange_n(&at, &expected, desired, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

}  // namespace atomic

}  // namespace polite

#elif defined _MSC_VER

#include <intrin.h>
#include <string.h>

#if !defined _M_X64
#error "for this processor Microsoft's atomic operations have yet to be written down here"
#endif

#define POLITE_INLINE __forceinline
#define POLITE_COLD __declspec(noinline)
#define POLITE_UNREACHABLE() __assume(0)
#define POLITE_FRAME_ADDRESS() reinterpret_cast<uintptr_t>(_AddressOfReturnAddress())

namespace polite {

constexpr bool LEAST_BYTE_FIRST = true;

POLITE_INLINE bool likely(bool b) { return b; }
POLITE_INLINE bool unlikely(bool b) { return b; }

POLITE_INLINE int lowest_bit(uint64_t n) {
  unsigned long bit;
  _BitScanForward64(&bit, n);
  return int(bit);
}
POLITE_INLINE int highest_bit(uint32_t n) {
  unsigned long bit;
  _BitScanReverse(&bit, n);
  return int(bit);
}

POLITE_INLINE void order_for_handlers() { _ReadWriteBarrier(); }
POLITE_INLINE void order_for_threads() { __faststorefence(); }

// On x86-64 loads acquire and stores release; what goes beyond that is locked.
namespace atomic {

template <class T> POLITE_INLINE T load_relaxed(const T &at) { return *const_cast<const volatile T *>(&at); }
template <class T> POLITE_INLINE T load_acquire(const T &at) {
  T v = load_relaxed(at);
  _ReadWriteBarrier();
  return v;
}
template <class T> POLITE_INLINE T load(const T &at) { return load_acquire(at); }
template <class T> POLITE_INLINE void store_relaxed(T &at, T v) { *const_cast<volatile T *>(&at) = v; }
template <class T> POLITE_INLINE void store_release(T &at, T v) {
  _ReadWriteBarrier();
  store_relaxed(at, v);
}

template <class T> POLITE_INLINE bool compare_exchange(T &at, T &expected, T desired) {
  static_assert(sizeof(T) == 4 || sizeof(T) == 8);
  long long wanted = 0, was = 0, found;
  memcpy(&wanted, &desired, sizeof(T));
  memcpy(&was, &expected, sizeof(T));
  if (sizeof(T) == 4) found = _InterlockedCompareExchange(reinterpret_cast<volatile long *>(&at), long(wanted), long(was));
  else found = _InterlockedCompareExchange64(reinterpret_cast<volatile long long *>(&at), wanted, was);
  if (memcmp(&found, &was, sizeof(T)) == 0) return true;
  memcpy(&expected, &found, sizeof(T));
  return false;
}

template <class T, class Change> POLITE_INLINE T change(T &at, Change to) {
  T now = load(at);
  while (!compare_exchange(at, now, to(now))) {
  }
  return now;
}
template <class T> POLITE_INLINE T exchange(T &at, T v) { return change(at, [v](T) { return v; }); }
template <class T> POLITE_INLINE T fetch_or(T &at, T v) { return change(at, [v](T now) { return T(now | v); }); }
template <class T> POLITE_INLINE T fetch_and(T &at, T v) { return change(at, [v](T now) { return T(now & v); }); }
template <class T> POLITE_INLINE T fetch_add(T &at, T v) { return change(at, [v](T now) { return T(now + v); }); }
template <class T> POLITE_INLINE void store(T &at, T v) {
  store_relaxed(at, v);
  order_for_threads();
}

}  // namespace atomic

}  // namespace polite

#else
#error "polite wants gcc, clang or Microsoft's compiler"
#endif

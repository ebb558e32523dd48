// Condition variables of ours in the memory of libc's: those of POSIX (condition.cpp, which says how they work) and of C11.
#pragma once

#include "atomic.h"
#include "posix/futex.h"

#include <limits.h>
#include <stdint.h>
#include <time.h>

namespace polite {

// All zero is PTHREAD_COND_INITIALIZER.
struct Condition {
  static constexpr uint32_t DESTROYING = 1u << 31;
  Atomic<uint32_t> sequence;
  Atomic<uint32_t> waiters;  // how many; and whether somebody waits for them to leave
  uint32_t shared;
  uint32_t monotonic;
};

// libc's, of whichever kind. Both functions return an error's number, or 0.
struct Mutex {
  void *mutex;
  int (*lock)(void *mutex);
  int (*unlock)(void *mutex);
};

void make_condition(Condition &, bool shared, bool monotonic);
void destroy_condition(Condition &);
inline constexpr int EVERYBODY = INT_MAX;
void signal_condition(Condition &, int count);

// 0 or a negative error; with the mutex, but for an error of its own.
int wait_for_condition(Condition &, const Mutex &, const Moment *until);
int wait_for_condition_until(Condition &, const Mutex &, const timespec *time, bool of_day);

}  // namespace polite

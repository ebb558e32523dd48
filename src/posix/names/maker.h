// Making threads for those who know them as libc does, by a pthread_t or a thrd_t.
#pragma once

#include "made.h"

#include <stdint.h>

namespace polite {

// As make(). The number is written in place, before the thread begins, but where it has less room than the library's.
template <class Thread>
int make_for(Thread *thread, const Making &making) {
  polite_thread_t handle;
  if constexpr (sizeof(Thread) == sizeof(uint64_t)) return make(making, &handle, reinterpret_cast<uint64_t *>(thread));
  uint64_t wide;
  int error = make(making, &handle, &wide);
  if (error == 0) *thread = Thread(wide);
  return error;
}

}  // namespace polite

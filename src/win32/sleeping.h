// What all waits of Windows have in common: how long, and what inspectors are told meanwhile.
#pragma once

#include "platform.h"

namespace polite::platform {

// 0 if the moment has come; INFINITE for NEVER.
uint32_t milliseconds_until(int64_t deadline);

// While it exists the calling thread is about to sleep, or sleeps. The system does not tell that of its threads; so they say it, in their
// record's `platforms`. (What runs on top of a wait, an APC, is asleep for those who look.)
class Asleep {
 public:
  Asleep();
  ~Asleep();
  Asleep(const Asleep &) = delete;
  Asleep &operator=(const Asleep &) = delete;
  static constexpr uint32_t ASLEEP = 1, DEAF = 2;  // DEAF: and wakes have not reached it (synchronous.h)

 private:
  Atomic<uint32_t> &platforms_;
  uint32_t before_;
};

}  // namespace polite::platform

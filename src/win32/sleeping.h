// What all waits of Windows have in common: how long, and what inspectors are told meanwhile.
#pragma once

#include "region.h"

namespace polite::platform {

// 0 if the moment has come; INFINITE for NEVER.
uint32_t milliseconds_until(int64_t deadline);

// Sleeps alertably until one of `count` objects is signaled, and says which; or STOPPED: the region is to be left; or TIMED_OUT; or FAILED
// (GetLastError). What is signaled goes before a request that comes at the same time (rule 2). `region` is null where nothing can be
// delivered.
constexpr int ABANDONED = 64;  // and the object is a mutex whose owner has ended
constexpr int STOPPED = -1, TIMED_OUT = -2, FAILED = -3;
constexpr uint32_t MOST_OBJECTS = 63;  // the system's 64, with the bed
int wait_for_objects(void *const *objects, uint32_t count, const Region *region, const Bed &, int64_t deadline);

// While it exists the calling thread is about to sleep, or sleeps. The system does not tell that of its threads; so they say it, in their
// record's `platforms`. (What runs on top of a wait, an APC, is asleep for those who look.)
class Asleep {
 public:
  Asleep();
  ~Asleep();
  Asleep(const Asleep &) = delete;
  Asleep &operator=(const Asleep &) = delete;
  static constexpr uint32_t ASLEEP = 1, DEAF = 2;  // DEAF: and wakes have not reached it for a while (synchronous.h)

 private:
  Atomic<uint32_t> &platforms_;
  uint32_t before_;
};

// Wakes a thread from such a wait.
class Bed_waker : public Waker {
 public:
  Bed_waker() : Waker(disturb) {}
  const Bed &bed() const { return bed_; }

 private:
  static bool disturb(Waker &waker) {
    static_cast<Bed_waker &>(waker).bed_.wake(nullptr);
    return true;
  }
  Bed bed_;
};

}  // namespace polite::platform

// Where threads sleep: an event each, which is kept when the thread ends, for the next one.
#include "platform.h"
#include "win32/sleeping.h"
#include "win32/api.h"

namespace polite::platform {

namespace {

// Atomic: an interrupter may look for it while it is being made.
void *own_bed() {
  Here &mine = here();
  void *event = mine.bed.load_relaxed();
  if (likely(event != nullptr) || !is_own(mine)) return event;
  event = CreateEventW(nullptr, FALSE, FALSE, nullptr);
  mine.bed.store(event);  // before the look at the word: pairs with Bed(const Record &), after its change
  return event;
}

}  // namespace

Bed::Bed() : event_(own_bed()) {}

Bed::Bed(const Record &record) : event_(static_cast<const Here *>(record.owner())->bed.load()) {}

bool Bed::sleep(const void *word, uint32_t expected, int64_t deadline) const {
  if (!event_) return wait_on(word, expected, deadline);
  const Atomic<uint32_t> &at = *static_cast<const Atomic<uint32_t> *>(word);
  while (at.load() == expected) {
    DWORD time = milliseconds_until(deadline);
    if (time == 0) return false;
    Asleep asleep;
    WaitForSingleObjectEx(event_, time, TRUE);
  }
  return true;
}

int wait_for_objects(void *const *objects, uint32_t count, const Region *region, const Bed &bed, int64_t deadline) {
  HANDLE all[MOST_OBJECTS + 1];
  for (uint32_t i = 0; i < count; ++i) all[i] = objects[i];
  all[count] = bed.event();
  for (;;) {
    bool stop = region && region->requested();  // looked at before what is signaled is, and decided upon after that
    DWORD time = stop ? 0 : milliseconds_until(deadline);
    Asleep asleep;
    DWORD woken = WaitForMultipleObjectsEx(region ? count + 1 : count, all, FALSE, time, TRUE);
    if (woken - WAIT_OBJECT_0 < count) return int(woken - WAIT_OBJECT_0);
    if (woken - WAIT_ABANDONED_0 < count) return int(woken - WAIT_ABANDONED_0) | ABANDONED;
    if (woken == WAIT_FAILED) return FAILED;
    if (stop) return STOPPED;
    if (woken == WAIT_TIMEOUT && milliseconds_until(deadline) == 0) return TIMED_OUT;
  }
}

// Whoever sleeps without an event sleeps on the word.
void Bed::wake(const void *word) const {
  if (event_) SetEvent(event_);
  else wake_waiters(word);
}

bool wait_on(const void *word, uint32_t expected, int64_t deadline) {
  DWORD time = milliseconds_until(deadline);
  if (time == 0) return false;
  return WaitOnAddress(const_cast<void *>(word), &expected, sizeof expected, time) || milliseconds_until(deadline) != 0;
}

void wake_waiters(const void *word) { WakeByAddressAll(const_cast<void *>(word)); }

Asleep::Asleep() : platforms_(self().platforms), before_(platforms_.load_relaxed()) { platforms_.store(ASLEEP); }
Asleep::~Asleep() { platforms_.store_relaxed(before_); }

Observation observe(const Record &record) {
  uint32_t now = record.platforms.load();
  return {(now & Asleep::ASLEEP) != 0, (now & Asleep::DEAF) != 0};
}

uint32_t milliseconds_until(int64_t deadline) {
  if (deadline == NEVER) return INFINITE;
  int64_t now = monotonic_ns();
  if (deadline <= now) return 0;
  // Without signs: else gcc (12) makes one of this subtraction and the comparison, which is wrong for a deadline that is far in the past.
  uint64_t milliseconds = (uint64_t(deadline) - uint64_t(now) - 1) / 1000000 + 1;
  return milliseconds < INFINITE ? DWORD(milliseconds) : INFINITE - 1;
}

}  // namespace polite::platform

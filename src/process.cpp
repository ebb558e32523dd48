#include "process.h"

#include "platform.h"

namespace polite {

namespace {

// The values of the platform's mark.
constexpr uint32_t NEW = 0, NOTICING = 1, NOTICED = 2;

Atomic<uint32_t> fork_count;

// What others were doing to the records when the fork froze them will never be finished. The child's threads come here before they
// touch a record, so nobody else does meanwhile, but for the owner's own fast path.
void void_all_records() {
  for (uint32_t place = 1; place <= places_in_use(); ++place) {
    Record &record = record_at(place);
    record.word.fetch_and(word::LASTING);
    record.inflight.store(0);
    record.kicking.store(0);
    record.claimed.store(0);
    record.given_up.store(0);
    record.seen.store(0);
    record.platforms.store(0);  // a descriptor is none of ours any more: by now its number may be the program's
  }
}

POLITE_COLD void notice() {
  platform::Signals_held held;  // a handler of ours that waited for us would wait for ever
  Atomic<uint32_t> &mark = platform::process_mark();
  uint32_t seen = NEW;
  if (mark.compare_exchange(seen, NOTICING)) {
    fork_count.fetch_add(1);
    void_all_records();
    platform::after_fork();
    mark.store(NOTICED);
    platform::wake_waiters(&mark);
    return;
  }
  while (mark.load() == NOTICING) platform::wait_on(&mark, NOTICING);
}

POLITE_COLD void adopt(Record &record) {
  record.system_id.store(platform::system_id());
  record.born.store(fork_count.load());
}

}  // namespace

Record &present() {
  if (unlikely(platform::process_mark().load() != NOTICED)) notice();
  Record &record = platform::self();
  if (record.attached() && unlikely(record.born.load() != fork_count.load())) adopt(record);
  return record;
}

uint32_t forks() { return fork_count.load(); }

}  // namespace polite

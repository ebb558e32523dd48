// Looking at a thread from the outside. It costs the thread nothing but the count of its calls.
#include "platform.h"
#include "polite/error.h"
#include "polite/thread.h"
#include "process.h"
#include "target.h"

namespace polite {

namespace {

struct Look {
  bool found;
  bool in_call;
  uint32_t calls;  // the number of the call
  polite_thread_info_t info;
};

// The record says when this very call was first seen, for inspections come from many places. Whoever sees another call there
// writes its own time; the loser of a race for that takes the winner's.
constexpr int SEEN_MS_BITS = 40;

int64_t observed_ns(Record &record, uint32_t calls) {
  uint64_t now_ms = uint64_t(platform::monotonic_ns() / 1000000) & ((uint64_t(1) << SEEN_MS_BITS) - 1);
  uint64_t mine = uint64_t(calls) << SEEN_MS_BITS | now_ms;
  uint64_t seen = record.seen.load();
  if (seen >> SEEN_MS_BITS != mine >> SEEN_MS_BITS && record.seen.compare_exchange(seen, mine)) return 0;
  int64_t since_ms = int64_t(seen & ((uint64_t(1) << SEEN_MS_BITS) - 1));
  return (int64_t(now_ms) - since_ms) * 1000000;
}

Look look_at(polite_thread_t thread) {
  platform::Signals_held held;
  Target target(thread, held);
  if (!target) return {};
  Record &record = target.record();
  Look look = {true, !record.owner()->in_no_call(), record.owner()->calls.load(), {}};
  look.info.shielded = uint32_t(record.owner()->depth.load());
  look.info.pending = record.word.load() & word::REQUESTS ? 1 : 0;
  look.info.object = -1;
  look.info.system_id = record.system_id.load();
  const Call *call = record.owner()->call.load();
  if (!call) look.in_call = false;  // it is just entering its first
  if (!look.in_call) return look;
  look.info.call = call->name;
  uint64_t object = record.owner()->object.load();
  if (call->has_descriptor) look.info.object = int32_t(object);
  if (call->number == Call::WAIT && object) look.info.object = int64_t(object);
  look.info.observed_ns = observed_ns(record, look.calls);
  return look;
}

}  // namespace

}  // namespace polite

using namespace polite;

extern "C" int polite_thread_inspect(polite_thread_t thread, polite_thread_info_t *info) {
  if (!info || info->size != sizeof *info) return POLITE_EINVAL;
  present();
  Look before = look_at(thread);
  bool asleep = before.found && before.in_call && platform::observe(*find_record(thread)).asleep;
  Look look = asleep ? look_at(thread) : before;
  if (!look.found) return POLITE_ESRCH;
  bool same_call = look.in_call && look.calls == before.calls;
  look.info.state = !look.in_call ? POLITE_THREAD_RUNNING : asleep && same_call ? POLITE_THREAD_BLOCKED : POLITE_THREAD_IN_CALL;
  look.info.size = sizeof *info;
  *info = look.info;
  return 0;
}

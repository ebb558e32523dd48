#include "made.h"

#include "call.h"
#include "delivery.h"
#include "polite/call.h"
#include "polite/error.h"
#include "polite/interrupt.h"
#include "polite/thread.h"
#include "process.h"
#include "shield.h"
#include "target.h"

#include <stdlib.h>
#include <string.h>

namespace polite {

namespace {

// In Made::joiner. Nothing is parked here.
Parker *const GONE = reinterpret_cast<Parker *>(1);

// Nobody else has a right to it any more; but somebody may be looking.
void dispose(Made &made) {
  Record &record = *made.record;
  record.made.store(nullptr);
  wait_for_interrupters(record);
  release_record(record);
  free(&made);
}

// The maker has yet to make the thread known, and to write down what the system calls it where it was told to: the thread may free
// that place.
void wait_for_maker(Made &made) {
  uint32_t state = Made::UNKNOWN;
  if (made.gate.compare_exchange(state, Made::AWAITED)) state = Made::AWAITED;
  for (; state != Made::OPEN; state = made.gate.load()) platform::wait_on(&made.gate, state);
}

void *begin(void *made_) {
  Made &made = *static_cast<Made *>(made_);
  Record &record = *made.record;
  wait_for_maker(made);
  record.system_id.store(platform::system_id());
  platform::whereabouts().belong_to(record);  // from here on it may be woken
  set_shield_depth(made.shielded ? 1 : 0);
  bool armed = platform::arm_thread_end(record);
  if (made.name[0]) platform::name_thread(made.name);
  platform::let_in(made.signals);
  void *result;
  made.how = call_within_boundary(made.fn, made.arg, &result, true);
  shield_the_end();  // thread-specific data destructors are not interrupted
  if (!armed) thread_ending(record, true);
  return result;
}

Made *new_made(const Making &making) {
  Made *made = static_cast<Made *>(calloc(1, sizeof(Made)));
  if (!made) return nullptr;
  made->state.store(making.thread.detached ? Made::DETACHED : 0);
  made->detached_from_birth = making.thread.detached;
  made->how = POLITE_EXITED;
  made->fn = making.fn;
  made->arg = making.arg;
  made->shielded = making.shielded;
  if (making.name) strncpy(made->name, making.name, sizeof made->name - 1);
  return made;
}

// With signals held: the new thread begins so, and a handler of the program's in it cannot come before the record.
int make_held(Made &made, const Making &making, const platform::Signals_held &held, polite_thread_t *thread, uint64_t *system_thread) {
  made.signals = held.before();
  if (int error = platform::make_thread(system_thread, making.thread, &made.signals, begin, &made)) return error;
  Record &record = *made.record;
  made.system_thread = *system_thread;
  *thread = made.handle = next_handle(record);
  if (making.self_pipe || initial_backend() == platform::without_kicks()) record.word.fetch_or(word::SELF_PIPE);
  if (platform::fences_needed()) record.word.fetch_or(word::FENCED);
  record.born.store(forks());
  record.system_thread.store(*system_thread);
  record.made.store(&made);
  record.handle.store(made.handle);  // from here on others know it
  if (made.gate.exchange(Made::OPEN) == Made::AWAITED) platform::wake_waiters(&made.gate);  // it may be gone with its thread by now
  return 0;
}

}  // namespace

int make(const Making &making, polite_thread_t *thread, uint64_t *system_thread) {
  if (!attached_self().attached()) return POLITE_UNATTACHED;
  Made *made = new_made(making);
  if (!made) return POLITE_ENOMEM;
  platform::Signals_held held;
  present();
  made->record = take_record();
  int error = made->record ? make_held(*made, making, held, thread, system_thread) : POLITE_ENOMEM;
  if (error == 0) return 0;
  if (made->record) release_record(*made->record);
  free(made);
  return error;
}

void end_made(Made &made) {
  Parker *joiner = made.joiner.exchange(GONE);
  uint64_t system_thread = made.system_thread;
  bool ours_to_detach = !made.detached_from_birth;
  if (made.state.fetch_or(Made::ENDED) & Made::DETACHED) {
    if (ours_to_detach) platform::detach_thread(system_thread);
    dispose(made);
  } else {
    joiner ? joiner->post() : platform::wake_waiters(&made.state);  // by now somebody may have freed it
  }
}

namespace {

// Under a count (Target, Counted_in).
int claim_made(Made &made, uint32_t as) {
  if (as == Made::JOINING && made.system_thread == platform::system_thread()) return POLITE_EDEADLK;
  uint32_t state = made.state.load();
  do {
    if (state & (Made::DETACHED | Made::JOINING)) return POLITE_EINVAL;
  } while (!made.state.compare_exchange(state, state | as));
  return int(state);
}

bool is_ours(const Record &record) { return record.born.load() == forks(); }

// A record in which the thread is, or has been, if it is known by that name. One that lives goes before one that has ended: a
// program that joined a thread of ours without our knowing has given its name free.
Record *find_system_thread(uint64_t system_thread, bool living) {
  for (uint32_t place = 1; place <= places_in_use(); ++place) {
    Record &record = record_at(place);
    if (record.system_thread.load() == system_thread && (record.handle.load() != 0) == living && is_ours(record)) return &record;
  }
  return nullptr;
}

// Finds the thread that polite made, ended or not, by its handle, or by what the system's library knows it by; claims it for a
// joiner (JOINING) or for good (DETACHED). The state before, and the thread; or POLITE_ESRCH, POLITE_EINVAL, POLITE_EDEADLK.
int claim(polite_thread_t thread, uint32_t as, Made *&made) {
  platform::Signals_held held;
  present();
  Record *record = find_record(thread);
  if (!record) return POLITE_ESRCH;
  Counted_in counted(*record, held);
  made = record->made.load();
  if (made && made->handle == thread && is_ours(*record)) return claim_made(*made, as);
  if (record->handle.load() != thread || !is_ours(*record)) return POLITE_ESRCH;
  return as == Made::JOINING && record == &platform::self() ? POLITE_EDEADLK : POLITE_EINVAL;
}

int claim_system_thread(uint64_t system_thread, uint32_t as, Made *&made) {
  platform::Signals_held held;
  present();
  Record *record = find_system_thread(system_thread, true);
  if (!record) record = find_system_thread(system_thread, false);
  if (!record) return POLITE_ESRCH;
  Counted_in counted(*record, held);
  made = record->made.load();
  return made && record->system_thread.load() == system_thread ? claim_made(*made, as) : POLITE_ESRCH;
}

constexpr Call joining = {"join", 0, false, false, 0};

// 0 when it has ended.
int wait_for_end(Made &made, int64_t deadline) {
  for (uint32_t state; !((state = made.state.load()) & Made::ENDED);) {
    Placed_parker joiner(made.joiner);
    if (!joiner.put()) {
      platform::wait_on(&made.state, state);
      continue;
    }
    switch (park(joiner, {joining, &made, deadline}, Placed_parker::withdraw)) {
      case Parked::interrupted: return POLITE_INTERRUPTED;
      case Parked::timed_out: return POLITE_ETIMEDOUT;
      case Parked::posted:
      case Parked::again: break;
    }
  }
  return 0;
}

// For the joiner of a claimed thread.
int join_claimed(Made &made, void **result, int64_t deadline) {
  if (int error = wait_for_end(made, deadline)) {
    made.state.fetch_and(~Made::JOINING);
    return error;
  }
  int how = made.how;
  made.record->system_thread.store(0);  // from the join on the system may call another thread so
  void *value = platform::join_thread(made.system_thread);
  dispose(made);
  if (result) *result = value;
  return how;
}

// For who has claimed it, `before` being what it was then.
void detach_claimed(Made &made, int before) {
  if (!(before & Made::ENDED)) return;  // it will see to it itself; it may have done so
  made.record->system_thread.store(0);  // as above
  platform::detach_thread(made.system_thread);
  dispose(made);
}

}  // namespace

int join_system_thread(uint64_t system_thread, void **result) {
  Made *made;
  int state = claim_system_thread(system_thread, Made::JOINING, made);
  return state < 0 ? state : join_claimed(*made, result, platform::NEVER);
}

int detach_system_thread(uint64_t system_thread) {
  Made *made;
  int state = claim_system_thread(system_thread, Made::DETACHED, made);
  if (state < 0) return state;
  detach_claimed(*made, state);
  return 0;
}

polite_thread_t handle_of_system_thread(uint64_t system_thread) {
  platform::Signals_held held;
  present();
  Record *record = find_system_thread(system_thread, true);
  if (!record) return 0;
  polite_thread_t handle = record->handle.load();
  Target target(handle, held);
  return target && record->system_thread.load() == system_thread ? handle : 0;
}

}  // namespace polite

using namespace polite;

namespace {

bool acceptable(const polite_thread_options_t *options) {
  uint32_t flags = POLITE_THREAD_DETACHED | POLITE_THREAD_SHIELDED;
  if (platform::without_kicks() == POLITE_BACKEND_SELF_PIPE) flags |= POLITE_THREAD_SELF_PIPE;
  return !options || (options->size == sizeof *options && !(options->flags & ~flags));
}

}  // namespace

extern "C" {

int polite_thread_create(polite_thread_t *thread, const polite_thread_options_t *options, void *(*fn)(void *), void *arg) {
  if (thread) *thread = 0;
  if (!thread || !fn || !acceptable(options)) return POLITE_EINVAL;
  Making making = {fn, arg, nullptr, false, {}};
  if (options) {
    making.name = options->name;
    making.shielded = options->flags & POLITE_THREAD_SHIELDED;
    making.self_pipe = options->flags & POLITE_THREAD_SELF_PIPE;
    making.thread.stack_size = options->stack_size;
    making.thread.detached = options->flags & POLITE_THREAD_DETACHED;
  }
  uint64_t system_thread;
  return make(making, thread, &system_thread);
}

int polite_thread_join(polite_thread_t thread, void **result) { return polite_thread_join_until(thread, result, platform::NEVER); }

int polite_thread_join_until(polite_thread_t thread, void **result, int64_t deadline) {
  if (int interrupted = polite_checkpoint()) return interrupted;
  Made *made;
  int state = claim(thread, Made::JOINING, made);
  return state < 0 ? state : join_claimed(*made, result, deadline);
}

int polite_thread_detach(polite_thread_t thread) {
  Made *made;
  int state = claim(thread, Made::DETACHED, made);
  if (state < 0) return state;
  detach_claimed(*made, state);
  return 0;
}

}  // extern "C"

// Threads: attaching, ending, and walking over all of them.
#include "polite/thread.h"

#include "delivery.h"
#include "made.h"
#include "platform.h"
#include "polite/error.h"
#include "process.h"
#include "shield.h"

namespace polite {

namespace {

Atomic<int> backend{-1};  // with which threads begin: -1 until the first one attaches; then POLITE_BACKEND_

// Tries waking on the first thread, once for the process. Several first threads may do so side by side: nothing waits.
bool start(Record &record) {
  int known = backend.load();
  if (known < 0) backend.store(known = platform::start(record));
  return known != POLITE_BACKEND_NONE;
}

// For the calling thread, which is in no call.
void put_on(Record &record, int on) {
  if (on == platform::without_kicks()) record.word.fetch_or(word::SELF_PIPE);
  else record.word.fetch_and(~word::SELF_PIPE);
  platform::whereabouts().frame.store(record.idle_frame());
}

// With signals held, so that no handler sees a record that is not complete.
bool attach_held() {
  if (!platform::is_own(platform::whereabouts())) return false;
  Record *record = take_record();
  if (!record) return false;
  record->system_id.store(platform::system_id());
  record->system_thread.store(platform::system_thread());
  platform::whereabouts().belong_to(*record);
  if (start(*record) && platform::arm_thread_end(*record)) {
    put_on(*record, initial_backend());
    if (platform::fences_needed()) record->word.fetch_or(word::FENCED);
    present();
    record->born.store(forks());
    record->handle.store(next_handle(*record));
    return true;
  }
  platform::whereabouts().belong_to(nobody);
  release_record(*record);
  return false;
}

POLITE_COLD Record &attach() {
  bool done;
  {
    platform::Signals_held held;
    done = attach_held();
  }
  if (done && initial_backend() == POLITE_BACKEND_WINDOW) platform::admit_wakes();
  return platform::self();
}

polite_thread_t handle_in_place(uint32_t place) {
  Record &record = record_at(place);
  polite_thread_t handle = record.handle.load();
  return handle && record.born.load() == forks() ? handle : 0;
}

}  // namespace

int initial_backend() { return backend.load(); }

Record &attached_self() {
  Record &record = platform::self();
  return likely(&record != &nobody) ? record : attach();
}

void thread_begins_to_end(Record &record) {
  if (!record.owner()->in_no_call()) polite_jumped();  // before destructors write over its frame: a waker may lie there
  record.owner()->cleanup = nullptr;                   // pthread_exit(3) does not know of it
  shield_the_end();
}

bool thread_ending(Record &record, bool last_round) {
  if (!last_round) return false;
  platform::Signals_held held;
  present();
  if (!record.owner()->in_no_call()) leave_abandoned_call(record);
  record.handle.store(0);  // before the wait for those who have seen it (record.h)
  wait_for_interrupters(record);
  if (record.word.load() & word::SELF_PIPE) platform::leave_self_pipe(record);
  Made *made = record.made.load();
  platform::whereabouts().belong_to(gone);
  if (made) end_made(*made);
  else release_record(record);
  return true;
}

}  // namespace polite

using namespace polite;

extern "C" {

polite_thread_t polite_self(void) {
  attached_self();
  return present().handle.load_relaxed();
}

polite_thread_t polite_thread_next(polite_thread_t previous) {
  present();
  for (uint32_t place = place_of(previous) + 1; place <= places_in_use(); ++place)
    if (polite_thread_t handle = handle_in_place(place)) return handle;
  return 0;
}

int polite_backend(void) {
  const Record &record = attached_self();
  if (!record.attached()) return POLITE_BACKEND_NONE;
  return record.word.load() & word::SELF_PIPE ? platform::without_kicks() : POLITE_BACKEND_WINDOW;
}

int polite_use_backend(int wanted) {
  if (wanted != POLITE_BACKEND_WINDOW && wanted != platform::without_kicks()) return POLITE_EINVAL;
  Record &record = attached_self();
  if (!record.attached()) return POLITE_UNATTACHED;
  if (wanted == POLITE_BACKEND_WINDOW && initial_backend() != POLITE_BACKEND_WINDOW) return POLITE_ENOTSUP;
  if (outside(present())) return POLITE_INSIDE;
  platform::Signals_held held;
  if (record.word.load() & word::SELF_PIPE) platform::leave_self_pipe(record);
  record.platforms.store(0);  // nor is what the window kept there of use now
  put_on(record, wanted);
  return 0;
}

int polite_jumped(void) {
  Record &record = present();
  if (record.attached() && !record.owner()->in_no_call()) leave_abandoned_call(record);
  return 0;
}

int polite_version(void) { return POLITE_VERSION; }

}  // extern "C"

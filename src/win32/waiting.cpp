// Waiting for time to pass, and for objects of the system's.
#include "delivery.h"
#include "park.h"
#include "polite/error.h"
#include "polite/interrupt.h"
#include "polite/time.h"
#include "polite/windows.h"
#include "process.h"
#include "win32/api.h"
#include "win32/errors.h"
#include "win32/sleeping.h"

using namespace polite;

namespace {

constexpr Call sleeping = {"nanosleep", Call::WAIT, false, false, 0};

// Nobody knows of the parker.
bool withdraw(Parker &) { return true; }

int sleep_until(int64_t deadline) {
  for (;;) {
    Parker parker;
    switch (park(parker, {sleeping, nullptr, deadline}, withdraw)) {
      case Parked::interrupted: return POLITE_INTERRUPTED;
      case Parked::timed_out: return 0;
      case Parked::posted:
      case Parked::again: break;
    }
  }
}

constexpr Call waiting = {"wait_handle", 0, true, false, 0};

static_assert(POLITE_WAIT_ABANDONED == platform::ABANDONED);

int answer_of(int which, DWORD error) {
  return which == platform::FAILED ? code_of(error) : which == platform::TIMED_OUT ? POLITE_ETIMEDOUT : which;
}

int plainly(void *const *objects, uint32_t count, int64_t deadline) {
  int which = platform::wait_for_objects(objects, count, nullptr, platform::Bed(), deadline);
  return answer_of(which, GetLastError());
}

int wait_for(void *const *objects, uint32_t count, int64_t deadline) {
  using namespace polite::platform;
  Record &record = present();
  if (outside(record)) return plainly(objects, count, deadline);
  for (;;) {
    Bed_waker waker;
    if (!waker.bed().event()) return POLITE_ENOMEM;
    Region region(record, waker, waiting, reinterpret_cast<uintptr_t>(objects[0]));
    int which = wait_for_objects(objects, count, &region, waker.bed(), deadline);
    DWORD error = GetLastError();
    switch (region.leave(which == STOPPED ? Ending::woken : which == TIMED_OUT ? Ending::nothing : Ending::result)) {
      case Next::interrupted: return POLITE_INTERRUPTED;
      case Next::give_back: return answer_of(which, error);
      case Next::again: break;
    }
  }
}

}  // namespace

extern "C" {

int polite_wait_handles_until(const polite_fd *handles, unsigned count, int64_t deadline) {
  void *objects[platform::MOST_OBJECTS];
  if (!handles || count == 0 || count > platform::MOST_OBJECTS) return POLITE_EINVAL;
  for (unsigned i = 0; i < count; ++i) objects[i] = reinterpret_cast<void *>(handles[i]);
  // What is pending goes before what is signaled already (rule 3).
  if (int interrupted = polite_checkpoint()) return interrupted;
  return wait_for(objects, count, deadline);
}

int polite_wait_handles(const polite_fd *handles, unsigned count) {
  return polite_wait_handles_until(handles, count, platform::NEVER);
}

int polite_wait_handle_until(polite_fd handle, int64_t deadline) { return polite_wait_handles_until(&handle, 1, deadline); }

int polite_wait_handle(polite_fd handle) { return polite_wait_handle_until(handle, platform::NEVER); }

int polite_process_wait(polite_fd process, uint32_t *exit_code) {
  int answer = polite_wait_handle(process);
  if (answer != 0) return answer;
  DWORD code;
  if (!GetExitCodeProcess(reinterpret_cast<HANDLE>(process), &code)) return code_of(GetLastError());
  if (exit_code) *exit_code = code;
  return 0;
}

int64_t polite_now(void) { return platform::monotonic_ns(); }

int polite_nanosleep(int64_t nanoseconds, int64_t *left) {
  if (nanoseconds < 0) return POLITE_EINVAL;
  int64_t now = platform::monotonic_ns();
  int64_t deadline = nanoseconds > INT64_MAX - now ? platform::NEVER : now + nanoseconds;
  int answer = sleep_until(deadline);
  int64_t rest = answer == 0 ? 0 : deadline - platform::monotonic_ns();
  if (left) *left = rest > 0 ? rest : 0;
  return answer;
}

}  // extern "C"

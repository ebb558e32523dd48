#include "win32/operation.h"

#include "process.h"
#include "region.h"
#include "win32/sleeping.h"

namespace polite {

namespace {

using platform::Here;

// The event of an operation: the thread's own, or, in a call on top of another one (an APC's), one for the moment.
class Own_event {
 public:
  Own_event() : here_(platform::here()), borrowed_(platform::is_own(here_) && !here_.operating) {
    event_ = borrowed_ ? here_.operation : nullptr;
    if (!event_) event_ = CreateEventW(nullptr, TRUE, FALSE, nullptr);
    if (!borrowed_) return;
    here_.operation = event_;
    here_.operating = true;
  }
  ~Own_event() {
    if (borrowed_) here_.operating = false;
    else if (event_) CloseHandle(event_);
  }
  Own_event(const Own_event &) = delete;
  Own_event &operator=(const Own_event &) = delete;

  HANDLE get() const { return event_; }

 private:
  Here &here_;
  bool borrowed_;
  HANDLE event_;
};

// The low bit keeps what completes from the completion port that the program may have bound the handle to.
OVERLAPPED with_event(HANDLE event) {
  OVERLAPPED overlapped = {};
  overlapped.hEvent = reinterpret_cast<HANDLE>(reinterpret_cast<uintptr_t>(event) | 1);
  return overlapped;
}

// The steps of one attempt.
class Attempt {
 public:
  Attempt(Operation &operation, HANDLE event, const platform::Bed &bed, int64_t deadline)
      : operation_(operation), event_(event), bed_(bed), deadline_(deadline), overlapped_(with_event(event)) {}

  // `region` is null where nothing can be delivered.
  Outcome make(const Region *region) {
    ResetEvent(event_);
    DWORD bytes = 0, error = operation_.start(operation_, overlapped_);
    if (error != ERROR_IO_PENDING && error != 0) return {error, 0};
    if (error == ERROR_IO_PENDING) wait(region);
    error = operation_.finish(operation_, overlapped_, bytes);
    return {error, bytes, false, timed_out_ && error == ERROR_OPERATION_ABORTED && bytes == 0};
  }

  bool cancelled() const { return cancelled_; }

 private:
  void wait(const Region *region) {
    int woken = platform::wait_for_objects(&event_, 1, region, bed_, deadline_);
    timed_out_ = woken == platform::TIMED_OUT;
    cancelled_ = woken == platform::STOPPED;
    if (woken < 0) cancel();
  }

  // It may have ended at this moment, or not be cancelled at once: either way it is waited for.
  void cancel() {
    CancelIoEx(operation_.handle, &overlapped_);
    WaitForSingleObject(event_, INFINITE);
  }

  Operation &operation_;
  HANDLE event_;
  const platform::Bed &bed_;
  int64_t deadline_;
  OVERLAPPED overlapped_;
  bool cancelled_ = false, timed_out_ = false;
};

}  // namespace

DWORD Operation::by_handle(Operation &operation, OVERLAPPED &overlapped, DWORD &bytes) {
  return GetOverlappedResult(operation.handle, &overlapped, &bytes, FALSE) ? 0 : GetLastError();
}

Outcome perform(Operation &operation) {
  Record &record = present();
  bool plain = outside(record), forever = operation.milliseconds == INFINITE;
  int64_t deadline = forever ? platform::NEVER : platform::monotonic_ns() + operation.milliseconds * int64_t(1000000);
  for (;;) {
    Own_event event;
    platform::Bed_waker waker;
    if (!event.get() || (!waker.bed().event() && !plain)) return {ERROR_NOT_ENOUGH_MEMORY, 0};
    Attempt attempt(operation, event.get(), waker.bed(), deadline);
    if (plain) return attempt.make(nullptr);
    uint64_t object = operation.object ? operation.object : reinterpret_cast<uintptr_t>(operation.handle);
    Region region(record, waker, operation.call, object, !operation.held);
    bool requested = region.requested();
    Outcome outcome = requested ? Outcome{ERROR_OPERATION_ABORTED, 0} : attempt.make(operation.held ? nullptr : &region);
    bool nothing = requested || (attempt.cancelled() && outcome.error == ERROR_OPERATION_ABORTED && outcome.bytes == 0 && !outcome.timed_out);
    switch (region.leave(nothing && !operation.goes_on ? Ending::woken : Ending::result)) {
      case Next::interrupted: return Outcome::delivered();
      case Next::give_back: return outcome;
      case Next::again: break;
    }
  }
}

}  // namespace polite

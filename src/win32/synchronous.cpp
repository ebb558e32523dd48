#include "win32/synchronous.h"

#include "process.h"
#include "region.h"
#include "target.h"
#include "win32/sleeping.h"

#include <stdlib.h>

namespace polite {

namespace {

// What cancels a thread's calls. It is kept until the thread ends.
HANDLE own_handle() {
  platform::Here &here = platform::here();
  if (!here.thread && platform::is_own(here))
    DuplicateHandle(GetCurrentProcess(), GetCurrentThread(), GetCurrentProcess(), &here.thread, THREAD_TERMINATE, FALSE, 0);
  return here.thread;
}

// A region whose wake has not been answered yet.
struct Retry {
  polite_thread_t thread;
  uint32_t calls;  // which of the thread's
  DWORD pause;     // milliseconds, until the next try
  static constexpr DWORD LONGEST = 512;
};

class Cancelling : public Waker {
 public:
  Cancelling(HANDLE thread, const Record &record, bool runs_functions) : Waker(cancel, runs_functions), thread_(thread), record_(record) {}

 private:
  static bool cancel(Waker &waker) {
    Cancelling &region = static_cast<Cancelling &>(waker);
    return CancelSynchronousIo(region.thread_) || region.try_again_later();
  }
  bool try_again_later();

  HANDLE thread_;
  const Record &record_;
  Atomic<uint32_t> tried_again_;  // a timer is at work, for as long as the region stands
};

void set_timer(PTP_TIMER timer, DWORD milliseconds) {
  ULARGE_INTEGER from_now;
  from_now.QuadPart = ULONGLONG(-(int64_t(milliseconds) * 10000));
  FILETIME due = {from_now.LowPart, from_now.HighPart};
  SetThreadpoolTimer(timer, &due, 0, 0);
}

// False if the region stands no more. `region` is looked at first: who is counted in and has seen one keeps its owner from leaving it,
// and its number and its waker have been stored before it. (Whether the request is still there does not matter. Who was woken leaves.)
bool wake_again(const Retry &retry) {
  platform::Signals_held held;
  Target target(retry.thread, held);
  if (!target) return false;
  Record &record = target.record();
  const Whereabouts &whose = *record.owner();
  if (!whose.region.load() || whose.calls.load() != retry.calls) return false;
  if (retry.pause == Retry::LONGEST) record.platforms.fetch_or(platform::Asleep::DEAF);
  target.kick();
  return true;
}

void CALLBACK retry_now(PTP_CALLBACK_INSTANCE, void *retry_, PTP_TIMER timer) {
  Retry &retry = *static_cast<Retry *>(retry_);
  if (wake_again(retry)) {
    if (retry.pause < Retry::LONGEST) retry.pause *= 2;
    return set_timer(timer, retry.pause);
  }
  CloseThreadpoolTimer(timer);
  free(&retry);
}

// By an interrupter, who keeps the region from being left; or by the timer itself. False if there is no memory for one.
bool Cancelling::try_again_later() {
  if (tried_again_.exchange(1)) return true;
  Retry *retry = static_cast<Retry *>(malloc(sizeof *retry));
  PTP_TIMER timer = retry ? CreateThreadpoolTimer(retry_now, retry, nullptr) : nullptr;
  if (!timer) {
    free(retry);
    tried_again_.store(0);
    return false;
  }
  *retry = {record_.handle.load(), record_.owner()->calls.load(), 1};
  set_timer(timer, retry->pause);
  return true;
}

// Of the region that was left: while it stood it may have seemed deaf.
Next leave(Region &region, Record &record, Ending ending) {
  Next next = region.leave(ending);
  if (record.platforms.load_relaxed() & platform::Asleep::DEAF) record.platforms.fetch_and(~platform::Asleep::DEAF);
  return next;
}

}  // namespace

Outcome perform(Synchronous &synchronous) {
  Record &record = present();
  DWORD bytes = 0;
  if (outside(record)) return {synchronous.make(synchronous, bytes), bytes};
  HANDLE thread = own_handle();
  if (!thread) return {ERROR_NOT_ENOUGH_MEMORY, 0};
  for (;;) {
    Cancelling waker(thread, record, synchronous.runs_functions);
    Region region(record, waker, synchronous.call, reinterpret_cast<uintptr_t>(synchronous.handle), !synchronous.held);
    bool woken = region.requested();
    Outcome outcome = {ERROR_OPERATION_ABORTED, 0};
    if (!woken) {
      platform::Asleep asleep;
      outcome.error = synchronous.make(synchronous, outcome.bytes);
    }
    bool nothing = outcome.error == ERROR_OPERATION_ABORTED && outcome.bytes == 0 && (woken || region.requested());
    switch (leave(region, record, nothing && !synchronous.goes_on ? Ending::woken : Ending::result)) {
      case Next::interrupted: return Outcome::delivered();
      case Next::give_back: return outcome;
      case Next::again: break;
    }
  }
}

}  // namespace polite

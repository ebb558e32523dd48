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

// The wake of one region that has not been answered yet.
struct Retry {
  polite_thread_t thread;
  uint32_t calls;  // which region
  DWORD pause;     // milliseconds, until the next
  static constexpr DWORD LONGEST = 512;
};

class Cancelling : public Waker {
 public:
  Cancelling(HANDLE thread, Record &record) : Waker(cancel, MAY_FAIL), thread_(thread), record_(record) {}

  // By who has been trying, in vain. From here on another one may begin to.
  void give_up() {
    record_.platforms.fetch_or(platform::Asleep::DEAF);
    tried_again_.store(0);
    record_.word.fetch_and(~word::WAKING);
  }

 private:
  static void cancel(Waker &waker) {
    Cancelling &region = static_cast<Cancelling &>(waker);
    if (!CancelSynchronousIo(region.thread_)) region.try_again_later();
  }
  void try_again_later();

  HANDLE thread_;
  Record &record_;
  Atomic<uint32_t> tried_again_;
};

void set_timer(PTP_TIMER timer, DWORD milliseconds) {
  ULARGE_INTEGER from_now;
  from_now.QuadPart = ULONGLONG(-(int64_t(milliseconds) * 10000));
  FILETIME due = {from_now.LowPart, from_now.HighPart};
  SetThreadpoolTimer(timer, &due, 0, 0);
}

// Whether the region is still there and the wake unanswered: then it is called again, or, after the last time, given up.
bool wake_again(const Retry &retry, bool last) {
  platform::Signals_held held;
  Target target(retry.thread, held);
  if (!target) return false;
  Record &record = target.record();
  Whereabouts &whose = *record.owner();
  if (whose.calls.load() != retry.calls || !(record.word.load() & whose.region.load() & word::REQUESTS)) return false;
  uintptr_t frame = whose.frame.load();
  if (!Whereabouts::is_waker(frame)) return false;  // it is just leaving, and waits for us
  if (last) static_cast<Cancelling &>(Waker::at(frame)).give_up();
  else target.kick();
  return !last;
}

void CALLBACK retry_now(PTP_CALLBACK_INSTANCE, void *retry_, PTP_TIMER timer) {
  Retry &retry = *static_cast<Retry *>(retry_);
  if (wake_again(retry, retry.pause == Retry::LONGEST)) {
    retry.pause *= 2;
    set_timer(timer, retry.pause);
    return;
  }
  CloseThreadpoolTimer(timer);
  free(&retry);
}

// By an interrupter, while the region is held by the count of those who kick. Once for each region: the timer calls the waker, too.
void Cancelling::try_again_later() {
  if (tried_again_.exchange(1)) return;
  Retry *retry = static_cast<Retry *>(malloc(sizeof *retry));
  PTP_TIMER timer = retry ? CreateThreadpoolTimer(retry_now, retry, nullptr) : nullptr;
  if (!timer) {
    free(retry);
    return tried_again_.store(0);
  }
  *retry = {record_.handle.load(), record_.owner()->calls.load(), 1};
  set_timer(timer, retry->pause);
}

}  // namespace

Outcome perform(Synchronous &synchronous) {
  Record &record = present();
  DWORD bytes = 0;
  if (outside(record)) return {synchronous.make(synchronous, bytes), bytes};
  HANDLE thread = own_handle();
  if (!thread) return {ERROR_NOT_ENOUGH_MEMORY, 0};
  for (;;) {
    Cancelling waker(thread, record);
    Region region(record, waker, synchronous.call, reinterpret_cast<uintptr_t>(synchronous.handle), !synchronous.held);
    bool woken = region.requested();
    Outcome outcome = {ERROR_OPERATION_ABORTED, 0};
    if (!woken) {
      platform::Asleep asleep;
      outcome.error = synchronous.make(synchronous, outcome.bytes);
    }
    bool nothing = outcome.error == ERROR_OPERATION_ABORTED && outcome.bytes == 0 && (woken || region.requested());
    switch (region.leave(nothing && !synchronous.goes_on ? Ending::woken : Ending::result)) {
      case Next::interrupted: return Outcome::delivered();
      case Next::give_back: return outcome;
      case Next::again: break;
    }
  }
}

}  // namespace polite

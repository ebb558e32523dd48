#include "posix/self_pipe.h"

#include "polite/error.h"
#include "posix/sleep.h"
#include "posix/system_call.h"
#include "posix/wake_signal.h"
#include "process.h"
#include "region.h"

#include <errno.h>
#include <linux/futex.h>
#include <linux/time_types.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>

namespace polite {

namespace {

// --- The descriptor ---------------------------------------------------------------------------------------------------------

// `platforms` is the calling thread's descriptor and 1, or 0 until it is needed first. A vfork child, which has its parent's record but
// not its descriptors, gets one for the moment. get() is an error if there is none to be had.
class Own_end {
 public:
  explicit Own_end(Record &record) : record_(record), end_(long(record.platforms.load()) - 1) {
    if (end_ < 0) make(0);
  }
  ~Own_end() {
    if (for_the_moment_ && end_ >= 0) system_call(SYS_close, end_);
  }
  Own_end(const Own_end &) = delete;
  Own_end &operator=(const Own_end &) = delete;

  void make_another() { make(uint32_t(end_) + 1); }
  long get() const { return end_; }

 private:
  // In the place of `before`, unless a signal handler has been quicker.
  void make(uint32_t before) {
    end_ = system_call(SYS_eventfd2, 0, EFD_CLOEXEC | EFD_NONBLOCK);
    for_the_moment_ = end_ >= 0 && record_.system_id.load() != platform::system_id();
    if (end_ < 0 || for_the_moment_ || record_.platforms.compare_exchange(before, uint32_t(end_) + 1)) return;
    if (before) system_call(SYS_close, end_), end_ = long(before) - 1;
    else for_the_moment_ = true;
  }

  Record &record_;
  long end_;
  bool for_the_moment_ = false;
};

class Write_waker : public Waker {
 public:
  explicit Write_waker(long end) : Waker(write), end_(end) {}

  // After the region has been left, so that the next one does not find it. Not only what was written in this region, but what was seen:
  // a signal handler may have come between another region and this, or have been left by a jump there, and its poll would not wait.
  void take_back(bool seen) {
    uint64_t count;
    if (seen || written_.load()) system_call(SYS_read, end_, argument(&count), sizeof count);
  }

 private:
  static bool write(Waker &waker) {
    Write_waker &to = static_cast<Write_waker &>(waker);
    uint64_t one = 1;
    to.written_.store(1);
    system_call(SYS_write, to.end_, argument(&one), sizeof one);
    return true;
  }

  long end_;
  Atomic<uint32_t> written_;
};

// poll is never made again after a signal handler, and does not say whose it was. So where that matters signals are held back while it
// waits, and it waits for them, too: then it is known which handlers are going to run, and they run when this ends.
class Signals_awaited {
 public:
  Signals_awaited() {
    watched_ = ~held_.before() & ~LIBCS_SIGNALS;
    end_ = system_call(SYS_signalfd4, -1, argument(&watched_), SIGNAL_SET_SIZE, SFD_CLOEXEC | SFD_NONBLOCK);
  }
  ~Signals_awaited() { system_call(SYS_close, end_); }  // before the handlers, which may jump
  Signals_awaited(const Signals_awaited &) = delete;
  Signals_awaited &operator=(const Signals_awaited &) = delete;

  int end() const { return int(end_); }

  // -EINTR if one that is about to run does not ask for the call to be made again. Handlers may be for once: so they are asked before.
  long verdict() const {
    uint64_t pending = 0;
    system_call(SYS_rt_sigpending, argument(&pending), SIGNAL_SET_SIZE);
    for (pending &= watched_; pending; pending &= pending - 1) {
      struct sigaction action;
      if (sigaction(__builtin_ctzll(pending) + 1, nullptr, &action) != 0) continue;
      bool handled = action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN;
      if (handled && !(action.sa_flags & SA_RESTART)) return -EINTR;
    }
    return STOPPED;
  }

 private:
  platform::Signals_held held_;
  uint64_t watched_;
  long end_;
};

long poll_once(const Poll &poll, pollfd *fds, unsigned count) {
  int64_t left = time_until(poll.deadline);
  __kernel_timespec time = {left / SECOND, left % SECOND};
  return system_call(SYS_ppoll, argument(fds), count, poll.deadline == platform::NEVER ? 0 : argument(&time), argument(poll.mask), 8);
}

// STOPPED: the descriptor of the thread, which is the last, has been written to; or signals came whose handlers ask for another go.
long poll_and_judge(const Poll &poll, pollfd *fds, unsigned count) {
  long answer = poll_once(poll, fds, count);
  return answer > 0 && fds[count - 1].revents && --answer == 0 ? STOPPED : answer;
}

long poll_and_restart(const Poll &poll, pollfd *fds, unsigned count) {
  Signals_awaited signals;
  if (signals.end() < 0) return signals.end();
  fds[count] = {signals.end(), POLLIN, 0};
  long answer = poll_once(poll, fds, count + 1);
  bool woken = fds[count - 1].revents, signalled = fds[count].revents;
  if (answer == -EINTR) return STOPPED;  // libc's own signals are not held back
  if (answer <= 0 || (answer -= woken + signalled) > 0) return answer;
  return signalled ? signals.verdict() : STOPPED;
}

Ending ending_of(long answer) {
  return answer == STOPPED ? Ending::woken : answer == -EINTR ? Ending::nothing : Ending::result;
}

}  // namespace

// An end is forgotten before it is closed: an interrupter that came in between would write to whatever gets the number next. (But nobody
// is in between: the thread is in no region.)
void platform::leave_self_pipe(Record &record) {
  if (uint32_t end = record.platforms.exchange(0)) system_call(SYS_close, long(end) - 1);
}

// --- Waiting ----------------------------------------------------------------------------------------------------------------

long poll_or_wake(const Poll &poll, pollfd *fds, unsigned count) {
  Record &record = present();
  Own_end end(record);
  for (;;) {
    if (end.get() < 0) return end.get();
    fds[count] = {int(end.get()), POLLIN, 0};
    Write_waker waker(end.get());
    Region region(record, waker, poll.call, uint64_t(poll.object));
    long answer = region.requested() ? STOPPED : poll.restarts ? poll_and_restart(poll, fds, count + 1) : poll_and_judge(poll, fds, count + 1);
    Next next = region.leave(poll.keeps_requests ? Ending::result : ending_of(answer));
    waker.take_back(fds[count].revents & POLLIN);
    if (fds[count].revents & POLLNVAL) end.make_another();  // somebody has closed all descriptors that he did not know
    switch (next) {
      case Next::give_back: return answer;
      case Next::interrupted: return POLITE_INTERRUPTED;
      case Next::again: break;
    }
  }
}

namespace {

class Word_waker : public Waker {
 public:
  Word_waker() : Waker(wake) {}
  const void *word() const { return &woken_; }
  bool woken() const { return woken_.load(); }

 private:
  static bool wake(Waker &waker) {
    Word_waker &of = static_cast<Word_waker &>(waker);
    of.woken_.store(1);
    platform::wake_waiters(&of.woken_);
    return true;
  }

  Atomic<uint32_t> woken_;
};

// For futex_waitv (Linux 5.16), whose header Debian 12's musl does not find.
struct Futex {
  uint64_t expected, address;
  uint32_t flags, reserved;
};

// Our own word comes first: of two that were woken the kernel names the last, so that nobody's wake is lost.
long sleep_on_both(const Word_waker &waker, const Arguments &a) {
  constexpr long FUTEX_WAITV = 449;
  constexpr uint32_t OF_32_BITS = 2;
  Futex words[] = {{0, reinterpret_cast<uintptr_t>(waker.word()), OF_32_BITS | FUTEX_PRIVATE_FLAG, 0},
                   {uint64_t(uint32_t(a.c)), uintptr_t(a.a), OF_32_BITS | uint32_t(a.b & FUTEX_PRIVATE_FLAG), 0}};
  long answer = system_call(FUTEX_WAITV, argument(words), 2, 0, a.d, a.b & FUTEX_CLOCK_REALTIME ? CLOCK_REALTIME : CLOCK_MONOTONIC);
  if (answer == 0 || (answer == -EAGAIN && waker.woken())) return STOPPED;
  return answer == 1 ? 0 : answer;
}

}  // namespace

long wait_on_futex(const Call &call, const Arguments &a) {
  Record &record = present();
  for (;;) {
    Word_waker waker;
    Region region(record, waker, call, uint64_t(a.a));
    long answer = region.requested() ? STOPPED : sleep_on_both(waker, a);
    switch (region.leave(ending_of(answer))) {
      case Next::interrupted: return POLITE_INTERRUPTED;
      case Next::again: continue;
      case Next::give_back: break;
    }
    return answer == -ENOSYS ? system_call(call.number, a.a, a.b, a.c, a.d, a.e, a.f) : answer;
  }
}

}  // namespace polite

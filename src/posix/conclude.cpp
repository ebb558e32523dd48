// Where the windows lead when something happened: what an interruption point does when it may have been interrupted.
#include "delivery.h"
#include "polite/error.h"
#include "posix/self_pipe.h"
#include "posix/sleep.h"
#include "posix/system_call.h"
#include "posix/time_limit.h"
#include "posix/window.h"

#include <errno.h>
#include <poll.h>

using namespace polite;

namespace {

// A call that the kernel restarts says -EINTR after our handler only if its socket has a time limit (signal(7)). Otherwise a handler of
// the program's own was there, too, and the wake was held back until its end; the -EINTR is its caller's (rule 8).
Ending ending_of(const Call &call, long fd, long answer) {
  switch (answer) {
    case WOKEN: return Ending::woken;
    case WOKEN_LATE: return !call.restarts || Time_limit(call, fd).exists() ? Ending::woken : Ending::nothing;
    case -EINTR: return Ending::nothing;
    default: return Ending::result;
  }
}

// What the program gets where nothing was done, and nothing is delivered.
long give_back(long answer) { return answer == WOKEN_LATE ? -EINTR : answer; }

constexpr Call waiting = {"poll", SYS_ppoll, false, false, UNLIMITED};

// Waits, in the window, until the socket is ready, so that the kernel's own limit begins only when there is something to do: more than
// 0 then, 0 if the limit has passed, or as the window says.
long wait_within(const Time_limit &limit, const Call &call, long fd) {
  int64_t left = time_until(limit.deadline());
  if (left == 0) return 0;
  __kernel_timespec time = {left / SECOND, left % SECOND};
  pollfd ready = {int(fd), short(call.limit == RECEIVE ? POLLIN : POLLOUT), 0};
  Arguments arguments = {argument(&ready), 1, argument(&time)};
  return polite_window(&waiting, &arguments);
}

long call_again(const Call &call, const Arguments &arguments, const Time_limit &limit) {
  if (limit.exists()) {
    long ready = wait_within(limit, call, arguments.a);
    if (ready == 0) return limit.passed();
    if (ready < 0 || ready == WOKEN || ready == WOKEN_LATE) return ready;
  }
  return polite_window(&call, &arguments);
}

// Woken, but the request is gone. The same arguments go on with the time that is left: ppoll has written it over what was given, and
// sleeps are until a moment.
POLITE_COLD long go_on(const Call &call, const Arguments &arguments) {
  Time_limit limit(call, arguments.a);
  for (;;) {
    long answer = call_again(call, arguments, limit);
    switch (conclude(ending_of(call, arguments.a, answer))) {
      case Next::give_back: return give_back(answer);
      case Next::interrupted: return POLITE_INTERRUPTED;
      case Next::again: break;
    }
  }
}

}  // namespace

namespace {

// Decides what to return; or AGAIN.
long concluded(const Call &call, const Arguments &arguments, long answer) {
  switch (conclude(ending_of(call, arguments.a, answer))) {
    case Next::give_back: return give_back(answer);
    case Next::interrupted: return POLITE_INTERRUPTED;
    case Next::again: return AGAIN;
  }
  __builtin_unreachable();
}

// As the window has it: the look at INFLIGHT comes before that at `word`, for an interrupter sets WAKING before it lets go.
bool nothing_happened(const Record &record, long answer) {
  return record.inflight.load() == 0 && record.word.load() == 0 && int32_t(answer) != -EINTR;
}

}  // namespace

extern "C" long polite_conclude(const Call *call, const Arguments *arguments, long answer) {
  answer = concluded(*call, *arguments, answer);
  return answer == AGAIN ? go_on(*call, *arguments) : answer;
}

long polite::attempt(const Call &call, const Arguments &arguments) {
  const Arguments &a = arguments;
  Whereabouts &here = platform::whereabouts();
  if (here.frame.load_relaxed()) {
    if (outside(*here.record)) return system_call(call.number, a.a, a.b, a.c, a.d, a.e, a.f);
    if (here.frame.load_relaxed() == Whereabouts::SELF_PIPE) return through_self_pipe(call, arguments);
  }
  long answer = polite_window(&call, &arguments);
  return nothing_happened(*here.record, answer) ? answer : concluded(call, arguments, answer);
}

long polite::interruptible(const Call &call, const Arguments &arguments) {
  long answer = attempt(call, arguments);
  return answer == AGAIN ? go_on(call, arguments) : answer;
}

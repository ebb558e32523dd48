// Which signal wakes threads. A standard one: it coalesces, and sending it needs no room in the user's signal queue.
#include "posix/wake_signal.h"

#include "polite/error.h"
#include "polite/thread.h"
#include "posix/system_call.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/auxv.h>

namespace polite {

namespace {

// 0: not chosen. Negative: fixed.
Atomic<int> chosen;

constexpr uint64_t REFUSED = uint64_t(1) << (SIGKILL - 1) | uint64_t(1) << (SIGSTOP - 1) | uint64_t(1) << (SIGSEGV - 1) |
                             uint64_t(1) << (SIGBUS - 1) | uint64_t(1) << (SIGFPE - 1) | uint64_t(1) << (SIGILL - 1) |
                             uint64_t(1) << (SIGTRAP - 1) | uint64_t(1) << (SIGSYS - 1);

bool suitable(long signal) { return signal >= 1 && signal <= 31 && !(signal_bit(int(signal)) & REFUSED); }

bool blocked(int signal) {
  uint64_t mask = 0;
  system_call(SYS_rt_sigprocmask, SIG_BLOCK, 0, argument(&mask), SIGNAL_SET_SIZE);
  return mask & signal_bit(signal);
}

int from_environment() {
  if (getauxval(AT_SECURE)) return 0;
  const char *text = getenv("POLITE_WAKE_SIGNAL");
  if (!text || !*text) return 0;
  char *end;
  long signal = strtol(text, &end, 10);
  return *end == 0 && suitable(signal) ? int(signal) : 0;
}

}  // namespace

int wake_signal() {
  int signal = chosen.load_relaxed();
  return likely(signal < 0) ? -signal : signal ? signal : SIGURG;
}

void fix_wake_signal() {
  int signal = chosen.load();
  do {
    if (signal < 0) return;
    int wanted = signal ? signal : from_environment();
    if (chosen.compare_exchange(signal, wanted ? -wanted : -SIGURG)) return;
  } while (true);
}

}  // namespace polite

using namespace polite;

extern "C" {

int polite_set_wake_signal(int signal) {
  if (!suitable(signal)) return POLITE_EINVAL;
  int before = chosen.load();
  do {
    if (before < 0) return POLITE_EBUSY;
    if (blocked(signal)) return POLITE_EPERM;
  } while (!chosen.compare_exchange(before, signal));
  return 0;
}

int polite_wake_signal(void) { return wake_signal(); }

}  // extern "C"

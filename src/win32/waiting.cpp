// Waiting for time to pass.
#include "park.h"
#include "polite/error.h"
#include "polite/time.h"

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

}  // namespace

extern "C" {

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

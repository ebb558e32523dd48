// Holding signals back (platform.h), by bare system calls: where a sanitizer takes the place of libc's they are instrumented.
#include "platform.h"
#include "posix/system_call.h"
#include "posix/wake_signal.h"

#include <signal.h>

namespace polite::platform {

void let_in(uint64_t before) {
  before &= ~signal_bit(wake_signal());
  system_call(SYS_rt_sigprocmask, SIG_SETMASK, argument(&before), 0, SIGNAL_SET_SIZE);
}

Signals_held::Signals_held(Extent extent) {
  uint64_t held = ~LIBCS_SIGNALS;
  if (extent == ALL_BUT_WAKES) held &= ~signal_bit(wake_signal());
  system_call(SYS_rt_sigprocmask, SIG_SETMASK, argument(&held), argument(&before_), SIGNAL_SET_SIZE);
}

Signals_held::~Signals_held() { system_call(SYS_rt_sigprocmask, SIG_SETMASK, argument(&before_), 0, SIGNAL_SET_SIZE); }

}  // namespace polite::platform

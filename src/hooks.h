// Places at which a test can hold a thread up, to force an interleaving. In the library itself they are nothing.
#pragma once

namespace polite {

enum class Hook {
  request_set,      // an interrupter has set its bit, and has not yet looked at the region
  region_seen,      // … has seen the region, and has not yet set WAKING
  before_kick,      // … has set WAKING, and has not yet sent the wake
  counted,          // somebody has counted himself in on a record, and has not yet looked whose it is
  before_taking,    // an owner has come out of its call and settled, and has not yet consumed the request
  wake_taken,       // its wake has arrived and cleared WAKING, and has not yet looked where
  region_left,      // an owner has left a region with a waker (region.h), and has not yet looked for interrupters
  leaving,          // a waiter has said that it leaves its queue, and has not yet taken the guard (waitable.h)
  guarded,          // somebody has taken an object's guard
  before_post       // waiters have been released and the guard given up, and none of them has been posted yet
};

#if defined POLITE_HOOKS
}
extern "C" void (*polite_hook)(int);
namespace polite {
inline void reach(Hook hook) {
  if (polite_hook) polite_hook(int(hook));
}
#else
inline void reach(Hook) {}
#endif

}  // namespace polite

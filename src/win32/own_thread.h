// A thread that polite made, as the system has it. What the portable code calls its number in the system's library is its address.
#pragma once

#include "platform.h"

namespace polite::platform {

struct Own_thread {
  void *(*begin)(void *);
  void *argument;
  void *result;  // of which the system's exit code has half
  void *handle;
  bool detached;  // from birth: what is left of it is its own to free
};

// By the thread, as the last that it does with it.
void thread_has_ended(Own_thread &);

}  // namespace polite::platform

// A thread that polite made, as the system has it. What the portable code calls its number in the system's library is its address.
#pragma once

#include "platform.h"

namespace polite::platform {

struct Own_thread {
  void *(*begin)(void *);
  void *argument;
  void *result;   // of which the system's exit code has half …
  bool has_result;  // … which is all that there is of a thread that ended itself by the system's own call
  void *handle;
  Here *here;     // what it is to have, from before it begins: it cannot do without
  bool detached;  // from birth: what is left of it is its own to free
};

// By a thread that was detached from birth, as the last that it does.
void thread_has_ended(Own_thread &);

// For a thread that is to be made, or null; what it becomes in that thread; and what is done with it if there is none.
Here *reserve();
void adopt(Own_thread &);
void give_back(Here &);

}  // namespace polite::platform

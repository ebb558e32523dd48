// The time limit of a socket (SO_RCVTIMEO, SO_SNDTIMEO; socket(7)). The kernel counts it afresh for every system call, so a call that is
// made again has to see to it itself.
#pragma once

#include "platform.h"

#include <stdint.h>

namespace polite {

// Which limit a call obeys (Call::limit).
enum Limit : uint8_t { UNLIMITED, RECEIVE, SEND, CONNECT };

// A limit counted from the moment at which its call was woken for nothing. How long the call had waited by then nobody knows: calls
// read no clock.
class Time_limit {
 public:
  Time_limit(const Call &call, long fd);
  bool exists() const { return deadline_ != 0; }
  int64_t deadline() const { return exists() ? deadline_ : platform::NEVER; }

  // What the call returns when the limit has passed.
  long passed() const;

 private:
  const Call &call_;
  int64_t deadline_ = 0;
};

}  // namespace polite

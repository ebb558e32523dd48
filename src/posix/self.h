// Where a thread is: a thread-local variable, so that a signal handler may read it.
//
// The TLS model is the build's choice. glibc: initial-exec, one load, nothing is ever allocated on first use. musl refuses to
// dlopen a library that has initial-exec variables; there it is a TLS descriptor, which musl never allocates late either.
#pragma once

#include "record.h"

namespace polite::platform {

extern "C" __thread Whereabouts polite_current;

POLITE_INLINE Whereabouts &whereabouts() { return polite_current; }

}  // namespace polite::platform

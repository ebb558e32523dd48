// The functions behind plain names where there is no names_<processor>.S: one or two for each line of calls.def that has any, a call of
// polite's with the conventions of errno. The words of its arguments are passed on as they are (no_window.cpp).
#include "posix/names/by_errno.h"
#include "posix/names/cancel.h"

#include <stdint.h>

using namespace polite;

namespace {

using Function = long(long, long, long, long, long, long);

// The lower half tells an error: what returns an int leaves the upper one as it happens to be, and no call moves so many bytes (read(2)).
long with(int (*convention)(long error), long answer) { return int32_t(answer) < 0 ? convention(int32_t(answer)) : answer; }

}  // namespace

#define STUB(symbol, name, convention)                                                               \
  __attribute__((visibility("default"))) Function stub_##convention##_##name __asm__(symbol);        \
  long stub_##convention##_##name(long a, long b, long c, long d, long e, long f) {                  \
    return with(convention, plain_##name(a, b, c, d, e, f));                                         \
  }
#define CALLED(name) __attribute__((visibility("default"))) Function plain_##name __asm__("polite_" #name);
#define NO_NAMES(name)
#define DROPINS(name) CALLED(name) STUB("polite_dropin_" #name, name, by_errno)
#define POINTS(name) DROPINS(name) STUB("polite_pthread_" #name, name, by_errno_unless_canceled)
#define CALL(name, number, has_descriptor, restarts, limit, names) names(name)
#define SHARED(name, number, has_descriptor, restarts, limit, names) names(name)
#define PART(name, number, has_descriptor, restarts, limit, parameters)
#define SHARED_PART(name, number, has_descriptor, restarts, limit, parameters)
#define NAMED(name, names) names(name)
extern "C" {
#include "posix/calls.def"
}

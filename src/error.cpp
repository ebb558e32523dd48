// What codes are called, and what they mean. The list of the system's codes is read out of polite/error.h when the library
// is built.
#include "polite/error.h"

#include <string.h>

namespace {

#define OWN_NAMES             \
  NAMED(POLITE_INTERRUPTED)   \
  NAMED(POLITE_END)           \
  NAMED(POLITE_UNATTACHED)    \
  NAMED(POLITE_UNBALANCED)    \
  NAMED(POLITE_UNBOUNDED)     \
  NAMED(POLITE_INSIDE)

#define NAMED(code) code,
constexpr int16_t codes[] = {OWN_NAMES
#include "error_names.inc"
};
#undef NAMED

// One behind the other: pointers to them would have to be relocated, which takes more room than the names.
#define NAMED(code) #code "\0"
constexpr char names[] = OWN_NAMES
#include "error_names.inc"
    ;

}  // namespace

extern "C" {

const char *polite_error_name(int code) {
  if (code >= 0) return "POLITE_OK";
  const char *name = names;
  for (int16_t named : codes) {
    if (named == code) return name;
    name += strlen(name) + 1;
  }
  return "POLITE_UNKNOWN";
}

const char *polite_strerror(int code) {
  switch (code) {
    case POLITE_INTERRUPTED:
      return "Interrupted: an interrupt was delivered and nothing was transferred";
    case POLITE_END:
      return "The file or stream ended before all bytes had been moved";
    case POLITE_UNATTACHED:
      return "The calling thread is not attached to polite, and cannot be";
    case POLITE_UNBALANCED:
      return "Something was left or popped that had not been entered or pushed, or out of order";
    case POLITE_UNBOUNDED:
      return "There is no boundary to unwind to";
    case POLITE_INSIDE:
      return "A blocked call of the calling thread is in the way";
    default:
      return code >= 0 ? "Success" : strerror(-code);
  }
}

}  // extern "C"

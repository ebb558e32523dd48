// What codes are called, and what they mean. The list of the system's codes is read out of polite/error.h when the library
// is built.
#include "platform.h"
#include "polite/error.h"

#include <string.h>

namespace {

#define OWN_NAMES             \
  NAMED(POLITE_INTERRUPTED)   \
  NAMED(POLITE_END)           \
  NAMED(POLITE_UNATTACHED)    \
  NAMED(POLITE_UNBALANCED)    \
  NAMED(POLITE_UNBOUNDED)     \
  NAMED(POLITE_INSIDE)        \
  NAMED(POLITE_EAI_AGAIN)     \
  NAMED(POLITE_EAI_BADFLAGS)  \
  NAMED(POLITE_EAI_FAIL)      \
  NAMED(POLITE_EAI_FAMILY)    \
  NAMED(POLITE_EAI_MEMORY)    \
  NAMED(POLITE_EAI_NONAME)    \
  NAMED(POLITE_EAI_OVERFLOW)  \
  NAMED(POLITE_EAI_SERVICE)   \
  NAMED(POLITE_EAI_SOCKTYPE)  \
  NAMED(POLITE_EAI_NODATA)    \
  NAMED(POLITE_EAI_ADDRFAMILY) \
  NAMED(POLITE_EAI_IDN_ENCODE)

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
  name = polite::platform::error_name(code);
  return name ? name : "POLITE_UNKNOWN";
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
    case POLITE_EAI_AGAIN:
      return "The name cannot be resolved now";
    case POLITE_EAI_BADFLAGS:
      return "Flags that the resolver does not know";
    case POLITE_EAI_FAIL:
      return "The name cannot be resolved";
    case POLITE_EAI_FAMILY:
    case POLITE_EAI_SOCKTYPE:
      return "A kind of address or socket that the resolver does not know";
    case POLITE_EAI_MEMORY:
      return "The resolver has no memory";
    case POLITE_EAI_NONAME:
    case POLITE_EAI_SERVICE:
      return "There is no such name or service";
    case POLITE_EAI_OVERFLOW:
      return "The name does not fit";
    case POLITE_EAI_NODATA:
    case POLITE_EAI_ADDRFAMILY:
      return "The name has no such address";
    case POLITE_EAI_IDN_ENCODE:
      return "The name cannot be encoded";
    default:
      return code >= 0 ? "Success" : polite::platform::describe(code);
  }
}

}  // extern "C"

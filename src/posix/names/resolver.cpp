// getaddrinfo and getnameinfo by their plain names, with libc's codes. An interrupt, and whatever else is an error of the system's, is
// EAI_SYSTEM and errno.
#include "polite.h"
#include "polite/dropin_functions.h"
#include "posix/names/by_errno.h"
#include "posix/names/cancel.h"

#include <netdb.h>

using namespace polite;

namespace {

// What polite said, as libc says it.
int code_by(int (*convention)(long error), int answer) {
  switch (answer) {
    case 0: return 0;
    case POLITE_EAI_AGAIN: return EAI_AGAIN;
    case POLITE_EAI_BADFLAGS: return EAI_BADFLAGS;
    case POLITE_EAI_FAIL: return EAI_FAIL;
    case POLITE_EAI_FAMILY: return EAI_FAMILY;
    case POLITE_EAI_MEMORY:
    case POLITE_ENOMEM: return EAI_MEMORY;
    case POLITE_EAI_NONAME: return EAI_NONAME;
    case POLITE_EAI_OVERFLOW: return EAI_OVERFLOW;
    case POLITE_EAI_SERVICE: return EAI_SERVICE;
    case POLITE_EAI_SOCKTYPE: return EAI_SOCKTYPE;
#if defined EAI_NODATA
    case POLITE_EAI_NODATA: return EAI_NODATA;
#endif
#if defined EAI_ADDRFAMILY
    case POLITE_EAI_ADDRFAMILY: return EAI_ADDRFAMILY;
#endif
#if defined EAI_IDN_ENCODE
    case POLITE_EAI_IDN_ENCODE: return EAI_IDN_ENCODE;
#endif
    default: convention(answer); return EAI_SYSTEM;
  }
}

}  // namespace

extern "C" {

int polite_dropin_getaddrinfo(const char *node, const char *service, const addrinfo *hints, addrinfo **result) {
  return code_by(by_errno, polite_getaddrinfo(node, service, hints, result));
}

int polite_dropin_getnameinfo(const sockaddr *address, uint32_t address_len, char *node, uint32_t node_len, char *service,
                              uint32_t service_len, int flags) {
  return code_by(by_errno, polite_getnameinfo(address, address_len, node, node_len, service, service_len, flags));
}

POLITE_API int polite_pthread_getaddrinfo(const char *node, const char *service, const addrinfo *hints, addrinfo **result) {
  return code_by(by_errno_unless_canceled, polite_getaddrinfo(node, service, hints, result));
}

POLITE_API int polite_pthread_getnameinfo(const sockaddr *address, socklen_t address_len, char *node, socklen_t node_len, char *service,
                                          socklen_t service_len, int flags) {
  return code_by(by_errno_unless_canceled, polite_getnameinfo(address, address_len, node, node_len, service, service_len, flags));
}

}  // extern "C"

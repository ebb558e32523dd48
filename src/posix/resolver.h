// libc's resolver, and what it says as polite says it.
#pragma once

#include "polite/error.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <sys/socket.h>

namespace polite::platform {

// What libc said, as polite says it. Where it failed on its own account errno is the calling thread's.
inline int code_of_answer(int answer) {
  switch (answer) {
    case 0: return 0;
    case EAI_SYSTEM: return errno ? -errno : POLITE_EAI_FAIL;
    case EAI_AGAIN: return POLITE_EAI_AGAIN;
    case EAI_BADFLAGS: return POLITE_EAI_BADFLAGS;
    case EAI_FAMILY: return POLITE_EAI_FAMILY;
    case EAI_MEMORY: return POLITE_EAI_MEMORY;
    case EAI_NONAME: return POLITE_EAI_NONAME;
    case EAI_OVERFLOW: return POLITE_EAI_OVERFLOW;
    case EAI_SERVICE: return POLITE_EAI_SERVICE;
    case EAI_SOCKTYPE: return POLITE_EAI_SOCKTYPE;
#if defined EAI_NODATA
    case EAI_NODATA: return POLITE_EAI_NODATA;
#endif
#if defined EAI_ADDRFAMILY
    case EAI_ADDRFAMILY: return POLITE_EAI_ADDRFAMILY;
#endif
#if defined EAI_IDN_ENCODE
    case EAI_IDN_ENCODE: return POLITE_EAI_IDN_ENCODE;
#endif
    default: return POLITE_EAI_FAIL;
  }
}

// errno as it was before: it is none of ours.
class Errno_kept {
 public:
  Errno_kept() : before_(errno) { errno = 0; }
  ~Errno_kept() { errno = before_; }
  Errno_kept(const Errno_kept &) = delete;
  Errno_kept &operator=(const Errno_kept &) = delete;

 private:
  int before_;
};

inline int ask(const char *node, const char *service, const addrinfo *hints, addrinfo **result) {
  Errno_kept kept;
  return code_of_answer(getaddrinfo(node, service, hints, result));
}

inline int ask(const sockaddr *address, socklen_t address_len, char *node, socklen_t node_len, char *service, socklen_t service_len, int flags) {
  Errno_kept kept;
  return code_of_answer(getnameinfo(address, address_len, node, node_len, service, service_len, flags));
}

}  // namespace polite::platform

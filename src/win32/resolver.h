// Winsock's resolver, and what it says as polite says it. Its codes are the system's errors.
#pragma once

#include "polite/error.h"
#include "win32/api.h"
#include "win32/errors.h"

#include <ws2tcpip.h>

namespace polite::platform {

inline int code_of_answer(int answer) {
  switch (answer) {
    case 0: return 0;
    case WSATRY_AGAIN: return POLITE_EAI_AGAIN;
    case WSAEINVAL: return POLITE_EAI_BADFLAGS;
    case WSANO_RECOVERY: return POLITE_EAI_FAIL;
    case WSAEAFNOSUPPORT: return POLITE_EAI_FAMILY;
    case WSA_NOT_ENOUGH_MEMORY: return POLITE_EAI_MEMORY;
    case WSAHOST_NOT_FOUND: return POLITE_EAI_NONAME;
    case WSANO_DATA: return POLITE_EAI_NODATA;
    case WSATYPE_NOT_FOUND: return POLITE_EAI_SERVICE;
    case WSAESOCKTNOSUPPORT: return POLITE_EAI_SOCKTYPE;
    case ERROR_INSUFFICIENT_BUFFER: return POLITE_EAI_OVERFLOW;
    default: return code_of(DWORD(answer));
  }
}

inline int ask(const char *node, const char *service, const addrinfo *hints, addrinfo **result) {
  return code_of_answer(getaddrinfo(node, service, hints, result));
}

inline int ask(const sockaddr *address, socklen_t address_len, char *node, socklen_t node_len, char *service, socklen_t service_len, int flags) {
  return code_of_answer(getnameinfo(address, address_len, node, node_len, service, service_len, flags));
}

}  // namespace polite::platform

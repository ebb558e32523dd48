// Where clang's programs look for a function that they take for a DLL's, though it is their own (polite/plain_names_windows.h).
#include "polite/dropin_functions.h"

#define IMPORTED(name) extern decltype(&polite_dropin_##name) const __imp_polite_dropin_##name; \
  decltype(&polite_dropin_##name) const __imp_polite_dropin_##name = polite_dropin_##name;

extern "C" {
IMPORTED(read)
IMPORTED(write)
IMPORTED(sleep)
IMPORTED(usleep)
IMPORTED(nanosleep)
IMPORTED(recv)
IMPORTED(recvfrom)
IMPORTED(send)
IMPORTED(sendto)
IMPORTED(accept)
IMPORTED(connect)
IMPORTED(closesocket)
IMPORTED(ioctlsocket)
IMPORTED(WSAEventSelect)
IMPORTED(WSAAsyncSelect)
IMPORTED(WSAPoll)
IMPORTED(getaddrinfo)
IMPORTED(getnameinfo)
}

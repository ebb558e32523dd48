#include "win32/names/conventions.h"

#include "polite/dropin_functions.h"
#include "polite/error.h"
#include "polite/windows.h"

#include <errno.h>

namespace polite {

namespace {

// Whether the calling thread's last such error was an interrupt. In the system's storage: the compiler's own wants a library.
LONG slot;  // and 1; 0: nobody has taken one yet

bool take_slot() {
  if (slot) return true;
  DWORD index = TlsAlloc();
  if (index == TLS_OUT_OF_INDEXES) return false;
  if (InterlockedCompareExchange(&slot, LONG(index + 1), 0) != 0) TlsFree(index);
  return true;
}

void remember(bool interrupted) {
  static char mark;
  if (interrupted ? take_slot() : slot != 0) TlsSetValue(DWORD(slot - 1), interrupted ? &mark : nullptr);
}

struct Pair {
  int code;
  DWORD error;
};

// The way back from errors.cpp, for what sockets say. Where more than one was made the same, it is the one that they say.
constexpr Pair of_sockets[] = {
    {POLITE_EINTR, WSAEINTR},
    {POLITE_EBADF, WSAENOTSOCK},
    {POLITE_EACCES, WSAEACCES},
    {POLITE_EFAULT, WSAEFAULT},
    {POLITE_EINVAL, WSAEINVAL},
    {POLITE_EMFILE, WSAEMFILE},
    {POLITE_EAGAIN, WSAEWOULDBLOCK},
    {POLITE_EINPROGRESS, WSAEWOULDBLOCK},  // of a connect that does not wait
    {POLITE_EALREADY, WSAEALREADY},
    {POLITE_ENOTSOCK, WSAENOTSOCK},
    {POLITE_EDESTADDRREQ, WSAEDESTADDRREQ},
    {POLITE_EMSGSIZE, WSAEMSGSIZE},
    {POLITE_EPROTOTYPE, WSAEPROTOTYPE},
    {POLITE_ENOPROTOOPT, WSAENOPROTOOPT},
    {POLITE_EPROTONOSUPPORT, WSAEPROTONOSUPPORT},
    {POLITE_EOPNOTSUPP, WSAEOPNOTSUPP},
    {POLITE_EAFNOSUPPORT, WSAEAFNOSUPPORT},
    {POLITE_EADDRINUSE, WSAEADDRINUSE},
    {POLITE_EADDRNOTAVAIL, WSAEADDRNOTAVAIL},
    {POLITE_ENETDOWN, WSAENETDOWN},
    {POLITE_ENETUNREACH, WSAENETUNREACH},
    {POLITE_ENETRESET, WSAENETRESET},
    {POLITE_ECONNABORTED, WSAECONNABORTED},
    {POLITE_ECONNRESET, WSAECONNRESET},
    {POLITE_ENOBUFS, WSAENOBUFS},
    {POLITE_ENOMEM, WSAENOBUFS},
    {POLITE_EISCONN, WSAEISCONN},
    {POLITE_ENOTCONN, WSAENOTCONN},
    {POLITE_EPIPE, WSAESHUTDOWN},
    {POLITE_ETIMEDOUT, WSAETIMEDOUT},
    {POLITE_ECONNREFUSED, WSAECONNREFUSED},
    {POLITE_ELOOP, WSAELOOP},
    {POLITE_ENAMETOOLONG, WSAENAMETOOLONG},
    {POLITE_EHOSTUNREACH, WSAEHOSTUNREACH},
    {POLITE_ENOTEMPTY, WSAENOTEMPTY},
    {POLITE_ECANCELED, WSA_OPERATION_ABORTED},
    // The resolver's.
    {POLITE_EAI_AGAIN, WSATRY_AGAIN},
    {POLITE_EAI_BADFLAGS, WSAEINVAL},
    {POLITE_EAI_FAIL, WSANO_RECOVERY},
    {POLITE_EAI_FAMILY, WSAEAFNOSUPPORT},
    {POLITE_EAI_MEMORY, WSA_NOT_ENOUGH_MEMORY},
    {POLITE_EAI_NONAME, WSAHOST_NOT_FOUND},
    {POLITE_EAI_NODATA, WSANO_DATA},
    {POLITE_EAI_SERVICE, WSATYPE_NOT_FOUND},
    {POLITE_EAI_SOCKTYPE, WSAESOCKTNOSUPPORT},
    {POLITE_EAI_OVERFLOW, ERROR_INSUFFICIENT_BUFFER},
};

}  // namespace

int by_errno(polite_ssize_t code) {
  bool interrupted = code == POLITE_INTERRUPTED;
  if (interrupted || code == POLITE_ECANCELED) remember(interrupted);
  errno = interrupted ? ECANCELED : int(-code);
  return -1;
}

DWORD winsock_error(polite_ssize_t code) {
  if (code == POLITE_INTERRUPTED) {
    remember(true);
    return WSA_E_CANCELLED;
  }
  for (const Pair &pair : of_sockets)
    if (pair.code == code) return pair.error;
  if (code < POLITE_WINDOWS_BASE) return DWORD(POLITE_WINDOWS_BASE - code);
  return WSASYSCALLFAILURE;
}

int by_last_error(polite_ssize_t code) {
  WSASetLastError(int(winsock_error(code)));
  return SOCKET_ERROR;
}

}  // namespace polite

using namespace polite;

extern "C" int polite_dropin_interrupted(void) {
  if (!slot) return 0;
  DWORD error = GetLastError();
  int interrupted = TlsGetValue(DWORD(slot - 1)) != nullptr;
  SetLastError(error);
  return interrupted;
}

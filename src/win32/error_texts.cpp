// Sentences about the system's errors. The C library has them for its own first 42; what POSIX names beyond is here, and what has no name
// there is described by Windows.
#include "platform.h"
#include "polite/error.h"
#include "polite/windows.h"
#include "win32/api.h"

#include <string.h>

namespace polite::platform {

namespace {

constexpr int LAST_OF_C_LIBRARY = 42;

const char *describe_posix(int code) {
  switch (code) {
    case POLITE_EADDRINUSE: return "The address is in use";
    case POLITE_EADDRNOTAVAIL: return "The address is not to be had";
    case POLITE_EAFNOSUPPORT: return "Addresses of this kind are not supported";
    case POLITE_EALREADY: return "It is being done already";
    case POLITE_EBADMSG: return "Not a message that can be understood";
    case POLITE_ECANCELED: return "The operation was cancelled, but not by an interrupt";
    case POLITE_ECONNABORTED: return "The connection was given up";
    case POLITE_ECONNREFUSED: return "The connection was refused";
    case POLITE_ECONNRESET: return "The connection was cut off by the other side";
    case POLITE_EDESTADDRREQ: return "An address to send to is wanted";
    case POLITE_EDQUOT: return "The quota on the disk is used up";
    case POLITE_EHOSTUNREACH: return "The host cannot be reached";
    case POLITE_EIDRM: return "The identifier has been removed";
    case POLITE_EINPROGRESS: return "It has begun, and goes on";
    case POLITE_EISCONN: return "The socket is connected";
    case POLITE_ELOOP: return "Too many links lead to each other";
    case POLITE_EMSGSIZE: return "The message is too long";
    case POLITE_EMULTIHOP: return "More than one hop would be needed";
    case POLITE_ENETDOWN: return "The network is down";
    case POLITE_ENETRESET: return "The connection was given up by the network";
    case POLITE_ENETUNREACH: return "The network cannot be reached";
    case POLITE_ENOBUFS: return "There is no room for buffers";
    case POLITE_ENOLINK: return "The link has been severed";
    case POLITE_ENOMSG: return "There is no message of this kind";
    case POLITE_ENOPROTOOPT: return "The protocol has no such option";
    case POLITE_ENOTCONN: return "There is no connection";
    case POLITE_ENOTRECOVERABLE: return "The state cannot be recovered";
    case POLITE_ENOTSOCK: return "Not a socket";
    case POLITE_ENOTSUP: return "Not supported";
    case POLITE_EOPNOTSUPP: return "Not supported on this socket";
    case POLITE_EOVERFLOW: return "The value is too large";
    case POLITE_EOWNERDEAD: return "Its owner has ended";
    case POLITE_EPROTO: return "The protocol was violated";
    case POLITE_EPROTONOSUPPORT: return "The protocol is not supported";
    case POLITE_EPROTOTYPE: return "Not the protocol for this kind of socket";
    case POLITE_ESTALE: return "The file is gone from where it was";
    case POLITE_ETIMEDOUT: return "The time is up";
    case -EWOULDBLOCK: return "It would have to wait";
    case POLITE_ETXTBSY: return "The program is running";
    default: return nullptr;
  }
}

bool is_windows(int code) { return code <= POLITE_WINDOWS_BASE && code >= POLITE_WINDOWS_BASE - 0xffffff; }

const char *describe_windows(DWORD error) {
  static char text[256];
  constexpr DWORD HOW = FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS | FORMAT_MESSAGE_MAX_WIDTH_MASK;
  DWORD length = FormatMessageA(HOW, nullptr, error, 0, text, sizeof text, nullptr);
  while (length && (text[length - 1] == ' ' || text[length - 1] == '.')) text[--length] = 0;
  return length ? text : "An error of Windows that it has no words for";
}

}  // namespace

// The C runtime has two numbers where POSIX may have one, and polite has.
const char *error_name(int code) {
  if (code == -EWOULDBLOCK) return "POLITE_EWOULDBLOCK";
  return is_windows(code) ? "POLITE_WINDOWS" : nullptr;
}

const char *describe(int code) {
  if (is_windows(code)) return describe_windows(DWORD(POLITE_WINDOWS_BASE - code));
  if (const char *text = describe_posix(code)) return text;
  return code < -LAST_OF_C_LIBRARY ? "An error that is not known" : strerror(-code);
}

}  // namespace polite::platform

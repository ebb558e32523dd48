/* The plain names of Windows's calls, bound to polite's functions for polite/dropin.h. Not for inclusion by programs. The ways are those of
 * polite/plain_names.h:
 *
 *   gcc      an asm label on one more declaration, which then is no longer one of a DLL's. gcc warns of that, not always by an option's name: so it is to
 *            take this for a header of the system's.
 *   clang    the pragma. The call goes by the pointer of a DLL's function still, and there is one (src/win32/names/imported.cpp). */
#ifndef POLITE_PLAIN_NAMES_WINDOWS_H
#define POLITE_PLAIN_NAMES_WINDOWS_H

#if !defined __clang__
#  pragma GCC system_header
#endif

#include <winsock2.h>
#include <ws2tcpip.h>

#include <io.h>
#include <time.h>
#include <unistd.h>

#define POLITE_PLAIN_QUOTED(text) #text
#define POLITE_PLAIN_TEXT(text) POLITE_PLAIN_QUOTED(text)
#if defined __clang__
#  define POLITE_PLAIN_PRAGMA(text) _Pragma(#text)
#  define POLITE_PLAIN_AS(result, name, parameters, symbol) POLITE_PLAIN_PRAGMA(redefine_extname name symbol)
#else
#  define POLITE_PLAIN_AS(result, name, parameters, symbol) extern result name parameters __asm__(POLITE_PLAIN_TEXT(symbol));
#endif
#define POLITE_PLAIN(result, name, parameters) POLITE_PLAIN_AS(result, name, parameters, polite_dropin_##name)

#define POLITE_PLAIN_READ(name) POLITE_PLAIN_AS(int __cdecl, name, (int fd, void *buf, unsigned count), polite_dropin_read)

/* The fortified ones have an inline body that looks at the size and calls the DLL's function by its pointer: that is another one's in this file. */
#if __MINGW_FORTIFY_LEVEL > 0
#  if defined __clang__
#    error "polite/dropin.h on Windows: clang calls the function of a fortified body by its name; not with _FORTIFY_SOURCE"
#  endif
__asm__(".set __imp__read, __imp_polite_dropin_read");
#endif

#if defined __cplusplus
extern "C" {
#endif
POLITE_PLAIN_READ(_read)
POLITE_PLAIN_AS(int __cdecl, _write, (int fd, const void *buf, unsigned count), polite_dropin_write)
#if !defined NO_OLDNAMES
POLITE_PLAIN_READ(read)
POLITE_PLAIN_AS(int __cdecl, write, (int fd, const void *buf, unsigned count), polite_dropin_write)
#endif

POLITE_PLAIN(unsigned __cdecl, sleep, (unsigned seconds))
#if !defined __NO_ISOCEXT
POLITE_PLAIN(int __cdecl, usleep, (useconds_t microseconds))
#endif
#if defined WIN_PTHREADS_TIME_H
POLITE_PLAIN(int __cdecl, nanosleep, (const struct timespec *time, struct timespec *left))
#endif

POLITE_PLAIN(int WSAAPI, recv, (SOCKET sock, char *buf, int len, int flags))
POLITE_PLAIN(int WSAAPI, recvfrom, (SOCKET sock, char *buf, int len, int flags, struct sockaddr *from, int *from_len))
POLITE_PLAIN(int WSAAPI, send, (SOCKET sock, const char *buf, int len, int flags))
POLITE_PLAIN(int WSAAPI, sendto, (SOCKET sock, const char *buf, int len, int flags, const struct sockaddr *to, int to_len))
POLITE_PLAIN(SOCKET WSAAPI, accept, (SOCKET sock, struct sockaddr *from, int *from_len))
POLITE_PLAIN(int WSAAPI, connect, (SOCKET sock, const struct sockaddr *to, int to_len))
POLITE_PLAIN(int WSAAPI, closesocket, (SOCKET sock))
POLITE_PLAIN(int WSAAPI, ioctlsocket, (SOCKET sock, long command, u_long *argument))
POLITE_PLAIN(int WSAAPI, WSAEventSelect, (SOCKET sock, WSAEVENT event, long events))
POLITE_PLAIN(int WSAAPI, WSAAsyncSelect, (SOCKET sock, HWND window, u_int message, long events))
POLITE_PLAIN(int WSAAPI, getaddrinfo, (const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **result))
POLITE_PLAIN(int WSAAPI, getnameinfo, (const struct sockaddr *address, socklen_t address_len, char *node, DWORD node_len, char *service,
                                       DWORD service_len, int flags))
#if _WIN32_WINNT >= 0x0600
POLITE_PLAIN(int WSAAPI, WSAPoll, (WSAPOLLFD *fds, ULONG count, INT timeout))
#endif

#if defined __cplusplus
}
#endif

#endif

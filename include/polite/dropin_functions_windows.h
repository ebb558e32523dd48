/* The functions behind polite/dropin.h on Windows, under their own names. polite/dropin_functions.h includes this.
 *
 * They take the arguments of the plain calls, as types of the same size, and return what those return. They are no part of the DLL but of the program
 * (libpolite_names, a static library): `errno`, and the numbers of descriptors, are those of the C runtime that the program is linked
 * with.
 *
 *   - The C runtime's (read, write, the sleeps): -1 and `errno`, which is ECANCELED when an interrupt was delivered. (sleep: what is left, at least 1.)
 *   - Winsock's: SOCKET_ERROR or INVALID_SOCKET and WSAGetLastError, which is WSA_E_CANCELLED (10111) then; getaddrinfo and getnameinfo
 *     return that number, too.
 *
 * Since 0.1. */
#ifndef POLITE_DROPIN_FUNCTIONS_WINDOWS_H
#define POLITE_DROPIN_FUNCTIONS_WINDOWS_H

#include "polite/base.h"

struct addrinfo;
struct pollfd;
struct sockaddr;
struct timespec;

POLITE_BEGIN

/* Whether the ECANCELED or WSA_E_CANCELLED that the calling thread got last from a function of this header was an interrupt: 1 if so, 0 if it was an
 * error of the system's, or if there has been none yet. To be asked right after the call. Leaves the errors alone. */
int polite_dropin_interrupted(void);

/* _read and _write, by descriptors of the C runtime's. The runtime does what it does (text mode, Ctrl-Z, O_APPEND, the lock of the
 * descriptor); the one call of the system's that it waits in is what is interrupted, as polite_read and polite_write with the same
 * handle: io.h says what is not. A pipe is written to in pieces of 512 bytes, or half of its buffer, if that is less; a message that is longer than that is not
 * woken. A thread that waits for another one's call by the same descriptor is interrupted when that is over. */
int polite_dropin_read(int fd, void *buf, unsigned count);
int polite_dropin_write(int fd, const void *buf, unsigned count);

unsigned polite_dropin_sleep(unsigned seconds);
int polite_dropin_usleep(unsigned microseconds);
int polite_dropin_nanosleep(const struct timespec *time, struct timespec *left);

/* As polite_recv and the others of polite/socket.h; the differences from plain calls that are left are:
 *   - an address that does not fit is cut off, where the plain call says WSAEFAULT;
 *   - a call on a socket that another thread closes is WSA_OPERATION_ABORTED, where the plain call says WSAEINTR;
 *   - connect *continues* after WSA_E_CANCELLED: calling it again takes it up (polite_connect).
 * A message that is longer than the buffer is WSAEMSGSIZE, a time limit that has passed WSAETIMEDOUT, as always. */
int polite_dropin_recv(polite_sock sock, char *buf, int len, int flags);
int polite_dropin_recvfrom(polite_sock sock, char *buf, int len, int flags, struct sockaddr *from, int *from_len);
int polite_dropin_send(polite_sock sock, const char *buf, int len, int flags);
int polite_dropin_sendto(polite_sock sock, const char *buf, int len, int flags, const struct sockaddr *to, int to_len);
polite_sock polite_dropin_accept(polite_sock sock, struct sockaddr *from, int *from_len);
int polite_dropin_connect(polite_sock sock, const struct sockaddr *to, int to_len);
int polite_dropin_WSAPoll(struct pollfd *fds, unsigned long count, int timeout);

/* No interruption points. The latter have polite know of the socket's mode (polite_sock_set_nonblocking). */
int polite_dropin_closesocket(polite_sock sock);
int polite_dropin_ioctlsocket(polite_sock sock, long command, unsigned long *argument);
int polite_dropin_WSAEventSelect(polite_sock sock, void *event, long events);
int polite_dropin_WSAAsyncSelect(polite_sock sock, void *window, unsigned message, long events);

int polite_dropin_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **result);
int polite_dropin_getnameinfo(const struct sockaddr *address, int address_len, char *node, unsigned long node_len, char *service,
                              unsigned long service_len, int flags);

POLITE_END_C

#endif

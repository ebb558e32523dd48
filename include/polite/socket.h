/* Sockets: sending, receiving, accepting, connecting.
 *
 * Each call takes the arguments of the POSIX function of the same name (XSH: recv, send, accept, …) and returns what that returns,
 * or a negative error. All that polite/io.h says about its calls holds here. Besides:
 *
 *   - A socket with a time limit (SO_RCVTIMEO, SO_SNDTIMEO; socket(7)) returns POLITE_EAGAIN when it has passed (connect:
 *     POLITE_EINPROGRESS). The system counts the limit afresh for each system call. If an interrupt wakes the call and is
 *     withdrawn before it is delivered, the call goes on for at most one whole limit from that moment.
 *   - The control messages and names that come with a message are handed out with it; POLITE_INTERRUPTED means
 *     that no message was taken, and that no descriptor came in.
 *
 * Windows:
 *   - The program calls WSAStartup. Structures and constants are those of <winsock2.h>. Sockets are closed by polite_close_socket.
 *   - A socket in non-blocking mode blocks in these calls, unless polite has been told (polite_sock_set_nonblocking, POLITE_MSG_DONTWAIT;
 *     polite/windows.h).
 *   - A socket that is bound to a completion port gets no packet of these calls; its mode and its event selections are left alone.
 *   - A time limit is counted over a withdrawn interrupt. It is one of receiving and of sending, as the plain calls have it: connect and
 *     accept have none.
 *   - What was sent before the interrupt came is counted as the system counts it: a cancelled send that moved something returns how much.
 *   - A message that is longer than the buffer is cut off, as POSIX has it (Windows: WSAEMSGSIZE): its beginning is in the buffer, whose
 *     length is returned, and polite_recvmsg says MSG_TRUNC.
 *   - A socket that another thread closes during a call: POLITE_ECANCELED (or the plain call's POLITE_ENOTSOCK, if it had not begun).
 *   - A socket that was made without WSA_FLAG_OVERLAPPED, on which the system's calls cannot be waited for: the thread waits, interruptibly,
 *     until it is ready, and then makes the call; streams are sent in pieces of 4096 bytes. If another thread takes what was there
 *     in between, the call blocks, and is not woken. */
#ifndef POLITE_SOCKET_H
#define POLITE_SOCKET_H

#include "polite/base.h"

struct sockaddr;
#if defined _WIN32
struct _WSAMSG;
#else
struct msghdr;
#endif

POLITE_BEGIN

/* Receive. Return the number of bytes, 0 at the end of the stream, or a negative error. */
POLITE_API polite_ssize_t polite_recv(polite_sock sock, void *buf, size_t len, int flags);
POLITE_API polite_ssize_t polite_recvfrom(polite_sock sock, void *buf, size_t len, int flags, struct sockaddr *from,
                                          uint32_t *from_len);
#if defined _WIN32
/* Windows: the message is a WSAMSG. `flags` are what goes in, and what comes out is its dwFlags, on streams, too. */
POLITE_API polite_ssize_t polite_recvmsg(polite_sock sock, struct _WSAMSG *message, int flags);
#else
POLITE_API polite_ssize_t polite_recvmsg(polite_sock sock, struct msghdr *message, int flags);
#endif

/* Send. Return the number of bytes taken, or a negative error. As with the plain call, sending on a stream that has been shut
 * down raises SIGPIPE unless MSG_NOSIGNAL is among the flags. */
POLITE_API polite_ssize_t polite_send(polite_sock sock, const void *buf, size_t len, int flags);
POLITE_API polite_ssize_t polite_sendto(polite_sock sock, const void *buf, size_t len, int flags, const struct sockaddr *to,
                                        uint32_t to_len);
#if defined _WIN32
/* Windows: POLITE_EOPNOTSUPP for control messages on a stream. */
POLITE_API polite_ssize_t polite_sendmsg(polite_sock sock, const struct _WSAMSG *message, int flags);
#else
POLITE_API polite_ssize_t polite_sendmsg(polite_sock sock, const struct msghdr *message, int flags);
#endif

/* Take a connection. Return its descriptor, or a negative error. POLITE_INTERRUPTED: no connection was taken; it waits
 * for the next call. accept4 takes SOCK_CLOEXEC and SOCK_NONBLOCK.
 * Windows: the new socket is for overlapped use, has the listener's options (SO_UPDATE_ACCEPT_CONTEXT), and is handed on to child processes if
 * the listener is. If the listener is one of polite_sock_set_nonblocking, so is the new one. An address that does not fit is cut off, as POSIX
 * has it. There is no accept4. */
POLITE_API polite_sock polite_accept(polite_sock sock, struct sockaddr *from, uint32_t *from_len);
#if !defined _WIN32
POLITE_API polite_sock polite_accept4(polite_sock sock, struct sockaddr *from, uint32_t *from_len, int flags);
#endif

/* Connects. Returns 0 when connected, or a negative error.
 * It *continues*: after POLITE_INTERRUPTED or POLITE_EINTR the system may go on connecting (XSH connect, "the connection
 * request shall not be aborted"). To take it up again call it again with the same arguments: it waits for the
 * outcome and returns that. To give it up, close the socket.
 * Windows: only once it has been taken up has the socket a peer, for getpeername and shutdown (SO_UPDATE_CONNECT_CONTEXT).
 * Any thread may take it up; but when the thread that began it ends, the system cancels it, and taking it up returns POLITE_ECANCELED: then there
 * is nothing left to do with that socket but to close it. A socket without an address is bound to any. What polite keeps of one that was interrupted is freed when it is taken up, by
 * polite_close_socket, or, when its socket is gone, by the next polite_connect. (After a mere closesocket it may count for a new socket, if
 * that has got the same number and was bound to the same port.) Where ConnectEx is not to be had it is the plain call, which
 * nobody can wake: on sockets that were made without WSA_FLAG_OVERLAPPED, and of other families than AF_INET and AF_INET6. */
POLITE_API int polite_connect(polite_sock sock, const struct sockaddr *to, uint32_t to_len);

POLITE_END_C

#endif

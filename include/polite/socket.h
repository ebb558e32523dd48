/* Sockets: sending, receiving, accepting, connecting.
 *
 * Each call takes the arguments of the POSIX function of the same name (XSH: recv, send, accept, …) and returns what that returns,
 * or a negative error. All that polite/io.h says about its calls holds here. Besides:
 *
 *   - A socket with a time limit (SO_RCVTIMEO, SO_SNDTIMEO; socket(7)) returns POLITE_EAGAIN when it has passed (connect:
 *     POLITE_EINPROGRESS). The system counts the limit afresh for each system call. If an interrupt wakes the call and is
 *     withdrawn before it is delivered, the call goes on for at most one whole limit from that moment.
 *   - The control messages and names that come with a message are handed out with it; POLITE_INTERRUPTED means
 *     that no message was taken, and that no descriptor came in. */
#ifndef POLITE_SOCKET_H
#define POLITE_SOCKET_H

#include "polite/base.h"

#if !defined _WIN32

struct sockaddr;
struct msghdr;

POLITE_BEGIN

/* Receive. Return the number of bytes, 0 at the end of the stream, or a negative error. */
POLITE_API polite_ssize_t polite_recv(polite_sock sock, void *buf, size_t len, int flags);
POLITE_API polite_ssize_t polite_recvfrom(polite_sock sock, void *buf, size_t len, int flags, struct sockaddr *from,
                                          uint32_t *from_len);
POLITE_API polite_ssize_t polite_recvmsg(polite_sock sock, struct msghdr *message, int flags);

/* Send. Return the number of bytes taken, or a negative error. As with the plain call, sending on a stream that has been shut
 * down raises SIGPIPE unless MSG_NOSIGNAL is among the flags. */
POLITE_API polite_ssize_t polite_send(polite_sock sock, const void *buf, size_t len, int flags);
POLITE_API polite_ssize_t polite_sendto(polite_sock sock, const void *buf, size_t len, int flags, const struct sockaddr *to,
                                        uint32_t to_len);
POLITE_API polite_ssize_t polite_sendmsg(polite_sock sock, const struct msghdr *message, int flags);

/* Take a connection. Return its descriptor, or a negative error. POLITE_INTERRUPTED: no connection was taken; it waits
 * for the next call. accept4 takes SOCK_CLOEXEC and SOCK_NONBLOCK. */
POLITE_API polite_sock polite_accept(polite_sock sock, struct sockaddr *from, uint32_t *from_len);
POLITE_API polite_sock polite_accept4(polite_sock sock, struct sockaddr *from, uint32_t *from_len, int flags);

/* Connects. Returns 0 when connected, or a negative error.
 * It *continues*: after POLITE_INTERRUPTED or POLITE_EINTR the system may go on connecting (XSH connect, "the connection
 * request shall not be aborted"). To take it up again call it again with the same arguments: it waits for the
 * outcome and returns that. To give it up, close the socket. */
POLITE_API int polite_connect(polite_sock sock, const struct sockaddr *to, uint32_t to_len);

POLITE_END_C

#endif

#endif

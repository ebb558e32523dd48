// Sockets: polite/socket.h, which says what each call does, in both forms (polite/interrupted.hpp).
#ifndef POLITE_SOCKET_HPP
#define POLITE_SOCKET_HPP

#include "polite/bytes.hpp"
#include "polite/descriptor.hpp"
#include "polite/socket.h"

namespace polite {

namespace detail {

#if defined _WIN32
using message = _WSAMSG;
#else
using message = msghdr;
#endif

}  // namespace detail

// Receiving and sending. Return how many bytes were moved; receiving, 0 is the end of the stream.
POLITE_BOTH_FORMS(std::size_t, recv, (polite_sock sock, byte_span into), polite_recv(sock, into.data(), into.size(), 0))
POLITE_BOTH_FORMS(std::size_t, recv, (polite_sock sock, byte_span into, int flags), polite_recv(sock, into.data(), into.size(), flags))
POLITE_BOTH_FORMS(std::size_t, recvfrom, (polite_sock sock, byte_span into, int flags, sockaddr *from, std::uint32_t *from_len),
                  polite_recvfrom(sock, into.data(), into.size(), flags, from, from_len))
POLITE_BOTH_FORMS(std::size_t, recvmsg, (polite_sock sock, detail::message *message, int flags), polite_recvmsg(sock, message, flags))
POLITE_BOTH_FORMS(std::size_t, send, (polite_sock sock, const_byte_span from), polite_send(sock, from.data(), from.size(), 0))
POLITE_BOTH_FORMS(std::size_t, send, (polite_sock sock, const_byte_span from, int flags),
                  polite_send(sock, from.data(), from.size(), flags))
POLITE_BOTH_FORMS(std::size_t, sendto,
                  (polite_sock sock, const_byte_span from, int flags, const sockaddr *to, std::uint32_t to_len),
                  polite_sendto(sock, from.data(), from.size(), flags, to, to_len))
POLITE_BOTH_FORMS(std::size_t, sendmsg, (polite_sock sock, const detail::message *message, int flags), polite_sendmsg(sock, message, flags))

// Taking connections.
POLITE_BOTH_FORMS(unique_sock, accept, (polite_sock sock), polite_accept(sock, nullptr, nullptr))
POLITE_BOTH_FORMS(unique_sock, accept, (polite_sock sock, sockaddr *from, std::uint32_t *from_len), polite_accept(sock, from, from_len))
#if !defined _WIN32
POLITE_BOTH_FORMS(unique_sock, accept4, (polite_sock sock, sockaddr *from, std::uint32_t *from_len, int flags),
                  polite_accept4(sock, from, from_len, flags))
#endif

// Connecting, which *continues* after an interrupt: call it again, or close the socket.
POLITE_BOTH_FORMS(void, connect, (polite_sock sock, const sockaddr *to, std::uint32_t to_len), polite_connect(sock, to, to_len))

}  // namespace polite

#endif

// Receiving and sending by sockets.
//
// A count is never wrong: it is the system's own, also of what had gone before an overlapped call was cancelled. (For a WSASend that has been
// seen on Wine: the reader gets as many.)
#include "polite/error.h"
#include "polite/interrupt.h"
#include "polite/socket.h"
#include "polite/windows.h"
#include "win32/afd.h"
#include "win32/errors.h"
#include "win32/sockets.h"
#include "win32/sleeping.h"

#include <string.h>

using namespace polite;

namespace {

constexpr Call receiving = {"recv", 0, true, false, 0}, receiving_from = {"recvfrom", 0, true, false, 0},
               receiving_message = {"recvmsg", 0, true, false, 0};
constexpr Call sending = {"send", 0, true, false, 0}, sending_to = {"sendto", 0, true, false, 0},
               sending_message = {"sendmsg", 0, true, false, 0};

constexpr DWORD MOST = 0x7fff0000;  // bytes at a time
constexpr DWORD PIECE = 4096;       // of a socket on which the call itself blocks: what fits where there is room

// One call of the system's.
struct Transfer : Operation {
  Socket socket;
  bool sends;
  WSABUF *buffers;
  DWORD count;
  DWORD flags;
  sockaddr *address = nullptr;
  INT address_len = 0;
  WSAMSG *message = nullptr;  // … and what it was: those calls write into it
  WSAMSG given = {};
  LPFN_WSARECVMSG receive_message = nullptr;
  DWORD flags_out = 0;
  INT address_len_out = 0;
  bool whole = false;  // what does not fit is an error (POLITE_MSG_WHOLE)

  Transfer(const Call &call, bool sends, WSABUF *buffers, DWORD count, int flags)
      : Operation{call, nullptr, begin, by_socket}, sends(sends), buffers(buffers), count(count), flags(DWORD(flags) & ~DWORD(POLITE_MSG_DONTWAIT | POLITE_MSG_WHOLE)),
        whole(flags & POLITE_MSG_WHOLE) {}

  DWORD length() const {
    DWORD sum = 0;
    for (DWORD i = 0; i < count; ++i) sum += buffers[i].len;
    return sum;
  }

  static DWORD begin(Operation &operation, OVERLAPPED &overlapped) { return static_cast<Transfer &>(operation).make(&overlapped, nullptr); }

  // Without `overlapped` it is the plain call.
  DWORD make(OVERLAPPED *overlapped, DWORD *bytes) {
    flags_out = flags;
    address_len_out = address_len;
    if (message) *message = given;
    return (sends ? send(overlapped, bytes) : receive(overlapped, bytes)) ? DWORD(WSAGetLastError()) : 0;
  }

 private:
  int send(OVERLAPPED *overlapped, DWORD *bytes) {
    if (message) return WSASendMsg(socket.number, message, flags, bytes, overlapped, nullptr);
    if (address) return WSASendTo(socket.number, buffers, count, bytes, flags, address, address_len, overlapped, nullptr);
    return WSASend(socket.number, buffers, count, bytes, flags, overlapped, nullptr);
  }

  int receive(OVERLAPPED *overlapped, DWORD *bytes) {
    if (message) return receive_message(socket.number, message, bytes, overlapped, nullptr);
    if (!address) return WSARecv(socket.number, buffers, count, bytes, &flags_out, overlapped, nullptr);
    return WSARecvFrom(socket.number, buffers, count, bytes, &flags_out, address, &address_len_out, overlapped, nullptr);
  }
};

Outcome plainly(Transfer &transfer) {
  DWORD bytes = 0, error = transfer.make(nullptr, &bytes);
  return {error, error == WSAEMSGSIZE ? bytes : error ? 0 : bytes};
}

Outcome once(Transfer &transfer) {
  const Socket &socket = transfer.socket;
  if (socket.at_once) return plainly(transfer);
  if (socket.overlapped) return perform(transfer);
  ULONG events = transfer.sends ? afd::SEND : transfer.flags & MSG_OOB ? afd::RECEIVE_EXPEDITED : afd::RECEIVE | afd::DISCONNECT;
  Outcome ready = afd::wait_until_ready(transfer.call, socket.number, events, transfer.milliseconds, transfer.goes_on);
  return ready.interrupted || ready.error ? ready : plainly(transfer);
}

// A message that does not fit has been taken: what fits of it is in the buffers.
Outcome cut_off(Transfer &transfer, Outcome outcome) {
  if (transfer.sends || outcome.error != WSAEMSGSIZE) return outcome;
  if (transfer.whole) return {WSAEMSGSIZE, 0};
  // Or only what comes beside it did not fit (only the real system can show): then it says so, and how long the message is.
  if (transfer.message && transfer.message->dwFlags & MSG_CTRUNC && outcome.bytes) return {0, outcome.bytes};
  if (transfer.message) transfer.message->dwFlags |= MSG_TRUNC;
  return {0, transfer.length()};
}

// All of one buffer, in pieces. What has been moved is returned, whatever stops it (rule 2).
Outcome all(Transfer &transfer, size_t len, DWORD piece) {
  DWORD limit = transfer.milliseconds;
  int64_t deadline = limit == INFINITE ? platform::NEVER : platform::monotonic_ns() + limit * int64_t(1000000);
  DWORD total = 0, whole = len > MOST ? MOST : DWORD(len);
  for (;;) {
    DWORD left = whole - total;
    transfer.buffers->len = left < piece ? left : piece;
    Outcome outcome = once(transfer);
    total += outcome.bytes;
    bool ended = outcome.error || outcome.interrupted || outcome.bytes == 0;
    if (!total) return outcome;
    if (ended || total == whole) return {0, total};
    transfer.buffers->buf += outcome.bytes;
    transfer.goes_on = true;
    if (limit != INFINITE && limit != 0) transfer.milliseconds = platform::milliseconds_until(deadline);
  }
}

// An interrupt that is pending goes before everything else (rule 3).
int prepare(Transfer &transfer, polite_sock sock, int flags) {
  if (int interrupted = polite_checkpoint()) return interrupted;
  if (DWORD error = look_at(transfer.socket, sock, transfer.sends ? SO_SNDTIMEO : SO_RCVTIMEO)) return code_of(error);
  transfer.handle = transfer.socket.handle();
  transfer.milliseconds = flags & POLITE_MSG_DONTWAIT ? 0 : transfer.socket.limit;
  return 0;
}

polite_ssize_t answer_of(const Outcome &outcome) {
  if (outcome.interrupted) return POLITE_INTERRUPTED;
  if (outcome.bytes || !outcome.error) return polite_ssize_t(outcome.bytes);
  return outcome.timed_out ? POLITE_EAGAIN : code_of(outcome.error);
}

WSABUF buffer_of(const void *data, size_t len) { return {ULONG(len > MOST ? MOST : len), static_cast<char *>(const_cast<void *>(data))}; }

// How much at a time, if it is to be done in pieces; else 0.
DWORD piece_of(const Transfer &transfer) {
  const Socket &socket = transfer.socket;
  if (socket.at_once || transfer.milliseconds == 0) return 0;
  if (transfer.sends) return !socket.overlapped && transfer.buffers->len > PIECE && is_stream(socket.number) ? PIECE : 0;
  return (transfer.flags & (MSG_WAITALL | MSG_PEEK)) == MSG_WAITALL && is_stream(socket.number) ? MOST : 0;
}

// To wait for all is what is done here, in pieces, or not at all: how much a cancelled wait for all had is not known (only the real system can show).
polite_ssize_t move(Transfer &transfer, size_t len) {
  DWORD piece = piece_of(transfer);
  if (!transfer.sends && !transfer.socket.at_once && !(transfer.flags & MSG_PEEK)) transfer.flags &= ~DWORD(MSG_WAITALL);
  if (!piece) return answer_of(cut_off(transfer, once(transfer)));
  return answer_of(all(transfer, len, piece));
}

// --- Messages ---------------------------------------------------------------------------------------------------------------

// The system's calls for messages are for datagrams; on a stream there is nothing but bytes.
int prepare_message(Transfer &transfer, polite_sock sock, WSAMSG &message, int flags) {
  if (int error = prepare(transfer, sock, flags)) return error;
  transfer.given = message;
  if (is_stream(transfer.socket.number)) {
    if (!transfer.sends) transfer.flags &= ~DWORD(MSG_WAITALL);
    return transfer.sends && message.Control.len ? POLITE_EOPNOTSUPP : 0;
  }
  if (!transfer.sends) {
    transfer.receive_message = extension<LPFN_WSARECVMSG>(transfer.socket.number, WSAID_WSARECVMSG);
    if (!transfer.receive_message) return POLITE_EOPNOTSUPP;
    transfer.given.dwFlags = transfer.flags;
  }
  transfer.message = &message;
  return 0;
}

}  // namespace

extern "C" {

polite_ssize_t polite_recv(polite_sock sock, void *buf, size_t len, int flags) {
  WSABUF buffer = buffer_of(buf, len);
  Transfer transfer(receiving, false, &buffer, 1, flags);
  if (int error = prepare(transfer, sock, flags)) return error;
  return move(transfer, len);
}

polite_ssize_t polite_recvfrom(polite_sock sock, void *buf, size_t len, int flags, sockaddr *from, uint32_t *from_len) {
  WSABUF buffer = buffer_of(buf, len);
  Transfer transfer(receiving_from, false, &buffer, 1, flags);
  if (int error = prepare(transfer, sock, flags)) return error;
  sockaddr_storage address = {};
  if (from && from_len) {
    transfer.address = reinterpret_cast<sockaddr *>(&address);
    transfer.address_len = sizeof address;
  }
  polite_ssize_t answer = move(transfer, len);
  if ((answer < 0 && answer != POLITE_EMSGSIZE) || !transfer.address) return answer;
  uint32_t known = address.ss_family ? uint32_t(transfer.address_len_out) : 0;  // none comes with a stream
  memcpy(from, &address, known < *from_len ? known : *from_len);
  *from_len = known;
  return answer;
}

polite_ssize_t polite_recvmsg(polite_sock sock, WSAMSG *message, int flags) {
  if (!message) return POLITE_EFAULT;
  Transfer transfer(receiving_message, false, message->lpBuffers, message->dwBufferCount, flags);
  if (int error = prepare_message(transfer, sock, *message, flags)) return error;
  polite_ssize_t answer = answer_of(cut_off(transfer, once(transfer)));
  if (answer < 0) {
    *message = transfer.given;
  } else if (!transfer.message) {
    message->dwFlags = transfer.flags_out;
    message->namelen = 0;
    message->Control.len = 0;
  }
  return answer;
}

polite_ssize_t polite_send(polite_sock sock, const void *buf, size_t len, int flags) {
  WSABUF buffer = buffer_of(buf, len);
  Transfer transfer(sending, true, &buffer, 1, flags);
  if (int error = prepare(transfer, sock, flags)) return error;
  return move(transfer, len);
}

polite_ssize_t polite_sendto(polite_sock sock, const void *buf, size_t len, int flags, const sockaddr *to, uint32_t to_len) {
  WSABUF buffer = buffer_of(buf, len);
  Transfer transfer(sending_to, true, &buffer, 1, flags);
  if (int error = prepare(transfer, sock, flags)) return error;
  transfer.address = const_cast<sockaddr *>(to);
  transfer.address_len = INT(to_len);
  return move(transfer, len);
}

polite_ssize_t polite_sendmsg(polite_sock sock, const WSAMSG *message, int flags) {
  if (!message) return POLITE_EFAULT;
  WSAMSG copy = *message;
  Transfer transfer(sending_message, true, message->lpBuffers, message->dwBufferCount, flags);
  if (int error = prepare_message(transfer, sock, copy, flags)) return error;
  return answer_of(once(transfer));
}

}  // extern "C"

// Two sockets that are connected with each other.
#pragma once

#include <winsock2.h>
#include <ws2tcpip.h>

#include <stdlib.h>

class Connection {
 public:
  Connection() {
    WSADATA data;
    if (WSAStartup(MAKEWORD(2, 2), &data) != 0) abort();
    SOCKET listener = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in here = {};
    int length = sizeof here;
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr *address = reinterpret_cast<sockaddr *>(&here);
    if (bind(listener, address, length) != 0 || listen(listener, 1) != 0 || getsockname(listener, address, &length) != 0) abort();
    receiver_ = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(receiver_, address, length) != 0) abort();
    sender_ = accept(listener, nullptr, nullptr);
    if (sender_ == INVALID_SOCKET) abort();
    closesocket(listener);
    BOOL at_once = TRUE;
    setsockopt(sender_, IPPROTO_TCP, TCP_NODELAY, reinterpret_cast<char *>(&at_once), sizeof at_once);
  }
  ~Connection() {
    closesocket(receiver_);
    closesocket(sender_);
    WSACleanup();
  }
  Connection(const Connection &) = delete;
  Connection &operator=(const Connection &) = delete;

  SOCKET receiver() const { return receiver_; }
  SOCKET sender() const { return sender_; }

 private:
  SOCKET receiver_, sender_;
};

// Messages of sockets as the kernel wants them. glibc's structures are the kernel's; musl's have int fields with padding, which may
// hold anything, where the kernel has whole words. Its own sendmsg and recvmsg copy them, so ours do.
#pragma once

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

namespace polite {

struct Kernel_message {
  void *name;
  uint32_t name_len;
  iovec *pieces;
  size_t count;
  void *control;
  size_t control_len;
  uint32_t flags;
};

constexpr bool SAME_AS_THE_KERNELS = sizeof(msghdr::msg_iovlen) == sizeof(Kernel_message::count) &&
                                     sizeof(msghdr::msg_controllen) == sizeof(Kernel_message::control_len);
static_assert(sizeof(msghdr) == sizeof(Kernel_message));

inline Kernel_message kernel_message(const msghdr &m) {
  return {m.msg_name,    uint32_t(m.msg_namelen),  m.msg_iov,            size_t(m.msg_iovlen),
          m.msg_control, size_t(m.msg_controllen), uint32_t(m.msg_flags)};
}

// Control messages to be sent, with the padding in their headers cleared. At most 1,024 bytes, as in musl itself.
class Control_copy {
 public:
  // 0 or an error; `message` then has the copy.
  long take(Kernel_message &message) {
    if (!message.control_len) return 0;
    if (message.control_len > sizeof bytes_) return -ENOMEM;
    memcpy(bytes_, message.control, message.control_len);
    message.control = bytes_;
    for (size_t at = 0; at + sizeof(cmsghdr) <= message.control_len;) {
      uint32_t len;
      memcpy(&len, bytes_ + at, sizeof len);
      size_t whole = len;
      memcpy(bytes_ + at, &whole, sizeof whole);
      if (len < sizeof(cmsghdr)) break;  // the kernel will say so
      at += (whole + sizeof(size_t) - 1) & ~(sizeof(size_t) - 1);
    }
    return 0;
  }

 private:
  alignas(cmsghdr) char bytes_[1024];
};

}  // namespace polite

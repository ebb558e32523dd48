// Names of hosts and services: polite/names.h, which says what each call does, in both forms (polite/interrupted.hpp).
#ifndef POLITE_NAMES_HPP
#define POLITE_NAMES_HPP

#include "polite/interrupted.hpp"
#include "polite/names.h"

#if !defined _WIN32

#include <memory>
#include <netdb.h>

namespace polite {

struct free_addresses {
  void operator()(addrinfo *list) const noexcept { freeaddrinfo(list); }
};
using addresses = std::unique_ptr<addrinfo, free_addresses>;

// The addresses of a host and a service: a list, which is freed by its owner. Null pointers stand for what is not asked for.
inline addresses getaddrinfo(const char *node, const char *service, const addrinfo *hints = nullptr) {
  addrinfo *list = nullptr;
  detail::throwing<void>([&]() noexcept { return polite_getaddrinfo(node, service, hints, &list); });
  return addresses(list);
}
inline addresses getaddrinfo(const char *node, const char *service, const addrinfo *hints, std::error_code &error) noexcept {
  addrinfo *list = nullptr;
  detail::telling<void>(error, [&]() noexcept { return polite_getaddrinfo(node, service, hints, &list); });
  return addresses(list);
}

// The names of an address.
POLITE_BOTH_FORMS(void, getnameinfo,
                  (const sockaddr *address, std::uint32_t address_len, char *node, std::uint32_t node_len, char *service,
                   std::uint32_t service_len, int flags),
                  polite_getnameinfo(address, address_len, node, node_len, service, service_len, flags))

}  // namespace polite

#endif

#endif

// Names: the system's resolver (resolver.h), as an errand (errand.h).
#include "polite/names.h"

#include "errand.h"
#include "polite/error.h"
#include "polite/interrupt.h"
#include "resolver.h"

#include <stdlib.h>
#include <string.h>

using namespace polite;
using platform::ask;

namespace {

constexpr Call asking_for_addresses = {"getaddrinfo", 0, false, false, 0}, asking_for_names = {"getnameinfo", 0, false, false, 0};

// Whether nobody has to be asked about it.
bool is_address(const char *node, int flags) {
  if (!node || flags & AI_NUMERICHOST) return true;
  if (flags & AI_CANONNAME) return false;
  in6_addr address;
  return inet_pton(AF_INET, node, &address) == 1 || inet_pton(AF_INET6, node, &address) == 1;
}

bool is_port(const char *service, int flags) {
  return !service || flags & AI_NUMERICSERV || service[strspn(service, "0123456789")] == 0;
}

// A string behind a structure, copied; null stays null.
const char *copy_to(char *&place, const char *text) {
  if (!text) return nullptr;
  size_t size = strlen(text) + 1;
  char *copy = static_cast<char *>(memcpy(place, text, size));
  place += size;
  return copy;
}
size_t size_of(const char *text) { return text ? strlen(text) + 1 : 0; }

// Copies of the arguments, and the answer.
struct Lookup : Errand {
  const char *node, *service;
  const addrinfo *hints;
  addrinfo own_hints;
  addrinfo *result;
  int answer;

  static Lookup *make(const char *node, const char *service, const addrinfo *hints) {
    Lookup *lookup = static_cast<Lookup *>(calloc(1, sizeof(Lookup) + size_of(node) + size_of(service)));
    if (!lookup) return nullptr;
    char *behind = reinterpret_cast<char *>(lookup + 1);
    lookup->work = do_it;
    lookup->free = free_it;
    lookup->node = copy_to(behind, node);
    lookup->service = copy_to(behind, service);
    if (hints) {
      lookup->own_hints = *hints;
      lookup->hints = &lookup->own_hints;
    }
    return lookup;
  }
  static void do_it(Errand &errand) {
    Lookup &lookup = static_cast<Lookup &>(errand);
    lookup.answer = ask(lookup.node, lookup.service, lookup.hints, &lookup.result);
  }
  static void free_it(Errand &errand) {
    Lookup &lookup = static_cast<Lookup &>(errand);
    if (lookup.result) freeaddrinfo(lookup.result);
    ::free(&lookup);
  }
};

struct Reverse_lookup : Errand {
  sockaddr *address;
  char *node, *service;
  socklen_t address_len, node_len, service_len;
  int flags, answer;

  static Reverse_lookup *make(const sockaddr *address, socklen_t address_len, socklen_t node_len, socklen_t service_len, int flags) {
    size_t size = sizeof(Reverse_lookup) + size_t(address_len) + node_len + service_len;
    Reverse_lookup *lookup = static_cast<Reverse_lookup *>(calloc(1, size));
    if (!lookup) return nullptr;
    char *behind = reinterpret_cast<char *>(lookup + 1);
    lookup->work = do_it;
    lookup->free = free_it;
    lookup->address = reinterpret_cast<sockaddr *>(memcpy(behind, address, address_len));
    lookup->address_len = address_len;
    lookup->node = node_len ? behind + address_len : nullptr;
    lookup->node_len = node_len;
    lookup->service = service_len ? behind + address_len + node_len : nullptr;
    lookup->service_len = service_len;
    lookup->flags = flags;
    return lookup;
  }
  static void do_it(Errand &errand) {
    Reverse_lookup &lookup = static_cast<Reverse_lookup &>(errand);
    lookup.answer = ask(lookup.address, lookup.address_len, lookup.node, lookup.node_len, lookup.service, lookup.service_len, lookup.flags);
  }
  static void free_it(Errand &errand) { ::free(&static_cast<Reverse_lookup &>(errand)); }
};

}  // namespace

extern "C" {

int polite_getaddrinfo(const char *node, const char *service, const addrinfo *hints, addrinfo **result) {
  if (int interrupted = polite_checkpoint()) return interrupted;
  int flags = hints ? hints->ai_flags : 0;
  bool nobody_is_asked = is_address(node, flags) && is_port(service, flags);
  if (nobody_is_asked || !can_be_interrupted()) return ask(node, service, hints, result);
  Lookup *lookup = Lookup::make(node, service, hints);
  if (!lookup) return POLITE_ENOMEM;
  int answer = run_errand(asking_for_addresses, *lookup);
  if (answer == POLITE_INTERRUPTED) return answer;
  if (answer == 0) answer = lookup->answer;
  if (answer == 0) {
    *result = lookup->result;
    lookup->result = nullptr;
  }
  lookup->free(*lookup);
  return answer;
}

int polite_getnameinfo(const sockaddr *address, uint32_t address_len, char *node, uint32_t node_len, char *service, uint32_t service_len,
                       int flags) {
  if (int interrupted = polite_checkpoint()) return interrupted;
  if (!node) node_len = 0;
  if (!service) service_len = 0;
  bool nobody_is_asked = (!node_len || flags & NI_NUMERICHOST) && (!service_len || flags & NI_NUMERICSERV);
  if (nobody_is_asked || !can_be_interrupted()) return ask(address, address_len, node, node_len, service, service_len, flags);
  Reverse_lookup *lookup = Reverse_lookup::make(address, address_len, node_len, service_len, flags);
  if (!lookup) return POLITE_ENOMEM;
  int answer = run_errand(asking_for_names, *lookup);
  if (answer == POLITE_INTERRUPTED) return answer;
  if (answer == 0) answer = lookup->answer;
  if (answer == 0 && node_len) memcpy(node, lookup->node, strnlen(lookup->node, node_len - 1) + 1);
  if (answer == 0 && service_len) memcpy(service, lookup->service, strnlen(lookup->service, service_len - 1) + 1);
  lookup->free(*lookup);
  return answer;
}

}  // extern "C"

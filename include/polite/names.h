/* Names of hosts and services.
 *
 * libc's resolver waits for name servers, and nobody can wake it. So a thread of its own asks for the caller, who waits interruptibly: one
 * thread for each call, with all signals blocked, which ends with the call. After an interrupt the question is left behind: that thread
 * goes on until libc has its answer, or has given up, and then ends; nothing is left of it. Where nothing has to be asked (numbers, or no
 * name at all) and where nobody could interrupt (in a shield, in a thread that is not attached) it is the plain call, and no thread is
 * made.
 *
 * libc's codes EAI_… have names and numbers of polite's own here, POLITE_EAI_… (polite/error.h): libc's are the numbers of other
 * errors. What libc tells by EAI_SYSTEM and errno is that errno, negated.
 *
 * Both are interruption points. An answer that has come before the interrupt did is returned, and the interrupt stays pending. Since 0.1.
 * Not async-signal-safe.
 *
 * Windows: the same with Winsock's resolver, in the system's encoding for names without a W, after WSAStartup; lists are freed by Winsock's
 * freeaddrinfo. Its codes are those of polite's (EAI_FAIL is WSANO_RECOVERY); other errors are the system's. */
#ifndef POLITE_NAMES_H
#define POLITE_NAMES_H

#include "polite/base.h"

struct addrinfo;
struct sockaddr;

POLITE_BEGIN

/* The addresses of a host and a service, getaddrinfo(3).
 *
 * Returns   0, and `*result` is a list to be freed by libc's freeaddrinfo, or
 *             POLITE_INTERRUPTED   an interrupt was delivered; there is nothing to be freed
 *             POLITE_EAI_…         as getaddrinfo says by EAI_…; by one that has no name here: POLITE_EAI_FAIL
 *             POLITE_E…            the error of the system that it failed with (EAI_SYSTEM)
 *             POLITE_ENOMEM        there is no memory for the question
 *             POLITE_EAGAIN        the system gives us no thread for it
 * After an error `*result` is what it was. */
POLITE_API int polite_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **result);

/* The names of an address, getnameinfo(3).
 *
 * Returns   0, and the names are in `node` and `service`, as far as they were asked for, or
 *             a negative error as above. `node` and `service` may hold anything then; after POLITE_INTERRUPTED what they held before */
POLITE_API int polite_getnameinfo(const struct sockaddr *address, uint32_t address_len, char *node, uint32_t node_len, char *service,
                                  uint32_t service_len, int flags);

POLITE_END_C

#endif

/* The stress program for Windows: what its parts know of each other.
 *
 * Workers call polite in all kinds of ways, and are interrupted at random moments by interrupters and by each other. Bystanders make plain calls
 * of the same kinds, on handles of their own and on the workers'. What must hold is written where it is checked: workers.c
 * (interrupts), streams.c (bytes), connections.c (handles), bystanders.c (operations and packets that are none of polite's). */
#ifndef POLITE_TESTS_WIN32_STRESS_H
#define POLITE_TESTS_WIN32_STRESS_H

#include <winsock2.h>

#include <windows.h>
#include <ws2tcpip.h>

#include <polite.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "../../random.h"

/* Says what was lost, and ends the process. */
_Noreturn void fail(const char *format, ...) __attribute__((format(gnu_printf, 1, 2)));
#define REQUIRE(condition) ((condition) ? (void)0 : fail("%s:%d: not so: %s", __FILE__, __LINE__, #condition))

enum { LIMIT_SECONDS = 120 }; /* nothing waits for longer */

extern atomic_bool stopping; /* workers end at the next interrupt */

/* --- Workers (workers.c) ------------------------------------------------------------------------------------------------- */

struct worker {
  const char *name;
  /* Makes a call or two. What it returns is POLITE_INTERRUPTED or something that is right. */
  int (*step)(struct worker *);
  void *with;
  struct random random;

  polite_thread_t thread;
  atomic_long posted, again, delivered; /* sent as the only one; while one was pending; delivered */
};

void add_worker(const char *name, int (*step)(struct worker *), void *with);
void start_workers(uint64_t seed);
void interrupt_some_worker(struct random *);
long interrupts_delivered(void);

/* Has every worker end, and checks its account. */
void stop_workers(void);
int count_workers(void);
void forget_workers(void);
void print_workers(void);

/* --- Streams (streams.c) ------------------------------------------------------------------------------------------------- */

/* A writer and a reader each, of pipes of all kinds and of sockets. `port` is a completion port, to which what can be bound is. */
void add_streams(HANDLE port);

/* When the workers have ended: what is still under way is read, and counted. Bytes in all. */
long long settle_streams(void);

/* A pair of sockets that are connected with each other. */
void socket_pair(SOCKET ends[2]);

/* --- Connections, locks, objects, sleeps (connections.c, waits.c) ---------------------------------------------------------- */

void add_connections(void);
long settle_connections(void);
void add_waits(void);
void settle_waits(void);

/* --- Bystanders (bystanders.c) ------------------------------------------------------------------------------------------- */

/* Each fails if one of its calls ends otherwise than it began. They run until they are stopped. */
void start_bystanders(void);
void disturb_workers(struct random *); /* by an APC of the program's own */
void stop_bystanders(void);
long bystanders_calls(void);

#endif

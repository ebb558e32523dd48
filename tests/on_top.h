/* Code that runs in another thread, on top of whatever wait it is in: a signal's handler on Unix, an asynchronous procedure call (APC) on
 * Windows. That one runs only where a thread waits alertably, which polite's sleeps, joins and locks do, and a synchronous read does not. */
#ifndef ON_TOP_H
#define ON_TOP_H

#include <pthread.h>

#if defined _WIN32

#include <stdint.h>
#if !defined WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN /* without COM, whose names are everybody's */
#endif
#include <winsock2.h> /* goes before windows.h */
#include <windows.h>

#define ON_TOP_OF_READS 0

typedef void (*on_top_t)(int);

static inline void CALLBACK call_on_top(ULONG_PTR fn) { ((on_top_t)fn)(0); }

/* It is called once for each time. */
static inline int run_on_top(pthread_t thread, on_top_t fn, int restarting) {
  (void)restarting; /* which all waits here are */
  return QueueUserAPC(call_on_top, (HANDLE)pthread_gethandle(thread), (ULONG_PTR)fn) != 0;
}

#else

#include <signal.h>

#define ON_TOP_OF_READS 1

typedef void (*on_top_t)(int);

/* One function at a time, for the process. Twice while the thread does not come to it is once. Whether the system call beneath is to be made
 * again by the system. */
static inline int run_on_top(pthread_t thread, on_top_t fn, int restarting) {
  struct sigaction action = {.sa_handler = fn, .sa_flags = restarting ? SA_RESTART : 0};
  return sigaction(SIGUSR1, &action, NULL) == 0 && pthread_kill(thread, SIGUSR1) == 0;
}

#endif

#endif

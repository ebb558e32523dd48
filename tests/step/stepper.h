// Single-stepping a thread through a call of polite, and doing something to it at one chosen instruction.
//
// The test process forks a child, the *stage*, in which two threads live: the *target*, which makes the call and is traced by the
// test process, and the *helper*, which is not traced and does what the test process tells it, such as interrupting the target. The
// stage is a fork, so all addresses and all of this memory's layout agree on both sides.
#pragma once

#include "polite.h"

#include <stdbool.h>
#include <stdint.h>

// What the helper does to the target at the chosen instruction.
enum Action {
  INTERRUPT,      // polite_interrupt
  POST_WITHDRAW,  // posts a request object and takes it back
  WITHDRAW,       // takes back the object that was posted at the start
  FOREIGN_SIGNAL  // SIGUSR1
};

// From where on instructions are counted.
enum Start {
  START_ENTRY,       // the first instruction of the call
  START_PENDING,     // the same, with an interrupt that is pending already
  START_HANDLER,     // the first of a SIGUSR1 handler that runs on top of the blocked call
  START_HANDLER_POSTED,  // the same, with a request object posted just now
  START_WAKING,      // the wake of a request that found the call blocked
  START_INTERRUPTED  // the wake of an interrupt that found the call blocked
};

struct Case {
  const char *name;
  const char *symbol;      // whose first instruction START_ENTRY means
  enum Start start;
  enum Action action;
  unsigned least;          // fewer places than this were not all
  bool until_blocked;      // what comes after the call has blocked is not stepped through
  bool deaf;               // the target blocks the wake signal
  int handler_flags;       // sigaction's, for SIGUSR1
  void (*prepare)(void);   // target: before the call
  long (*call)(void);      // target: the call
  void (*handler)(void);   // target: what the SIGUSR1 handler does
  void (*feed)(void);      // helper: what the blocked call waits for; null: nothing but the interrupt ends it
  void (*check)(long result);  // target: after the call
};

// What both processes see.
struct Shared {
  volatile int phase;         // what the target's mark means
  volatile int fed;           // the helper has fed
  volatile int requests;      // that were new when they were made, and were not withdrawn
  volatile int64_t drained;   // bytes that the helper took
  volatile int64_t nested;    // the result of the call in the handler
  char failure[256];          // the first
};
extern struct Shared *shared;

// For the target and the helper: notes a failure if `right` is false.
void expect(bool right, const char *what, long value);

// For the target's handler: what is between them is stepped through in START_HANDLER.
void handler_begins(void);
void handler_ends(void);

// For either thread of the stage: interrupts the target, and counts the request if it is a new one.
void interrupt_target(void);

// For the helper: SIGUSR1.
void raise_in_target(void);

// Runs the case once for every instruction. Returns the number of places at which the action was taken, -1 if tracing is not
// permitted, or -2 after a failure, which has been printed.
int step_through(const struct Case *);

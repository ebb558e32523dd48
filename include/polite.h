/* polite: blocking calls that can be interrupted, and lose nothing.
 *
 * This header is the umbrella. Each topic below can be read, and included, on its own. */
#ifndef POLITE_H
#define POLITE_H

#include "polite/error.h"     /* codes, their names, what they mean */
#include "polite/thread.h"    /* handles, attaching, looking at threads, the wake signal */
#include "polite/interrupt.h" /* interrupts, request objects, checkpoints, shields */
#include "polite/cleanup.h"   /* cleanup handlers */
#include "polite/call.h"      /* boundaries, and unwinding to them */
#include "polite/io.h"        /* read, write and what descriptors do */
#include "polite/socket.h"    /* send, receive, accept, connect */
#include "polite/names.h"     /* names of hosts and services */
#include "polite/process.h"   /* waiting for children */
#include "polite/time.h"      /* sleeping */
#include "polite/lock.h"      /* mutexes, conditions, read-write locks */
#include "polite/semaphore.h" /* semaphores, events, barriers */
#include "polite/park.h"      /* parking and unparking */
#include "polite/blocking.h"  /* blocking calls that polite does not know */

#if defined _WIN32
#include "polite/windows.h"   /* what only Windows has: waiting for its objects, … */
#else
#include "polite/stream.h"    /* streams of stdio */
#include "polite/signal.h"    /* waiting for signals */
#include "polite/ipc.h"       /* queues of messages, semaphores of System V */
#include "polite/linux.h"     /* epoll, sendfile and what only Linux has */
#endif

#endif

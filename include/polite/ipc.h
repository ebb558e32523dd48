/* Queues of messages and sets of semaphores that processes share: those of POSIX and of System V.
 *
 * Each call takes the arguments of the function of the same name and returns what that returns, or a negative error. All are interruption
 * points. POLITE_INTERRUPTED and POLITE_EINTR: no message was taken or sent, and no semaphore changed. With those of System V,
 * POLITE_EINTR comes after every handler of the program's own, whatever SA_RESTART says. Since 0.1. Async-signal-safe: in a
 * handler on top of a blocked call they are the plain calls. */
#ifndef POLITE_IPC_H
#define POLITE_IPC_H

#include "polite/base.h"

#if !defined _WIN32

struct sembuf;
struct timespec;

POLITE_BEGIN

/* Message queues of POSIX; `queue` is what mq_open(3) returned. The times are moments of the clock CLOCK_REALTIME (null: wait for
 * ever); when they have come it is POLITE_ETIMEDOUT. */
POLITE_API polite_ssize_t polite_mq_receive(int queue, char *message, size_t len, unsigned *priority);
POLITE_API polite_ssize_t polite_mq_timedreceive(int queue, char *message, size_t len, unsigned *priority,
                                                 const struct timespec *until);
POLITE_API int polite_mq_send(int queue, const char *message, size_t len, unsigned priority);
POLITE_API int polite_mq_timedsend(int queue, const char *message, size_t len, unsigned priority, const struct timespec *until);

/* Message queues of System V: msgop(2). */
POLITE_API polite_ssize_t polite_msgrcv(int queue, void *message, size_t len, long type, int flags);
POLITE_API int polite_msgsnd(int queue, const void *message, size_t len, int flags);

/* Semaphores of System V: semop(2). All operations are done, or none is. semtimedop waits for that time at most (null: for ever), which
 * makes it POLITE_EAGAIN. */
POLITE_API int polite_semop(int set, struct sembuf *operations, size_t count);
POLITE_API int polite_semtimedop(int set, struct sembuf *operations, size_t count, const struct timespec *timeout);

POLITE_END_C

#endif

#endif

// Queues of messages and sets of semaphores that processes share: polite/ipc.h, which says what each call does, in both forms
// (polite/interrupted.hpp).
#ifndef POLITE_IPC_HPP
#define POLITE_IPC_HPP

#include "polite/bytes.hpp"
#include "polite/interrupted.hpp"
#include "polite/ipc.h"

#if !defined _WIN32

namespace polite {

// Message queues of POSIX. Receiving returns the length of the message.
POLITE_BOTH_FORMS(std::size_t, mq_receive, (int queue, byte_span message, unsigned *priority),
                  polite_mq_receive(queue, reinterpret_cast<char *>(message.data()), message.size(), priority))
POLITE_BOTH_FORMS(std::size_t, mq_timedreceive, (int queue, byte_span message, unsigned *priority, const timespec *until),
                  polite_mq_timedreceive(queue, reinterpret_cast<char *>(message.data()), message.size(), priority, until))
POLITE_BOTH_FORMS(void, mq_send, (int queue, const_byte_span message, unsigned priority),
                  polite_mq_send(queue, reinterpret_cast<const char *>(message.data()), message.size(), priority))
POLITE_BOTH_FORMS(void, mq_timedsend, (int queue, const_byte_span message, unsigned priority, const timespec *until),
                  polite_mq_timedsend(queue, reinterpret_cast<const char *>(message.data()), message.size(), priority, until))

// Message queues of System V. Receiving returns the length of the message's text.
POLITE_BOTH_FORMS(std::size_t, msgrcv, (int queue, void *message, std::size_t len, long type, int flags),
                  polite_msgrcv(queue, message, len, type, flags))
POLITE_BOTH_FORMS(void, msgsnd, (int queue, const void *message, std::size_t len, int flags), polite_msgsnd(queue, message, len, flags))

// Semaphores of System V.
POLITE_BOTH_FORMS(void, semop, (int set, sembuf *operations, std::size_t count), polite_semop(set, operations, count))
POLITE_BOTH_FORMS(void, semtimedop, (int set, sembuf *operations, std::size_t count, const timespec *timeout),
                  polite_semtimedop(set, operations, count, timeout))

}  // namespace polite

#endif

#endif

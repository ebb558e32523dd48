// Queues of messages and sets of semaphores that processes share.
#include "polite/ipc.h"
#include "posix/parts.h"
#include "posix/system_call.h"

extern "C" {

polite_ssize_t polite_mq_receive(int queue, char *message, size_t len, unsigned *priority) {
  return polite_mq_timedreceive(queue, message, len, priority, nullptr);
}

int polite_mq_send(int queue, const char *message, size_t len, unsigned priority) {
  return polite_mq_timedsend(queue, message, len, priority, nullptr);
}

int polite_semop(int set, sembuf *operations, size_t count) { return int(polite_part_semop(set, operations, count, nullptr)); }

// The kernel does not say what is left.
int polite_semtimedop(int set, sembuf *operations, size_t count, const timespec *timeout) {
  static constexpr Call call = {"semtimedop", SYS_semtimedop, false, false, UNLIMITED};
  __kernel_timespec time = {};
  if (timeout) time = {timeout->tv_sec, timeout->tv_nsec};
  Arguments arguments = {set, argument(operations), long(count), timeout ? argument(&time) : 0};
  return int(interruptible_for(call, arguments, timeout ? &time : nullptr));
}

}  // extern "C"

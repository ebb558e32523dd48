// Threads and their cancellation by the names of POSIX (polite/pthread_cancel.h). Threads that polite did not make can be
// canceled, too, once they are attached; joining and detaching them is left to libc.
#include "call.h"
#include "made.h"
#include "polite.h"
#include "posix/cancel.h"
#include "process.h"
#include "shield.h"

#include <errno.h>
#include <pthread.h>

using namespace polite;

static_assert(sizeof(pthread_t) == sizeof(uint64_t), "the maker's pthread_t is written in place, before the thread begins");

namespace polite {

void cancel() {
  shield_the_end();  // if it is the end of a call only, its boundary takes that back
  polite_unwind();
  leave_thread(POLITE_UNWOUND, PTHREAD_CANCELED);
}

}  // namespace polite

extern "C" {

POLITE_API pthread_t polite_pthread_self(void) {
  attached_self();
  return pthread_self();
}

POLITE_API int polite_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*fn)(void *), void *arg) {
  int state = PTHREAD_CREATE_JOINABLE;
  if (attributes) pthread_attr_getdetachstate(attributes, &state);
  Making making = {fn, arg, nullptr, false, {0, attributes, state == PTHREAD_CREATE_DETACHED}};
  polite_thread_t handle;
  int error = make(making, &handle, reinterpret_cast<uint64_t *>(thread));
  // Where polite cannot wake threads a program should still have them: nobody can cancel them, and pthread_cancel says so.
  if (error == POLITE_UNATTACHED) return pthread_create(thread, attributes, fn, arg);
  return error == POLITE_ENOMEM ? EAGAIN : -error;
}

POLITE_API int polite_pthread_join(pthread_t thread, void **result) {
  by_number_unless_canceled(polite_checkpoint());
  Made *made;
  int state = claim_system_thread(uint64_t(thread), Made::JOINING, made);
  if (state == POLITE_ESRCH) return pthread_join(thread, result);
  if (state < 0) return -state;
  int how = join_claimed(*made, result, platform::NEVER);
  return how < 0 ? by_number_unless_canceled(how) : 0;
}

POLITE_API int polite_pthread_detach(pthread_t thread) {
  Made *made;
  int state = claim_system_thread(uint64_t(thread), Made::DETACHED, made);
  if (state == POLITE_ESRCH) return pthread_detach(thread);
  if (state < 0) return -state;
  detach_claimed(*made, state);
  return 0;
}

[[noreturn]] POLITE_API void polite_pthread_exit(void *result) { leave_thread(POLITE_EXITED, result); }

POLITE_API int polite_pthread_cancel(pthread_t thread) {
  polite_thread_t handle = handle_of_system_thread(uint64_t(thread));
  return handle && polite_interrupt(handle) >= 0 ? 0 : ESRCH;
}

POLITE_API void polite_pthread_testcancel(void) { by_number_unless_canceled(polite_checkpoint()); }

// DISABLE is one shield, however often it is said.
POLITE_API int polite_pthread_setcancelstate(int state, int *before) {
  if (state != PTHREAD_CANCEL_ENABLE && state != PTHREAD_CANCEL_DISABLE) return EINVAL;
  Record &record = attached_self();
  bool disabled = record.state_disabled, disable = state == PTHREAD_CANCEL_DISABLE;
  if (before) *before = disabled ? PTHREAD_CANCEL_DISABLE : PTHREAD_CANCEL_ENABLE;
  if (disable == disabled || !record.attached()) return 0;
  if (disable) polite_shield_enter();  // first: a signal handler that finds the state disabled must find the shield
  record.state_disabled = disable;
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
  if (!disable) polite_shield_leave();
  return 0;
}

POLITE_API int polite_pthread_setcanceltype(int type, int *before) {
  if (type != PTHREAD_CANCEL_DEFERRED) return type == PTHREAD_CANCEL_ASYNCHRONOUS ? ENOTSUP : EINVAL;
  if (before) *before = PTHREAD_CANCEL_DEFERRED;
  return 0;
}

}

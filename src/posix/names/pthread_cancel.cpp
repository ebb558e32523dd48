// Threads and their cancellation by the names of POSIX (polite/pthread_cancel.h). Threads that polite did not make can be
// canceled, too, once they are attached; joining and detaching them is left to libc.
#include "call.h"
#include "polite.h"
#include "posix/names/cancel.h"
#include "posix/names/maker.h"
#include "shield.h"

#include <errno.h>
#include <pthread.h>

using namespace polite;

namespace polite {

void cancel() {
  disable_cancel_state(true);  // if it is the end of a call only, its boundary takes that back
  polite_shield_enter();       // pthread_setcancelstate in a handler does not get this one off
  polite_unwind();
  leave_thread(POLITE_UNWOUND, PTHREAD_CANCELED);
}

}  // namespace polite

extern "C" {

POLITE_API pthread_t polite_pthread_self(void) {
  polite_self();
  return pthread_self();
}

POLITE_API int polite_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*fn)(void *), void *arg) {
  int state = PTHREAD_CREATE_JOINABLE;
  if (attributes) pthread_attr_getdetachstate(attributes, &state);
  Making making = {fn, arg, nullptr, false, {0, attributes, state == PTHREAD_CREATE_DETACHED}};
  int error = make_for(thread, making);
  // Where polite cannot wake threads a program should still have them: nobody can cancel them, and pthread_cancel says so.
  if (error == POLITE_UNATTACHED) return pthread_create(thread, attributes, fn, arg);
  return error == POLITE_ENOMEM ? EAGAIN : -error;
}

POLITE_API int polite_pthread_join(pthread_t thread, void **result) {
  by_number_unless_canceled(polite_checkpoint());
  int how = join_system_thread(uint64_t(thread), result);
  if (how == POLITE_ESRCH) return pthread_join(thread, result);
  return how < 0 ? by_number_unless_canceled(how) : 0;
}

POLITE_API int polite_pthread_detach(pthread_t thread) {
  int answer = detach_system_thread(uint64_t(thread));
  return answer == POLITE_ESRCH ? pthread_detach(thread) : -answer;
}

[[noreturn]] POLITE_API void polite_pthread_exit(void *result) { leave_thread(POLITE_EXITED, result); }

POLITE_API int polite_pthread_cancel(pthread_t thread) {
  polite_thread_t handle = handle_of_system_thread(uint64_t(thread));
  return handle && polite_interrupt(handle) >= 0 ? 0 : ESRCH;
}

POLITE_API void polite_pthread_testcancel(void) { by_number_unless_canceled(polite_checkpoint()); }

POLITE_API int polite_pthread_setcancelstate(int state, int *before) {
  if (state != PTHREAD_CANCEL_ENABLE && state != PTHREAD_CANCEL_DISABLE) return EINVAL;
  bool disabled = disable_cancel_state(state == PTHREAD_CANCEL_DISABLE);
  if (before) *before = disabled ? PTHREAD_CANCEL_DISABLE : PTHREAD_CANCEL_ENABLE;
  return 0;
}

POLITE_API int polite_pthread_setcanceltype(int type, int *before) {
  if (type != PTHREAD_CANCEL_DEFERRED) return type == PTHREAD_CANCEL_ASYNCHRONOUS ? ENOTSUP : EINVAL;
  if (before) *before = PTHREAD_CANCEL_DEFERRED;
  return 0;
}

}

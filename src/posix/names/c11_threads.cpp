// C11's threads and condition variables by their plain names (polite/pthread_cancel.h): points of cancellation since POSIX.1-2024.
// A thrd_t is a pthread_t in both libcs, so these are the threads of pthread_cancel.cpp; a mtx_t is libc's.
#include "call.h"
#include "polite.h"
#include "posix/names/cancel.h"
#include "posix/names/condition.h"
#include "posix/names/maker.h"
#include "posix/sleep.h"

#include <errno.h>
#include <stdlib.h>
#include <threads.h>

using namespace polite;

static_assert(sizeof(Condition) <= sizeof(cnd_t));

namespace {

struct Start {
  thrd_start_t fn;
  void *arg;
};

void *result_of(int result) { return reinterpret_cast<void *>(intptr_t(result)); }

void *begin(void *start_) {
  Start start = *static_cast<Start *>(start_);
  free(start_);
  return result_of(start.fn(start.arg));
}

Condition &inside(cnd_t *condition) { return *reinterpret_cast<Condition *>(condition); }

int error_of(int answer) { return answer == thrd_success ? 0 : EPERM; }

Mutex mutex_of(mtx_t *mutex) {
  return {mutex, [](void *it) { return error_of(mtx_lock(static_cast<mtx_t *>(it))); },
          [](void *it) { return error_of(mtx_unlock(static_cast<mtx_t *>(it))); }};
}

// As C11 says it. An interrupt is acted on.
int by_result_unless_canceled(int answer) {
  switch (by_number_unless_canceled(answer)) {
    case 0: return thrd_success;
    case ETIMEDOUT: return thrd_timedout;
    default: return thrd_error;
  }
}

}  // namespace

extern "C" {

POLITE_API thrd_t polite_pthread_thrd_current(void) {
  polite_self();
  return thrd_current();
}

POLITE_API int polite_pthread_thrd_create(thrd_t *thread, thrd_start_t fn, void *arg) {
  Start *start = static_cast<Start *>(malloc(sizeof(Start)));
  if (!start) return thrd_nomem;
  *start = {fn, arg};
  Making making = {begin, start, nullptr, false, {}};
  int error = make_for(thread, making);
  if (error == 0) return thrd_success;
  free(start);
  if (error == POLITE_UNATTACHED) return thrd_create(thread, fn, arg);  // as pthread_create does
  return error == POLITE_ENOMEM ? thrd_nomem : thrd_error;
}

// Of a thread that was canceled the result is -1: PTHREAD_CANCELED, as an int.
POLITE_API int polite_pthread_thrd_join(thrd_t thread, int *result) {
  by_number_unless_canceled(polite_checkpoint());
  void *value;
  int how = join_system_thread(uint64_t(thread), &value);
  if (how == POLITE_ESRCH) return thrd_join(thread, result);
  if (how < 0) return by_result_unless_canceled(how);
  if (result) *result = int(reinterpret_cast<intptr_t>(value));
  return thrd_success;
}

POLITE_API int polite_pthread_thrd_detach(thrd_t thread) {
  int answer = detach_system_thread(uint64_t(thread));
  if (answer == POLITE_ESRCH) return thrd_detach(thread);
  return answer == 0 ? thrd_success : thrd_error;
}

[[noreturn]] POLITE_API void polite_pthread_thrd_exit(int result) { leave_thread(POLITE_EXITED, result_of(result)); }

// -1 after a signal handler, another negative number for an error.
POLITE_API int polite_pthread_thrd_sleep(const timespec *time, timespec *left) {
  int error = by_number_unless_canceled(sleep_by_clock(CLOCK_MONOTONIC, 0, time, left));
  return error == 0 ? 0 : error == EINTR ? -1 : -2;
}

POLITE_API int polite_pthread_cnd_init(cnd_t *condition) {
  make_condition(inside(condition), false, false);
  return thrd_success;
}

POLITE_API void polite_pthread_cnd_destroy(cnd_t *condition) { destroy_condition(inside(condition)); }

POLITE_API int polite_pthread_cnd_signal(cnd_t *condition) {
  signal_condition(inside(condition), 1);
  return thrd_success;
}

POLITE_API int polite_pthread_cnd_broadcast(cnd_t *condition) {
  signal_condition(inside(condition), EVERYBODY);
  return thrd_success;
}

POLITE_API int polite_pthread_cnd_wait(cnd_t *condition, mtx_t *mutex) {
  return by_result_unless_canceled(wait_for_condition(inside(condition), mutex_of(mutex), nullptr));
}

POLITE_API int polite_pthread_cnd_timedwait(cnd_t *condition, mtx_t *mutex, const timespec *time) {
  return by_result_unless_canceled(wait_for_condition_until(inside(condition), mutex_of(mutex), time, true));
}

}  // extern "C"

// Waking: the handler that looks where its signal arrived, and what sends it there. window_<processor>.S says what it looks for.
//
// The handler is installed, and the signal sent, by bare system calls: a sanitizer that intercepts libc's sigaction would hold the signal
// back until its thread comes out of the kernel. Nothing here may be instrumented for the same reason.
#include "hooks.h"
#include "polite/thread.h"
#include "posix/context.h"
#include "posix/start.h"
#include "posix/system_call.h"
#include "posix/wake_signal.h"
#include "region.h"

#include <errno.h>
#include <linux/membarrier.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#define NOT_INSTRUMENTED __attribute__((no_sanitize("address", "thread", "undefined")))

namespace polite {

namespace {

// --- The system's structures and calls --------------------------------------------------------------------------------------

struct Kernel_action {
  union {
    void (*informed)(int, siginfo_t *, void *);  // with SA_SIGINFO
    void (*handler)(int);
  };
  unsigned long flags;
  Return_and_mask end;
};

NOT_INSTRUMENTED long set_action(int signal, const Kernel_action *action, Kernel_action *before) {
  return system_call(SYS_rt_sigaction, signal, argument(action), argument(before), SIGNAL_SET_SIZE);
}

// The signal says whose wake it is, so that its handler can tell it from one that somebody else sent. (Where the user's signal queue
// is full the kernel sends it all the same, and it says nothing.)
NOT_INSTRUMENTED siginfo_t wake_for(long process, const Record *record) {
  siginfo_t info = {};
  info.si_signo = wake_signal();
  info.si_code = SI_QUEUE;
  info.si_pid = pid_t(process);
  info.si_value.sival_ptr = const_cast<Record *>(record);
  return info;
}

NOT_INSTRUMENTED long send_wake(long process, long thread, const Record *record) {
  siginfo_t info = wake_for(process, record);
  long result = system_call(SYS_rt_tgsigqueueinfo, process, thread, wake_signal(), argument(&info));
  if (result < 0) result = system_call(SYS_tgkill, process, thread, wake_signal());  // a sandbox that came late may know only that
  return result;
}

NOT_INSTRUMENTED bool says_it_is_for(const siginfo_t *info, const Record &record, long process) {
  return info->si_code == SI_QUEUE && info->si_pid == process && info->si_value.sival_ptr == &record;
}

NOT_INSTRUMENTED bool says_nothing(const siginfo_t *info) { return info->si_code == SI_USER && info->si_pid == 0; }

// --- State of the process ---------------------------------------------------------------------------------------------------

Kernel_action previous;         // what had the signal before us
Atomic<int> pid;                // getpid(), as of the last fork that was noticed
Atomic<int> membarrier_refused; // once refused, owners fence

// --- The handler ------------------------------------------------------------------------------------------------------------

// `platforms` is the call that a handler of the program's own was last seen on top of, if that handler may have ended it.

// A handler of the program's own sits on top of the blocked call, which will restart without testing again. The signal is sent once
// more, held back in that handler: it arrives when the handler returns, in the window. So it is whatever the mask is by now:
// the call beneath has its own. An interrupter that has set WAKING meanwhile is about to send one: then that is the one.
NOT_INSTRUMENTED void rearm(Record &record, ucontext_t *context) {
  *reinterpret_cast<uint64_t *>(&context->uc_sigmask) |= signal_bit(wake_signal());
  if (record.word.fetch_or(word::WAKING) & word::WAKING) return;
  bool sent = send_wake(system_call(SYS_getpid), system_call(SYS_gettid), &record) == 0;
  if (!sent) record.word.fetch_and(~word::WAKING);  // nobody must wait for it
}

NOT_INSTRUMENTED void redirect(Record &record, ucontext_t *context, bool changes_nothing) {
  bool deliverable = record.word.load() & record.owner()->region.load() & word::REQUESTS;
  uintptr_t frame = record.owner()->frame.load();
  if (Whereabouts::is_waker(frame)) {  // sent before the region was known
    if (deliverable) Waker::at(frame).wake();
    return;
  }
  Place place(uintptr_t(program_counter(context)));
  if (place.before_the_call()) {
    record.platforms.store(0);  // the handlers are gone, and the call is still to be made
    if (deliverable) program_counter(context) = Saved(place.window + window::CANCEL);
  } else if (place.offset == window::DONE) {
    // If a handler of the program's own has been on top, the -EINTR is its doing.
    bool ours = changes_nothing && record.platforms.load() != record.owner()->calls.load();
    if (ours && long(call_result(context)) == -EINTR) call_result(context) = WOKEN_LATE;
  } else if (deliverable && !place.in_own_region() && record.owner()->region.load()) {
    record.platforms.store(record.owner()->calls.load());
    rearm(record, context);
  }
}

// At attaching, before the record has a handle: is the program counter where it should be, and does it go where it is sent?
// It is not, or does not, under some instrumenters and emulators.
NOT_INSTRUMENTED void answer_trial(ucontext_t *context) {
  Place place(uintptr_t(program_counter(context)));
  if (place.offset == window::DONE && call_result(context) == 0) program_counter(context) = Saved(place.window + window::CANCEL);
}

NOT_INSTRUMENTED bool has_handler(const Kernel_action &action) {
  return action.handler != SIG_DFL && action.handler != SIG_IGN;
}

NOT_INSTRUMENTED void call_previous(int signal, siginfo_t *info, void *context) {
  if (!has_handler(previous)) return;
  if (previous.flags & SA_SIGINFO) previous.informed(signal, info, context);
  else previous.handler(signal);
}

// For the calling thread's own record. True if the signal was a wake of ours, and nobody else's as well.
NOT_INSTRUMENTED bool take_wake(Record &record, const siginfo_t *info) {
  // First clear WAKING, then look: an interrupter sets its bit before it looks at WAKING.
  bool waking = record.word.fetch_and(~word::WAKING) & word::WAKING;
  if (membarrier_refused.load()) record.word.fetch_or(word::FENCED);
  if (says_it_is_for(info, record, pid.load_relaxed())) return true;
  // The kernel merges a signal into one that is pending already. So the wake may be in this one, or still to come: settle() finds out.
  if (waking) record.word.fetch_or(word::UNSURE);
  return waking && says_nothing(info);
}

NOT_INSTRUMENTED void on_wake(int signal, siginfo_t *info, void *context_) {
  ucontext_t *context = static_cast<ucontext_t *>(context_);
  Record &record = platform::self();
  bool ours = false;
  if (record.attached() && !record.handle.load()) {
    ours = says_it_is_for(info, record, pid.load_relaxed()) || says_nothing(info);
    answer_trial(context);
  } else if (record.attached()) {
    ours = take_wake(record, info);
    reach(Hook::wake_taken);
    redirect(record, context, ours || !has_handler(previous));
  }
  if (!ours) call_previous(signal, info, context_);
}

}  // namespace

// --- Starting ---------------------------------------------------------------------------------------------------------------

namespace {

bool install_handler() {
  Kernel_action before;
  if (set_action(wake_signal(), nullptr, &before) < 0) return false;
  if (before.informed != on_wake) previous = before;  // before ours can run
  Kernel_action action = {{on_wake}, SA_SIGINFO | SA_RESTART | SA_ONSTACK | RETURN_GIVEN, ALL_HELD_BACK};
  return set_action(wake_signal(), &action, nullptr) == 0;
}

constexpr Call trial = {"trial", SYS_rt_tgsigqueueinfo, false, false, 0};

// One wake of the calling thread by itself, from within the very call that it arrives in. Only the wake may come meanwhile.
bool woken_on_trial(Record &record) {
  platform::Signals_held held(platform::Signals_held::ALL_BUT_WAKES);
  siginfo_t info = wake_for(pid.load(), &record);
  Arguments to_ourselves = {pid.load(), long(record.system_id.load()), wake_signal(), argument(&info)};
  return polite_window(&trial, &to_ourselves) == WOKEN;
}

bool barrier_is_whole() {
  if (!WHOLE_BARRIER) return true;
  long offered = system_call(SYS_membarrier, MEMBARRIER_CMD_QUERY, 0, 0);
  return offered > 0 && offered & WHOLE_BARRIER;
}

// Whether threads are to be on the self-pipe from the start.
bool begins_on_self_pipe() {
  const char *wanted = getauxval(AT_SECURE) ? nullptr : getenv("POLITE_BACKEND");
  return wanted && strcmp(wanted, "self-pipe") == 0;
}

void register_barrier() {
  bool registered = barrier_is_whole() && system_call(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;
  if (!registered) membarrier_refused.store(1);
}

}  // namespace

bool wake_signal_is_handled() {
  Kernel_action now;
  return set_action(wake_signal(), nullptr, &now) == 0 && now.informed == on_wake;
}

void ready_to_wake() {
  pid.store(int(system_call(SYS_getpid)));
  register_barrier();
}

// --- What platform.h asks for -----------------------------------------------------------------------------------------------

namespace platform {

// Several threads may be the first. Each does all of it, which does no harm: there is no lock that a fork could leave held.
int start(Record &record) {
  fix_wake_signal();
  ready_to_wake();
  if (!remember_process()) return POLITE_BACKEND_NONE;
  stay_loaded();
  if (begins_on_self_pipe() || !install_handler()) return POLITE_BACKEND_SELF_PIPE;
  if (woken_on_trial(record)) return POLITE_BACKEND_WINDOW;
  set_action(wake_signal(), &previous, nullptr);
  return POLITE_BACKEND_SELF_PIPE;
}

bool fences_needed() { return membarrier_refused.load(); }

void fence() { full_barrier(); }

bool order() {
  if (!membarrier_refused.load()) {
    if (system_call(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) == 0) return true;
    membarrier_refused.store(1);
  }
  return false;
}

Kick::Kick(const Record &record) : system_id_(record.system_id.load()), record_(&record) {}
bool Kick::send() const { return send_wake(pid.load(), long(system_id_), record_) == 0; }

void drain() { admit_wakes(); }

void admit_wakes() {
  uint64_t wake = signal_bit(wake_signal());
  system_call(SYS_rt_sigprocmask, SIG_UNBLOCK, argument(&wake), 0, SIGNAL_SET_SIZE);
}

}  // namespace platform

}  // namespace polite

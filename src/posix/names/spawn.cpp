// Running a program as a call: it is spawned, waited for, and gone on every path (rule 2: and what became of it is told).
#include "platform.h"
#include "polite/error.h"
#include "polite/interrupt.h"
#include "polite/io.h"
#include "polite/process.h"
#include "polite/thread.h"
#include "polite/time.h"
#include "posix/system_call.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace polite;

namespace {

// Without an interruption; the thread is shielded.
void reap(pid_t child, int *status) {
  while (polite_waitpid(child, status, 0) == POLITE_EINTR) {
  }
}

int64_t milliseconds_until(int64_t deadline) {
  int64_t left = deadline - polite_now();
  return left > 0 ? left / 1000000 : 0;
}

// A descriptor of a process is readable when it has ended, and says so to whoever asks, until it has been reaped.
bool ends_until(pid_t child, int64_t deadline) {
  pollfd process = {int(system_call(SYS_pidfd_open, child, 0)), POLLIN, 0};
  if (process.fd < 0) return false;
  int answer;
  do {
    int64_t left = milliseconds_until(deadline);
    answer = polite_poll(&process, 1, left < INT_MAX ? int(left) : INT_MAX);
  } while (answer == POLITE_EINTR || (answer == 0 && milliseconds_until(deadline) > 0));
  polite_close(process.fd);
  return answer > 0;
}

// Nobody else reaps it, so its number is its own until we do.
void end_and_reap(pid_t child, int signal, int64_t patience, int *status) {
  int64_t now = polite_now(), deadline = patience > INT64_MAX - now ? INT64_MAX : now + patience;
  polite_shield_enter();
  kill(child, signal);
  if (signal != SIGKILL && !ends_until(child, deadline)) kill(child, SIGKILL);
  reap(child, status);
  polite_shield_leave();
}

// 0, and the child has been reaped; POLITE_INTERRUPTED, the same; or an error.
int wait_for_end(pid_t child, int signal, int64_t patience, int *status) {
  for (;;) {
    int answer = polite_waitpid(child, status, 0);
    if (answer == child) return 0;
    if (answer == POLITE_INTERRUPTED) end_and_reap(child, signal, patience, status);
    if (answer != POLITE_EINTR) return answer;
  }
}

bool acceptable(const polite_spawn_options_t &options) {
  return options.size == sizeof options && !(options.flags & ~POLITE_SPAWN_SEARCH) && !options.reserved && options.patience_ns >= 0 &&
         options.signal >= 0 && options.signal <= SIGRTMAX;
}

// --- system(3) --------------------------------------------------------------------------------------------------------------

// SIGINT and SIGQUIT are ignored as long as one thread of the process or another is in here: the first one in keeps what they were, the
// last one out brings it back.
class Terminal_signals_ignored {
 public:
  Terminal_signals_ignored() {
    pthread_mutex_lock(&lock_);
    if (inside_++ == 0) {
      struct sigaction ignored = {};
      ignored.sa_handler = SIG_IGN;
      sigaction(SIGINT, &ignored, &interrupt_);
      sigaction(SIGQUIT, &ignored, &quit_);
    }
    sigemptyset(&default_in_child_);
    if (interrupt_.sa_handler != SIG_IGN) sigaddset(&default_in_child_, SIGINT);
    if (quit_.sa_handler != SIG_IGN) sigaddset(&default_in_child_, SIGQUIT);
    pthread_mutex_unlock(&lock_);
  }
  ~Terminal_signals_ignored() {
    pthread_mutex_lock(&lock_);
    if (--inside_ == 0) {
      sigaction(SIGINT, &interrupt_, nullptr);
      sigaction(SIGQUIT, &quit_, nullptr);
    }
    pthread_mutex_unlock(&lock_);
  }
  Terminal_signals_ignored(const Terminal_signals_ignored &) = delete;
  Terminal_signals_ignored &operator=(const Terminal_signals_ignored &) = delete;

  // An ignored signal stays so across exec: the child is to have what the program had.
  const sigset_t &default_in_child() const { return default_in_child_; }

 private:
  static pthread_mutex_t lock_;
  static unsigned inside_;
  static struct sigaction interrupt_, quit_;
  sigset_t default_in_child_;
};

pthread_mutex_t Terminal_signals_ignored::lock_ = PTHREAD_MUTEX_INITIALIZER;
unsigned Terminal_signals_ignored::inside_;
struct sigaction Terminal_signals_ignored::interrupt_, Terminal_signals_ignored::quit_;

class Child_signal_blocked {
 public:
  Child_signal_blocked() {
    sigset_t child;
    sigemptyset(&child);
    if (polite_wake_signal() != SIGCHLD) sigaddset(&child, SIGCHLD);
    pthread_sigmask(SIG_BLOCK, &child, &before_);
  }
  ~Child_signal_blocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  Child_signal_blocked(const Child_signal_blocked &) = delete;
  Child_signal_blocked &operator=(const Child_signal_blocked &) = delete;
  const sigset_t &before() const { return before_; }

 private:
  sigset_t before_;
};

int spawn_shell(pid_t *child, const char *command, const sigset_t &default_signals, const sigset_t &mask) {
  char shell[] = "sh", option[] = "-c", end_of_options[] = "--";
  char *arguments[] = {shell, option, end_of_options, const_cast<char *>(command), nullptr};
  posix_spawnattr_t attributes;
  if (int error = posix_spawnattr_init(&attributes)) return -error;
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  posix_spawnattr_setsigdefault(&attributes, &default_signals);
  posix_spawnattr_setsigmask(&attributes, &mask);
  int error = posix_spawn(child, "/bin/sh", nullptr, &attributes, arguments, environ);
  posix_spawnattr_destroy(&attributes);
  return -error;
}

}  // namespace

extern "C" {

int polite_spawn_wait(const char *path, char *const *arguments, const polite_spawn_options_t *given, int *status) {
  static constexpr polite_spawn_options_t ordinary = {sizeof(polite_spawn_options_t), 0, 0, 0, 0, nullptr, nullptr, nullptr};
  const polite_spawn_options_t &options = given ? *given : ordinary;
  if (!path || !arguments || !status || !acceptable(options)) return POLITE_EINVAL;
  *status = -1;
  if (int interrupted = polite_checkpoint()) return interrupted;
  char *const *environment = options.environment ? options.environment : environ;
  auto spawn = options.flags & POLITE_SPAWN_SEARCH ? posix_spawnp : posix_spawn;
  pid_t child;
  if (int error = spawn(&child, path, options.file_actions, options.attributes, arguments, environment)) return -error;
  return wait_for_end(child, options.signal ? options.signal : SIGKILL, options.patience_ns, status);
}

int polite_system(const char *command) {
  if (!command) return system_call(SYS_faccessat, AT_FDCWD, argument("/bin/sh"), X_OK) == 0;
  if (int interrupted = polite_checkpoint()) return interrupted;
  Terminal_signals_ignored ignored;
  Child_signal_blocked blocked;
  pid_t child;
  int status = 0;
  int error = spawn_shell(&child, command, ignored.default_in_child(), blocked.before());
  if (!error) error = wait_for_end(child, SIGKILL, 0, &status);
  return error ? error : status;
}

}  // extern "C"

/* Choosing the wake signal, and living with what had it before. Each in a process of its own that has not attached yet. */
#include "scene.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static void in_a_child(void (*body)(void)) {
  pid_t child = fork();
  if (child == 0) {
    body();
    _exit(0);
  }
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
}

static int ends[2];
static void read_byte(actor_t *actor) {
  char byte;
  actor->result = polite_read(ends[0], &byte, 1);
}

static void interrupt_a_reader(void) {
  actor_t actor;
  make_pipe(ends);
  start_blocked(&actor, read_byte, NULL, "read");
  CHECK(polite_interrupt(actor.thread) == 0);
  CHECK(finish(&actor) == POLITE_INTERRUPTED);
}

static void refuse_unsuitable(void) {
  static const int unsuitable[] = {0, -1, 32, 34, 64, 65, 1 << 30, SIGKILL, SIGSTOP, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS};
  for (size_t i = 0; i < sizeof unsuitable / sizeof *unsuitable; ++i)
    CHECK(polite_set_wake_signal(unsuitable[i]) == POLITE_EINVAL);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  sigprocmask(SIG_BLOCK, &set, NULL);
  CHECK(polite_set_wake_signal(SIGUSR2) == POLITE_EPERM);
  CHECK(polite_wake_signal() == SIGURG);
  CHECK(polite_set_wake_signal(SIGUSR1) == 0);
  CHECK(polite_self() != 0 && polite_wake_signal() == SIGUSR1);
  CHECK(polite_set_wake_signal(SIGURG) == POLITE_EBUSY);
  CHECK(polite_wake_signal() == SIGUSR1);
  interrupt_a_reader();
}

static void take_from_environment(void) {
  setenv("POLITE_WAKE_SIGNAL", "12", 1);
  CHECK(polite_self() != 0 && polite_wake_signal() == SIGUSR2);
  interrupt_a_reader();
}

static void ignore_nonsense_in_environment(void) {
  setenv("POLITE_WAKE_SIGNAL", "11", 1); /* SIGSEGV */
  CHECK(polite_self() != 0 && polite_wake_signal() == SIGURG);
}

static atomic_int plain_calls, informed_calls;
static void plain(int signal) { plain_calls += signal == SIGURG; }
static void informed(int signal, siginfo_t *info, void *context) {
  informed_calls += signal == SIGURG && info && context;
}

/* A handler that was there before us goes on getting the signals that are not ours, and none that are. */
static void chain(struct sigaction *previous, atomic_int *calls) {
  CHECK(sigaction(SIGURG, previous, NULL) == 0);
  SKIP_BUT_FOR_WINDOW();
  interrupt_a_reader();
  CHECK(*calls == 0);
  raise(SIGURG);
  CHECK(*calls == 1);
  actor_t actor;
  start_blocked(&actor, read_byte, NULL, "read");
  pthread_kill(actor.pthread, SIGURG);
  AWAIT(*calls == 2 && is_blocked_in(actor.thread, "read"));
  CHECK(polite_interrupt(actor.thread) == 0);
  CHECK(finish(&actor) == POLITE_INTERRUPTED);
  CHECK(*calls == 2);
  /* With the user's signal queue full the kernel sends the wake without saying whose it is. */
  struct rlimit none = {0, 0};
  CHECK(setrlimit(RLIMIT_SIGPENDING, &none) == 0);
  for (int i = 0; i < 20; ++i) interrupt_a_reader();
  CHECK(*calls == 2);
}

static void chain_plain(void) {
  struct sigaction previous = {.sa_handler = plain};
  chain(&previous, &plain_calls);
}

static void chain_informed(void) {
  struct sigaction previous = {.sa_sigaction = informed, .sa_flags = SA_SIGINFO};
  chain(&previous, &informed_calls);
}

static void ignored_before(void) {
  signal(SIGURG, SIG_IGN);
  interrupt_a_reader();
  raise(SIGURG);
}

/* Where the window does not work, as the trial at the first attaching finds out, threads are on the self-pipe, and the signal is as it was
 * before. */
static void refuse(long system_call) {
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)system_call, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {sizeof code / sizeof *code, code};
  CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
  CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

static void fail_the_trial(void) {
  struct sigaction before = {.sa_handler = plain}, after;
  CHECK(sigaction(SIGURG, &before, NULL) == 0);
  refuse(SYS_rt_tgsigqueueinfo);
  CHECK(polite_self() != 0 && polite_backend() == POLITE_BACKEND_SELF_PIPE);
  CHECK(polite_use_backend(POLITE_BACKEND_WINDOW) == POLITE_ENOTSUP);
  interrupt_a_reader();
  CHECK(sigaction(SIGURG, NULL, &after) == 0 && after.sa_handler == plain);
}

static void unsuitable_signals_are_refused(void **state) { (void)state; in_a_child(refuse_unsuitable); }
static void the_environment_chooses(void **state) { (void)state; in_a_child(take_from_environment); }
static void nonsense_is_ignored(void **state) { (void)state; in_a_child(ignore_nonsense_in_environment); }
static void a_handler_before_us_is_chained(void **state) { (void)state; in_a_child(chain_plain); in_a_child(chain_informed); }
static void a_signal_that_was_ignored(void **state) { (void)state; in_a_child(ignored_before); }

static void where_the_window_does_not_work(void **state) {
  (void)state;
  if (UNDER_QEMU) skip();
  in_a_child(fail_the_trial);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(unsuitable_signals_are_refused), cmocka_unit_test(the_environment_chooses),
      cmocka_unit_test(nonsense_is_ignored),            cmocka_unit_test(a_handler_before_us_is_chained),
      cmocka_unit_test(a_signal_that_was_ignored),      cmocka_unit_test(where_the_window_does_not_work),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

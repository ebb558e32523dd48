/* Children and signals. */
#include "table.h"

#include <sys/resource.h>
#include <sys/wait.h>

static long run_waitpid(scene_t *s) {
  int status;
  int result = polite_waitpid(s->child, &status, 0);
  return result == s->child && WIFEXITED(status) && WEXITSTATUS(status) == 7 ? 0 : result;
}

static long run_wait4(scene_t *s) {
  int status;
  struct rusage usage;
  memset(&usage, -1, sizeof usage);
  int result = polite_wait4(s->child, &status, 0, &usage);
  if (result > 0) CHECK(usage.ru_utime.tv_sec >= 0);
  return result == s->child && WIFEXITED(status) && WEXITSTATUS(status) == 7 ? 0 : result;
}
static long run_waitid(scene_t *s) {
  siginfo_t info = {0};
  int result = polite_waitid(P_PID, (unsigned)s->child, &info, WEXITED);
  if (result == 0) CHECK(info.si_pid == s->child && info.si_status == 7);
  return result;
}

static long run_sigwait(scene_t *s) {
  (void)s;
  sigset_t all;
  int signal = 0;
  sigfillset(&all); /* with the wake signal in it, the kernel would take the wake away */
  int result = polite_sigwait(&all, &signal);
  if (result == 0) CHECK(signal == SIGUSR2);
  return result;
}

static long run_sigwaitinfo(scene_t *s) {
  (void)s;
  sigset_t all;
  siginfo_t info;
  sigfillset(&all);
  int result = polite_sigwaitinfo(&all, &info);
  if (result > 0) CHECK(result == info.si_signo && info.si_code == SI_USER && info.si_pid == getpid());
  return result;
}
static long run_sigtimedwait(scene_t *s) {
  (void)s;
  sigset_t all;
  struct timespec hour = {3600, 0};
  sigfillset(&all);
  return polite_sigtimedwait(&all, NULL, &hour);
}
static void on_signal(int signal) { (void)signal; }

static void handled_signal(scene_t *s) {
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
  (void)s;
  sigaction(SIGUSR2, &action, NULL);
}
static long run_sigsuspend(scene_t *s) {
  (void)s;
  sigset_t all_but_one;
  sigfillset(&all_but_one);
  sigdelset(&all_but_one, SIGUSR2);
  return polite_sigsuspend(&all_but_one);
}

const call_t process_calls[] = {
    {"wait4", "wait4", living_child, run_wait4, end_child, 0, NO_DESCRIPTOR},
    {"waitid", "waitid", living_child, run_waitid, end_child, 0, NO_DESCRIPTOR},
    {"waitpid", "waitpid", living_child, run_waitpid, end_child, 0, NO_DESCRIPTOR},
    {"sigwait", "sigwait", nothing, run_sigwait, send_blocked_signal, 0, NO_DESCRIPTOR | TAKES_A_SET},
    {"sigwaitinfo", "sigtimedwait", nothing, run_sigwaitinfo, send_blocked_signal, SIGUSR2, NO_DESCRIPTOR | TAKES_A_SET},
    {"sigtimedwait", "sigtimedwait", nothing, run_sigtimedwait, send_blocked_signal, SIGUSR2, NO_DESCRIPTOR | TAKES_A_SET},
    {"sigsuspend", "sigsuspend", handled_signal, run_sigsuspend, send_blocked_signal, POLITE_EINTR,
     NO_DESCRIPTOR | TAKES_A_SET | NOT_UNDER_TSAN},
    {0},
};

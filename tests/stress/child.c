/* Forks: the child's one thread works, has nothing pending, and is nobody's target but its own (rule 12). The child of a process with
 * threads may only do what a signal handler may, and it tells what was wrong by its status. */
#include "stress.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

atomic_long children;

static const char *const wrongs[] = {
    "nothing", "an interrupt is pending", "one was delivered", "it has another handle", "another thread can be named",
    "a byte did not come through", "it cannot interrupt itself", "its own interrupt was not delivered", "it was delivered twice",
    "a handler could not interrupt it", "shields do not work", "no wake could be arranged"};
enum { WRONGS = sizeof wrongs / sizeof *wrongs };

/* --- In the child --------------------------------------------------------------------------------------------------------- */

static void on_alarm(int signal) {
  (void)signal;
  (void)polite_interrupt(polite_self());
}

static int check_others(struct life *own) {
  if (polite_self() != own->handle) return 3;
  for (unsigned slot = 0; slot <= (unsigned)options.threads; ++slot) {
    struct life *other = life_in_slot(slot);
    if (other && other != own && polite_interrupt(other->handle) != POLITE_ESRCH) return 4;
  }
  return polite_thread_next(0) == own->handle && polite_thread_next(own->handle) == 0 ? 0 : 4;
}

static int check_calls(const int both[2]) {
  char byte = 'c';
  if (polite_write(both[1], &byte, 1) != 1 || polite_read(both[0], &byte, 1) != 1 || byte != 'c') return 5;
  return 0;
}

static int check_interrupts(struct life *own, const int both[2]) {
  char byte;
  if (polite_interrupt(own->handle) != 0 || polite_interrupt(own->handle) != 1) return 6;
  int depth = polite_shield_enter();
  if (depth != 0 || polite_checkpoint() != 0 || polite_shield_leave() != 1) return 10;
  if (polite_read(both[0], &byte, 1) != POLITE_INTERRUPTED) return 7;
  return polite_checkpoint() == 0 ? 0 : 8;
}

/* Sent by a handler on top of the blocked call, or before it. If it does not wake the call, the parent will wonder. */
static int check_wake(const int both[2]) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_alarm;
  action.sa_flags = SA_RESTART;
  struct itimerval soon = {{0, 0}, {0, 500}};
  char byte;
  if (sigaction(SIGALRM, &action, NULL) != 0 || setitimer(ITIMER_REAL, &soon, NULL) != 0) return 11;
  return polite_read(both[0], &byte, 1) == POLITE_INTERRUPTED ? 0 : 9;
}

static int live_as_child(struct life *own) {
  int both[2], wrong;
  prctl(PR_SET_PDEATHSIG, SIGKILL); /* a child that hangs must not outlive a run that has failed */
  if (polite_interrupt_pending() != 0) return 1;
  if (polite_checkpoint() != 0) return 2;
  if (pipe(both) != 0) return 5;
  if ((wrong = check_others(own)) || (wrong = check_calls(both)) || (wrong = check_interrupts(own, both))) return wrong;
  return UNDER_TSAN ? 0 : check_wake(both); /* TSan keeps SIGALRM's handler until the read returns */
}

/* --- In the parent -------------------------------------------------------------------------------------------------------- */

static int reap(struct life *life, pid_t child) {
  int status;
  for (time_t begin = now_s(); waitpid(child, &status, WNOHANG) == 0;) {
    if (now_s() - begin > options.limit_s) {
      kill(child, SIGKILL);
      fail("a child of life %u hangs: its wake was lost", life->number);
    }
    struct attempt this = attempt(life, "wait for a child");
    if (judge(life, &this, CARRIES_ON, polite_nanosleep(200000, NULL)) != 0) pause_ns(200000); /* it may be latched */
  }
  return status;
}

void fork_at_random(struct life *life) {
  bool bare = random_once_in(&life->random, 2);
  if (options.no_forks) return;
  atomic_store(&life->doing, "fork");
  pid_t child = bare && !UNDER_TSAN ? _Fork() : fork(); /* TSan has to know of its forks */
  if (child == 0) _exit(live_as_child(life));
  REQUIRE(child > 0);
  int status = reap(life, child);
  if (!WIFEXITED(status)) fail("a child of life %u died of signal %d", life->number, WTERMSIG(status));
  int wrong = WEXITSTATUS(status);
  if (wrong) fail("in a child of life %u: %s (%d)", life->number, wrong < WRONGS ? wrongs[wrong] : "?", wrong);
  atomic_fetch_add(&children, 1);
}

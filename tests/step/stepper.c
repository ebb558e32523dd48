#include "stepper.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LIMIT_SECONDS = 10 };  // a target that does not move for so long hangs

// The meanings of the target's marks.
enum { PHASE_NONE, PHASE_IDLE, PHASE_BEGIN, PHASE_HANDLER_BEGIN, PHASE_HANDLER_END, PHASE_END };

// What the helper is told; the answer is a byte.
enum { TELL_BLOCKED = 1, TELL_INTERRUPT, TELL_POST, TELL_POST_WITHDRAW, TELL_WITHDRAW, TELL_SIGNAL, TELL_FEED };

struct Shared *shared;

static const struct Case *the_case;
static int channel[2];  // 0: the test process's end, 1: the helper's

// --- The stage: target and helper -------------------------------------------------------------------------------------------

static polite_thread_t target;
static long target_tid;
static polite_request_t request;

void expect(bool right, const char *what, long value) {
  if (right || shared->failure[0]) return;
  snprintf(shared->failure, sizeof shared->failure, "%s (%ld)", what, value);
}

// Tells the test process, which sees the trap, where the target is.
__attribute__((noinline)) static void mark(int phase) {
  shared->phase = phase;
  __asm__ volatile("int3" ::: "memory");
}

void handler_begins(void) { mark(PHASE_HANDLER_BEGIN); }
void handler_ends(void) { mark(PHASE_HANDLER_END); }

static polite_thread_info_t look_at_target(void) {
  polite_thread_info_t info = {.size = sizeof info};
  int error = polite_thread_inspect(target, &info);
  expect(error == 0, "polite_thread_inspect returned", error);
  return info;
}

// A target inside the wake's handler seems to block the wake, so there, too, 2 is an answer.
void interrupt_target(void) {
  int pending = (int)look_at_target().pending;
  int told = polite_interrupt(target);
  expect(told == pending || (told == 2 && (the_case->deaf || the_case->start == START_INTERRUPTED)), "polite_interrupt returned", told);
  if (!pending) ++shared->requests;
}

static void post(void) {
  int pending = (int)look_at_target().pending;
  int told = polite_request_post(&request, target, 7, 0);
  expect(told == pending, "polite_request_post returned", told);
  ++shared->requests;
}

static void withdraw(void) {
  int told = polite_request_withdraw(&request);
  expect(told == 0 || told == 1, "polite_request_withdraw returned", told);
  if (told == 0) --shared->requests;
}

void raise_in_target(void) { syscall(SYS_tgkill, getpid(), target_tid, SIGUSR1); }

static int obey(int command) {
  switch (command) {
    case TELL_BLOCKED: return look_at_target().state == POLITE_THREAD_BLOCKED;
    case TELL_INTERRUPT: interrupt_target(); break;
    case TELL_POST: post(); break;
    case TELL_POST_WITHDRAW: post(), withdraw(); break;
    case TELL_WITHDRAW: withdraw(); break;
    case TELL_SIGNAL: raise_in_target(); break;
    case TELL_FEED: the_case->feed(); break;
  }
  return 1;
}

static void *help(void *unused) {
  unsigned char command, answer;
  while (recv(channel[1], &command, 1, 0) == 1) {
    answer = (unsigned char)obey(command);
    send(channel[1], &answer, 1, 0);
  }
  _exit(0);
  return unused;
}

// Whatever came, it is delivered once: by the call, or by the next interruption point.
static void check_requests(long result) {
  int pending = polite_interrupt_pending();
  int delivered = result == POLITE_INTERRUPTED;
  expect(delivered + pending == shared->requests, "requests delivered and pending are not those that were made", result);
  expect(polite_checkpoint() == (pending ? POLITE_INTERRUPTED : 0), "the checkpoint after it disagrees with what is pending", pending);
  expect(polite_checkpoint() == 0, "an interrupt was delivered twice", result);
}

static void on_foreign_signal(int signal) {
  (void)signal;
  if (the_case->handler) the_case->handler();
}

static void act(void) {
  for (;;) {
    mark(PHASE_IDLE);
    if (the_case->prepare) the_case->prepare();
    mark(PHASE_BEGIN);
    long result = the_case->call();
    mark(PHASE_END);
    check_requests(result);
    the_case->check(result);
  }
}

static void stage(void) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  close(channel[0]);
  struct sigaction action = {.sa_handler = on_foreign_signal, .sa_flags = the_case->handler_flags};
  sigaction(SIGUSR1, &action, NULL);
  target = polite_self();
  target_tid = syscall(SYS_gettid);
  pthread_t helper;
  char go = target != 0;
  send(channel[1], &go, 1, 0);
  if (!go || recv(channel[1], &go, 1, 0) != 1 || pthread_create(&helper, NULL, help, NULL) != 0) _exit(1);
  act();
}

// --- The test process -------------------------------------------------------------------------------------------------------

enum Stop { STEPPED, MARKED, SIGNALLED, BLOCKED, HANGS, DIED };

static pid_t pid;
static int signal_to_inject;  // the target is stopped for it, and gets it when it goes on
static bool in_kernel;        // the target runs, and was last seen blocked
static volatile sig_atomic_t time_is_up;

static void on_alarm(int signal) {
  (void)signal;
  time_is_up = 1;
}

static int tell(unsigned char command) {
  unsigned char answer = 0;
  if (send(channel[0], &command, 1, 0) != 1 || recv(channel[0], &answer, 1, 0) != 1) return 0;
  return answer;
}

static uintptr_t program_counter(void) {
  struct user_regs_struct registers;
  return ptrace(PTRACE_GETREGS, pid, NULL, &registers) == 0 ? registers.rip : 0;
}

static enum Stop stop_of(int status) {
  if (!WIFSTOPPED(status)) return DIED;
  siginfo_t info;
  if (WSTOPSIG(status) != SIGTRAP) {
    signal_to_inject = WSTOPSIG(status);
    return signal_to_inject == SIGURG || signal_to_inject == SIGUSR1 ? SIGNALLED : DIED;
  }
  if (ptrace(PTRACE_GETSIGINFO, pid, NULL, &info) != 0) return DIED;
  return info.si_code == SI_KERNEL ? MARKED : STEPPED;  // int3, or the step
}

// Until the target stops.
static enum Stop wait_for_stop(void) {
  int status;
  alarm(LIMIT_SECONDS);
  pid_t got = waitpid(pid, &status, __WALL);
  alarm(0);
  if (got != pid) return HANGS;
  in_kernel = false;
  return stop_of(status);
}

// Until the target stops or is blocked.
static enum Stop wait_for_stop_or_block(void) {
  struct timespec began, now;
  clock_gettime(CLOCK_MONOTONIC, &began);
  for (;;) {
    int status;
    if (waitpid(pid, &status, __WALL | WNOHANG) == pid) {
      in_kernel = false;
      return stop_of(status);
    }
    if (tell(TELL_BLOCKED)) {
      in_kernel = true;
      return BLOCKED;
    }
    sched_yield();
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (now.tv_sec - began.tv_sec > LIMIT_SECONDS) return HANGS;
  }
}

static void resume(int how) {
  ptrace(how, pid, NULL, (void *)(intptr_t)signal_to_inject);
  signal_to_inject = 0;
}

// One instruction. The system call instruction may block; the code is ours, too, so it can be read here.
static enum Stop step(void) {
  uintptr_t pc = program_counter();
  bool system_call = !signal_to_inject && pc && memcmp((const void *)pc, "\x0f\x05", 2) == 0;
  resume(PTRACE_SINGLESTEP);
  return system_call ? wait_for_stop_or_block() : wait_for_stop();
}

static void feed(void) {
  shared->fed = 1;
  tell(TELL_FEED);
}

// Lets the target run until it stops, feeding it once if it blocks.
static enum Stop run(void) {
  if (!in_kernel) resume(PTRACE_CONT);
  if (the_case->feed && !shared->fed) {
    enum Stop stop = wait_for_stop_or_block();
    if (stop != BLOCKED) return stop;
    feed();
  }
  return wait_for_stop();
}

// Lets it run to a mark, if it is not past it already.
static bool run_to(int phase) {
  bool there = shared->phase == phase && !in_kernel;
  while (!there) {
    enum Stop stop = run();
    there = stop == MARKED && shared->phase == phase;
    if (stop == SIGNALLED && signal_to_inject == SIGURG && shared->phase == PHASE_END)
      expect(false, "a wake arrived after the call had returned", 0);
    if (stop == HANGS) expect(false, "the target hangs; its last mark was", shared->phase);
    if (stop == DIED) expect(false, "the target died or was sent a signal", signal_to_inject);
    if (stop == HANGS || stop == DIED) return false;
  }
  return true;
}

static bool run_until_blocked(void) {
  resume(PTRACE_CONT);
  enum Stop stop = wait_for_stop_or_block();
  expect(stop == BLOCKED, "the target does not block", stop);
  return stop == BLOCKED;
}

static bool expect_signal(int signal) {
  enum Stop stop = wait_for_stop();
  expect(stop == SIGNALLED && signal_to_inject == signal, "the target was not sent the signal", stop);
  return stop == SIGNALLED;
}

static bool step_to_entry(void) {
  uintptr_t entry = (uintptr_t)dlsym(RTLD_DEFAULT, the_case->symbol);
  for (int steps = 0; steps < 10000; ++steps) {
    if (program_counter() == entry) return true;
    if (step() != STEPPED) break;
  }
  expect(false, "the target does not come to the call", 0);
  return false;
}

static bool go_to_handler(void) {
  if (!run_until_blocked() || !tell(TELL_SIGNAL) || !expect_signal(SIGUSR1)) return false;
  resume(PTRACE_CONT);
  return wait_for_stop() == MARKED;
}

// From PHASE_BEGIN to where the counting begins.
static bool go_to_start(void) {
  switch (the_case->start) {
    case START_PENDING: tell(TELL_INTERRUPT); return step_to_entry();
    case START_ENTRY: return step_to_entry();
    case START_HANDLER: return go_to_handler();
    case START_HANDLER_POSTED: return go_to_handler() && tell(TELL_POST);
    case START_WAKING: return run_until_blocked() && tell(TELL_POST) && expect_signal(SIGURG);
    case START_INTERRUPTED: return run_until_blocked() && tell(TELL_INTERRUPT) && expect_signal(SIGURG);
  }
  return false;
}

// A place is an instruction and how often the target has come to it, or the kernel, in which it is blocked. One round of a loop is
// like another.
enum { ROUNDS = 3, PLACES = 4096 };
struct Place {
  uintptr_t pc;  // 0: blocked
  int visit;
};
static struct Place places[PLACES];
static unsigned place_count;

// Has the target stop before the instruction; 0: nowhere. A debug register is the target's alone, unlike an int3. Where there
// is none, single steps do.
static bool break_at(uintptr_t pc) {
  const size_t registers = offsetof(struct user, u_debugreg);
  unsigned long control = pc ? 1 : 0;
  bool set = ptrace(PTRACE_POKEUSER, pid, (void *)registers, (void *)pc) == 0;
  return ptrace(PTRACE_POKEUSER, pid, (void *)(registers + 7 * sizeof(long)), (void *)control) == 0 && set;
}

// Comes back from the kernel, if there is a way back.
static enum Stop leave_kernel(void) {
  if (!the_case->feed || shared->fed) return MARKED;
  feed();
  return wait_for_stop();
}

// To where the target stops next. MARKED: the call has ended, or is blocked for good.
static enum Stop move(int how) {
  for (;;) {
    enum Stop stop;
    if (in_kernel) stop = leave_kernel();
    else if (how == PTRACE_SINGLESTEP) stop = step();
    else resume(how), stop = wait_for_stop_or_block();
    if (stop == HANGS || stop == DIED) expect(false, "the target hangs or died on the way", stop);
    bool mark_of_a_handler = stop == MARKED && !in_kernel && shared->phase != PHASE_END;
    if (stop != SIGNALLED && !mark_of_a_handler) return stop;
  }
}

static bool begin(void) {
  shared->fed = shared->requests = 0;
  shared->drained = shared->nested = 0;
  break_at(0);
  return run_to(PHASE_BEGIN) && go_to_start();
}

static void take_action(void) {
  static const unsigned char commands[] = {[INTERRUPT] = TELL_INTERRUPT, [POST_WITHDRAW] = TELL_POST_WITHDRAW,
                                           [WITHDRAW] = TELL_WITHDRAW, [FOREIGN_SIGNAL] = TELL_SIGNAL};
  tell(commands[the_case->action]);
}

static void finish(void) {
  if (run_to(PHASE_END)) run_to(PHASE_IDLE);
}

static void note_place(uintptr_t pc) {
  int visit = 1;
  for (unsigned i = 0; i < place_count; ++i)
    if (places[i].pc == pc) ++visit;
  if (visit > ROUNDS) return;
  expect(place_count < PLACES, "there are too many places", PLACES);
  if (place_count < PLACES) places[place_count++] = (struct Place){pc, visit};
}

// The call once, step by step, to know its places. The action is taken at the end: every request has to be taken back, and what is
// blocked has to be ended.
static void find_places(void) {
  place_count = 0;
  if (!begin()) return;
  enum Stop stop;
  note_place(program_counter());
  while ((stop = move(PTRACE_SINGLESTEP)) == STEPPED || stop == BLOCKED) {
    note_place(stop == BLOCKED ? 0 : program_counter());
    if (stop == BLOCKED && the_case->until_blocked) break;
  }
  take_action();
  finish();
}

// From the start to a place. False if the target did not come there this time.
static bool go_to(const struct Place *place) {
  int visits = program_counter() == place->pc;
  bool fast = !place->pc || break_at(place->pc);
  enum Stop stop = STEPPED;
  for (bool first = true; visits < place->visit; first = false) {
    stop = move(fast && !first ? PTRACE_CONT : PTRACE_SINGLESTEP);
    if (stop != STEPPED && stop != BLOCKED) break;
    visits += (stop == BLOCKED ? 0 : program_counter()) == place->pc;
  }
  if (!in_kernel) break_at(0);
  return visits == place->visit;
}

// The call once, with the action at a place.
static bool try_place(const struct Place *place) {
  if (!begin()) return false;
  bool there = go_to(place);
  take_action();
  finish();
  if (shared->failure[0])
    fprintf(stderr, "%s: at program counter %#lx (0: blocked), visit %d:\n", the_case->name, (unsigned long)place->pc, place->visit);
  return there;
}

static bool trace(void) {
  char attached = 0;
  if (recv(channel[0], &attached, 1, 0) != 1 || !attached) {
    expect(false, "the target could not attach", 0);
    return true;
  }
  if (ptrace(PTRACE_SEIZE, pid, NULL, (void *)(intptr_t)PTRACE_O_EXITKILL) != 0) return false;
  send(channel[0], &attached, 1, 0);
  in_kernel = true;
  return true;
}

static int all_places(void) {
  struct sigaction alarm_action = {.sa_handler = on_alarm};  // no SA_RESTART: it ends waitpid
  sigaction(SIGALRM, &alarm_action, NULL);
  shared->fed = 1;  // nothing is to be fed on the way there
  run_to(PHASE_IDLE);
  find_places();
  int reached = 0;
  for (unsigned i = 0; i < place_count && !shared->failure[0]; ++i) reached += try_place(&places[i]);
  return shared->failure[0] ? -2 : reached;
}

int step_through(const struct Case *c) {
  the_case = c;
  shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED || socketpair(AF_UNIX, SOCK_SEQPACKET, 0, channel) != 0) return -2;
  in_kernel = false;
  signal_to_inject = 0;
  pid = fork();
  if (pid < 0) return -2;
  if (pid == 0) stage();
  close(channel[1]);
  int reached = trace() ? all_places() : -1;
  if (reached == -2) fprintf(stderr, "%s: %s\n", c->name, shared->failure);
  kill(pid, SIGKILL);
  waitpid(pid, NULL, __WALL);
  close(channel[0]);
  munmap(shared, sizeof *shared);
  return reached;
}

/* What Linux has to wait with: epoll, io_uring, and an ioctl. */
#include "table.h"

#include <linux/filter.h>
#include <linux/io_uring.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

static void idle_epoll(scene_t *s) {
  struct epoll_event event = {.events = EPOLLIN, .data = {.fd = 77}};
  empty_pipe(s);
  s->third = s->here;
  s->here = epoll_create1(0);
  assert_int_equal(epoll_ctl(s->here, EPOLL_CTL_ADD, s->third, &event), 0);
}
static long run_epoll_wait(scene_t *s) {
  struct epoll_event event = {.events = 0};
  long result = polite_epoll_wait(s->here, &event, 1, -1);
  CHECK(result != 1 || (event.events == EPOLLIN && event.data.fd == 77));
  return result;
}
static long run_epoll_pwait(scene_t *s) {
  struct epoll_event event;
  sigset_t all;
  sigfillset(&all);
  return polite_epoll_pwait(s->here, &event, 1, 3600 * 1000, &all);
}
static long run_epoll_pwait2(scene_t *s) {
  struct epoll_event event;
  struct timespec hour = {3600, 0};
  sigset_t all;
  sigfillset(&all);
  long result = polite_epoll_pwait2(s->here, &event, 1, &hour, &all);
  CHECK(hour.tv_sec == 3600);
  return result;
}

/* An io_uring in which nothing is done until somebody submits an operation that does nothing. */
static void idle_ring(scene_t *s) {
  struct io_uring_params params = {0};
  s->here = (int)syscall(SYS_io_uring_setup, 1, &params);
  assert_true(s->here >= 0);
  uint32_t *ring = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, s->here, IORING_OFF_SQ_RING);
  struct io_uring_sqe *entry = mmap(NULL, sizeof *entry, PROT_READ | PROT_WRITE, MAP_SHARED, s->here, IORING_OFF_SQES);
  assert_true(ring != MAP_FAILED && entry != MAP_FAILED);
  memset(entry, 0, sizeof *entry);
  entry->opcode = IORING_OP_NOP;
  ring[params.sq_off.array / sizeof *ring] = 0;
  ring[params.sq_off.tail / sizeof *ring] = 1;
  munmap(entry, sizeof *entry);
  s->memory = ring;
}
static void submit(scene_t *s) { assert_int_equal(syscall(SYS_io_uring_enter, s->here, 1, 0, 0, NULL, 0), 1); }
static long run_io_uring_enter(scene_t *s) {
  sigset_t all;
  sigfillset(&all);
  return polite_io_uring_enter(s->here, 0, 1, IORING_ENTER_GETEVENTS, &all, 8);
}
static long run_io_uring_enter_with_limit(scene_t *s) {
  sigset_t all;
  struct timespec hour = {3600, 0};
  sigfillset(&all);
  struct io_uring_getevents_arg argument = {.sigmask = (uintptr_t)&all, .sigmask_sz = 8, .ts = (uintptr_t)&hour};
  return polite_io_uring_enter(s->here, 0, 1, IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG, &argument, sizeof argument);
}

/* An ioctl that waits: for the system calls that another thread leaves to us. */
static void leave_calls_to_others(actor_t *actor) {
  struct sock_filter instructions[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getpgid, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {sizeof instructions / sizeof *instructions, instructions};
  CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
  actor->result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
  actor->step = 1;
  while (actor->step == 1) sched_yield();
  syscall(SYS_getpgid, 0);
}
static void end_quiet_thread(scene_t *s) {
  if (s->other.step == 1) s->other.step = 2;
  close(s->here); /* which answers its call */
  s->here = -1;
  finish(&s->other);
}
static void quiet_thread(scene_t *s) {
  start(&s->other, leave_calls_to_others, NULL);
  AWAIT(s->other.step == 1);
  s->here = (int)s->other.result;
  s->end = end_quiet_thread;
  assert_true(s->here >= 0);
}
static void have_it_call(scene_t *s) { s->other.step = 2; }
static long run_ioctl(scene_t *s) {
  struct seccomp_notif call;
  memset(&call, 0, sizeof call);
  long result = polite_ioctl(s->here, SECCOMP_IOCTL_NOTIF_RECV, &call);
  if (result == 0) CHECK(call.data.nr == SYS_getpgid);
  return result;
}

const call_t event_calls[] = {
    {"epoll_wait", "epoll_wait", idle_epoll, run_epoll_wait, feed, 1, 0},
    {"epoll_pwait", "epoll_wait", idle_epoll, run_epoll_pwait, feed, 1, TAKES_A_SET},
    {"epoll_pwait2", "epoll_pwait2", idle_epoll, run_epoll_pwait2, feed, 1, NOT_IN_QEMU | TAKES_A_SET},
    {"io_uring_enter", "io_uring_enter", idle_ring, run_io_uring_enter, submit, 0, NEEDS_A_RING | TAKES_A_SET | NOT_BY_SELF_PIPE},
    {"io_uring_enter", "io_uring_enter", idle_ring, run_io_uring_enter_with_limit, submit, 0, NEEDS_A_RING | TAKES_A_SET | NOT_BY_SELF_PIPE},
    {"ioctl", "ioctl", quiet_thread, run_ioctl, have_it_call, 0, NOT_IN_QEMU | NOT_BY_SELF_PIPE},
    {0},
};

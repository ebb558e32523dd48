// Waits on the self-pipe: for time, descriptors, signals, children and queues of messages.
#include "polite.h"
#include "posix/self_pipe_calls.h"

#include <errno.h>
#include <linux/time_types.h>
#include <signal.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/wait.h>

namespace polite {

namespace {

bool is_time(const __kernel_timespec &time) { return time.tv_sec >= 0 && uint64_t(time.tv_nsec) < SECOND; }

int64_t deadline_of(const __kernel_timespec *time) {
  if (!time || time->tv_sec >= INT64_MAX / SECOND) return platform::NEVER;
  return deadline_after(time->tv_sec * SECOND + time->tv_nsec);
}

void write_what_is_left(__kernel_timespec *time, int64_t deadline) {
  if (!time || deadline == platform::NEVER) return;
  int64_t left = time_until(deadline);
  *time = {left / SECOND, left % SECOND};
}

// Room for the descriptors of a poll, and MORE: on the stack, or mapped.
class Descriptors {
 public:
  explicit Descriptors(size_t count) : size_((count + MORE) * sizeof(pollfd)) {
    fds_ = count < FEW ? few_ : static_cast<pollfd *>(platform::map(size_));
  }
  ~Descriptors() {
    if (fds_ != few_ && fds_) platform::unmap(fds_, size_);
  }
  Descriptors(const Descriptors &) = delete;
  Descriptors &operator=(const Descriptors &) = delete;
  pollfd *get() { return fds_; }

 private:
  static constexpr size_t FEW = 32;
  pollfd few_[FEW + MORE];
  pollfd *fds_;
  size_t size_;
};

// Tries with no time at all; waits until that should find something; tries again.
template <class Try>
long try_and_wait(const Poll &poll, pollfd *fds, unsigned count, Try try_now, long nothing) {
  for (;;) {
    long answer = try_now();
    if (answer != nothing) return answer;
    answer = poll_or_wake(poll, fds, count);
    if (answer <= 0) return answer == 0 ? nothing : answer;
  }
}

}  // namespace

long poll_several(const Call &call, const Arguments &a) {
  __kernel_timespec *time = reinterpret_cast<__kernel_timespec *>(a.c);
  if (time && !is_time(*time)) return plain(call, a);
  Arguments now = a;
  __kernel_timespec none = {};
  now.c = argument(&none);
  auto try_now = [&] { return none = {}, plain(call, now); };
  if (long answer = a.b ? try_now() : 0) return answer;
  Descriptors fds{size_t(a.b)};
  if (!fds.get()) return -ENOMEM;
  const pollfd *given = reinterpret_cast<const pollfd *>(a.a);
  for (long i = 0; i < a.b; ++i) fds.get()[i] = given[i];
  Poll poll = {call, 0, deadline_of(time), reinterpret_cast<const uint64_t *>(a.d)};
  long answer = try_and_wait(poll, fds.get(), unsigned(a.b), [&] { return a.b ? try_now() : 0; }, 0);
  write_what_is_left(time, poll.deadline);
  return answer;
}

namespace {

// The sets of a select, which the kernel writes over.
struct Sets {
  fd_set *given[3];
  fd_set kept[3];

  explicit Sets(const Arguments &a)
      : given{reinterpret_cast<fd_set *>(a.b), reinterpret_cast<fd_set *>(a.c), reinterpret_cast<fd_set *>(a.d)} {
    for (int i = 0; i < 3; ++i)
      if (given[i]) kept[i] = *given[i];
  }
  // What select tells of such a descriptor. Poll tells more: that it is hung up, again and again.
  static short reported(short events) {
    short told = POLLNVAL | events;
    if (events & POLLIN) told |= POLLHUP | POLLERR;
    if (events & POLLOUT) told |= POLLERR;
    return told;
  }
  void restore() const {
    for (int i = 0; i < 3; ++i)
      if (given[i]) *given[i] = kept[i];
  }
  short events_of(int fd) const {
    constexpr short of[] = {POLLIN, POLLOUT, POLLPRI};
    short events = 0;
    for (int i = 0; i < 3; ++i)
      if (given[i] && FD_ISSET(fd, &kept[i])) events |= of[i];
    return events;
  }
};

}  // namespace

long select_several(const Call &call, const Arguments &a) {
  struct Sized_mask {
    const uint64_t *mask;
    size_t size;
  };
  __kernel_timespec *time = reinterpret_cast<__kernel_timespec *>(a.e);
  if (a.a < 0 || a.a > FD_SETSIZE || (time && !is_time(*time))) return plain(call, a);
  Sets sets(a);
  Descriptors fds{size_t(a.a)};
  if (!fds.get()) return -ENOMEM;
  unsigned count = 0;
  for (int fd = 0; fd < a.a; ++fd)
    if (short events = sets.events_of(fd)) fds.get()[count++] = {fd, events, 0};
  Arguments now = a;
  __kernel_timespec none;
  now.e = argument(&none);
  auto try_now = [&] {
    for (pollfd *at = fds.get(); at < fds.get() + count; ++at)
      if (at->revents && !(at->revents & Sets::reported(at->events))) at->fd = -1;  // nothing more will come of it
    return sets.restore(), none = {}, plain(call, now);
  };
  Poll poll = {call, 0, deadline_of(time), a.f ? reinterpret_cast<const Sized_mask *>(a.f)->mask : nullptr};
  long answer = try_and_wait(poll, fds.get(), count, try_now, 0);
  if (answer < 0) sets.restore();
  write_what_is_left(time, poll.deadline);
  return answer;
}
long wait_for_events(const Call &call, const Arguments &a) {
  const __kernel_timespec *time = reinterpret_cast<const __kernel_timespec *>(a.d);
  bool by_time = call.number == SYS_epoll_pwait2;
  if (by_time && time && !is_time(*time)) return plain(call, a);
  int64_t deadline = by_time ? deadline_of(time) : int(a.d) < 0 ? platform::NEVER : deadline_after(a.d * int64_t(1000000));
  __kernel_timespec none = {};
  Arguments now = a;
  now.d = by_time ? argument(&none) : 0;
  pollfd fds[1 + MORE] = {{int(a.a), POLLIN, 0}};
  Poll poll = {call, a.a, deadline, reinterpret_cast<const uint64_t *>(a.e)};
  return try_and_wait(poll, fds, 1, [&] { return plain(call, now); }, 0);
}
// Until a moment. Of a clock that can be set, as the clock has it.
long sleep_until_moment(const Call &call, const Arguments &a) {
  const __kernel_timespec &until = *reinterpret_cast<const __kernel_timespec *>(a.c);
  if (a.b != TIMER_ABSTIME || !is_time(until)) return plain(call, a);
  pollfd fds[1 + MORE] = {};
  if (a.a == CLOCK_MONOTONIC) {
    int64_t deadline = until.tv_sec >= INT64_MAX / SECOND ? platform::NEVER : until.tv_sec * SECOND + until.tv_nsec;
    return poll_or_wake({call, 0, deadline}, fds, 0);
  }
  long timer = timerfd_create(int(a.a), TFD_CLOEXEC);
  if (timer < 0) return not_to_be_woken(call, a);
  itimerspec once = {{}, {time_t(until.tv_sec), long(until.tv_nsec)}};
  if (!until.tv_sec && !until.tv_nsec) once.it_value.tv_nsec = 1;  // 0 would be never
  timerfd_settime(int(timer), TFD_TIMER_ABSTIME, &once, nullptr);
  fds[0] = {int(timer), POLLIN, 0};
  long answer = poll_or_wake({call, 0}, fds, 1);
  system_call(SYS_close, timer);
  return answer > 0 ? 0 : answer;
}
long suspend(const Call &call, const Arguments &a) {
  pollfd fds[MORE];
  return poll_or_wake({call, 0, platform::NEVER, reinterpret_cast<const uint64_t *>(a.a)}, fds, 0);
}
long wait_for_signal(const Call &call, const Arguments &a) {
  const __kernel_timespec *time = reinterpret_cast<const __kernel_timespec *>(a.c);
  if (time && !is_time(*time)) return plain(call, a);
  long pending = system_call(SYS_signalfd4, -1, a.a, a.d, SFD_CLOEXEC | SFD_NONBLOCK);
  if (pending < 0) return pending;
  __kernel_timespec none = {};
  Arguments now = a;
  now.c = argument(&none);
  pollfd fds[1 + MORE] = {{int(pending), POLLIN, 0}};
  long answer = try_and_wait({call, 0, deadline_of(time)}, fds, 1, [&] { return plain(call, now); }, -EAGAIN);
  system_call(SYS_close, pending);
  return answer;
}

namespace {

constexpr long PIDFD_OPEN = 434;

}  // namespace

// A child by its number, and its end: other changes of it have no descriptor, nor has "any child".
long wait_for_child(const Call &call, const Arguments &a) {
  if (int(a.a) <= 0 || a.c) return not_to_be_woken(call, a);
  long child = system_call(PIDFD_OPEN, a.a, 0);
  if (child < 0) return not_to_be_woken(call, a);
  Arguments now = a;
  now.c |= WNOHANG;
  pollfd fds[1 + MORE] = {{int(child), POLLIN, 0}};
  long answer = try_and_wait({call, 0, platform::NEVER, nullptr, false, true}, fds, 1, [&] { return plain(call, now); }, 0);
  system_call(SYS_close, child);
  return answer;
}
long wait_for_child_by_id(const Call &call, const Arguments &a) {
  constexpr long BY_DESCRIPTOR = 3;  // P_PIDFD
  bool by_descriptor = a.a == BY_DESCRIPTOR;
  if ((a.a != P_PID && !by_descriptor) || (a.d & ~long(WNOWAIT)) != WEXITED) return not_to_be_woken(call, a);
  long child = by_descriptor ? a.b : system_call(PIDFD_OPEN, a.b, 0);
  if (child < 0) return not_to_be_woken(call, a);
  siginfo_t own, *info = a.c ? reinterpret_cast<siginfo_t *>(a.c) : &own;
  Arguments now = a;
  now.c = argument(info);
  now.d |= WNOHANG;
  constexpr long NONE = STOPPED;
  auto try_now = [&] {
    info->si_pid = 0;
    long answer = plain(call, now);
    return answer == 0 && info->si_pid == 0 ? NONE : answer;
  };
  pollfd fds[1 + MORE] = {{int(child), POLLIN, 0}};
  long answer = try_and_wait({call, 0, platform::NEVER, nullptr, false, true}, fds, 1, try_now, NONE);
  if (!by_descriptor) system_call(SYS_close, child);
  return answer;
}
// With a moment that has passed the kernel tries once.
long wait_for_queue(const Call &call, const Arguments &a, short events) {
  const __kernel_timespec *until = reinterpret_cast<const __kernel_timespec *>(a.e);
  if ((until && !is_time(*until)) || does_not_block(a.a)) return plain(call, a);
  int64_t deadline = platform::NEVER;
  if (until) {
    timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t seconds = until->tv_sec - now.tv_sec;
    if (seconds < INT64_MAX / SECOND - 1) deadline = deadline_after(seconds * SECOND + until->tv_nsec - now.tv_nsec);
  }
  __kernel_timespec past = {};
  Arguments now = a;
  now.e = argument(&past);
  pollfd fds[1 + MORE] = {{int(a.a), events, 0}};
  Poll poll = {call, a.a, deadline, nullptr, false, call.restarts};
  return try_and_wait(poll, fds, 1, [&] { return plain(call, now); }, -ETIMEDOUT);
}

}  // namespace polite

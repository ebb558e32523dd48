/* Waiting for descriptors, and for time to pass. */
#include "table.h"

#include <poll.h>
#include <sys/select.h>

static long run_poll(scene_t *s) {
  struct pollfd fd = {s->here, POLLIN, 0};
  return polite_poll(&fd, 1, -1);
}
static long run_poll_with_limit(scene_t *s) {
  struct pollfd fd = {s->here, POLLIN, 0};
  return polite_poll(&fd, 1, 3600 * 1000);
}
static long run_ppoll(scene_t *s) {
  struct pollfd fd = {s->here, POLLIN, 0};
  struct timespec hour = {3600, 0};
  sigset_t all; /* would block the wake, too, if it were let */
  sigfillset(&all);
  long result = polite_ppoll(&fd, 1, &hour, &all);
  CHECK(hour.tv_sec == 3600);
  return result;
}

static long run_select(scene_t *s) {
  fd_set readable;
  FD_ZERO(&readable);
  FD_SET(s->here, &readable);
  return polite_select(s->here + 1, &readable, NULL, NULL, NULL);
}
static long run_select_with_limit(scene_t *s) {
  fd_set readable;
  struct timeval hour = {3600, 1500000};
  FD_ZERO(&readable);
  FD_SET(s->here, &readable);
  long result = polite_select(s->here + 1, &readable, NULL, NULL, &hour);
  CHECK(hour.tv_sec > 3500 && hour.tv_sec <= 3601 && hour.tv_usec < 1000000);  /* what is left */
  CHECK(result != 1 || FD_ISSET(s->here, &readable));
  return result;
}
static long run_pselect(scene_t *s) {
  fd_set readable;
  struct timespec hour = {3600, 0};
  sigset_t all;
  FD_ZERO(&readable);
  FD_SET(s->here, &readable);
  sigfillset(&all);
  long result = polite_pselect(s->here + 1, &readable, NULL, NULL, &hour, &all);
  CHECK(hour.tv_sec == 3600 && hour.tv_nsec == 0);
  return result;
}

static long run_nanosleep(scene_t *s) {
  int64_t left = -1;
  int result = polite_nanosleep(s->sleep, &left);
  if (result == 0) CHECK(left == 0);
  else CHECK(left >= 0 && left <= s->sleep);
  return result;
}
static long run_clock_nanosleep(scene_t *s) {
  struct timespec time = {s->sleep / 1000000000, s->sleep % 1000000000}, left = {-1, -1};
  int result = polite_clock_nanosleep(CLOCK_REALTIME, 0, &time, &left);
  if (result == 0) CHECK(left.tv_sec == -1);
  else CHECK(left.tv_sec >= 0 && left.tv_sec < 3600 && left.tv_nsec >= 0 && left.tv_nsec < 1000000000);
  return result;
}
static long run_clock_nanosleep_until(scene_t *s) {
  struct timespec until = in_seconds(CLOCK_REALTIME, (int)(s->sleep / 1000000000)), left = {-1, -1};
  int result = polite_clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &until, &left);
  CHECK(left.tv_sec == -1);
  return result;
}

const call_t waiting_calls[] = {
    {"poll", "poll", empty_pipe, run_poll, feed, 1, NO_DESCRIPTOR},
    {"poll", "poll", empty_pipe, run_poll_with_limit, feed, 1, NO_DESCRIPTOR},
    {"ppoll", "ppoll", empty_pipe, run_ppoll, feed, 1, NO_DESCRIPTOR | TAKES_A_SET},
    {"select", "select", empty_pipe, run_select, feed, 1, NO_DESCRIPTOR},
    {"select", "select", empty_pipe, run_select_with_limit, feed, 1, NO_DESCRIPTOR},
    {"pselect", "select", empty_pipe, run_pselect, feed, 1, NO_DESCRIPTOR | TAKES_A_SET},
    {"nanosleep", "nanosleep", long_sleep, run_nanosleep, short_sleep, 0, NO_DESCRIPTOR | NOT_MEANWHILE},
    {"clock_nanosleep", "nanosleep", long_sleep, run_clock_nanosleep, short_sleep, 0, NO_DESCRIPTOR | NOT_MEANWHILE},
    {"clock_nanosleep", "nanosleep", long_sleep, run_clock_nanosleep_until, short_sleep, 0, NO_DESCRIPTOR | NOT_MEANWHILE},
    {0},
};

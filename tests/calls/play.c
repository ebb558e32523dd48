/* Which of the calls can be had here, and what happens in every play. */
#include "play.h"

#include <linux/io_uring.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

enum { MOST = 200 };
call_t calls[MOST + 1];

static int has_a_ring(void) {
  struct io_uring_params params = {0};
  int ring = (int)syscall(SYS_io_uring_setup, 1, &params);
  if (ring >= 0) close(ring);
  return ring >= 0;
}

void collect_calls(void) {
  const call_t *const tables[] = {stream_calls, socket_calls, file_calls, waiting_calls, event_calls, process_calls, queue_calls};
  int count = 0;
  for (size_t i = 0; i < sizeof tables / sizeof *tables; ++i)
    for (const call_t *call = tables[i]; call->name; ++call) {
      assert_true(count < MOST);
      calls[count++] = *call;
    }
}

static bool kernel_is_before(int major, int minor) {
  struct utsname system;
  int its_major = 0, its_minor = 0;
  assert_int_equal(uname(&system), 0);
  assert_int_equal(sscanf(system.release, "%d.%d", &its_major, &its_minor), 2);
  return its_major < major || (its_major == major && its_minor < minor);
}

/* Rows of which `trait` is said are left out. */
static void leave_out(int trait, const char *why) {
  call_t *kept = calls;
  for (const call_t *call = calls; call->name; ++call) {
    if (call->how & trait) printf("skipped: %s: %s\n", call->name, why);
    else *kept++ = *call;
  }
  memset(kept, 0, sizeof *kept);
}

/* Or they stay, but nobody who is blocked in them can be woken. */
static void do_not_block(int trait, const char *why) {
  for (call_t *call = calls; call->name; ++call) {
    if (!(call->how & trait)) continue;
    printf("skipped: %s, interrupted while it is blocked: %s\n", call->name, why);
    call->how |= NEVER_BLOCKS;
  }
}

void look_around(void) {
  collect_calls();
  if (UNDER_QEMU) leave_out(NOT_IN_QEMU, "qemu does not have it");
  if (UNDER_QEMU) do_not_block(NOT_WOKEN_IN_QEMU, "qemu lets signals wait");
  if (kernel_is_before(6, 5)) leave_out(NEEDS_6_5, "this kernel appends to a full Unix socket");
  if (UNDER_TSAN) leave_out(NOT_UNDER_TSAN, "TSan keeps handlers back");
  if (!has_a_ring()) leave_out(NEEDS_A_RING, "there is no io_uring here");
  if (polite_backend() != POLITE_BACKEND_WINDOW) do_not_block(NOT_BY_SELF_PIPE, "the backend cannot wake it");
}

void assert_done(const call_t *call, long result) {
  if (call->done == SOME_DESCRIPTOR) {
    assert_true(result >= 0);
    close((int)result);
  } else if (result != call->done) {
    fail_msg("%s: %ld (%s)", call->name, result, polite_error_name((int)result));
  }
}

void assert_interrupted(const call_t *call, long result) {
  if (result != POLITE_INTERRUPTED) fail_msg("%s: %ld (%s)", call->name, result, polite_error_name((int)result));
}

void begin_play(play_t *play, const call_t *call) {
  play->call = call;
  begin_scene(&play->scene);
  call->prepare(&play->scene);
}

void call_once(actor_t *actor) {
  play_t *play = actor->with;
  actor->result = play->call->run(&play->scene);
}

// What polite's calls cost when nobody interrupts: the bare instruction, libc's calls and polite's, in turns.
#include "bare.h"
#include "interleaved.h"
#include "polite.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <sys/single_threaded.h>
#include <unistd.h>

namespace {

constexpr int READS = 200, CHECKS = 5000, REQUESTS = 200;  // in a batch

int zero;
char byte;

int read_by_polite() { return int(polite_read(zero, &byte, 1)); }
int read_by_libc() { return int(read(zero, &byte, 1)); }
int read_inline() { return int(bare_read_inline(zero, &byte, 1)); }
int read_in_library() { return int(bare_read(zero, &byte, 1)); }

void compare_reads(benchmark::State &state) {
  compare(state, {{"polite", batch<READS, read_by_polite>},
                  {"bare", batch<READS, read_inline>},
                  {"bare_in_library", batch<READS, read_in_library>},
                  {"libc", batch<READS, read_by_libc>}});
}

// glibc's calls are dearer from the first thread on, for good: there may be somebody who cancels.
void read_without_threads(benchmark::State &state) {
  if (!__libc_single_threaded) return state.SkipWithError("the process has had a thread; this one must run first");
  compare_reads(state);
}

// A thread that is not in any call of polite.
class Idle_thread {
 public:
  Idle_thread() {
    if (pipe(pipe_) != 0 || pthread_create(&thread_, nullptr, idle, this) != 0) abort();
    char attached;
    if (read(from_thread(), &attached, 1) != 1) abort();
  }
  ~Idle_thread() {
    pthread_cancel(thread_);
    pthread_join(thread_, nullptr);
    close(pipe_[0]);
    close(pipe_[1]);
  }
  Idle_thread(const Idle_thread &) = delete;
  Idle_thread &operator=(const Idle_thread &) = delete;
  polite_thread_t handle() const { return handle_; }

 private:
  int from_thread() const { return pipe_[0]; }

  static void *idle(void *self_) {
    Idle_thread &self = *static_cast<Idle_thread *>(self_);
    self.handle_ = polite_self();
    if (write(self.pipe_[1], "", 1) != 1) abort();
    for (;;) pause();
  }

  int pipe_[2];
  pthread_t thread_;
  polite_thread_t handle_ = 0;
};

void read_with_threads(benchmark::State &state) {
  Idle_thread other;
  compare_reads(state);
}

int check_by_polite() { return polite_checkpoint() == 0; }
int check_by_pthread() {
  pthread_testcancel();
  return 1;
}
int nothing() { return bare_nothing() == 0; }

void checkpoint(benchmark::State &state) {
  compare(state, {{"polite", batch<CHECKS, check_by_polite>},
                  {"testcancel", batch<CHECKS, check_by_pthread>},
                  {"nothing", batch<CHECKS, nothing>}});
}

int shield_by_polite() {
  polite_shield_enter();
  return polite_shield_leave();
}
int shield_by_pthread() {
  int before;
  pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
  return pthread_setcancelstate(before, nullptr) == 0;
}

int nothing_twice() {
  bare_nothing();
  return bare_nothing() == 0;
}

void shield(benchmark::State &state) {
  compare(state, {{"polite", batch<CHECKS, shield_by_polite>},
                  {"setcancelstate", batch<CHECKS, shield_by_pthread>},
                  {"nothing", batch<CHECKS, nothing_twice>}});
}

void no_handler(void *) {}

int cleanup_by_polite() {
  polite_cleanup_t node = {};
  polite_cleanup_push(&node, no_handler, nullptr);
  return polite_cleanup_pop(&node, 0) == 0;
}

int cleanup_by_pthread() {
  int good = 0;
  pthread_cleanup_push(no_handler, nullptr);
  good = 1;
  pthread_cleanup_pop(0);
  return good;
}

void cleanup(benchmark::State &state) {
  compare(state, {{"polite", batch<CHECKS, cleanup_by_polite>},
                  {"pthread_in_cpp", batch<CHECKS, cleanup_by_pthread>},
                  {"nothing", batch<CHECKS, nothing_twice>}});
}

void *give_one(void *) { return &byte; }

int call_by_polite() {
  void *result;
  return polite_call(give_one, nullptr, &result) == POLITE_RETURNED && result == &byte;
}

// What pthread_cleanup_push does in C, and what a boundary cannot do without.
int set_jump() {
  jmp_buf here;
  return _setjmp(here) == 0;
}

void call(benchmark::State &state) {
  compare(state, {{"polite", batch<CHECKS, call_by_polite>},
                  {"setjmp", batch<CHECKS, set_jump>},
                  {"nothing", batch<CHECKS, nothing>}});
}

polite_mutex_t ours;
pthread_mutex_t libcs = PTHREAD_MUTEX_INITIALIZER;

int lock_by_polite() {
  if (polite_mutex_lock(&ours) != 0) return 0;
  return polite_mutex_unlock(&ours) == 0;
}

int lock_by_pthread() {
  if (pthread_mutex_lock(&libcs) != 0) return 0;
  return pthread_mutex_unlock(&libcs) == 0;
}

void compare_mutexes(benchmark::State &state) {
  compare(state, {{"polite", batch<CHECKS, lock_by_polite>},
                  {"pthread", batch<CHECKS, lock_by_pthread>},
                  {"nothing", batch<CHECKS, nothing_twice>}});
}

// glibc's needs no atomic operation in a process that never had a second thread.
void mutex_without_threads(benchmark::State &state) {
  if (!__libc_single_threaded) return state.SkipWithError("the process has had a thread; this one must run first");
  compare_mutexes(state);
}

void mutex_with_threads(benchmark::State &state) {
  Idle_thread other;
  compare_mutexes(state);
}

polite_thread_t target;

int post_and_withdraw() {
  polite_request_t request = {};
  return polite_request_post(&request, target, 0, 0) == 0 && polite_request_withdraw(&request) == 0;
}

void request(benchmark::State &state) {
  Idle_thread other;
  target = other.handle();
  compare(state, {{"polite", batch<REQUESTS, post_and_withdraw>}});
}

}  // namespace

int main(int argc, char **argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
  if (zero < 0 || !polite_self()) return 1;
  benchmark::RegisterBenchmark("read_without_threads", read_without_threads)->UseManualTime()->Iterations(3000);
  benchmark::RegisterBenchmark("mutex_without_threads", mutex_without_threads)->UseManualTime()->Iterations(2000);
  benchmark::RegisterBenchmark("read_with_threads", read_with_threads)->UseManualTime()->Iterations(3000);
  benchmark::RegisterBenchmark("checkpoint", checkpoint)->UseManualTime()->Iterations(2000);
  benchmark::RegisterBenchmark("shield", shield)->UseManualTime()->Iterations(2000);
  benchmark::RegisterBenchmark("cleanup", cleanup)->UseManualTime()->Iterations(2000);
  benchmark::RegisterBenchmark("mutex_with_threads", mutex_with_threads)->UseManualTime()->Iterations(2000);
  benchmark::RegisterBenchmark("call", call)->UseManualTime()->Iterations(2000);
  benchmark::RegisterBenchmark("request", request)->UseManualTime()->Iterations(300);
  benchmark::RunSpecifiedBenchmarks();
}

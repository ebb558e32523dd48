// Getting threads out of a blocked read: polite_interrupt and pthread_cancel, in turns.
#include "interleaved.h"
#include "polite.h"
#include "sleeper.h"

#include <atomic>
#include <memory>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

int silent;  // a pipe's end, from which nothing ever comes

// Where the target of an interrupt runs, as seen from the interrupter. Left to the system it is now here, now there, and the medians of
// two contenders are not of the same thing.
enum Where { ANYWHERE, SAME_PROCESSOR, OTHER_PROCESSOR };

// The `n`th, from 0, of those that this process may use; -1 if there are not so many.
int processor(int n) {
  static const cpu_set_t usable = [] {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) CPU_ZERO(&set);
    return set;
  }();
  for (int i = 0; i < CPU_SETSIZE; ++i)
    if (CPU_ISSET(i, &usable) && n-- == 0) return i;
  return -1;
}

cpu_set_t only(int processor) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(processor, &set);
  return set;
}

// A thread that blocks in a read at once, and notes when it came out of it.
class Blocked {
 public:
  Blocked() = default;
  Blocked(const Blocked &) = delete;
  Blocked &operator=(const Blocked &) = delete;
  virtual ~Blocked() = default;

  virtual void interrupt() = 0;

  bool start(Where where = ANYWHERE) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    if (where != ANYWHERE) {
      cpu_set_t there = only(processor(where == SAME_PROCESSOR ? 0 : 1));
      pthread_attr_setaffinity_np(&attributes, sizeof there, &there);
    }
    pthread_attr_setstacksize(&attributes, 64 * 1024);
    bool started = pthread_create(&thread_, &attributes, run, this) == 0;
    pthread_attr_destroy(&attributes);
    return started;
  }

  void wait_until_blocked() {
    while (!system_id_.load()) sched_yield();
    wait_until_asleep(system_id_.load());
  }

  void join() { pthread_join(thread_, nullptr); }
  double out_at_ns() const { return out_at_ns_; }

 protected:
  virtual void block() = 0;
  void about_to_block() { system_id_.store(int(syscall(SYS_gettid))); }
  void is_out() { out_at_ns_ = now_ns(); }
  pthread_t thread() const { return thread_; }

 private:
  static void *run(void *self) {
    static_cast<Blocked *>(self)->block();
    return nullptr;
  }

  pthread_t thread_ = {};
  std::atomic<int> system_id_{0};
  double out_at_ns_ = -1;
};

class Interrupted : public Blocked {
 public:
  void interrupt() override { polite_interrupt(handle_.load(std::memory_order_relaxed)); }

 private:
  void block() override {
    handle_.store(polite_self(), std::memory_order_relaxed);
    about_to_block();
    char byte;
    if (polite_read(silent, &byte, 1) == POLITE_INTERRUPTED) is_out();
  }

  std::atomic<polite_thread_t> handle_{0};
};

class Canceled : public Blocked {
 public:
  void interrupt() override { pthread_cancel(thread()); }

 private:
  static void clean_up(void *self) { static_cast<Canceled *>(self)->is_out(); }

  void block() override {
    pthread_cleanup_push(clean_up, this);
    about_to_block();
    char byte;
    if (read(silent, &byte, 1) >= 0) abort();
    pthread_cleanup_pop(0);
  }
};

// From just before the interrupt until the thread runs its own code again.
template <class Kind, Where where>
double latency() {
  Kind target;
  if (!target.start(where)) return -1;
  target.wait_until_blocked();
  double begin = now_ns();
  target.interrupt();
  target.join();
  return target.out_at_ns() < begin ? -1 : target.out_at_ns() - begin;
}

// The threads of one turn of interrupting and joining many.
template <class Kind>
class Crowd {
 public:
  explicit Crowd(int count) {
    for (int i = 0; i < count; ++i) {
      auto next = std::make_unique<Kind>();
      if (!next->start()) break;
      threads_.push_back(std::move(next));
    }
    for (auto &thread : threads_) thread->wait_until_blocked();
  }

  int size() const { return int(threads_.size()); }

  // How long all of it took.
  double interrupt_and_join() {
    double begin = now_ns();
    for (auto &thread : threads_) thread->interrupt();
    for (auto &thread : threads_) thread->join();
    double end = now_ns();
    return end - begin;
  }

  bool all_interrupted() const {
    return std::all_of(threads_.begin(), threads_.end(), [](const auto &thread) { return thread->out_at_ns() >= 0; });
  }

 private:
  std::vector<std::unique_ptr<Kind>> threads_;
};

template <class Kind, int COUNT>
double interrupt_and_join() {
  Crowd<Kind> crowd(COUNT);
  double time = crowd.interrupt_and_join();
  return crowd.size() == COUNT && crowd.all_interrupted() ? time : -1;
}

template <Where where>
void interrupt_latency(benchmark::State &state) {
  if (where == OTHER_PROCESSOR && processor(1) < 0) return state.SkipWithError("there is only one processor");
  cpu_set_t anywhere, here = only(processor(0));
  pthread_getaffinity_np(pthread_self(), sizeof anywhere, &anywhere);
  pthread_setaffinity_np(pthread_self(), sizeof here, &here);
  compare(state, {{"polite", latency<Interrupted, where>}, {"cancel", latency<Canceled, where>}});
  pthread_setaffinity_np(pthread_self(), sizeof anywhere, &anywhere);
}

template <int COUNT>
void join_all(benchmark::State &state) {
  compare(state, {{"polite", interrupt_and_join<Interrupted, COUNT>}, {"cancel", interrupt_and_join<Canceled, COUNT>}});
}

}  // namespace

int main(int argc, char **argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  int ends[2];
  if (pipe(ends) != 0 || !polite_self()) return 1;
  silent = ends[0];
  benchmark::RegisterBenchmark("interrupt_latency/other", interrupt_latency<OTHER_PROCESSOR>)->UseManualTime()->Iterations(2000);
  benchmark::RegisterBenchmark("interrupt_latency/same", interrupt_latency<SAME_PROCESSOR>)->UseManualTime()->Iterations(2000);
  benchmark::RegisterBenchmark("join_all/1", join_all<1>)->UseManualTime()->Iterations(1000);
  benchmark::RegisterBenchmark("join_all/100", join_all<100>)->UseManualTime()->Iterations(30);
  benchmark::RegisterBenchmark("join_all/5000", join_all<5000>)->UseManualTime()->Iterations(5);
  benchmark::RunSpecifiedBenchmarks();
}

// Getting a thread out of a blocked call: polite_interrupt, and what there is without it, in turns.
#include "interleaved.h"
#include "pipe.h"

#include <atomic>
#include <thread>

namespace {

// A thread that blocks in a call at once, and notes when it came out of it.
class Blocked {
 public:
  Blocked() = default;
  Blocked(const Blocked &) = delete;
  Blocked &operator=(const Blocked &) = delete;
  virtual ~Blocked() = default;

  // From just before the interrupt until the thread runs its own code again.
  double latency() {
    std::thread thread([this] { block(); });
    wait_until_blocked();
    double begin = now_ns();
    interrupt(thread);
    thread.join();
    return out_at_ns_ < begin ? -1 : out_at_ns_ - begin;
  }

 protected:
  virtual void block() = 0;
  virtual void wait_until_blocked() = 0;
  virtual void interrupt(std::thread &) = 0;
  void is_out() { out_at_ns_ = now_ns(); }

 private:
  double out_at_ns_ = -1;
};

class Polite : public Blocked {
  void block() override {
    handle_ = polite_self();
    if (call() == POLITE_INTERRUPTED) is_out();
  }

  void wait_until_blocked() override {
    polite_thread_info_t info = {};
    info.size = sizeof info;
    while (!handle_ || polite_thread_inspect(handle_, &info) != 0 || info.state != POLITE_THREAD_BLOCKED) SwitchToThread();
  }

  void interrupt(std::thread &) override { polite_interrupt(handle_); }

  virtual polite_ssize_t call() = 0;

  std::atomic<polite_thread_t> handle_{0};
};

// What a plain call's thread tells last before it blocks. Then it is given a while.
class Plain : public Blocked {
  void wait_until_blocked() override {
    while (!about_to_block_) SwitchToThread();
    Sleep(2);
  }

 protected:
  void about_to_block() { about_to_block_ = true; }

 private:
  std::atomic<bool> about_to_block_{false};
};

class Read : public Polite {
  polite_ssize_t call() override {
    char byte;
    return silent_.read_politely(&byte, 1);
  }
  Pipe silent_;
};

// It may come too early, and then has to be made again.
class Cancelled_read : public Plain {
  void block() override {
    char byte;
    about_to_block();
    if (silent_.read(&byte, 1) < 0) is_out();
  }
  void interrupt(std::thread &thread) override {
    while (!CancelSynchronousIo(HANDLE(pthread_gethandle(thread.native_handle())))) SwitchToThread();
  }
  Pipe silent_;
};

class Park : public Polite {
  polite_ssize_t call() override { return polite_park(); }
};

class Wait_for_event : public Plain {
 public:
  ~Wait_for_event() override { CloseHandle(event_); }

 private:
  void block() override {
    about_to_block();
    WaitForSingleObjectEx(event_, INFINITE, TRUE);
    is_out();
  }
  void interrupt(std::thread &) override { SetEvent(event_); }
  HANDLE event_ = CreateEventA(nullptr, FALSE, FALSE, nullptr);
};

template <class Kind>
double latency() {
  Kind target;
  return target.latency();
}

void interrupt_read(benchmark::State &state) { compare(state, {{"polite", latency<Read>}, {"windows", latency<Cancelled_read>}}); }
void interrupt_park(benchmark::State &state) { compare(state, {{"polite", latency<Park>}, {"windows", latency<Wait_for_event>}}); }

}  // namespace

int main(int argc, char **argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  if (!polite_self()) return 1;
  benchmark::RegisterBenchmark("interrupt_read", interrupt_read)->UseManualTime()->Iterations(200);
  benchmark::RegisterBenchmark("interrupt_park", interrupt_park)->UseManualTime()->Iterations(200);
  benchmark::RunSpecifiedBenchmarks();
}

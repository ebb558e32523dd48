// Comparing contenders on a machine whose speed changes from one moment to the next: they take turns in small batches, and what
// is compared is the times within one round. A figure is the median over the rounds.
#pragma once

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

inline double now_ns() {
  return double(std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count());
}

inline double median(std::vector<double> values) {
  if (values.empty()) return 0;
  auto middle = values.begin() + std::ptrdiff_t(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// A batch of `CALLS` times `call`: nanoseconds for one. Negative if one of them did not return 1.
template <int CALLS, int (*call)()>
__attribute__((noinline)) double batch() {
  int good = 0;
  double begin = now_ns();
  for (int i = 0; i < CALLS; ++i) good += call();
  double end = now_ns();
  return good == CALLS ? (end - begin) / CALLS : -1;
}

struct Contender {
  const char *name;
  double (*run)();  // the nanoseconds of its turn; negative if it failed
};

// The rounds of one comparison.
class Rounds {
 public:
  explicit Rounds(std::vector<Contender> contenders) : contenders_(std::move(contenders)), times_(contenders_.size()) {}

  // One turn each; every other round backwards, so that nobody always follows the same one. False if a contender failed.
  bool play() {
    size_t count = contenders_.size();
    for (size_t turn = 0; turn < count; ++turn) {
      size_t which = backwards_ ? count - 1 - turn : turn;
      double time = contenders_[which].run();
      if (time < 0) return false;
      times_[which].push_back(time);
    }
    backwards_ = !backwards_;
    return true;
  }

  double last_of_ours() const { return times_[0].back(); }

  // <name>_ns for each, and ratio_to_<name>: of the first one's time to that one's.
  void report(benchmark::State &state) const {
    for (size_t which = 0; which < contenders_.size(); ++which) {
      std::string name = contenders_[which].name;
      state.counters[name + "_ns"] = median(times_[which]);
      if (which > 0) state.counters["ratio_to_" + name] = median(ratios_to(which));
    }
  }

 private:
  std::vector<double> ratios_to(size_t which) const {
    std::vector<double> ratios;
    for (size_t round = 0; round < times_[0].size(); ++round) ratios.push_back(times_[0][round] / times_[which][round]);
    return ratios;
  }

  std::vector<Contender> contenders_;
  std::vector<std::vector<double>> times_;
  bool backwards_ = false;
};

// Compares the first contender with the others. An iteration of the benchmark is a round; its time is the first one's.
inline void compare(benchmark::State &state, std::vector<Contender> contenders) {
  for (const Contender &contender : contenders) contender.run();  // what happens once: symbols, pages, the unwinder's library
  Rounds rounds(std::move(contenders));
  for (auto _ : state) {
    if (!rounds.play()) return state.SkipWithError("a call failed");
    state.SetIterationTime(rounds.last_of_ours() / 1e9);
  }
  rounds.report(state);
}

// A speculative race: two algorithms for one question, and nobody knows which is the faster for it. Both run; the first answer stops the other, wherever
// that is, and what it held is given back. With std::jthread and std::stop_token, which polite::stop_binding makes blocking calls listen to.
//
//     race [NUMBER]
//
// The question is what a factor of NUMBER is. One divides by everything; the other one leaps (Pollard's rho), and both write down how far they
// are in a shared journal, for which they have to wait for each other.
#include <polite.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <numeric>
#include <optional>
#include <thread>
#include <vector>

namespace {

using Number = std::uint64_t;

// Runs all of them, and returns what the first one answers. When it returns none is running.
template <class Answer>
class Race {
 public:
  template <class Algorithm>
  void enter(Algorithm algorithm) {
    runners_.emplace_back([this, algorithm = std::move(algorithm)](std::stop_token token) {
      polite::stop_binding binding{token};
      try {
        finish(algorithm());
      } catch (const polite::interrupted &) {
        // It was the slower one.
      }
    });
  }

  Answer result() {
    std::unique_lock<polite::mutex> lock(mutex_);
    first_.wait(lock, [&] { return answer_.has_value(); });
    lock.unlock();
    for (std::jthread &runner : runners_) runner.request_stop();
    runners_.clear();
    return *answer_;
  }

 private:
  void finish(Answer answer) {
    std::lock_guard<polite::mutex> lock(mutex_);
    if (!answer_) answer_ = answer;
    first_.notify_one();
  }

  polite::mutex mutex_;
  polite::condition_variable first_;
  std::optional<Answer> answer_;
  std::vector<std::jthread> runners_;
};

polite::mutex journal;

void write_down(const char *, Number) {
  std::lock_guard<polite::mutex> lock(journal);  // an interruption point, as every wait for a lock
}

Number by_division(Number number) {
  for (Number divisor = 2; divisor <= number / divisor; ++divisor) {
    if (number % divisor == 0) return divisor;
    if (divisor % 4096 == 0) write_down("division", divisor);
  }
  return number;
}

Number product(Number a, Number b, Number modulus) {
  Number sum = 0;
  for (; b > 0; b >>= 1, a = (a + a) % modulus)
    if (b & 1) sum = (sum + a) % modulus;
  return sum;
}

Number by_leaps(Number number) {
  auto leap = [number](Number x) { return (product(x, x, number) + 1) % number; };
  Number tortoise = 2, hare = 2, factor = 1;
  for (Number step = 0; factor == 1; ++step) {
    tortoise = leap(tortoise);
    hare = leap(leap(hare));
    factor = std::gcd(tortoise > hare ? tortoise - hare : hare - tortoise, number);
    if (step % 4096 == 0) write_down("leaps", step);
    polite::checkpoint();
  }
  return factor == number ? by_division(number) : std::min(factor, number / factor);
}

}  // namespace

int main(int argc, char **argv) {
  Number number = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : Number(1000003) * 1000000007;
  if (number < 2 || number >> 62) return 2;
  Race<Number> race;
  race.enter([=] { return by_division(number); });
  race.enter([=] { return by_leaps(number); });
  Number factor = race.result();
  std::cout << number << " is divisible by " << factor << '\n';
  return number % factor == 0 ? 0 : 1;
}

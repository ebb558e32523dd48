// A parallel search: several threads look for the same word, each in a place of its own. The first to find it stops the others, be they blocked in
// reading, in waiting for a lock, or computing.
//
//     parallel_search
//
// A place is a pipe into which somebody writes slowly, or never; a table behind a lock that somebody holds; numbers without end.
#include <polite.hpp>

#include <iostream>
#include <mutex>
#include <string>
#include <unistd.h>
#include <vector>

namespace {

class Search {
 public:
  // Looks in one more place. `place` returns true if it has found what is looked for.
  template <class Place>
  void look_in(std::string name, Place place) {
    seekers_.emplace_back([this, name = std::move(name), place = std::move(place)] {
      if (place()) found(name);
    });
  }

  // Waits for the answer, and for the end of all who looked.
  std::string wait() {
    answered_.wait();
    for (polite::thread &seeker : seekers_) seeker.interrupt();
    for (polite::thread &seeker : seekers_) {
      bool stopped = seeker.join() == polite::ended::interrupted;
      (stopped ? stopped_ : finished_) += 1;
    }
    return answer_;
  }

  int stopped() const { return stopped_; }
  int finished() const { return finished_; }

 private:
  void found(const std::string &where) {
    std::lock_guard<polite::mutex> lock(mutex_);
    if (answer_.empty()) answer_ = where;
    answered_.set();
  }

  polite::mutex mutex_;
  std::string answer_;
  polite::event answered_;
  int stopped_ = 0, finished_ = 0;
  std::vector<polite::thread> seekers_;  // last: they end first
};

bool in_numbers() {
  for (unsigned long number = 1; number != 0; ++number)
    if (number % 1024 == 0) polite::checkpoint();
  return false;
}

bool in_stream(polite_fd fd, const std::string &word) {
  polite::fdstream stream(fd);
  stream.exceptions(std::ios::badbit);  // so that an interrupt comes through as itself
  for (std::string line; std::getline(stream, line);)
    if (line.find(word) != std::string::npos) return true;
  return false;
}

}  // namespace

int main() {
  int silent[2], speaking[2];
  if (pipe(silent) != 0 || pipe(speaking) != 0) return 1;
  polite::unique_fd silent_out(silent[0]), silent_in(silent[1]), out(speaking[0]), in(speaking[1]);
  polite::mutex table;
  std::lock_guard<polite::mutex> nobody_else(table);

  Search search;
  search.look_in("the silent stream", [&] { return in_stream(silent_out.get(), "needle"); });
  search.look_in("the speaking stream", [&] { return in_stream(out.get(), "needle"); });
  search.look_in("the locked table", [&] {
    std::lock_guard<polite::mutex> lock(table);
    return true;
  });
  search.look_in("the numbers", in_numbers);
  polite::write_all(in.get(), std::string("hay\nhay\na needle\nhay\n"));

  std::cout << "found in " << search.wait() << '\n';
  std::cout << search.stopped() << " others were stopped\n";
  return search.finished() == 1 && search.stopped() == 3 ? 0 : 1;
}

// What the tests of the facade stand on: threads that are *known* to be blocked before anything is done to them, and pipes.
//
// A test is a function. What it checks with CHECK may be in any thread: a failure ends the process, with a word about where.
#pragma once

#include <polite.hpp>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <initializer_list>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#if defined _WIN32
#  define WIN32_LEAN_AND_MEAN  // without COM, whose names are everybody's
#  include <windows.h>
#else
#  include <unistd.h>
#endif

using namespace std::chrono_literals;
using namespace std::string_view_literals;

#define CHECK(...)                                                                            \
  do {                                                                                        \
    if (!(__VA_ARGS__)) {                                                                     \
      std::fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #__VA_ARGS__);   \
      std::abort();                                                                           \
    }                                                                                         \
  } while (0)

// Waits until it holds, with a limit so generous that reaching it means that it will not.
#define AWAIT(...)                                                                            \
  do {                                                                                        \
    const auto until = std::chrono::steady_clock::now() + 60s;                                \
    while (!(__VA_ARGS__)) {                                                                  \
      CHECK(std::chrono::steady_clock::now() < until && "waited in vain: " #__VA_ARGS__);     \
      std::this_thread::yield();                                                              \
    }                                                                                         \
  } while (0)

// Checks that an expression throws `type`, and what holds of the exception, which is `caught`.
#define CHECK_THROWS(type, ...) CHECK_THROWS_WHERE(type, (__VA_ARGS__), (static_cast<void>(caught), true))
#define CHECK_THROWS_WHERE(type, expression, ...)                                             \
  do {                                                                                        \
    bool thrown_ = false;                                                                     \
    try {                                                                                     \
      static_cast<void>(expression);                                                          \
    } catch (const type &caught) {                                                            \
      thrown_ = true;                                                                         \
      CHECK(__VA_ARGS__);                                                                     \
    }                                                                                         \
    CHECK(thrown_ && "threw " #type ": " #expression);                                        \
  } while (0)

// Whether a thread is blocked, in that call or, for null, in any. Not if it has ended.
inline bool is_blocked(polite_thread_t thread, const char *call = nullptr) {
  polite_thread_info_t info = {};
  info.size = sizeof info;
  if (polite_thread_inspect(thread, &info) != 0) return false;
  bool blocked = info.state == POLITE_THREAD_BLOCKED;
#if defined _WIN32  // of a function in polite_blocking it is not known whether it sleeps, only that it has been called
  blocked = blocked || (info.state == POLITE_THREAD_IN_CALL && std::strcmp(info.call, "blocking") == 0);
#endif
  return blocked && (!call || (info.call && std::strcmp(info.call, call) == 0));
}

struct pipe_ends {
  pipe_ends() {
    polite_fd ends[2];
#if defined _WIN32
    HANDLE handles[2];
    CHECK(CreatePipe(&handles[0], &handles[1], nullptr, 0));
    for (int i = 0; i < 2; ++i) ends[i] = reinterpret_cast<polite_fd>(handles[i]);
#else
    CHECK(::pipe(ends) == 0);
#endif
    out.reset(ends[0]);
    in.reset(ends[1]);
  }
  polite::unique_fd out, in;  // what is written into `in` comes out of `out`
};

// A thread of the standard library's that runs `body`, attached from the start.
class actor {
 public:
  template <class Body>
  explicit actor(Body body)
      : thread_([this, body = std::move(body)]() mutable {
          id_ = polite_self();
          body();
        }) {
    AWAIT(id_ != 0);
  }
  ~actor() { join(); }
  actor(const actor &) = delete;
  actor &operator=(const actor &) = delete;

  polite_thread_t id() const { return id_; }
  void join() {
    if (thread_.joinable()) thread_.join();
  }
  void await_blocked(const char *call = nullptr) const { AWAIT(is_blocked(id_, call)); }
  void interrupt(int reason = 0) const { CHECK(polite_interrupt_with(id_, reason, 0) >= 0); }

 private:
  std::atomic<polite_thread_t> id_{0};
  std::thread thread_;
};

// Sends an interrupt to the calling thread.
inline void interrupt_self(int reason = 0) { CHECK(polite_interrupt_with(polite_self(), reason, 0) >= 0); }

struct test {
  const char *name;
  void (*run)();
};
#define TEST(function) \
  test { #function, function }

// Runs all, or the ones that are named on the command line.
inline int run_tests(int argc, char **argv, std::initializer_list<test> tests) {
  for (const test &each : tests) {
    bool wanted = argc < 2;
    for (int i = 1; i < argc; ++i) wanted = wanted || std::strcmp(argv[i], each.name) == 0;
    if (!wanted) continue;
    std::printf("%s\n", each.name);
    std::fflush(stdout);
    each.run();
    CHECK(polite_self() != 0 && polite_shield_enter() == 0 && polite_shield_leave() == 1);  // nothing is left for the next
    CHECK(!polite::this_thread::interrupt_clear());
  }
  return 0;
}

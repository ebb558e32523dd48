// A program with nested owners, interrupted at its 1st, 2nd, 3rd … interruption point until it runs through: each owner that was made is destroyed
// once, latest first, with a further interrupt pending all the while, and nothing is left open, locked or running.
#include "scene.hpp"

#include <istream>
#include <memory>
#include <mutex>
#include <vector>

using polite::interrupted;

// Which point is to be interrupted, counted down; and what had been made and not destroyed.
static int until_interrupt;
static std::vector<int> alive;
static int made, destroyed;

// Stands before each interruption point of the program.
static void point() {
  if (--until_interrupt == 0) interrupt_self(1);
}

// Notes that what stands before it has been made, and is destroyed before that is. Its destructor does I/O.
class noted {
 public:
  noted() : number_(made++) { alive.push_back(number_); }
  noted(const noted &) = delete;
  noted &operator=(const noted &) = delete;
  ~noted() {
    CHECK(!alive.empty() && alive.back() == number_);
    alive.pop_back();
    ++destroyed;
    if (polite::this_thread::interrupt_pending() || std::uncaught_exceptions() == 0) return;
    interrupt_self(2);  // the first of them sends one more, which no other is to notice
    polite::checkpoint();
    pipe_ends pipe;
    char byte;
    CHECK(polite::write(pipe.in.get(), "x"sv) == 1 && polite::read(pipe.out.get(), polite::byte_span(&byte, 1)) == 1);
  }

 private:
  int number_;
};

static polite::mutex mutex;
static polite::shared_mutex shared;
static polite::semaphore units(1);

static std::string conversation(polite_fd in, polite_fd out) {
  noted first;
  polite::fdstream to(in), from(out);
  to.exceptions(std::ios::badbit);
  from.exceptions(std::ios::badbit);
  noted streams;
  point();
  to << "hello" << std::endl;
  std::string line;
  point();
  std::getline(from, line);
  return line;
}

static std::size_t transfers() {
  pipe_ends pipe;
  noted with_pipe;
  point();
  polite::write_all(pipe.in.get(), "0123456789"sv);
  auto memory = std::make_unique<char[]>(10);
  noted with_memory;
  point();
  return polite::read_full(pipe.out.get(), {memory.get(), 10}).bytes;
}

static int others() {
  polite::semaphore begun;
  noted with_semaphore;
  polite::event never;
  polite::thread waiter([&] {
    begun.release();
    never.wait();
  });
  noted with_thread;
  point();
  begun.acquire();
  point();
  CHECK(!waiter.join_for(1ns));
  waiter.interrupt();
  point();
  return waiter.join() == polite::ended::interrupted;
}

static int locks() {
  point();
  std::unique_lock<polite::mutex> lock(mutex);
  noted with_lock;
  point();
  std::shared_lock<polite::shared_mutex> reader(shared);
  noted with_reader;
  point();
  units.acquire();
  polite::cleanup give_back = [&] { units.release(); };
  noted with_unit;
  polite::condition_variable never;
  point();
  return never.wait_for(lock, 1ns) == std::cv_status::timeout;
}

static void program() {
  noted outermost;
  pipe_ends pipe;
  noted with_pipe;
  CHECK(conversation(pipe.in.get(), pipe.out.get()) == "hello");
  CHECK(transfers() == 10);
  CHECK(locks());
  CHECK(others());
  point();
  polite::this_thread::sleep_for(1ns);
  point();
  polite::checkpoint();
}

// The lowest descriptor that is free: the same before and after if nothing was left open.
[[maybe_unused]] static polite_fd lowest_free() { return pipe_ends().out.get(); }

static void interrupted_at_every_point() {
#if !defined _WIN32
  polite_fd before = lowest_free();
#endif
  int points = 0;
  for (bool through = false; !through;) {
    until_interrupt = ++points;
    made = destroyed = 0;
    try {
      program();
      through = true;
    } catch (const interrupted &interrupt) {
      CHECK(interrupt.reason() == 1);
      CHECK(polite::this_thread::interrupt_pending());  // the destructors' own
      CHECK_THROWS_WHERE(interrupted, polite::checkpoint(), caught.reason() == 2);
    }
    CHECK(made == destroyed && alive.empty() && made > 0);
    CHECK(mutex.try_lock() && shared.try_lock() && units.try_acquire() && !units.try_acquire());
    mutex.unlock();
    shared.unlock();
    units.release();
#if !defined _WIN32
    CHECK(lowest_free() == before);
#endif
  }
  std::printf("  %d points\n", points - 1);
  CHECK(points - 1 == 13 && made == 11);
}

int main(int argc, char **argv) { return run_tests(argc, argv, {TEST(interrupted_at_every_point)}); }

// polite::thread and polite::call: how they end, and what is told of it.
#include "scene.hpp"

#include <memory>

using polite::byte_span;
using polite::ended;
using polite::interrupted;
using polite::thread;

static void wait_for_ever(polite_fd fd) {
  char byte;
  polite::read(fd, byte_span(&byte, 1));
}

static void arguments_are_copied() {
  std::string result;
  auto owned = std::make_unique<int>(5);
  thread worker([](std::string text, std::unique_ptr<int> number, std::string &out) { out = text + std::to_string(*number); }, "number ",
                std::move(owned), std::ref(result));
  CHECK(worker.joinable() && worker.join() == ended::returned && result == "number 5");
  CHECK(!worker.joinable());
}

static void an_interrupt_is_a_normal_end() {
  pipe_ends pipe;
  thread worker(wait_for_ever, pipe.out.get());
  AWAIT(is_blocked(worker.get_id(), "read"));
  CHECK(worker.interrupt(7));
  CHECK(worker.join() == ended::interrupted);
}

static void one_that_was_caught_is_a_return() {
  pipe_ends pipe;
  thread worker([&] { CHECK_THROWS_WHERE(interrupted, wait_for_ever(pipe.out.get()), caught.reason() == 7); });
  CHECK(worker.interrupt(7));  // before it is blocked, or even has begun: it is not lost
  CHECK(worker.join() == ended::returned);
}

static void c_code_in_it_may_unwind_it() {
  auto owned = std::make_shared<int>(1);
  CHECK(thread([owned] { polite_unwind(); }).join() == ended::interrupted);
  CHECK(thread([owned] { polite_exit(nullptr); }).join() == ended::exited);
  CHECK(owned.use_count() == 1);
}

static void its_destructor_interrupts_first() {
  pipe_ends pipe;
  std::atomic<bool> stopped{false};
  {
    thread worker([&] {
      polite::cleanup note = [&] { stopped = true; };
      wait_for_ever(pipe.out.get());
    });
    AWAIT(is_blocked(worker.get_id(), "read"));
  }
  CHECK(stopped);
}

// … latched: so a function that swallows an interrupt and waits again ends all the same.
static void also_one_that_swallows_interrupts() {
  pipe_ends pipe;
  int swallowed = 0;
  {
    thread worker([&] {
      for (; swallowed < 2; ++swallowed) CHECK_THROWS(interrupted, wait_for_ever(pipe.out.get()));
      wait_for_ever(pipe.out.get());
    });
    AWAIT(is_blocked(worker.get_id(), "read"));
  }
  CHECK(swallowed == 2);
}

// The destructor's waiting is not interrupted, whatever is pending in its own thread.
static void its_destructor_waits_whatever_is_pending() {
  std::atomic<bool> done{false};
  polite::semaphore go;
  actor owner([&] {
    thread worker([&] {
      go.acquire_uninterruptible();
      done = true;
    });
    interrupt_self();
  });
  owner.await_blocked();
  CHECK(!done);
  go.release();
  owner.join();
  CHECK(done);
}

static void moving_ends_what_was_there() {
  pipe_ends pipe;
  thread a(wait_for_ever, pipe.out.get());
  thread::id first = a.get_id();
  thread b = std::move(a);
  CHECK(!a.joinable() && b.get_id() == first && a.get_id() == 0);
  b = thread(wait_for_ever, pipe.out.get());
  CHECK(b.get_id() != first && !is_blocked(first));
  swap(a, b);
  CHECK(a.joinable() && !b.joinable());
  thread &same = a;
  a = std::move(same);
  CHECK(a.joinable());
}

static void joining_can_be_interrupted() {
  pipe_ends pipe;
  thread worker(wait_for_ever, pipe.out.get());
  actor joiner([&] {
    CHECK_THROWS(interrupted, worker.join());
    std::error_code error;
    interrupt_self();
    worker.join(error);
    CHECK(error == polite::errc::interrupted && worker.joinable());
    CHECK(!worker.join_for(1ns) && !worker.join_until(std::chrono::steady_clock::now(), error) && !error);
    interrupt_self();
    CHECK(!worker.join_for(1h, error) && error == polite::errc::interrupted);
    worker.interrupt();
    CHECK(worker.join_for(1h) == ended::interrupted);
  });
  joiner.await_blocked();
  joiner.interrupt();
}

static void options_and_detaching() {
  polite_thread_options_t options = {};
  options.size = sizeof options;
  options.flags = POLITE_THREAD_SHIELDED;
  options.name = "shielded";
  thread worker(options, [] {
    interrupt_self();
    polite::checkpoint();
  });
  CHECK(worker.join() == ended::returned);

  polite::event done;
  options.flags = POLITE_THREAD_DETACHED;
  thread detached(options, [&] { done.set(); });
  CHECK(!detached.joinable());
  done.wait();
  done.reset();
  thread other([&] { done.set(); });
  other.detach();
  CHECK(!other.joinable());
  done.wait();

  options.flags = 1u << 31;
  CHECK_THROWS_WHERE(std::system_error, thread(options, [] {}), caught.code() == std::errc::invalid_argument);
}

static void a_call_stops_interrupts() {
  pipe_ends pipe;
  interrupt_self();
  CHECK(!polite::call(wait_for_ever, pipe.out.get()));
  interrupt_self();
  std::optional<std::string> nothing = polite::call([] { return polite::checkpoint(), std::string("done"); });
  CHECK(!nothing && polite::call([](std::string text) { return text; }, "done") == "done");
  CHECK(polite::call([] {}));
  CHECK_THROWS(std::runtime_error, polite::call([] { throw std::runtime_error("other"); }));
  CHECK(!polite::call([] { polite_unwind(); }) && !polite::call([] { polite_exit(nullptr); }));
}

static void a_call_restores_the_depth_of_shields() {
  CHECK(!polite::call([] {
    polite_shield_enter();
    polite_unwind();
  }));
  interrupt_self();
  CHECK_THROWS(interrupted, polite::checkpoint());
}

static void an_optional_is_a_result_as_any_other() {
  std::optional<std::optional<int>> empty = polite::call([] { return std::optional<int>(); });
  CHECK(empty && !*empty);
  CHECK(polite::call([] { return std::make_unique<int>(3); }).value() != nullptr);
}

int main(int argc, char **argv) {
  return run_tests(argc, argv,
                   {TEST(arguments_are_copied), TEST(an_interrupt_is_a_normal_end), TEST(one_that_was_caught_is_a_return),
                    TEST(c_code_in_it_may_unwind_it), TEST(its_destructor_interrupts_first), TEST(also_one_that_swallows_interrupts),
                    TEST(its_destructor_waits_whatever_is_pending), TEST(moving_ends_what_was_there), TEST(joining_can_be_interrupted),
                    TEST(options_and_detaching), TEST(a_call_stops_interrupts), TEST(a_call_restores_the_depth_of_shields),
                    TEST(an_optional_is_a_result_as_any_other)});
}

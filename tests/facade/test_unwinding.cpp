// While the stack unwinds nothing is interrupted: not in the throwing thread, and in no other any longer or shorter than it unwinds.
#include "scene.hpp"

#include <future>
#include <memory>

using polite::byte_span;
using polite::interrupted;

// A pipe with one byte in it, for a read that has no need to wait, and so would be interrupted only if it may be.
static pipe_ends &ready() {
  static pipe_ends pipe;
  polite::shield shield;
  CHECK(polite_write(pipe.in.get(), "x", 1) == 1);
  return pipe;
}

// Does I/O when it is destroyed, with an interrupt pending, in both forms.
struct reads_at_its_end {
  bool *done;
  ~reads_at_its_end() {
    char byte;
    interrupt_self(2);
    CHECK(polite::read(ready().out.get(), byte_span(&byte, 1)) == 1);
    std::error_code error;
    CHECK(polite::read(ready().out.get(), byte_span(&byte, 1), error) == 1 && !error);
    polite::checkpoint();
    CHECK(polite::this_thread::interrupt_pending());
    *done = true;
  }
};

// The thread is as ready to be interrupted as ever.
static void check_not_deaf() {
  polite::this_thread::interrupt_clear();
  interrupt_self(3);
  CHECK_THROWS_WHERE(interrupted, polite::checkpoint(), caught.reason() == 3);
  interrupt_self(4);
  CHECK(polite_checkpoint() == POLITE_INTERRUPTED);
}

static void destructors_are_not_interrupted() {
  bool done = false;
  interrupt_self(1);
  try {
    reads_at_its_end reads{&done};
    polite::checkpoint();
  } catch (const interrupted &first) {
    CHECK(first.reason() == 1 && done);
    CHECK_THROWS_WHERE(interrupted, polite::checkpoint(), caught.reason() == 2);  // the handler has been entered
  }
  CHECK(done);
  check_not_deaf();
}

static void nor_are_they_with_any_other_exception() {
  bool done = false;
  try {
    reads_at_its_end reads{&done};
    throw std::runtime_error("of another kind");
  } catch (const std::runtime_error &) {
  }
  CHECK(done);
  check_not_deaf();
}

// Blocked in a destructor, and interrupted there: it is not woken, and goes on until it has what it waits for.
static void a_blocked_destructor_is_not_woken() {
  pipe_ends pipe;
  std::atomic<bool> handled{false};
  actor thread([&] {
    struct waits {
      polite_fd fd;
      ~waits() {
        char byte;
        CHECK(polite::read(fd, byte_span(&byte, 1)) == 1);
      }
    };
    try {
      waits at_the_end{pipe.out.get()};
      throw interrupted();
    } catch (const interrupted &) {
      handled = true;
    }
    CHECK_THROWS_WHERE(interrupted, polite::checkpoint(), caught.reason() == 5);
  });
  thread.await_blocked();
  thread.interrupt(5);
  CHECK(is_blocked(thread.id()) && !handled);
  CHECK(polite_write(pipe.in.get(), "x", 1) == 1);
  thread.join();
  CHECK(handled);
}

// A try block within a destructor ends nothing: the outer exception is still on its way.
static void an_inner_handler_does_not_end_it() {
  bool done = false;
  struct handles_within {
    bool *done;
    ~handles_within() {
      try {
        throw std::runtime_error("within");
      } catch (const std::runtime_error &) {
        interrupt_self(6);
        polite::checkpoint();
      }
      polite::checkpoint();
      *done = true;
    }
  };
  try {
    handles_within handles{&done};
    throw interrupted(1);
  } catch (const interrupted &) {
  }
  CHECK(done);
  check_not_deaf();
}

static void a_handler_may_be_interrupted_and_may_shield_itself() {
  interrupt_self(1);
  try {
    polite::checkpoint();
  } catch (const interrupted &) {
    interrupt_self(2);
    {
      polite::shield truce;
      polite::checkpoint();
    }
    CHECK_THROWS_WHERE(interrupted, polite::checkpoint(), caught.reason() == 2);
  }
  check_not_deaf();
}

// Calls of C know nothing of exceptions: a shield while unwinding is for them.
static void c_calls_have_a_shield() {
  struct calls_c {
    ~calls_c() {
      interrupt_self(2);
      {
        polite::shield shield{polite::while_unwinding};
        CHECK(polite_checkpoint() == 0);
      }
      CHECK(polite_checkpoint() == POLITE_INTERRUPTED);
    }
  };
  try {
    calls_c within;
    throw interrupted();
  } catch (const interrupted &) {
  }
  polite::shield none{polite::while_unwinding};
  check_not_deaf();
}

static std::exception_ptr an_interrupt_stored() {
  interrupt_self(1);
  try {
    polite::checkpoint();
  } catch (...) {
    return std::current_exception();
  }
  std::abort();
}

static void a_stored_exception_leaves_nobody_deaf() {
  std::exception_ptr stored = an_interrupt_stored();
  check_not_deaf();
  actor other([stored]() mutable {
    check_not_deaf();
    bool done = false;
    try {
      reads_at_its_end reads{&done};
      std::rethrow_exception(stored);
    } catch (const interrupted &first) {
      CHECK(first.reason() == 1 && done);
      check_not_deaf();
    }
    check_not_deaf();
    stored = nullptr;
    check_not_deaf();
  });
  other.join();
  check_not_deaf();
  stored = nullptr;
  check_not_deaf();
}

static void destroyed_on_another_thread() {
  std::exception_ptr stored = an_interrupt_stored();
  actor([stored = std::move(stored)]() mutable {
    stored = nullptr;
    check_not_deaf();
  }).join();
  check_not_deaf();
}

static void through_a_future() {
  pipe_ends pipe;
  std::atomic<polite_thread_t> worker{0};
  auto answer = std::async(std::launch::async, [&] {
    worker = polite_self();
    char byte;
    return polite::read(pipe.out.get(), byte_span(&byte, 1));
  });
  AWAIT(is_blocked(worker));
  CHECK(polite_interrupt_with(worker, 9, 0) >= 0);
  bool done = false;
  try {
    reads_at_its_end reads{&done};
    answer.get();
  } catch (const interrupted &first) {
    CHECK(first.reason() == 9 && done);
  }
  CHECK(done);
  check_not_deaf();
}

static void through_a_promise() {
  std::promise<int> promise;
  actor([&] {
    interrupt_self(1);
    try {
      polite::checkpoint();
    } catch (...) {
      promise.set_exception(std::current_exception());
    }
    check_not_deaf();
  }).join();
  CHECK_THROWS_WHERE(interrupted, promise.get_future().get(), caught.reason() == 1);
  check_not_deaf();
}

static void nested_in_another_exception() {
  interrupt_self(1);
  try {
    try {
      polite::checkpoint();
    } catch (...) {
      std::throw_with_nested(std::runtime_error("while serving"));
    }
  } catch (const std::runtime_error &error) {
    check_not_deaf();
    CHECK_THROWS_WHERE(interrupted, std::rethrow_if_nested(error), caught.reason() == 1);
  }
  check_not_deaf();
}

static std::size_t read_noexcept(polite_fd fd, std::error_code &error) noexcept {
  char byte;
  return polite::read(fd, byte_span(&byte, 1), error);
}

static void noexcept_functions_use_the_other_form() {
  pipe_ends pipe;
  std::error_code error;
  actor thread([&] {
    CHECK(read_noexcept(pipe.out.get(), error) == 0 && error == polite::errc::interrupted);
    CHECK(polite::this_thread::interrupt_reason() == 8);
    check_not_deaf();
  });
  thread.await_blocked();
  thread.interrupt(8);
}

int main(int argc, char **argv) {
  return run_tests(argc, argv,
                   {TEST(destructors_are_not_interrupted), TEST(nor_are_they_with_any_other_exception),
                    TEST(a_blocked_destructor_is_not_woken), TEST(an_inner_handler_does_not_end_it),
                    TEST(a_handler_may_be_interrupted_and_may_shield_itself), TEST(c_calls_have_a_shield),
                    TEST(a_stored_exception_leaves_nobody_deaf), TEST(destroyed_on_another_thread), TEST(through_a_future),
                    TEST(through_a_promise), TEST(nested_in_another_exception), TEST(noexcept_functions_use_the_other_form)});
}

// What is given back at the end of a scope: descriptors, shields, guards, requests.
#include "scene.hpp"

#include <vector>

using polite::interrupted;
using polite::unique_fd;

static bool is_open(polite_fd fd) {
#if defined _WIN32
  DWORD flags;
  return GetHandleInformation(reinterpret_cast<HANDLE>(fd), &flags);
#else
  char byte;
  return ::read(fd, &byte, 0) == 0;
#endif
}

static void a_descriptor_is_closed_by_its_owner() {
  polite_fd fd;
  {
    pipe_ends pipe;
    fd = pipe.out.get();
    CHECK(is_open(fd));
  }
  CHECK(!is_open(fd));
}

static void also_when_an_interrupt_is_pending() {
  polite_fd fd;
  {
    pipe_ends pipe;
    fd = pipe.out.get();
    interrupt_self();
  }
  CHECK(!is_open(fd) && polite::this_thread::interrupt_clear());
}

static void moving_and_releasing() {
  pipe_ends pipe;
  polite_fd fd = pipe.out.get();
  unique_fd other = std::move(pipe.out);
  CHECK(other.get() == fd && !pipe.out && pipe.out.get() == polite_fd(-1));
  pipe.out = std::move(other);
  CHECK(pipe.out.get() == fd && !other);
  unique_fd &same = pipe.out;
  pipe.out = std::move(same);
  CHECK(pipe.out.get() == fd && is_open(fd));
  swap(pipe.out, other);
  CHECK(other.release() == fd && is_open(fd));
  pipe.out.reset(fd);
  pipe.out.reset();
  CHECK(!is_open(fd) && !pipe.out);
}

static void closing_tells() {
  unique_fd none;
  CHECK_THROWS_WHERE(std::system_error, none.close(), caught.code() == std::errc::bad_file_descriptor);
  std::error_code error;
  unique_fd bad(12345);
  bad.close(error);
  CHECK(error == std::errc::bad_file_descriptor && !bad);
}

static void shields_nest() {
  polite::shield outer;
  interrupt_self(1);
  {
    polite::shield inner;
    polite::checkpoint();
  }
  polite::checkpoint();
  CHECK(polite::this_thread::interrupt_pending());
  polite::this_thread::interrupt_clear();
}

static void a_shield_ends_with_its_scope() {
  {
    polite::shield shield;
    interrupt_self(4);
    polite::checkpoint();
  }
  CHECK_THROWS_WHERE(interrupted, polite::checkpoint(), caught.reason() == 4);
}

static void guards_run_latest_first_and_shielded() {
  std::string order;
  {
    polite::cleanup first = [&] { order += "1"; };
    polite::cleanup second = [&] {
      order += "2";
      interrupt_self();
      polite::checkpoint();
    };
    polite::cleanup never = [&] { order += "never"; };
    never.dismiss();
    CHECK(order.empty());
  }
  CHECK(order == "21" && polite::this_thread::interrupt_clear());
}

static void guards_run_when_an_exception_passes() {
  int count = 0;
  try {
    polite::cleanup guard = [&] { ++count; };
    interrupt_self();
    polite::checkpoint();
  } catch (const interrupted &) {
    CHECK(count == 1);
  }
  CHECK(count == 1);
}

// C code within a scope runs all that is above its mark, guards included; once.
static void guards_are_on_the_cleanup_stack() {
  int count = 0;
  {
    polite_mark_t mark;
    polite_cleanup_mark(&mark);
    polite::cleanup guard = [&] { ++count; };
    CHECK(polite_cleanup_run(&mark) == 0 && count == 1);
  }
  CHECK(count == 1);
}

static void a_request_is_taken_back_by_its_owner() {
  {
    polite::request request;
    CHECK(request.post(polite_self(), 3) == polite::sent::first);
    CHECK_THROWS_WHERE(std::system_error, request.post(polite_self()), caught.code().value() == POLITE_EALREADY);
    CHECK(polite::interrupt(polite_self(), 4) == polite::sent::again);
  }
  CHECK_THROWS_WHERE(interrupted, polite::checkpoint(), caught.reason() == 4);
  polite::checkpoint();
  polite::request request;
  request.post(polite_self(), 5, polite::latched);
  for (int i = 0; i < 3; ++i) CHECK_THROWS_WHERE(interrupted, polite::checkpoint(), caught.reason() == 5);
  CHECK(!request.withdraw());
  polite::checkpoint();
  request.post(polite_self(), 6);
  CHECK_THROWS(interrupted, polite::checkpoint());
  CHECK(request.withdraw());
}

static void a_thread_that_has_ended_is_told() {
  polite_thread_t ended = 0;
  {
    actor thread([] {});
    ended = thread.id();
  }
  CHECK_THROWS_WHERE(std::system_error, polite::interrupt(ended), caught.code() == std::errc::no_such_process);
  std::error_code error;
  polite::interrupt(ended, error);
  CHECK(error == std::errc::no_such_process);
}

int main(int argc, char **argv) {
  return run_tests(argc, argv,
                   {TEST(a_descriptor_is_closed_by_its_owner), TEST(also_when_an_interrupt_is_pending), TEST(moving_and_releasing),
                    TEST(closing_tells), TEST(shields_nest), TEST(a_shield_ends_with_its_scope),
                    TEST(guards_run_latest_first_and_shielded), TEST(guards_run_when_an_exception_passes),
                    TEST(guards_are_on_the_cleanup_stack), TEST(a_request_is_taken_back_by_its_owner),
                    TEST(a_thread_that_has_ended_is_told)});
}

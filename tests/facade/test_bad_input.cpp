// What is defined although it ought not to be done. (What ends the program is in bad_input.cpp.)
#include "scene.hpp"

#include <memory>

using polite::thread;

static void one_that_was_moved_from_is_nobody() {
  pipe_ends pipe;
  thread worker([&] {
    char byte;
    polite::read(pipe.out.get(), polite::byte_span(&byte, 1));
  });
  thread other = std::move(worker);
  CHECK(!worker.joinable() && !worker.interrupt());
  CHECK_THROWS_WHERE(std::system_error, worker.join(), caught.code() == std::errc::invalid_argument);
  CHECK_THROWS_WHERE(std::system_error, worker.detach(), caught.code() == std::errc::invalid_argument);
  std::error_code error;
  CHECK(worker.join(error) == polite::ended::returned && error == std::errc::invalid_argument);
  CHECK(!worker.join_for(1h, error) && error == std::errc::invalid_argument);
}

static void a_descriptor_that_was_moved_from_is_none() {
  pipe_ends pipe;
  polite::unique_fd other = std::move(pipe.out);
  char byte;
  CHECK_THROWS_WHERE(std::system_error, polite::read(pipe.out.get(), polite::byte_span(&byte, 1)), caught.code() == std::errc::bad_file_descriptor);
  CHECK_THROWS_WHERE(std::system_error, pipe.out.close(), caught.code() == std::errc::bad_file_descriptor);
}

static void joining_oneself_is_told() {
  std::unique_ptr<thread> self;
  polite::event made;
  std::error_code error;
  self = std::make_unique<thread>([&] {
    made.wait();
    CHECK_THROWS_WHERE(std::system_error, self->join(), caught.code() == std::errc::resource_deadlock_would_occur);
    self->join(error);
  });
  made.set();
  CHECK(self->join() == polite::ended::returned && error == std::errc::resource_deadlock_would_occur);
}

static void joining_twice_is_told() {
  thread worker([] {});
  worker.join();
  CHECK_THROWS_WHERE(std::system_error, worker.join(), caught.code() == std::errc::invalid_argument);
}

static void a_request_may_end_anywhere() {
  auto request = std::make_unique<polite::request>();
  request->post(polite_self());
  actor([&] { request.reset(); }).join();
  polite::checkpoint();
  actor([&] {
    request = std::make_unique<polite::request>();
    request->post(polite_self());
    polite::this_thread::interrupt_clear();
  }).join();
  request.reset();
}

static void reasons_and_flags_out_of_range_are_told() {
  CHECK_THROWS_WHERE(std::system_error, polite::interrupt(polite_self(), -1), caught.code() == std::errc::invalid_argument);
  CHECK_THROWS_WHERE(std::system_error, polite::interrupt(polite_self(), 0, 1u << 30), caught.code() == std::errc::invalid_argument);
}

int main(int argc, char **argv) {
  return run_tests(argc, argv,
                   {TEST(one_that_was_moved_from_is_nobody), TEST(a_descriptor_that_was_moved_from_is_none), TEST(joining_oneself_is_told),
                    TEST(joining_twice_is_told), TEST(a_request_may_end_anywhere), TEST(reasons_and_flags_out_of_range_are_told)});
}

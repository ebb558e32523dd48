// read_full and write_all: how many bytes were moved, and why they stopped.
#include "scene.hpp"

#include <vector>

using polite::interrupted;

static void all_of_it() {
  pipe_ends pipe;
  CHECK(polite::write_all(pipe.in.get(), "0123456789"sv));
  char digits[10];
  polite::transfer read = polite::read_full(pipe.out.get(), digits);
  CHECK(read && read.bytes == 10 && std::string_view(digits, 10) == "0123456789"sv);
}

static void the_end_is_a_reason_and_no_exception() {
  pipe_ends pipe;
  polite::write_all(pipe.in.get(), "abc"sv);
  pipe.in.close();
  char room[10];
  polite::transfer read = polite::read_full(pipe.out.get(), room);
  CHECK(!read && read.bytes == 3 && read.reason == polite::errc::end);
  std::error_code error;
  read = polite::read_full(pipe.out.get(), room, error);
  CHECK(!read && read.bytes == 0 && read.reason == polite::errc::end && error == read.reason);
}

static void an_interrupt_says_how_far_it_got() {
  pipe_ends pipe;
  char room[10];
  std::atomic<int> step{0};
  actor reader([&] {
    CHECK_THROWS_WHERE(interrupted, polite::read_full(pipe.out.get(), room), caught.bytes() == 3 && caught.reason() == 5);
    step = 1;
    std::error_code error;
    polite::transfer read = polite::read_full(pipe.out.get(), polite::byte_span(room).subspan(3), error);
    CHECK(read.bytes == 4 && read.reason == polite::errc::interrupted && error == read.reason);
    CHECK(!polite::this_thread::interrupt_pending());  // consumed exactly when the reason says so
    step = 2;
    CHECK(polite::read_full(pipe.out.get(), polite::byte_span(room).subspan(7)).bytes == 3);
  });
  polite::write_all(pipe.in.get(), "012"sv);
  reader.await_blocked();
  AWAIT(is_blocked(reader.id()) && step == 0);
#if !defined _WIN32
  // It has taken the three bytes before it blocks.
  int left = 1;
  AWAIT((polite::ioctl(pipe.out.get(), 0x541b /* FIONREAD */, &left), left == 0));
  reader.await_blocked();
#endif
  reader.interrupt(5);
  AWAIT(step == 1);
  polite::write_all(pipe.in.get(), "3456"sv);
#if !defined _WIN32
  AWAIT((polite::ioctl(pipe.out.get(), 0x541b /* FIONREAD */, &left), left == 0));
#endif
  reader.await_blocked();
  reader.interrupt(6);
  AWAIT(step == 2);
  polite::write_all(pipe.in.get(), "789"sv);
  reader.join();
  CHECK(std::string_view(room, 10) == "0123456789"sv);
}

static void other_errors_are_thrown_or_told() {
  char room[4];
  CHECK_THROWS_WHERE(std::system_error, polite::read_full(polite_fd(-1), room), caught.code() == std::errc::bad_file_descriptor);
  std::error_code error;
  CHECK(polite::write_all(polite_fd(-1), "x"sv, error).reason == std::errc::bad_file_descriptor && error);
}

int main(int argc, char **argv) {
  return run_tests(argc, argv,
                   {TEST(all_of_it), TEST(the_end_is_a_reason_and_no_exception), TEST(an_interrupt_says_how_far_it_got),
                    TEST(other_errors_are_thrown_or_told)});
}

// iostreams over a descriptor: their state after an interrupt, and that no byte is lost or doubled.
#include "scene.hpp"

#include <algorithm>
#include <istream>
#include <iterator>
#include <ostream>

using polite::fdbuf;
using polite::fdstream;
using polite::interrupted;

static void lines_come_through() {
  pipe_ends pipe;
  fdstream out(pipe.in.get()), in(std::move(pipe.out));
  out << "first line\n" << 42 << std::endl;
  std::string line;
  CHECK(std::getline(in, line) && line == "first line");
  int number = 0;
  CHECK(in >> number && number == 42);
  pipe.in.close();
  CHECK(in.get() == '\n' && in.get() == EOF && in.eof() && !in.bad() && !in.error());
}

// What was read of a line before the interrupt is in the string, and the rest comes next.
static void getline_is_interrupted() {
  pipe_ends pipe;
  std::atomic<bool> interrupted{false};
  actor reader([&] {
    fdstream in(pipe.out.get());
    std::string line;
    CHECK(!std::getline(in, line));
    CHECK(in.bad() && !in.eof() && line == "half");
    CHECK(in.error() == polite::errc::interrupted && polite::this_thread::interrupt_reason() == 6);
    interrupted = true;
    in.clear();
    CHECK(std::getline(in, line) && line == " a line");
  });
  CHECK(polite::write(pipe.in.get(), "half"sv) == 4);
  reader.await_blocked("read");
  // It may have been blocked before the bytes came. When they are gone it has them.
#if !defined _WIN32
  int left = 1;
  AWAIT((polite::ioctl(pipe.out.get(), 0x541b /* FIONREAD */, &left), left == 0));
  reader.await_blocked("read");
#endif
  reader.interrupt(6);
  AWAIT(interrupted);
  CHECK(polite::write(pipe.in.get(), " a line\n"sv) == 8);
}

static void an_exception_for_those_who_ask() {
  pipe_ends pipe;
  fdstream in(pipe.out.get());
  in.exceptions(std::ios::badbit);
  std::string line;
  interrupt_self(7);
  CHECK_THROWS_WHERE(interrupted, std::getline(in, line), caught.reason() == 7);
  CHECK(in.bad());
  in.clear();
  fdstream bad(polite_fd(-1));
  bad.exceptions(std::ios::badbit);
  CHECK_THROWS_WHERE(std::system_error, bad.get(), caught.code() == std::errc::bad_file_descriptor);
}

// Far more than fits the pipe, in pieces small and large, with interrupts in between: after clear() and flush() each byte is there once.
static void writing_is_interrupted() {
  pipe_ends pipe;
  std::string all;
  for (int i = 0; all.size() < 300000; ++i) all += std::to_string(i) + ' ';
  std::atomic<bool> done{false};
  std::atomic<int> interrupts{0};
  actor writer([&] {
    fdbuf out(pipe.in.get());
    std::size_t taken = 0;
    for (unsigned turn = 0; taken < all.size(); ++turn) {
      constexpr std::size_t pieces[] = {20000, 3000, 3000, 3000, 100, 1};  // the buffer has 4096
      std::size_t piece = std::min(pieces[turn % std::size(pieces)], all.size() - taken);
      try {
        CHECK(out.sputn(all.data() + taken, std::streamsize(piece)) == std::streamsize(piece));
        taken += piece;
      } catch (const interrupted &interrupt) {
        ++interrupts;
        taken += interrupt.bytes();
      }
    }
    while (!polite::call([&] { CHECK(out.pubsync() == 0); })) ++interrupts;
    done = true;
    pipe.in.close();
  });
  std::string read;
  char room[1000];
  for (int i = 0;; ++i) {
    if (i % 8 == 0 && !done) {
      AWAIT(done || is_blocked(writer.id(), "write"));
      if (!done) polite_interrupt(writer.id());
    }
    std::size_t count = polite::read(pipe.out.get(), room);
    if (count == 0) break;
    read.append(room, count);
  }
  writer.join();
  CHECK(read == all && interrupts > 10);
}

static void a_stream_of_its_own_is_flushed_at_its_end() {
  pipe_ends pipe;
  polite_fd out = pipe.out.get();
  interrupt_self();
  {
    fdstream stream(std::move(pipe.in));
    CHECK(stream << "at the end");
  }
  CHECK(polite::this_thread::interrupt_clear());
  char room[20];
  CHECK(polite::read(out, room) == 10 && polite::read(out, room) == 0);
}

// Nobody reads. Whoever is interrupted must not wait in the stream's destructor for ever.
static void but_not_while_the_stack_unwinds() {
  pipe_ends pipe;
  thread_local char text[1 << 20];
  std::memset(text, 'x', sizeof text);
  actor writer([&] {
    fdstream stream(pipe.in.get());
    stream.exceptions(std::ios::badbit);
    try {
      fdstream inner(pipe.in.get());
      inner.exceptions(std::ios::badbit);
      inner << "not written";
      stream.write(text, sizeof text);
      CHECK(false && "it went past");
    } catch (const interrupted &interrupt) {
      CHECK(interrupt.bytes() > 0);
    }
  });
  writer.await_blocked("write");
  writer.interrupt();
  writer.join();
}

// The same without an exception: the stream is bad, and ends in the ordinary way.
static void nor_after_a_failure() {
  pipe_ends pipe;
  actor writer([&] {
    fdstream stream(pipe.in.get());
    const std::string line(100, 'x');
    while (stream << line << std::endl) continue;
    CHECK(stream.error() == polite::errc::interrupted);
  });
  writer.await_blocked("write");
  writer.interrupt();
  writer.join();
}

// What read had read, and write had written, is said.
static void a_part_is_told() {
  pipe_ends pipe;
#if !defined _WIN32  // where it is not known when the reader has all of it
  std::string text(10000, 'a');
  std::atomic<bool> interrupted{false};
  actor reader([&] {
    fdstream in(pipe.out.get());
    std::string room(text.size() + 1, ' ');
    in.read(room.data(), std::streamsize(room.size()));
    CHECK(in.bad() && !in.eof() && in.error() == polite::errc::interrupted);
    CHECK(in.bytes() == text.size() && room == text + ' ' && in.rdbuf()->bytes() == in.bytes());
    interrupted = true;
    in.clear();
    CHECK(in.read(room.data(), 3) && room.compare(0, 3, "end") == 0);
    CHECK(in.error() == polite::errc::interrupted);  // the last that failed
  });
  CHECK(polite::write_all(pipe.in.get(), text));
  int left = 1;
  AWAIT((polite::ioctl(pipe.out.get(), 0x541b /* FIONREAD */, &left), left == 0));
  reader.await_blocked("read");
  reader.interrupt();
  AWAIT(interrupted);
  CHECK(polite::write(pipe.in.get(), "end"sv) == 3);
  reader.join();
#endif

  static char much[1 << 20];  // not thread-local: the writer would write its own
  std::memset(much, 'x', sizeof much);
  std::size_t moved = 0;
  actor writer([&] {
    fdstream out(pipe.in.get());
    CHECK(!out.write(much, sizeof much) && out.error() == polite::errc::interrupted);
    moved = out.bytes();
  });
  writer.await_blocked("write");
  writer.interrupt();
  writer.join();
  pipe.in.close();
  fdstream in(std::move(pipe.out));
  std::size_t count = 0;
  while (in.get() == 'x') ++count;
  CHECK(moved > 0 && count == moved);
}

int main(int argc, char **argv) {
  return run_tests(argc, argv,
                   {TEST(lines_come_through), TEST(getline_is_interrupted), TEST(an_exception_for_those_who_ask), TEST(writing_is_interrupted),
                    TEST(a_stream_of_its_own_is_flushed_at_its_end), TEST(but_not_while_the_stack_unwinds), TEST(nor_after_a_failure), TEST(a_part_is_told)});
}

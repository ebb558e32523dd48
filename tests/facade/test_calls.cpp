// Each interruption point of the facade, in both forms: interrupted while it is blocked, and when an interrupt is pending at entry.
#include "scene.hpp"

#if !defined _WIN32
#  include <fcntl.h>
#  include <poll.h>
#  include <signal.h>
#  include <sys/socket.h>
#  include <sys/un.h>
#  include <sys/wait.h>
#endif

using polite::byte_span;
using polite::const_byte_span;
using polite::interrupted;

static char room[1 << 20];

// Checks a call that blocks, given as a function of nothing or of an error code.
template <class Throwing, class Telling>
static void check_both_forms(Throwing throwing, Telling telling) {
  actor by_exception([&] {
    CHECK_THROWS_WHERE(interrupted, throwing(), caught.reason() == 21);
    interrupt_self(22);
    CHECK_THROWS_WHERE(interrupted, throwing(), caught.reason() == 22);
  });
  by_exception.await_blocked();
  by_exception.interrupt(21);
  by_exception.join();

  actor by_code([&] {
    std::error_code error;
    telling(error);
    CHECK(error == polite::errc::interrupted && polite::this_thread::interrupt_reason() == 23);
    error.clear();
    interrupt_self(24);
    telling(error);
    CHECK(error == polite::errc::interrupted && polite::this_thread::interrupt_reason() == 24);
  });
  by_code.await_blocked();
  by_code.interrupt(23);
  by_code.join();
}

// A call whose last parameter, in the second form, is the error code.
#define CHECK_BOTH_FORMS(function, ...) \
  check_both_forms([&] { static_cast<void>(function(__VA_ARGS__)); }, [&](std::error_code &error) { static_cast<void>(function(__VA_ARGS__, error)); })

static void reading_and_writing() {
  pipe_ends pipe;
  CHECK_BOTH_FORMS(polite::read, pipe.out.get(), room);
  CHECK_BOTH_FORMS(polite::read_full, pipe.out.get(), room);
  polite_iovec_t piece{room, sizeof room};
  CHECK_BOTH_FORMS(polite::readv, pipe.out.get(), &piece, 1);

  // A write of more than fits moves what fits first, and says so.
  pipe_ends full;
  actor writer([&] {
    std::size_t moved = polite::write(full.in.get(), room);
    CHECK(moved > 0 && moved < sizeof room);
    CHECK_THROWS(interrupted, polite::write(full.in.get(), room));
  });
  writer.await_blocked();
  writer.interrupt();
  writer.join();
  CHECK_BOTH_FORMS(polite::write, full.in.get(), byte_span(room));
  CHECK_BOTH_FORMS(polite::write_all, full.in.get(), byte_span(room));
  CHECK_BOTH_FORMS(polite::writev, full.in.get(), &piece, 1);
}

static void sleeping() {
  CHECK_BOTH_FORMS(polite::this_thread::sleep_for, 1h);
  CHECK_BOTH_FORMS(polite::this_thread::sleep_until, std::chrono::steady_clock::now() + 1h);
  CHECK_BOTH_FORMS(polite::this_thread::sleep_until, std::chrono::system_clock::now() + 1h);
  CHECK_BOTH_FORMS(polite::this_thread::sleep_for, std::chrono::hours::max());
  CHECK_BOTH_FORMS(polite::this_thread::sleep_until, std::chrono::system_clock::time_point::max());
  polite::this_thread::sleep_for(std::chrono::hours::min());
  polite::this_thread::sleep_until(std::chrono::system_clock::time_point::min());
  polite::this_thread::sleep_for(1ns);
  auto before = std::chrono::steady_clock::now();
  polite::this_thread::sleep_for(std::chrono::duration<double, std::milli>(1.5));
  CHECK(std::chrono::steady_clock::now() - before >= 1500us);
}

static void looking() {
  interrupt_self(1);
  CHECK_THROWS_WHERE(interrupted, polite::checkpoint(), caught.reason() == 1);
  polite::checkpoint();
  interrupt_self(2);
  std::error_code error;
  polite::checkpoint(error);
  CHECK(error == polite::errc::interrupted);
  polite::checkpoint(error);
  CHECK(!error);
}

static void parking() {
  check_both_forms([] { polite::this_thread::park(); }, [](std::error_code &error) { polite::this_thread::park(error); });
  CHECK_BOTH_FORMS(polite::this_thread::park_for, 1h);
  CHECK(!polite::this_thread::park_for(1ns) && !polite::this_thread::park_for(-1h));
  CHECK(polite::unpark(polite_self()) && !polite::unpark(polite_self()));
  CHECK(polite::this_thread::park_until(std::chrono::steady_clock::now()));
}

// A call of a library that polite does not know: here, one that waits for a pipe that `unblock` writes to.
static void foreign_calls() {
  pipe_ends pipe;
  pipe_ends wake;
  bool give_answer = false;
  std::atomic<bool> begun{false};
  auto wait = [&]() -> std::optional<int> {
    if (give_answer) return 5;
    begun = true;  // from here on the pipe remembers
    char byte;
    CHECK(polite_read(wake.out.get(), &byte, 1) == 1);
    return std::nullopt;
  };
  auto unblock = [&] {
    polite_fd in = wake.in.get();
    CHECK(polite_write(in, "x", 1) == 1);
  };
  actor thread([&] {
    CHECK_THROWS(interrupted, polite::blocking(wait, unblock));
    std::error_code error;
    interrupt_self();
    CHECK(!polite::blocking(wait, unblock, error) && error == polite::errc::interrupted);
    give_answer = true;
    CHECK(polite::blocking(wait, unblock) == 5);
    CHECK(polite::blocking(wait, unblock, error) == 5 && !error);
    auto fails = []() -> std::optional<int> { throw std::runtime_error("of the library"); };
    CHECK_THROWS(std::runtime_error, polite::blocking(fails, unblock));
  });
  AWAIT(begun);
  thread.interrupt();
}

#if !defined _WIN32

// A socket that listens, under a name of Linux's that is no file, and the name.
struct listener {
  listener() : sock(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    name.sun_family = AF_UNIX;
    std::snprintf(name.sun_path + 1, sizeof name.sun_path - 1, "polite.test_calls.%d", int(::getpid()));
    CHECK(::bind(sock.get(), address(), sizeof name) == 0 && ::listen(sock.get(), 1) == 0);
  }
  sockaddr *address() { return reinterpret_cast<sockaddr *>(&name); }
  sockaddr_un name = {};
  polite::unique_sock sock;
};

static void sockets() {
  listener listener;
  check_both_forms([&] { polite::accept(listener.sock.get()); }, [&](std::error_code &error) { CHECK(!polite::accept(listener.sock.get(), error)); });
  CHECK_BOTH_FORMS(polite::accept, listener.sock.get(), nullptr, nullptr);
  CHECK_BOTH_FORMS(polite::accept4, listener.sock.get(), nullptr, nullptr, SOCK_CLOEXEC);

  polite::unique_sock client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  polite::connect(client.get(), listener.address(), sizeof listener.name);
  polite::unique_sock server = polite::accept(listener.sock.get());
  CHECK(polite::send(client.get(), "abc"sv) == 3 && polite::recv(server.get(), room) == 3 && std::memcmp(room, "abc", 3) == 0);
  CHECK_BOTH_FORMS(polite::recv, server.get(), room);
  CHECK_BOTH_FORMS(polite::recv, server.get(), room, 0);
  CHECK_BOTH_FORMS(polite::recvfrom, server.get(), room, 0, nullptr, nullptr);
  iovec part{room, sizeof room};
  msghdr message = {};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  CHECK_BOTH_FORMS(polite::recvmsg, server.get(), &message, 0);
  while (::send(client.get(), room, 4096, MSG_DONTWAIT) > 0) {
  }
  CHECK_BOTH_FORMS(polite::send, client.get(), byte_span(room));
  CHECK_BOTH_FORMS(polite::send, client.get(), byte_span(room), MSG_NOSIGNAL);
  CHECK_BOTH_FORMS(polite::sendto, client.get(), byte_span(room), 0, nullptr, 0);
  CHECK_BOTH_FORMS(polite::sendmsg, client.get(), &message, 0);
}

static void descriptors_and_files() {
  pipe_ends pipe;
  pollfd waiting{pipe.out.get(), POLLIN, 0};
  CHECK_BOTH_FORMS(polite::poll, &waiting, 1, -1);
  CHECK_BOTH_FORMS(polite::ppoll, &waiting, 1, nullptr, nullptr);
  CHECK(polite::poll(&waiting, 1, 0) == 0);

  polite::unique_fd null = polite::open("/dev/null", O_RDWR | O_CLOEXEC);
  CHECK(null && polite::write(null.get(), "abc"sv) == 3);
  CHECK_THROWS_WHERE(std::system_error, polite::open("/there/is/no/such/file", O_RDONLY), caught.code() == std::errc::no_such_file_or_directory);
  std::error_code error;
  CHECK(!polite::open("/there/is/no/such/file", O_RDONLY, error) && error.value() == POLITE_ENOENT);
  interrupt_self(2);
  CHECK_THROWS_WHERE(interrupted, polite::open("/dev/null", O_RDONLY), caught.reason() == 2);
}

static void children_and_signals() {
  pipe_ends pipe;
  pid_t child = ::fork();
  if (child == 0) {
    char byte;
    pipe.in.close();
    ::_exit(::read(pipe.out.get(), &byte, 1) == 0 ? 7 : 1);
  }
  int status = 0;
  CHECK_BOTH_FORMS(polite::waitpid, child, &status, 0);
  pipe.in.close();
  CHECK(polite::waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 7);

  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGUSR1);
  CHECK_BOTH_FORMS(polite::sigwait, &set);
  CHECK_BOTH_FORMS(polite::sigwaitinfo, &set, nullptr);
  check_both_forms([] { polite::pause(); }, [](std::error_code &error) { polite::pause(error); });
}

#endif

int main(int argc, char **argv) {
  return run_tests(argc, argv,
                   {TEST(reading_and_writing), TEST(sleeping), TEST(looking), TEST(parking), TEST(foreign_calls),
#if !defined _WIN32
                    TEST(sockets), TEST(descriptors_and_files), TEST(children_and_signals)
#endif
                   });
}

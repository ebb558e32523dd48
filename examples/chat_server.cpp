// A chat server: what one says, a line at a time, all others get.
//
//     chat_server [PORT]
//
// It listens at 127.0.0.1, says at which port, and stops on SIGINT or SIGTERM, in the middle of whatever its threads wait for: each says goodbye and is
// gone. There is a thread for each guest, blocked in reading his line; none polls.
#include <polite.hpp>

#include <atomic>
#include <csignal>
#include <iostream>
#include <list>
#include <memory>
#include <mutex>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>

namespace {

class Room;

// One who is there. The thread reads what he says; anybody writes to him, one at a time.
class Guest {
 public:
  Guest(Room &room, polite::unique_sock sock) : sock_(std::move(sock)), thread_([this, &room] { listen(room); }) {}

  void tell(const std::string &text) {
    std::lock_guard<polite::mutex> lock(writing_);
    // It does not wait, so it need not be interrupted: who does not read misses something. That he is gone his own thread will notice.
    ::send(sock_.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  }
  void leave() { thread_.interrupt(); }
  bool has_left() const { return left_; }

 private:
  void listen(Room &);

  polite::unique_sock sock_;
  polite::mutex writing_;
  std::atomic<bool> left_{false};
  polite::thread thread_;  // last: it ends first
};

class Room {
 public:
  void enter(polite::unique_sock sock) {
    std::lock_guard<polite::mutex> lock(mutex_);
    guests_.remove_if([](const auto &guest) { return guest->has_left(); });
    guests_.push_back(std::make_unique<Guest>(*this, std::move(sock)));
    guests_.back()->tell("welcome\n");
  }

  void say(const Guest *speaker, const std::string &text) {
    std::lock_guard<polite::mutex> lock(mutex_);
    for (const auto &guest : guests_)
      if (guest.get() != speaker && !guest->has_left()) guest->tell(text);
  }

  ~Room() { close(); }

  // Everybody out: all at once, and then one waits for each. Who is in a hurry and interrupts once more waits, too.
  void close() {
    polite::shield until_all_are_out;
    std::list<std::unique_ptr<Guest>> leaving;
    {
      std::lock_guard<polite::mutex> lock(mutex_);
      leaving.swap(guests_);
    }
    for (const auto &guest : leaving) guest->leave();
  }

 private:
  polite::mutex mutex_;
  std::list<std::unique_ptr<Guest>> guests_;
};

void Guest::listen(Room &room) {
  polite::cleanup note = [this] { left_ = true; };
  try {
    polite::fdstream in(sock_.get());
    in.exceptions(std::ios::badbit);
    for (std::string line; std::getline(in, line);) room.say(this, line + '\n');
  } catch (const polite::interrupted &) {
    polite::shield until_said;  // the destructor's interrupt is latched
    tell("goodbye\n");
  } catch (const std::system_error &) {
    // He is gone without a word.
  }
}

polite::unique_sock listen_at(std::uint16_t port) {
  polite::unique_sock sock(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  int on = 1;
  sockaddr_in here = {};
  here.sin_family = AF_INET;
  here.sin_port = htons(port);
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t len = sizeof here;
  auto *address = reinterpret_cast<sockaddr *>(&here);
  if (!sock || ::setsockopt(sock.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 || ::bind(sock.get(), address, len) != 0 ||
      ::listen(sock.get(), 16) != 0 || ::getsockname(sock.get(), address, &len) != 0)
    throw std::system_error(errno, std::generic_category(), "listening");
  std::cout << "port " << ntohs(here.sin_port) << std::endl;
  return sock;
}

polite_thread_t main_thread;

}  // namespace

int main(int argc, char **argv) try {
  main_thread = polite::this_thread::get_id();
  for (int signal : {SIGINT, SIGTERM}) std::signal(signal, [](int) { polite_interrupt(main_thread); });
  polite::unique_sock sock = listen_at(argc > 1 ? static_cast<std::uint16_t>(std::stoi(argv[1])) : 0);
  Room room;
  try {
    for (;;) room.enter(polite::accept(sock.get()));
  } catch (const polite::interrupted &) {
    room.close();
  }
  std::cout << "closed" << std::endl;
} catch (const std::exception &error) {
  std::cerr << error.what() << '\n';
  return 1;
}

// Waiting for many sockets (afd.h).
#include "polite/error.h"
#include "polite/interrupt.h"
#include "polite/io.h"
#include "polite/time.h"
#include "win32/afd.h"
#include "win32/errors.h"

#include <stdlib.h>

using namespace polite;

namespace {

constexpr Call polling = {"poll", 0, false, false, 0};

ULONG wanted_by(short events) {
  ULONG wanted = afd::ABORT | afd::CONNECT_FAIL | afd::LOCAL_CLOSE;
  if (events & POLLRDNORM) wanted |= afd::RECEIVE | afd::ACCEPT | afd::DISCONNECT;
  if (events & (POLLRDBAND | POLLPRI)) wanted |= afd::RECEIVE_EXPEDITED;
  if (events & POLLWRNORM) wanted |= afd::SEND;
  return wanted;
}

// The end of a stream can be read; and what has failed does not make anybody wait.
short told_by(ULONG events, short asked) {
  short told = 0;
  if (events & (afd::RECEIVE | afd::ACCEPT | afd::DISCONNECT)) told |= POLLRDNORM;
  if (events & afd::RECEIVE_EXPEDITED) told |= asked & (POLLRDBAND | POLLPRI);
  if (events & afd::SEND) told |= POLLWRNORM;
  if (events & afd::DISCONNECT) told |= POLLHUP;
  if (events & (afd::ABORT | afd::CONNECT_FAIL)) told |= POLLERR | POLLHUP | (asked & (POLLRDNORM | POLLWRNORM));
  if (events & afd::LOCAL_CLOSE) told |= POLLNVAL;
  return told;
}

// Both lists of a poll, and what the one that was asked for is called by its owner.
class Lists {
 public:
  explicit Lists(ULONG count) : few_{} {
    size_t size = afd::Request::size_for(count);
    if (2 * size + count * sizeof(ULONG) > sizeof few_) memory_ = malloc(2 * size + count * sizeof(ULONG));
    char *place = memory_ ? static_cast<char *>(memory_) : few_;
    missing_ = 2 * size + count * sizeof(ULONG) > sizeof few_ && !memory_;
    request = reinterpret_cast<afd::Request *>(place);
    answer = reinterpret_cast<afd::Request *>(place + size);
    places = reinterpret_cast<ULONG *>(place + 2 * size);
  }
  ~Lists() { free(memory_); }
  Lists(const Lists &) = delete;
  Lists &operator=(const Lists &) = delete;

  bool missing() const { return missing_; }
  afd::Request *request, *answer;
  ULONG *places;

 private:
  alignas(8) char few_[2048];
  void *memory_ = nullptr;
  bool missing_ = false;
};

bool is_socket(SOCKET socket) {
  int type, size = sizeof type;
  return getsockopt(socket, SOL_SOCKET, SO_TYPE, reinterpret_cast<char *>(&type), &size) == 0;
}

// Puts the sockets that there are into the request. Returns how many there are of those that are none. Wine gives out a base of those, too; so
// when the driver has complained, each is looked at.
int ask(pollfd *fds, ULONG count, Lists &lists, bool thoroughly) {
  int invalid = 0;
  lists.request->count = 0;
  for (ULONG i = 0; i < count; ++i) {
    HANDLE base;
    fds[i].revents = 0;
    if (intptr_t(fds[i].fd) < 0) continue;
    if (afd::base_handle(fds[i].fd, base) != 0 || (thoroughly && !is_socket(fds[i].fd))) {
      fds[i].revents = POLLNVAL;
      ++invalid;
      continue;
    }
    lists.places[lists.request->count] = i;
    lists.request->sockets[lists.request->count++] = {base, wanted_by(fds[i].events), 0};
  }
  return invalid;
}

// One socket may be asked for several times, each for something else.
bool is_answer_to(const afd::Polled &asked, const afd::Polled &answer) {
  return asked.handle == answer.handle && (asked.events & answer.events) != 0;
}

// Both are in the same order; the answer has left some out.
int tell(pollfd *fds, const Lists &lists) {
  int told = 0;
  ULONG asked = 0;
  for (ULONG i = 0; i < lists.answer->count; ++i) {
    const afd::Polled &polled = lists.answer->sockets[i];
    while (asked < lists.request->count && !is_answer_to(lists.request->sockets[asked], polled)) ++asked;
    if (asked == lists.request->count) break;
    pollfd &one = fds[lists.places[asked++]];
    one.revents = told_by(polled.events, one.events);
    told += one.revents != 0;
  }
  return told;
}

}  // namespace

extern "C" int polite_poll(pollfd *fds, unsigned long count, int timeout) {
  if (int interrupted = polite_checkpoint()) return interrupted;
  if (count && !fds) return POLITE_EFAULT;
  if (count > 0xffffff) return POLITE_EINVAL;
  Lists lists(count);
  if (lists.missing()) return POLITE_ENOMEM;
  for (bool thoroughly = false;; thoroughly = true) {
    int invalid = ask(fds, count, lists, thoroughly);
    if (lists.request->count == 0) {
      if (invalid || timeout == 0) return invalid;
      return polite_nanosleep(timeout < 0 ? INT64_MAX : timeout * int64_t(1000000), nullptr);
    }
    DWORD milliseconds = invalid ? 0 : timeout < 0 ? INFINITE : DWORD(timeout);
    Outcome outcome = afd::poll(polling, reinterpret_cast<uintptr_t>(fds), *lists.request, *lists.answer, milliseconds);
    if (outcome.interrupted) return POLITE_INTERRUPTED;
    if (!outcome.error) return invalid + tell(fds, lists);
    if (outcome.timed_out) return invalid;
    if (thoroughly) return code_of(outcome.error);
  }
}

// Blocking calls that polite does not know (polite/blocking.h): a region whose waker is the program's.
//
// When the waker has returned, WAKING is clear again, so that a further interrupt calls it again: a library that has forgotten the first
// one is not lost. It is cleared last, so that it is never called twice at a time; an interrupter that meanwhile finds it set
// leaves it at the call that is under way, which a library that remembers has noticed.
#include "polite/blocking.h"

#include "polite/error.h"
#include "process.h"
#include "region.h"

namespace polite {

namespace {

constexpr Call blocking = {"blocking", 0, false, false, 0};

class Blocker : public Waker {
 public:
  Blocker(Record &record, void (*unblock)(void *), void *arg) : Waker(call, true), record_(record), unblock_(unblock), arg_(arg) {}

 private:
  static bool call(Waker &waker) {
    Blocker &blocker = static_cast<Blocker &>(waker);
    blocker.unblock_(blocker.arg_);
    blocker.record_.word.fetch_and(~word::WAKING);
    return true;
  }

  Record &record_;
  void (*unblock_)(void *);
  void *arg_;
};

bool is_shielded(const Record &record) { return record.owner()->mask.load() == 0; }

bool is_in_blocking(const Whereabouts &here) {
  return Whereabouts::is_waker(here.frame.load()) && here.call.load_relaxed() == &blocking;
}

}  // namespace

}  // namespace polite

using namespace polite;

extern "C" {

polite_ssize_t polite_blocking(polite_ssize_t (*fn)(void *), void *arg, void (*unblock)(void *), void *unblock_arg) {
  if (!fn || !unblock) return POLITE_EINVAL;
  Record &record = present();
  if (outside(record)) return fn(arg);
  for (;;) {
    bool shielded = is_shielded(record);
    Blocker blocker(record, unblock, unblock_arg);
    Region region(record, blocker, blocking);
    polite_ssize_t result = region.requested() ? POLITE_INTERRUPTED : fn(arg);
    switch (region.leave(result == POLITE_INTERRUPTED && !shielded ? Ending::woken : Ending::result)) {
      case Next::give_back: return result;
      case Next::interrupted: return POLITE_INTERRUPTED;
      case Next::again: break;
    }
  }
}

int polite_blocking_requested(void) {
  Record &record = present();
  platform::fence();  // pairs with order(): what unblock is to find is stored before `word` is loaded
  if (!(record.word.load() & record.owner()->region.load_relaxed() & word::REQUESTS)) return 0;
  return outside(record) && is_in_blocking(*record.owner()) ? 1 : 0;
}

}  // extern "C"

#include "errand.h"

#include "delivery.h"
#include "polite/error.h"

namespace polite {

namespace {

// Of memory that is not touched nothing is used. Resolvers have plug-ins, whose appetite nobody knows.
constexpr uint64_t STACK = 256 * 1024;

// Whoever comes second, this or leave_behind, frees it.
void *do_errand(void *errand_) {
  Errand &errand = *static_cast<Errand *>(errand_);
  errand.work(errand);
  uint32_t state = Errand::UNDER_WAY;
  if (errand.state.compare_exchange(state, Errand::DONE)) platform::wake_waiters(&errand.state);  // it may be gone by now
  else errand.free(errand);
  return nullptr;
}

int send_off(Errand &errand) {
  platform::Signals_held held;  // the thread begins with them held back, and keeps them so
  uint64_t thread, signals;
  int error = platform::make_thread(&thread, {STACK, nullptr, true}, &signals, do_errand, &errand);
  // Where a program has much thread-local memory that stack may be too small.
  if (error == POLITE_EINVAL) error = platform::make_thread(&thread, {0, nullptr, true}, &signals, do_errand, &errand);
  return error;
}

void leave_behind(Errand &errand) {
  uint32_t state = Errand::UNDER_WAY;
  if (!errand.state.compare_exchange(state, Errand::LEFT_BEHIND)) errand.free(errand);
}

}  // namespace

bool can_be_interrupted() {
  Whereabouts &here = platform::whereabouts();
  if (!here.mask.load_relaxed()) return false;  // also where the record is nobody's
  return !here.frame.load_relaxed() || !outside(*here.record);
}

int run_errand(platform::Purpose purpose, Errand &errand) {
  errand.state.store(Errand::UNDER_WAY);
  if (int error = send_off(errand)) return error;
  while (errand.state.load() == Errand::UNDER_WAY) {
    if (int interrupted = platform::wait_interruptibly(purpose, errand.state, Errand::UNDER_WAY, platform::NEVER)) {
      leave_behind(errand);
      return interrupted;
    }
  }
  return 0;
}

}  // namespace polite

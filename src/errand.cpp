#include "errand.h"

#include "delivery.h"
#include "polite/error.h"

namespace polite {

namespace {

// Of memory that is not touched nothing is used. Resolvers have plug-ins, whose appetite nobody knows.
constexpr uint64_t STACK = 256 * 1024;

// Nothing is parked at these.
Parker *const DONE = reinterpret_cast<Parker *>(1);
Parker *const LEFT_BEHIND = reinterpret_cast<Parker *>(3);

// Whoever comes second, this or leave_behind, frees it.
void *do_errand(void *errand_) {
  Errand &errand = *static_cast<Errand *>(errand_);
  errand.work(errand);
  Parker *caller = errand.waiting.exchange(DONE);  // it may be gone from here on
  if (caller == LEFT_BEHIND) errand.free(errand);
  else if (caller) caller->post();
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
  if (errand.waiting.exchange(LEFT_BEHIND) == DONE) errand.free(errand);
}

}  // namespace

bool can_be_interrupted() {
  Whereabouts &here = platform::whereabouts();
  if (!here.mask.load_relaxed()) return false;  // also where the record is nobody's
  return !here.frame.load_relaxed() || !outside(*here.record);
}

int run_errand(const Call &call, Errand &errand) {
  errand.waiting.store(nullptr);
  if (int error = send_off(errand)) return error;
  for (;;) {
    Placed_parker caller(errand.waiting);
    if (!caller.put()) return 0;
    Parked end = park(caller, {call, nullptr}, Placed_parker::withdraw);
    if (end == Parked::posted) return 0;
    if (end == Parked::interrupted) break;
  }
  leave_behind(errand);
  return POLITE_INTERRUPTED;
}

}  // namespace polite

// Any call of Linux by its number.
#include "polite.h"
#include "posix/system_call.h"
#include "posix/interruptible.h"

using namespace polite;

namespace {

constexpr unsigned NUMBERS = 512, KINDS = 256;  // as many numbers as Linux is going to have for a while; how many of them a program uses

// A description must not change once it can be seen: inspectors read it at any time. So one is made for each number, once, aside,
// and then put up. Two threads that do so at once, or a thread and its handler, make two: the first that is up is taken.
Call descriptions[KINDS];
Atomic<uint32_t> made;
Atomic<uint32_t> put_up[NUMBERS];  // 1 for the first description; 0: none yet

// Who inspects a thread sees its description by the store of its window, which comes after the barrier, and which TSan does not know of.
__attribute__((no_sanitize("thread"))) const Call *description_of(long number) {
  Atomic<uint32_t> &place = put_up[number];
  uint32_t known = place.load_acquire();
  if (known) return &descriptions[known - 1];
  uint32_t next = made.fetch_add(1);
  if (next >= KINDS) {
    made.store(KINDS);
    return nullptr;
  }
  descriptions[next] = {"syscall", int32_t(number), false, false, 0};
  full_barrier();
  return place.compare_exchange(known, next + 1) ? &descriptions[next] : &descriptions[known - 1];
}

// What comes back somewhere else, or twice.
bool is_no_function(long number) {
  return number == SYS_rt_sigreturn || number == SYS_clone || number == SYS_clone3
#if defined SYS_vfork
         || number == SYS_vfork
#endif
      ;
}

// Their results could be taken for what the window says of a wake. They do not wait.
bool returns_any_number(long number) { return number == SYS_lseek || number == SYS_times; }

}  // namespace

extern "C" polite_ssize_t polite_syscall(long number, long a, long b, long c, long d, long e, long f) {
  if (number < 0 || number >= long(NUMBERS) || is_no_function(number)) return POLITE_ENOSYS;
  if (returns_any_number(number)) {
    int interrupted = polite_checkpoint();
    return interrupted ? interrupted : system_call(number, a, b, c, d, e, f);
  }
  const Call *call = description_of(number);
  return call ? interruptible(*call, {a, b, c, d, e, f}) : POLITE_ENOMEM;
}

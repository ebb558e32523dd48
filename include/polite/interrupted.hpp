// The exception that an interrupt becomes, and how interruption points raise it.
//
// An interruption point of the facade has two forms, as in <filesystem>:
//
//   n = polite::read(fd, buf);         throws polite::interrupted, or std::system_error for any other error
//   n = polite::read(fd, buf, error);  is noexcept, and sets `error` (polite/error.hpp), or clears it
//
// What holds for all of them:
//
//   - Nothing is interrupted while the stack unwinds. From a throw, of whatever exception, until its handler is entered, every interruption
//     point in that thread is shielded, in both forms: an interrupt stays pending. So destructors may do I/O. It is derived from
//     std::uncaught_exceptions() at each call, not remembered. So it is the unwinding thread's own, it ends as a handler is entered, and
//     an exception_ptr may be kept, rethrown and destroyed anywhere. A handler that wants a longer truce says polite::shield.
//   - The unwinding of a thread that ends (pthread_exit, pthread_cancel) is not in that count: what destructors do then is interrupted as ever.
//   - An interruption point that is reached while the stack unwinds attaches the thread, which that of the C interface never does.
//   - Calls of the C interface know nothing of exceptions. In a destructor that makes them, or that runs foreign code which does, say
//     polite::shield shield{polite::while_unwinding}.
//   - A destructor also runs when no exception is on its way. There the throwing form would end the program: use the other, or a shield.
//   - As in C a foreign EINTR is the caller's: std::errc::interrupted is a signal handler of the program's own, polite::errc::interrupted is an
//     interrupt.
#ifndef POLITE_INTERRUPTED_HPP
#define POLITE_INTERRUPTED_HPP

#include "polite/error.hpp"
#include "polite/interrupt.h"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <utility>

#if defined __ELF__ && defined __GLIBCXX__
#  include <cxxabi.h>
#  define POLITE_ITANIUM_EXCEPTIONS
#  define POLITE_ONE_IN_MODULE __attribute__((visibility("hidden")))
#endif

#if defined __GNUC__
#  define POLITE_RARELY(condition) __builtin_expect(!!(condition), 0)
#  define POLITE_OUT_OF_THE_WAY __attribute__((noinline, cold))
#else
#  define POLITE_RARELY(condition) (condition)
#  define POLITE_OUT_OF_THE_WAY
#endif

namespace polite {

// An interrupt was delivered. Not a std::exception, so that `catch (const std::exception &)` lets it pass: it is no error, and whoever
// absorbs it should mean to.
class POLITE_ONE_IN_PROCESS interrupted {
 public:
  explicit interrupted(int reason = 0, std::size_t bytes = 0) noexcept : reason_(reason), bytes_(bytes) {}

  // The interrupt's reason, 0 to POLITE_REASON_MAX.
  int reason() const noexcept { return reason_; }

  // How many bytes the interrupted call had moved: 0, but for those that go on until all is moved (read_full, write_all, and a streambuf's
  // sgetn and sputn).
  std::size_t bytes() const noexcept { return bytes_; }

 private:
  int reason_;
  std::size_t bytes_;
};

namespace detail {

#if defined POLITE_ITANIUM_EXCEPTIONS

// std::uncaught_exceptions() takes 4.6 ns, which is 6 per cent of a short system call. Where it looks is laid down by the Itanium C++ ABI, 2.2.2:
// __cxa_eh_globals is { __cxa_exception *caughtExceptions; unsigned int uncaughtExceptions; }, one for each thread. libstdc++ has it in thread-local
// memory, which lasts as long as the thread; others free it before (libc++abi, in a destructor of a pthread key), so it is not remembered there.
// Hidden: parts of a program may have a C++ runtime each, and each must look at its own.
POLITE_ONE_IN_MODULE inline thread_local const unsigned *uncaught = nullptr;

POLITE_ONE_IN_MODULE POLITE_OUT_OF_THE_WAY inline const unsigned *find_uncaught() noexcept {
  const void *globals = abi::__cxa_get_globals();
  return uncaught = reinterpret_cast<const unsigned *>(static_cast<const char *>(globals) + sizeof(void *));
}

POLITE_ONE_IN_MODULE inline bool unwinding() noexcept {
  const unsigned *count = uncaught;
  if (POLITE_RARELY(!count)) count = find_uncaught();
  return *count != 0;
}

#else

inline bool unwinding() noexcept { return std::uncaught_exceptions() > 0; }

#endif

template <class Call>
auto shielded(Call &&call) noexcept {
  int entered = polite_shield_enter();  // fails in a thread that nobody can interrupt
  auto result = call();
  if (entered >= 0) polite_shield_leave();
  return result;
}

// Every interruption point of the facade is called by way of this.
template <class Call>
auto at_point(Call &&call) noexcept {
  return POLITE_RARELY(unwinding()) ? shielded(call) : call();
}

[[noreturn]] POLITE_OUT_OF_THE_WAY inline void throw_error(std::intptr_t code, std::size_t bytes = 0) {
  if (code == POLITE_INTERRUPTED) {
    int reason = polite_interrupt_reason();  // an error if nothing was delivered, and a function of polite::blocking said so all the same
    throw interrupted(reason > 0 ? reason : 0, bytes);
  }
  throw std::system_error(static_cast<int>(code), category());
}

template <class Code>
Code checked(Code result) {
  if (POLITE_RARELY(result < 0)) throw_error(result);
  return result;
}

template <class Code>
Code told(Code result, std::error_code &error) noexcept {
  if (POLITE_RARELY(result < 0)) error.assign(static_cast<int>(result), category());
  else error.clear();
  return result;
}

// The two forms of a call that returns what it is named for, or a negative error. After an error the second form returns an empty Result.
template <class Result, class Call>
Result throwing(Call &&call) {
  return static_cast<Result>(checked(at_point(call)));
}

template <class Result, class Call>
Result telling(std::error_code &error, Call &&call) noexcept {
  auto result = told(at_point(call), error);
  if constexpr (std::is_void_v<Result>) return;
  else return result < 0 ? Result() : static_cast<Result>(result);
}

}  // namespace detail

// Declares both forms of a call: POLITE_BOTH_FORMS(what it returns, its name, (its parameters), the call of the C interface).
#define POLITE_BOTH_FORMS(result, name, parameters, ...)                                     \
  inline result name parameters {                                                            \
    return ::polite::detail::throwing<result>([&]() noexcept { return __VA_ARGS__; });       \
  }                                                                                          \
  inline result name(POLITE_LISTED parameters, std::error_code &error) noexcept {            \
    return ::polite::detail::telling<result>(error, [&]() noexcept { return __VA_ARGS__; }); \
  }
#define POLITE_LISTED(...) __VA_ARGS__

}  // namespace polite

#endif

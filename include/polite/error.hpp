// Errors: polite's codes (polite/error.h) as std::error_code.
//
// An error code of the facade has the value that the C call returned, and the category polite::category(). So it may be compared with
//
//   polite::errc::…   polite's own codes: error == polite::errc::interrupted
//   std::errc::…      what POSIX has a name for: error == std::errc::bad_file_descriptor. An interrupt is std::errc::operation_canceled, as a
//                     genuine ECANCELED is, which is not polite::errc::interrupted
//   a C code          error.value() == POLITE_EBADF
#ifndef POLITE_ERROR_HPP
#define POLITE_ERROR_HPP

#include "polite/error.h"

#include <string>
#include <string_view>
#include <system_error>

// What there should be one of in a process, whatever visibility its parts are compiled with: categories are compared by their address, and
// exceptions by their type's.
#if defined __GNUC__ && !defined _WIN32
#  define POLITE_ONE_IN_PROCESS __attribute__((visibility("default")))
#else
#  define POLITE_ONE_IN_PROCESS
#endif

namespace polite {

// polite's own codes.
enum class errc {
  interrupted = POLITE_INTERRUPTED,  // an interrupt was delivered; nothing was transferred
  end = POLITE_END,                  // the stream ended before all bytes had been moved
  unattached = POLITE_UNATTACHED,    // the calling thread cannot be attached
  unbalanced = POLITE_UNBALANCED,    // left or popped what had not been entered or pushed, or out of order
  unbounded = POLITE_UNBOUNDED,      // there is no boundary to unwind to
  inside = POLITE_INSIDE,            // a blocked call of the calling thread is in the way

  // The resolver's (polite/names.h).
  eai_again = POLITE_EAI_AGAIN,
  eai_badflags = POLITE_EAI_BADFLAGS,
  eai_fail = POLITE_EAI_FAIL,
  eai_family = POLITE_EAI_FAMILY,
  eai_memory = POLITE_EAI_MEMORY,
  eai_noname = POLITE_EAI_NONAME,
  eai_overflow = POLITE_EAI_OVERFLOW,
  eai_service = POLITE_EAI_SERVICE,
  eai_socktype = POLITE_EAI_SOCKTYPE,
  eai_nodata = POLITE_EAI_NODATA,
  eai_addrfamily = POLITE_EAI_ADDRFAMILY,
  eai_idn_encode = POLITE_EAI_IDN_ENCODE
};

}  // namespace polite

template <>
struct std::is_error_code_enum<polite::errc> : std::true_type {};

namespace polite {

namespace detail {

class POLITE_ONE_IN_PROCESS error_category final : public std::error_category {
 public:
  constexpr error_category() noexcept = default;
  const char *name() const noexcept override { return "polite"; }
  std::string message(int code) const override { return polite_strerror(code); }
  std::error_condition default_error_condition(int code) const noexcept override {
    if (code == POLITE_INTERRUPTED) return std::make_error_condition(std::errc::operation_canceled);
    bool of_the_system = code < 0 && code > POLITE_INTERRUPTED;
    return of_the_system ? std::error_condition(-code, std::generic_category()) : std::error_condition(code, *this);
  }
  bool equivalent(int code, const std::error_condition &condition) const noexcept override {
    return default_error_condition(code) == condition || (condition.value() == code && is_same(condition.category()));
  }
  bool equivalent(const std::error_code &code, int condition) const noexcept override {
    return code.value() == condition && is_same(code.category());
  }

  // Whether it is this category, or that of another part of the program. A program does not share what it defines with a library that it loads by
  // dlopen(3), unless it exports its symbols; a program and its DLLs on Windows never do.
  static bool is_same(const std::error_category &other) noexcept { return std::string_view(other.name()) == "polite"; }
};

}  // namespace detail

POLITE_ONE_IN_PROCESS inline const std::error_category &category() noexcept {
  static const detail::error_category instance;
  return instance;
}

inline std::error_code make_error_code(errc code) noexcept { return {static_cast<int>(code), category()}; }

// Also of an error code that another part of the program has made, and whose category is that part's.
inline bool operator==(const std::error_code &error, errc code) noexcept {
  return error.value() == static_cast<int>(code) && detail::error_category::is_same(error.category());
}
inline bool operator==(errc code, const std::error_code &error) noexcept { return error == code; }
inline bool operator!=(const std::error_code &error, errc code) noexcept { return !(error == code); }
inline bool operator!=(errc code, const std::error_code &error) noexcept { return !(error == code); }

}  // namespace polite

#endif

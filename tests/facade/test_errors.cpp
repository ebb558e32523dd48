// Codes as std::error_code, views of bytes, and the two forms of a call.
#include "scene.hpp"

#include <array>
#include <cstdint>
#include <system_error>
#include <type_traits>
#include <vector>

#if defined __cpp_lib_span || __cplusplus >= 202002L
#  include <span>
#endif

using polite::byte_span;
using polite::const_byte_span;

static void an_interrupt_is_operation_canceled() {
  std::error_code error = polite::errc::interrupted;
  CHECK(error == polite::errc::interrupted && error == std::errc::operation_canceled);
  CHECK(error.value() == POLITE_INTERRUPTED && error.category() == polite::category());
  CHECK(error.category().name() == "polite"sv && !error.message().empty());

  std::error_code genuine(POLITE_ECANCELED, polite::category());
  CHECK(genuine == std::errc::operation_canceled && genuine != polite::errc::interrupted);
}

static void the_systems_codes_have_their_names() {
  std::error_code error;
  char byte;
  CHECK(polite::read(polite_fd(-1), byte_span(&byte, 1), error) == 0);
  CHECK(error == std::errc::bad_file_descriptor && error.value() == POLITE_EBADF);
  CHECK(std::error_code(POLITE_EINTR, polite::category()) == std::errc::interrupted);
  CHECK(std::error_code(POLITE_END, polite::category()) == polite::errc::end);
  CHECK(!(std::error_code(POLITE_END, polite::category()) == std::errc::operation_canceled));
}

static void errors_are_system_errors() {
  char byte;
  CHECK_THROWS_WHERE(std::system_error, polite::read(polite_fd(-1), byte_span(&byte, 1)), caught.code() == std::errc::bad_file_descriptor);
}

static void an_interrupt_is_no_std_exception() {
  static_assert(!std::is_base_of_v<std::exception, polite::interrupted>);
  pipe_ends pipe;
  char byte;
  interrupt_self(7);
  bool swallowed = false;
  try {
    try {
      polite::read(pipe.out.get(), byte_span(&byte, 1));
    } catch (const std::exception &) {
      swallowed = true;
    }
  } catch (const polite::interrupted &interrupted) {
    CHECK(interrupted.reason() == 7 && interrupted.bytes() == 0);
    CHECK(!polite::this_thread::interrupt_pending());
    return;
  }
  CHECK(!swallowed && "an interrupt was taken for an error");
  CHECK(false && "an interrupt went past");
}

static void success_clears_the_error() {
  pipe_ends pipe;
  std::error_code error = polite::errc::interrupted;
  CHECK(polite::write(pipe.in.get(), "x"sv, error) == 1 && !error);
  char byte;
  error = polite::errc::interrupted;
  CHECK(polite::read(pipe.out.get(), byte_span(&byte, 1), error) == 1 && !error && byte == 'x');
}

template <class T>
constexpr bool is_written = std::is_convertible_v<T, const_byte_span>;
template <class T>
constexpr bool is_read_into = std::is_convertible_v<T, byte_span>;

static void spans_are_made_of_what_holds_bytes() {
  static_assert(is_read_into<char (&)[4]> && is_read_into<std::string &> && is_read_into<std::vector<std::byte> &>);
  static_assert(is_read_into<std::array<unsigned char, 4> &> && !is_read_into<const std::string &> && !is_read_into<std::string_view>);
  static_assert(!is_read_into<std::vector<int> &> && !is_written<std::vector<int> &> && !is_written<std::wstring>);
  static_assert(is_written<char (&)[4]> && is_written<const std::string &> && is_written<std::string_view> && is_written<byte_span>);
  static_assert(!is_written<decltype("literal")> && !is_written<decltype(u8"literal")> && !is_read_into<const_byte_span>);
  static_assert(is_written<const unsigned char (&)[4]>);
#if __cplusplus >= 202002L
  static_assert(is_read_into<std::span<std::byte>> && !is_read_into<std::span<const std::byte>> && is_written<std::span<const char>>);
  static_assert(std::is_convertible_v<byte_span, std::span<std::byte>>);
#endif
  char array[4];
  byte_span span = array;
  CHECK(span.size() == 4 && span.data() == reinterpret_cast<std::byte *>(array));
  CHECK(span.first(3).size() == 3 && span.first(9).size() == 4);
  CHECK(span.subspan(1).data() == span.data() + 1 && span.subspan(1).size() == 3 && span.subspan(9).empty());
  std::uint32_t number = 0;
  CHECK(byte_span(&number, sizeof number).size() == 4 && byte_span().empty());
}

int main(int argc, char **argv) {
  return run_tests(argc, argv,
                   {TEST(an_interrupt_is_operation_canceled), TEST(the_systems_codes_have_their_names), TEST(errors_are_system_errors),
                    TEST(an_interrupt_is_no_std_exception), TEST(success_clears_the_error), TEST(spans_are_made_of_what_holds_bytes)});
}

// Views of bytes: what is read into, and what is written.
//
// byte_span and const_byte_span are made, without a word, of what holds char, unsigned char, signed char, std::byte (C++20: char8_t, too) one
// after the other: arrays, std::string, std::vector, std::array, std::string_view, std::span. A buffer of anything else, and a pointer with a
// length, by byte_span(pointer, bytes). They own nothing.
//
// A string literal is refused: its array has a zero at its end. Say "…"sv.
#ifndef POLITE_BYTES_HPP
#define POLITE_BYTES_HPP

#include <cstddef>
#include <iterator>
#include <type_traits>

#if defined __has_include
#  if __has_include(<version>)
#    include <version>
#  endif
#endif
#if defined __cpp_lib_span
#  include <span>
#endif

namespace polite {

namespace detail {

template <class T>
inline constexpr bool is_byte = std::is_same_v<T, char> || std::is_same_v<T, unsigned char> || std::is_same_v<T, signed char> ||
#if defined __cpp_char8_t
                                std::is_same_v<T, char8_t> ||
#endif
                                std::is_same_v<T, std::byte>;

template <class Byte>
class byte_view {
  using memory = std::conditional_t<std::is_const_v<Byte>, const void, void>;

  // Whether what T points at may be seen as Byte.
  template <class T>
  static constexpr bool fits = is_byte<std::remove_cv_t<T>> && std::is_convertible_v<T *, memory *>;

  template <class Range>
  using element = std::remove_pointer_t<decltype(std::data(std::declval<Range &>()))>;

 public:
  constexpr byte_view() noexcept = default;
  byte_view(memory *data, std::size_t bytes) noexcept : data_(static_cast<Byte *>(data)), size_(bytes) {}

  template <class T, std::size_t N, std::enable_if_t<fits<T>, int> = 0>
  byte_view(T (&array)[N]) noexcept : byte_view(array, N) {}

  template <std::size_t N>
  byte_view(const char (&literal)[N]) = delete;
#if defined __cpp_char8_t
  template <std::size_t N>
  byte_view(const char8_t (&literal)[N]) = delete;
#endif

  template <class Range, std::enable_if_t<!std::is_array_v<std::remove_reference_t<Range>> && fits<element<Range>> &&
                                              !std::is_same_v<std::decay_t<Range>, byte_view>,
                                          int> = 0>
  byte_view(Range &&range) noexcept : byte_view(std::data(range), std::size(range)) {}

#if defined __cpp_lib_span
  constexpr operator std::span<Byte>() const noexcept { return {data_, size_}; }
#endif

  constexpr Byte *data() const noexcept { return data_; }
  constexpr std::size_t size() const noexcept { return size_; }
  constexpr bool empty() const noexcept { return size_ == 0; }
  constexpr Byte *begin() const noexcept { return data_; }
  constexpr Byte *end() const noexcept { return data_ + size_; }

  // Its first `count` bytes, and what is behind those. All of it, and nothing, if it has not as many.
  constexpr byte_view first(std::size_t count) const noexcept { return {data_, count < size_ ? count : size_, nullptr}; }
  constexpr byte_view subspan(std::size_t count) const noexcept {
    return count < size_ ? byte_view(data_ + count, size_ - count, nullptr) : byte_view(end(), 0, nullptr);
  }

 private:
  constexpr byte_view(Byte *data, std::size_t size, std::nullptr_t) noexcept : data_(data), size_(size) {}

  Byte *data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace detail

using byte_span = detail::byte_view<std::byte>;
using const_byte_span = detail::byte_view<const std::byte>;

}  // namespace polite

#endif

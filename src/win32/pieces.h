// Several pieces of memory in one transfer. The system has that for whole pages only; so what is in more than one piece goes by a copy: a
// message stays one, and nobody's bytes come between. Small ones are copied on the stack, others to memory that is allocated.
#pragma once

#include "polite/base.h"
#include "polite/error.h"

#include <stdlib.h>
#include <string.h>

namespace polite {

constexpr int MOST_PIECES = 1024;  // as Linux has it

// How many bytes there are in all, or an error; `only` is the piece that has any, if it is the only one.
inline polite_ssize_t measure(const polite_iovec_t *pieces, int count, const polite_iovec_t *&only) {
  if (count < 0 || count > MOST_PIECES) return POLITE_EINVAL;
  if (count && !pieces) return POLITE_EFAULT;
  static constexpr polite_iovec_t none = {nullptr, 0};
  size_t total = 0;
  only = &none;
  for (int i = 0; i < count; ++i) {
    if (!pieces[i].len) continue;
    if (pieces[i].len > SIZE_MAX / 2 - total) return POLITE_EINVAL;
    only = total ? nullptr : &pieces[i];
    total += pieces[i].len;
  }
  return polite_ssize_t(total);
}

class Copy {
 public:
  explicit Copy(size_t size) : at_(size <= sizeof small_ ? small_ : static_cast<char *>(malloc(size))) {}
  ~Copy() {
    if (at_ != small_) free(at_);
  }
  Copy(const Copy &) = delete;
  Copy &operator=(const Copy &) = delete;
  char *get() const { return at_; }

 private:
  char small_[2048];
  char *at_;
};

template <class Move>
polite_ssize_t gather(const polite_iovec_t *pieces, int count, Move write) {
  const polite_iovec_t *only;
  polite_ssize_t total = measure(pieces, count, only);
  if (total < 0) return total;
  if (only) return write(only->base, only->len);
  Copy copy{size_t(total)};
  if (!copy.get()) return POLITE_ENOMEM;
  char *at = copy.get();
  for (int i = 0; i < count; at += pieces[i++].len) memcpy(at, pieces[i].base, pieces[i].len);
  return write(copy.get(), size_t(total));
}

// Of what is large so much comes at once: reading less than was asked for is nothing new.
constexpr polite_ssize_t MOST_READ = 1 << 20;

template <class Move>
polite_ssize_t scatter(const polite_iovec_t *pieces, int count, Move read) {
  const polite_iovec_t *only;
  polite_ssize_t total = measure(pieces, count, only);
  if (total < 0) return total;
  if (only) return read(only->base, only->len);
  if (total > MOST_READ) total = MOST_READ;
  Copy copy{size_t(total)};
  if (!copy.get()) return POLITE_ENOMEM;
  polite_ssize_t n = read(copy.get(), size_t(total));
  const char *from = copy.get();
  for (polite_ssize_t left = n; left > 0; ++pieces) {
    size_t some = pieces->len < size_t(left) ? pieces->len : size_t(left);
    memcpy(pieces->base, from, some);
    from += some;
    left -= polite_ssize_t(some);
  }
  return n;
}

}  // namespace polite

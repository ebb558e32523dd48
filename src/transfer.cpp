// Transfers that go on until everything has been moved. They say how far they got and why they stopped, so an interrupt is
// consumed exactly when they name it, and no byte is in doubt (rule 2).
#include "polite/error.h"
#include "polite/interrupt.h"
#include "polite/io.h"

namespace {

// The system does not wake a thread that waits for a disk; so it is asked for no more than this at a time, and an interrupt is answered in
// between. Aligned as any disk wants it, and large enough that nobody notices.
constexpr size_t PIECE = size_t(1) << 20;

enum class Direction { reads, writes };

int transfer(Direction direction, polite_fd fd, char *buf, size_t len, size_t *moved) {
  if (!moved || len > SIZE_MAX / 2) return POLITE_EINVAL;
  *moved = 0;
  if (len == 0) return polite_checkpoint();  // a call of no bytes may send a message of none
  while (*moved < len) {
    size_t piece = len - *moved < PIECE ? len - *moved : PIECE;
    polite_ssize_t n = direction == Direction::reads ? polite_read(fd, buf + *moved, piece) : polite_write(fd, buf + *moved, piece);
    if (n > 0) *moved += size_t(n);
    else if (n == 0) return POLITE_END;
    else if (n != POLITE_EINTR) return int(n);
  }
  return 0;
}

}  // namespace

extern "C" {

int polite_read_full(polite_fd fd, void *buf, size_t len, size_t *moved) {
  return transfer(Direction::reads, fd, static_cast<char *>(buf), len, moved);
}

int polite_write_all(polite_fd fd, const void *buf, size_t len, size_t *moved) {
  return transfer(Direction::writes, fd, static_cast<char *>(const_cast<void *>(buf)), len, moved);
}

}  // extern "C"

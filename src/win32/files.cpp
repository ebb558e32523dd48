// Reading, writing and closing by handles: what is the caller's business is checked here, and each kind of device is sent its way.
#include "polite/error.h"
#include "polite/interrupt.h"
#include "polite/io.h"
#include "polite/windows.h"
#include "win32/console.h"
#include "win32/errors.h"
#include "win32/pieces.h"
#include "win32/pipes.h"

using namespace polite;

namespace {

constexpr Call reading = {"read", 0, true, false, 0}, reading_at = {"pread", 0, true, false, 0};
constexpr Call writing = {"write", 0, true, false, 0}, writing_at = {"pwrite", 0, true, false, 0};

// A function that makes the system's call itself waits for an overlapped handle where nobody cancels it; and of a device that may have
// moved a part it cannot say how much.
bool waits_elsewhere(const Transfer &transfer) {
  const Handle &by = transfer.by;
  return transfer.through && (!by.synchronous || !(by.has_positions() || by.is_pipe() || by.is_console()));
}

polite_ssize_t read_by(Transfer &transfer) {
  transfer.held = waits_elsewhere(transfer);
  if (transfer.by.is_console()) return read_console(transfer);
  if (transfer.by.is_pipe() && !transfer.length) return 0;  // the system would wait for a byte
  return answer(transfer, move(transfer));
}

polite_ssize_t write_by(Transfer &transfer) {
  if (transfer.by.is_pipe()) return write_to_pipe(transfer);
  // A disk's is over when it can be; others say how far they got if they are asked by an overlapped handle.
  transfer.held = transfer.by.has_positions() || transfer.by.synchronous || transfer.through;
  return answer(transfer, move(transfer));
}

polite_ssize_t transfer(const Call &call, polite_fd fd, bool writes, void *buffer, size_t length, int64_t offset, bool at_offset,
                        const Through *through = nullptr) {
  if (polite_checkpoint() == POLITE_INTERRUPTED) return POLITE_INTERRUPTED;
  if (length > SIZE_MAX / 2 || (at_offset && offset < 0)) return POLITE_EINVAL;
  Handle handle = {handle_of(fd), false, 0};
  if (DWORD error = look_at(handle)) return code_of(error);
  if (at_offset && !handle.has_positions()) return POLITE_ESPIPE;
  // The system has a position for synchronous handles only.
  if (!at_offset && !handle.synchronous && handle.has_positions()) return POLITE_EINVAL;
  Transfer whole = {call, handle, writes, buffer, length, at_offset ? offset : NO_OFFSET};
  whole.through = through;
  return writes ? write_by(whole) : read_by(whole);
}

}  // namespace

extern "C" {

polite_ssize_t polite_read(polite_fd fd, void *buf, size_t len) { return transfer(reading, fd, false, buf, len, 0, false); }

polite_ssize_t polite_pread(polite_fd fd, void *buf, size_t len, int64_t offset) {
  return transfer(reading_at, fd, false, buf, len, offset, true);
}

polite_ssize_t polite_write(polite_fd fd, const void *buf, size_t len) {
  return transfer(writing, fd, true, const_cast<void *>(buf), len, 0, false);
}

polite_ssize_t polite_pwrite(polite_fd fd, const void *buf, size_t len, int64_t offset) {
  return transfer(writing_at, fd, true, const_cast<void *>(buf), len, offset, true);
}

polite_ssize_t polite_read_through(polite_fd fd, polite_ssize_t (*read)(void *, void *, size_t), void *arg, void *buf, size_t len) {
  if (!read) return POLITE_EINVAL;
  Through through = {read, arg, len};
  return transfer(reading, fd, false, buf, len, 0, false, &through);
}

polite_ssize_t polite_write_through(polite_fd fd, polite_ssize_t (*write)(void *, void *, size_t), void *arg, void *buf, size_t len,
                                    size_t most) {
  if (!write || !most) return POLITE_EINVAL;
  Through through = {write, arg, most};
  return transfer(writing, fd, true, buf, len, 0, false, &through);
}

polite_ssize_t polite_readv(polite_fd fd, const polite_iovec_t *pieces, int count) {
  return scatter(pieces, count, [=](void *buffer, size_t length) { return polite_read(fd, buffer, length); });
}

polite_ssize_t polite_preadv(polite_fd fd, const polite_iovec_t *pieces, int count, int64_t offset) {
  return scatter(pieces, count, [=](void *buffer, size_t length) { return polite_pread(fd, buffer, length, offset); });
}

polite_ssize_t polite_writev(polite_fd fd, const polite_iovec_t *pieces, int count) {
  return gather(pieces, count, [=](void *buffer, size_t length) { return polite_write(fd, buffer, length); });
}

polite_ssize_t polite_pwritev(polite_fd fd, const polite_iovec_t *pieces, int count, int64_t offset) {
  return gather(pieces, count, [=](void *buffer, size_t length) { return polite_pwrite(fd, buffer, length, offset); });
}

polite_ssize_t polite_preadv2(polite_fd fd, const polite_iovec_t *pieces, int count, int64_t offset, int flags) {
  if (flags) return POLITE_ENOTSUP;
  return offset == -1 ? polite_readv(fd, pieces, count) : polite_preadv(fd, pieces, count, offset);
}

polite_ssize_t polite_pwritev2(polite_fd fd, const polite_iovec_t *pieces, int count, int64_t offset, int flags) {
  if (flags) return POLITE_ENOTSUP;
  return offset == -1 ? polite_writev(fd, pieces, count) : polite_pwritev(fd, pieces, count, offset);
}

int polite_close(polite_fd fd) {
  if (fd < 0) return POLITE_EBADF;  // the process, the thread: the system closes them by doing nothing
  return CloseHandle(handle_of(fd)) ? 0 : code_of(GetLastError());
}

}  // extern "C"

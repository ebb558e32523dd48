/* Files on a disk, and what is no file to read at all. */
#include "pipes.h"

#include <polite/windows.h>

#include <fcntl.h>
#include <io.h>

static char path[MAX_PATH];

static HANDLE open_file(DWORD access, DWORD flags) {
  HANDLE file = CreateFileA(path, access, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_ALWAYS, flags, NULL);
  assert_true(file != INVALID_HANDLE_VALUE);
  return file;
}
static polite_fd new_file(DWORD flags) {
  DeleteFileA(path);
  return (polite_fd)open_file(GENERIC_READ | GENERIC_WRITE, flags);
}

static void a_synchronous_handle_has_a_position(void **state) {
  (void)state;
  char bytes[10];
  polite_fd file = new_file(0);
  assert_int_equal(polite_write(file, "abcdef", 6), 6);
  assert_int_equal(SetFilePointer((HANDLE)file, 2, NULL, FILE_BEGIN), 2);
  assert_int_equal(polite_read(file, bytes, 10), 4);
  assert_memory_equal(bytes, "cdef", 4);
  assert_int_equal(polite_read(file, bytes, 10), 0);
  assert_int_equal(polite_close(file), 0);
}

static void an_overlapped_one_has_none(void **state) {
  (void)state;
  char byte;
  polite_fd file = new_file(FILE_FLAG_OVERLAPPED);
  assert_int_equal(polite_write(file, "a", 1), POLITE_EINVAL);
  assert_int_equal(polite_read(file, &byte, 1), POLITE_EINVAL);
  assert_int_equal(polite_close(file), 0);
}

static void offsets_are_where_they_say(void **state) {
  (void)state;
  for (int i = 0; i < 2; ++i) {
    char bytes[10];
    polite_fd file = new_file(i ? FILE_FLAG_OVERLAPPED : 0);
    assert_int_equal(polite_pwrite(file, "abcdef", 6, 0), 6);
    assert_int_equal(polite_pwrite(file, "x", 1, 3), 1);
    assert_int_equal(polite_pread(file, bytes, 10, 1), 5);
    assert_memory_equal(bytes, "bcxef", 5);
    assert_int_equal(polite_pread(file, bytes, 10, 6), 0);
    assert_int_equal(polite_pread(file, bytes, 10, (int64_t)1 << 40), 0);
    assert_int_equal(polite_pread(file, bytes, 10, -1), POLITE_EINVAL);
    assert_int_equal(polite_pwrite(file, bytes, 10, -1), POLITE_EINVAL);
    assert_int_equal(polite_close(file), 0);
  }
}

static void several_pieces_are_one_transfer(void **state) {
  (void)state;
  char first[3], second[5], large[5000];
  polite_fd file = new_file(0);
  const polite_iovec_t out[] = {{"abc", 3}, {NULL, 0}, {"defgh", 5}}, in[] = {{first, 3}, {NULL, 0}, {second, 5}};
  assert_int_equal(polite_writev(file, out, 3), 8);
  assert_int_equal(polite_pwritev(file, out, 1, 5), 3); /* abcdeabc */
  assert_int_equal(polite_preadv(file, in, 3, 0), 8);
  assert_memory_equal(first, "abc", 3);
  assert_memory_equal(second, "deabc", 5);
  assert_int_equal(polite_preadv2(file, in, 3, 6, 0), 2);
  assert_memory_equal(first, "bc", 2);
  assert_int_equal(polite_preadv2(file, in, 3, 6, 1), POLITE_ENOTSUP);
  assert_int_equal(polite_pwritev2(file, out, 3, -1, 0), 8);
  assert_int_equal(polite_readv(file, in, 3), 0);
  assert_int_equal(polite_readv(file, in, -1), POLITE_EINVAL);
  assert_int_equal(polite_readv(file, in, 1025), POLITE_EINVAL);
  assert_int_equal(polite_readv(file, NULL, 2), POLITE_EFAULT);
  assert_int_equal(polite_readv(file, NULL, 0), 0);
  memset(large, 'x', sizeof large);
  const polite_iovec_t both[] = {{large, 5000}, {"y", 1}};
  assert_int_equal(polite_pwritev(file, both, 2, 0), 5001);
  assert_int_equal(polite_pread(file, first, 3, 4999), 2);
  assert_memory_equal(first, "xy", 2);
  assert_int_equal(polite_close(file), 0);
}

/* Rule 3: before any I/O. */
static void a_pending_interrupt_goes_first(void **state) {
  (void)state;
  char byte;
  polite_fd file = new_file(0);
  polite_interrupt(polite_self());
  assert_int_equal(polite_write(file, "a", 1), POLITE_INTERRUPTED);
  assert_int_equal(GetFileSize((HANDLE)file, NULL), 0);
  assert_int_equal(polite_write(file, "a", 1), 1);
  polite_interrupt(polite_self());
  assert_int_equal(polite_pread(file, &byte, 1, 0), POLITE_INTERRUPTED);
  polite_interrupt(polite_self());
  assert_int_equal(polite_close(file), 0); /* it releases, and is no interruption point */
  assert_true(polite_interrupt_pending());
}

static void nothing_pends_with_a_port(void **state) {
  (void)state;
  char byte;
  polite_fd file = new_file(FILE_FLAG_OVERLAPPED);
  HANDLE port = CreateIoCompletionPort((HANDLE)file, NULL, 1, 0);
  assert_non_null(port);
  assert_int_equal(polite_pwrite(file, "a", 1, 0), 1);
  assert_int_equal(polite_pread(file, &byte, 1, 0), 1);
  assert_int_equal(polite_pread(file, &byte, 1, 1), 0);
  DWORD n;
  ULONG_PTR key;
  OVERLAPPED *overlapped;
  assert_false(GetQueuedCompletionStatus(port, &n, &key, &overlapped, 0));
  assert_null(overlapped);
  CloseHandle(port);
  assert_int_equal(polite_close(file), 0);
}

/* --- Bad input --------------------------------------------------------------------------------------------------------------- */

static void handles_that_are_none(void **state) {
  (void)state;
  char byte;
  HANDLE event = CreateEventA(NULL, FALSE, FALSE, NULL), process = GetCurrentProcess();
  const polite_fd bad[] = {-1, 0, 0x7ffffff0, (polite_fd)event, (polite_fd)process};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i) {
    assert_int_equal(polite_read(bad[i], &byte, 1), POLITE_EBADF);
    assert_int_equal(polite_write(bad[i], &byte, 1), POLITE_EBADF);
    assert_int_equal(polite_pread(bad[i], &byte, 1, 0), POLITE_EBADF);
  }
  assert_int_equal(polite_close(0x7ffffff0), POLITE_EBADF);
  assert_int_equal(polite_close((polite_fd)event), 0);
}

static void the_wrong_direction(void **state) {
  (void)state;
  char byte;
  polite_close(new_file(0));
  polite_fd reads = (polite_fd)open_file(GENERIC_READ, 0), writes = (polite_fd)open_file(GENERIC_WRITE, 0);
  assert_int_equal(polite_write(reads, "a", 1), POLITE_EBADF);
  assert_int_equal(polite_read(writes, &byte, 1), POLITE_EBADF);
  polite_close(reads);
  polite_close(writes);
}

static void a_directory(void **state) {
  (void)state;
  char byte, directory[MAX_PATH];
  GetTempPathA(sizeof directory, directory);
  polite_fd fd = (polite_fd)CreateFileA(directory, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING,
                                        FILE_FLAG_BACKUP_SEMANTICS, NULL);
  assert_true(fd != -1);
  assert_int_equal(polite_read(fd, &byte, 1), POLITE_EISDIR);
  assert_int_equal(polite_close(fd), 0);
}

static void lengths_beyond_measure(void **state) {
  (void)state;
  char byte = 0;
  polite_fd file = new_file(0);
  assert_int_equal(polite_read(file, &byte, (size_t)-1), POLITE_EINVAL);
  assert_int_equal(polite_write(file, &byte, SIZE_MAX / 2 + 1), POLITE_EINVAL);
  const polite_iovec_t pieces[] = {{&byte, SIZE_MAX / 2}, {&byte, 1}};
  assert_int_equal(polite_writev(file, pieces, 2), POLITE_EINVAL);
  assert_int_equal(polite_write(file, "a", 1), 1);
  assert_int_equal(SetFilePointer((HANDLE)file, 0, NULL, FILE_BEGIN), 0);
  assert_int_equal(polite_read(file, &byte, 0), 0);
  assert_int_equal(polite_close(file), 0);
}

static void memory_that_is_not_there(void **state) {
  (void)state;
  polite_fd file = new_file(0);
  assert_int_equal(polite_write(file, "abc", 3), 3);
  assert_int_equal(SetFilePointer((HANDLE)file, 0, NULL, FILE_BEGIN), 0);
  assert_int_equal(polite_read(file, (void *)16, 3), POLITE_EFAULT);
  assert_int_equal(polite_close(file), 0);
}

/* Of which so much is moved as the system moves at once. */
static void lengths_over_4_GiB(void **state) {
  (void)state;
  polite_fd file = new_file(0);
  char *memory = VirtualAlloc(NULL, (size_t)2 << 30, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
  assert_non_null(memory);
  assert_int_equal(polite_write(file, "abc", 3), 3);
  assert_int_equal(polite_pread(file, memory, ((size_t)4 << 30) + 1, 0), 3); /* not 1 */
  assert_memory_equal(memory, "abc", 3);
  VirtualFree(memory, 0, MEM_RELEASE);
  assert_int_equal(polite_close(file), 0);
}

/* --- Codes ------------------------------------------------------------------------------------------------------------------- */

static void every_code_has_words_of_its_own(void **state) {
  (void)state;
  const char *unknown = polite_strerror(-200);
  for (int error = 1; error <= LAST_ERROR; ++error) {
    if (is_no_error(error)) continue;
    assert_string_not_equal(polite_strerror(-error), unknown);
    assert_int_not_equal(strncmp(polite_strerror(-error), "Unknown", 7), 0);
  }
  for (int code = POLITE_EMULTIHOP; code >= POLITE_EDQUOT; --code) assert_string_not_equal(polite_strerror(code), unknown);
  assert_string_equal(polite_error_name(POLITE_WINDOWS(ERROR_SERVICE_EXISTS)), "POLITE_WINDOWS");
  assert_string_not_equal(polite_strerror(POLITE_WINDOWS(ERROR_SERVICE_EXISTS)), unknown);
  char text[100]; /* the next call writes over it */
  snprintf(text, sizeof text, "%s", polite_strerror(POLITE_WINDOWS(ERROR_SERVICE_EXISTS)));
  assert_string_not_equal(text, polite_strerror(POLITE_WINDOWS(ERROR_SERVICE_DISABLED)));
}

static void descriptors_of_the_C_runtime(void **state) {
  (void)state;
  int fds[2];
  char bytes[3];
  assert_int_equal(_pipe(fds, 4096, _O_BINARY), 0);
  assert_int_equal(polite_write(polite_fd_from_crt(fds[1]), "abc", 3), 3);
  assert_int_equal(polite_read(polite_fd_from_crt(fds[0]), bytes, 3), 3);
  assert_memory_equal(bytes, "abc", 3);
  _close(fds[0]);
  _close(fds[1]);
  assert_int_equal(polite_fd_from_crt(fds[0]), POLITE_EBADF);
  assert_int_equal(polite_fd_from_crt(-1), POLITE_EBADF);
}

int main(void) {
  char directory[MAX_PATH];
  GetTempPathA(sizeof directory, directory);
  GetTempFileNameA(directory, "pol", 0, path);
  const struct CMUnitTest tests[] = {
      TEST(a_synchronous_handle_has_a_position),
      TEST(an_overlapped_one_has_none),
      TEST(offsets_are_where_they_say),
      TEST(several_pieces_are_one_transfer),
      TEST(a_pending_interrupt_goes_first),
      TEST(nothing_pends_with_a_port),
      TEST(handles_that_are_none),
      TEST(the_wrong_direction),
      TEST(a_directory),
      TEST(lengths_beyond_measure),
      TEST(memory_that_is_not_there),
      TEST(lengths_over_4_GiB),
      TEST(every_code_has_words_of_its_own),
      TEST(descriptors_of_the_C_runtime),
  };
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  DeleteFileA(path);
  return failed;
}

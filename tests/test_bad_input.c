/* Bad input: a clear negative error, nothing changed, never a crash. */
#include "scene.h"

#include <limits.h>

static void null_pointers(void **state) {
  (void)state;
  polite_fd ends[2];
  make_pipe(ends);
  assert_int_equal(plain_write(ends[1], "abc", 3), 3);
  assert_int_equal(polite_read(ends[0], NULL, 1), POLITE_EFAULT);
  assert_int_equal(polite_readv(ends[0], NULL, 1), POLITE_EFAULT);
  assert_int_equal(polite_write(ends[1], NULL, 1), POLITE_EFAULT);
  assert_int_equal(polite_read_full(ends[0], NULL, 1, NULL), POLITE_EINVAL);
  size_t moved = 7;
  assert_int_equal(polite_read_full(ends[0], NULL, 1, &moved), POLITE_EFAULT);
  assert_int_equal(moved, 0);
  assert_int_equal(polite_write_all(ends[1], NULL, 1, &moved), POLITE_EFAULT);
  assert_int_equal(polite_thread_inspect(polite_self(), NULL), POLITE_EINVAL);
  assert_int_equal(polite_request_post(NULL, polite_self(), 0, 0), POLITE_EINVAL);
  assert_int_equal(polite_request_withdraw(NULL), POLITE_EINVAL);
  char bytes[3];
  assert_int_equal(polite_read(ends[0], bytes, 3), 3); /* nothing was lost by all that */
  assert_memory_equal(bytes, "abc", 3);
  close_both(ends);
}

static void not_a_descriptor(void **state) {
  (void)state;
  char byte = 0;
  size_t moved = 5;
  assert_int_equal(polite_read(-1, &byte, 1), POLITE_EBADF);
  assert_int_equal(polite_read(INT_MAX, &byte, 1), POLITE_EBADF);
  assert_int_equal(polite_write(-1, &byte, 1), POLITE_EBADF);
  assert_int_equal(polite_close(-1), POLITE_EBADF);
  assert_int_equal(polite_read_full(-1, &byte, 1, &moved), POLITE_EBADF);
  assert_int_equal(moved, 0);
}

static void lengths_that_are_too_long(void **state) {
  (void)state;
  polite_fd ends[2];
  char byte = 'x';
  size_t moved = 5;
  make_pipe(ends);
  assert_int_equal(plain_write(ends[1], "x", 1), 1);
  assert_true(polite_read(ends[0], &byte, (size_t)SSIZE_MAX + 1) < 0);
  assert_true(polite_write(ends[1], &byte, SIZE_MAX) < 0);
  assert_int_equal(polite_read_full(ends[0], &byte, (size_t)SSIZE_MAX + 1, &moved), POLITE_EINVAL);
  assert_int_equal(polite_write_all(ends[1], &byte, SIZE_MAX, &moved), POLITE_EINVAL);
  assert_int_equal(moved, 5);
  assert_int_equal(polite_read(ends[0], &byte, 1), 1);
  close_both(ends);
}

static void flags_reasons_and_times(void **state) {
  (void)state;
  polite_thread_t self = polite_self();
  polite_request_t request = {0};
  assert_int_equal(polite_interrupt_with(self, -1, 0), POLITE_EINVAL);
  assert_int_equal(polite_interrupt_with(self, POLITE_REASON_MAX + 1, 0), POLITE_EINVAL);
  assert_int_equal(polite_interrupt_with(self, 0, 2), POLITE_EINVAL);
  assert_int_equal(polite_request_post(&request, self, -1, 0), POLITE_EINVAL);
  assert_int_equal(polite_request_post(&request, self, 0, ~POLITE_LATCHED), POLITE_EINVAL);
  assert_int_equal(polite_request_post(&request, 0, 0, 0), POLITE_ESRCH);
  assert_int_equal(polite_interrupt_pending(), 0);
  int64_t left = 5;
  assert_int_equal(polite_nanosleep(-1, &left), POLITE_EINVAL);
  assert_int_equal(left, 5);
  polite_thread_info_t info = {.size = 3};
  assert_int_equal(polite_thread_inspect(self, &info), POLITE_EINVAL);
  info.size = sizeof info;
  assert_int_equal(polite_thread_inspect(0, &info), POLITE_ESRCH);
}

static void every_code_has_a_name_and_a_sentence(void **state) {
  (void)state;
  assert_string_equal(polite_error_name(0), "POLITE_OK");
  assert_string_equal(polite_error_name(POLITE_INTERRUPTED), "POLITE_INTERRUPTED");
  assert_string_equal(polite_error_name(POLITE_UNBALANCED), "POLITE_UNBALANCED");
  assert_string_equal(polite_error_name(POLITE_EBADF), "POLITE_EBADF");
  assert_string_equal(polite_error_name(POLITE_EAGAIN), "POLITE_EAGAIN");
  assert_string_equal(polite_error_name(POLITE_EOPNOTSUPP), "POLITE_EOPNOTSUPP");
  assert_string_equal(polite_error_name(-100000), "POLITE_UNKNOWN");
  assert_string_equal(polite_strerror(POLITE_EBADF), strerror(EBADF));
  for (int error = 1; error <= LAST_ERROR; ++error)
    if (!is_no_error(error)) assert_string_not_equal(polite_error_name(-error), "POLITE_UNKNOWN");
  for (int code = -10010; code < 200; ++code) assert_non_null(polite_strerror(code));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(null_pointers),
      TEST(not_a_descriptor),
      TEST(lengths_that_are_too_long),
      TEST(flags_reasons_and_times),
      TEST(every_code_has_a_name_and_a_sentence),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

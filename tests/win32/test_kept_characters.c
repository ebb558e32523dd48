/* What Microsoft's C runtime has kept of an earlier read, and forgets when the system fails (it is in its source, read.cpp; Wine's does not): not lost
 * with an interrupt. Its _read is here a function that does the same. */
#include "../scene.h"

#include <polite/dropin_functions.h>

#include <fcntl.h>
#include <io.h>

static char kept[2];
static int kept_size;

static int read_like_microsoft(int fd, void *buf, unsigned count) {
  char *at = buf;
  int n = 0;
  for (; n < kept_size && (unsigned)n < count; ++n) *at++ = kept[n];
  kept_size = 0;
  DWORD more = 0;
  if (ReadFile((HANDLE)_get_osfhandle(fd), at, count - (unsigned)n, &more, NULL)) return n + (int)more;
  errno = EINVAL;
  _doserrno = GetLastError();
  return -1;
}
int (*const __imp__read)(int, void *, unsigned) = read_like_microsoft; /* where the program looks for the runtime's */

static char received[3];

static void read_some(actor_t *actor) {
  memcpy(received, "XYZ", 3);
  actor->result = polite_dropin_read(((int *)actor->with)[0], received, 3);
  actor->step = polite_interrupt_pending() ? 1 : 2;
}

static void they_are_results(void **state) {
  (void)state;
  for (int size = 0; size <= 2; ++size) {
    int ends[2];
    actor_t actor;
    assert_int_equal(_pipe(ends, 100, _O_BINARY), 0);
    kept_size = size;
    memcpy(kept, "ab", 2);
    start_blocked(&actor, read_some, ends, "read");
    assert_int_equal(polite_interrupt(actor.thread), 0);
    assert_int_equal(finish(&actor), size ? size : -1);
    assert_memory_equal(received, size == 0 ? "XYZ" : size == 1 ? "aYZ" : "abZ", 3);
    assert_int_equal(actor.step, size ? 1 : 2); /* the interrupt stays */
    _close(ends[0]);
    _close(ends[1]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {TEST(they_are_results)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

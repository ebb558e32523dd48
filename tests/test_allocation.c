/* Rule 11: an uninterrupted call allocates nothing; nor does an interrupt, or its delivery. malloc and its like are counted here, by
 * taking their place. Attaching may allocate: it is done first. */
#include "scene.h"

#include <fcntl.h>

static atomic_long allocations;

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);

void *malloc(size_t size) {
  ++allocations;
  return __libc_malloc(size);
}
void *calloc(size_t count, size_t size) {
  ++allocations;
  return __libc_calloc(count, size);
}
void *realloc(void *memory, size_t size) {
  ++allocations;
  return __libc_realloc(memory, size);
}

static void nothing_is_allocated(void **state) {
  (void)state;
  int fd = open("/dev/zero", O_RDONLY);
  polite_thread_t self = polite_self();
  polite_request_t request = {0};
  char byte;
  free(malloc(1));
  assert_true(allocations > 0); /* the count counts */
  long before = allocations;
  for (int i = 0; i < 1000; ++i) {
    if (polite_read(fd, &byte, 1) != 1) fail();
    if (polite_interrupt(self) != 0 || polite_read(fd, &byte, 1) != POLITE_INTERRUPTED) fail();
    if (polite_request_post(&request, self, 0, 0) != 0 || polite_request_withdraw(&request) != 0) fail();
    if (polite_shield_enter() != 0 || polite_checkpoint() != 0 || polite_shield_leave() != 1) fail();
  }
  assert_int_equal(allocations, before);
  close(fd);
}

int main(void) {
  const struct CMUnitTest tests[] = {TEST(nothing_is_allocated)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

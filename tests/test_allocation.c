/* Rule 11: an uninterrupted call allocates nothing; nor does an interrupt, or its delivery. malloc and its like are counted here, by
 * taking their place. Attaching may allocate: it is done first. */
#include "scene.h"

#include <fcntl.h>

static atomic_long allocations;

/* With memory of our own: under what name a libc's own malloc can still be called differs. Nothing is given back. Before each
 * block stands its size. */
static _Alignas(16) unsigned char memory[1 << 24];
static atomic_size_t used;

void *malloc(size_t size) {
  ++allocations;
  if (size > sizeof memory) return NULL;
  size_t whole = 16 + (size + 15) / 16 * 16, at = atomic_fetch_add(&used, whole);
  if (at + whole > sizeof memory) return NULL;
  memcpy(memory + at, &size, sizeof size);
  return memory + at + 16;
}
void *calloc(size_t count, size_t size) { /* all of it is zero still */
  return size && count > sizeof memory / size ? NULL : malloc(count * size);
}
void *realloc(void *old, size_t size) {
  size_t old_size = 0;
  if (old) memcpy(&old_size, (unsigned char *)old - 16, sizeof old_size);
  void *block = malloc(size);
  if (block && old) memcpy(block, old, old_size < size ? old_size : size);
  return block;
}
void free(void *block) { (void)block; }

static void nothing_is_allocated(void **state) {
  (void)state;
  int fd = open("/dev/zero", O_RDONLY);
  polite_thread_t self = polite_self();
  polite_request_t request = {0};
  char byte;
  long before = allocations;
  free(strdup("libc's own are counted"));
  assert_int_equal(allocations, before + 1);
  before = allocations;
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

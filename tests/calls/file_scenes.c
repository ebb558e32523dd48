/* Files, locks of them, FIFOs and terminals. */
#include "scenes.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

static void name_file(scene_t *s) {
  static atomic_int number;
  snprintf(s->name, sizeof s->name, "/tmp/polite-scene-%d-%d", (int)getpid(), number++);
  unlink(s->name);
}

void file(scene_t *s) {
  name_file(s);
  s->here = open(s->name, O_RDWR | O_CREAT | O_EXCL, 0600);
  s->there = open(s->name, O_RDWR);
  assert_true(s->here >= 0 && s->there >= 0);
  unlink(s->name);
}

void fill_file(scene_t *s) { assert_int_equal(pwrite(s->there, "xy", 2, 0), 2); }

void mapped_file(scene_t *s) {
  file(s);
  assert_int_equal(ftruncate(s->here, 4096), 0);
  s->memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, s->here, 0);
  assert_true(s->memory != MAP_FAILED);
}
void write_to_memory(scene_t *s) { *(char *)s->memory = 'x'; }

/* A lock of an open file description: it is in the way of others in the same process, and of the process's own. */
static void lock_the_other(scene_t *s, int type) {
  struct flock lock = {.l_type = (short)type, .l_whence = SEEK_SET};
  assert_int_equal(fcntl(s->there, F_OFD_SETLK, &lock), 0);
}
void locked_file(scene_t *s) {
  file(s);
  lock_the_other(s, F_WRLCK);
}
void unlock_file(scene_t *s) { lock_the_other(s, F_UNLCK); }

void lonely_fifo(scene_t *s) {
  name_file(s);
  assert_int_equal(mkfifo(s->name, 0600), 0);
}
void open_other_end(scene_t *s) {
  s->there = open(s->name, O_RDWR | O_NONBLOCK);
  assert_true(s->there >= 0);
}

void terminal(scene_t *s) {
  s->there = posix_openpt(O_RDWR | O_NOCTTY);
  assert_true(s->there >= 0);
  assert_int_equal(unlockpt(s->there), 0);
  s->here = open(ptsname(s->there), O_RDWR | O_NOCTTY);
  assert_true(s->here >= 0);
}
void write_to_terminal(scene_t *s) { assert_int_equal(write(s->here, "x", 1), 1); }

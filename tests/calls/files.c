/* Files, their locks, FIFOs and terminals. Many of these calls a test cannot block: the system wakes nobody who waits for a disk, and a
 * pseudo-terminal has always sent everything. */
#include "table.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <termios.h>

static long run_pread(scene_t *s) {
  char byte = 0;
  long result = polite_pread(s->here, &byte, 1, 1);
  if (result == 1) CHECK(byte == 'y');
  return result;
}
static long run_pwrite(scene_t *s) { return polite_pwrite(s->here, "z", 1, 1); }
static long run_preadv(scene_t *s) {
  char bytes[2] = {0};
  polite_iovec_t pieces[] = {{bytes + 1, 1}, {bytes, 1}};
  long result = polite_preadv(s->here, pieces, 2, 0);
  if (result == 2) CHECK(bytes[0] == 'y' && bytes[1] == 'x');
  return result;
}
static long run_pwritev(scene_t *s) {
  polite_iovec_t pieces[] = {{(void *)"a", 1}, {(void *)"b", 1}};
  char bytes[2];
  long result = polite_pwritev(s->here, pieces, 2, 1);
  if (result == 2) CHECK(pread(s->here, bytes, 2, 1) == 2 && memcmp(bytes, "ab", 2) == 0);
  return result;
}
static long run_fsync(scene_t *s) { return polite_fsync(s->here); }
static long run_fdatasync(scene_t *s) { return polite_fdatasync(s->here); }
static long run_msync(scene_t *s) { return polite_msync(s->memory, 4096, MS_SYNC); }
static long run_copy_file_range(scene_t *s) {
  int64_t in = 0, out = 8;
  char byte = 0;
  long result = polite_copy_file_range(s->here, &in, s->there, &out, 1, 0);
  if (result == 1) CHECK(in == 1 && out == 9 && pread(s->here, &byte, 1, 8) == 1 && byte == 'x');
  return result;
}

static long run_tcsetattr(scene_t *s) {
  struct termios before, after;
  CHECK(tcgetattr(s->here, &before) == 0);
  before.c_cc[VMIN] ^= 1;
  long result = polite_tcsetattr(s->here, TCSADRAIN, &before);
  CHECK(tcgetattr(s->here, &after) == 0 && (before.c_cc[VMIN] == after.c_cc[VMIN]) == (result == 0));
  return result;
}
static long run_tcdrain(scene_t *s) { return polite_tcdrain(s->here); }

static long run_open(scene_t *s) { return polite_open(s->name, O_RDONLY, 0); }
static long run_openat(scene_t *s) { return polite_openat(AT_FDCWD, s->name, O_RDONLY | O_CLOEXEC, 0); }

static long run_lock(scene_t *s) {
  struct flock all = {.l_type = F_WRLCK};
  return polite_lock(s->here, F_OFD_SETLKW, &all);
}
static long run_lockf(scene_t *s) { return polite_lockf(s->here, F_LOCK, 0); }

static void flocked_file(scene_t *s) {
  file(s);
  assert_int_equal(flock(s->there, LOCK_EX), 0);
}
static void unflock(scene_t *s) { assert_int_equal(flock(s->there, LOCK_UN), 0); }
static long run_flock(scene_t *s) { return polite_flock(s->here, LOCK_SH); }

const call_t file_calls[] = {
    {"pread", "pread", file, run_pread, fill_file, 1, NEVER_BLOCKS},
    {"pwrite", "pwrite", file, run_pwrite, fill_file, 1, NEVER_BLOCKS},
    {"preadv", "preadv", file, run_preadv, fill_file, 2, NEVER_BLOCKS},
    {"pwritev", "pwritev", file, run_pwritev, fill_file, 2, NEVER_BLOCKS},
    {"copy_file_range", "copy_file_range", file, run_copy_file_range, fill_file, 1, NEVER_BLOCKS},
    {"fsync", "fsync", file, run_fsync, fill_file, 0, NEVER_BLOCKS},
    {"fdatasync", "fdatasync", file, run_fdatasync, fill_file, 0, NEVER_BLOCKS},
    {"msync", "msync", mapped_file, run_msync, write_to_memory, 0, NEVER_BLOCKS},
    {"tcsetattr", "tcsetattr", terminal, run_tcsetattr, write_to_terminal, 0, NEVER_BLOCKS},
    {"tcdrain", "tcdrain", terminal, run_tcdrain, write_to_terminal, 0, NEVER_BLOCKS},
    {"open", "open", lonely_fifo, run_open, open_other_end, SOME_DESCRIPTOR, NO_DESCRIPTOR | NOT_BY_SELF_PIPE},
    {"openat", "open", lonely_fifo, run_openat, open_other_end, SOME_DESCRIPTOR, NO_DESCRIPTOR | NOT_BY_SELF_PIPE},
    {"lock", "fcntl", locked_file, run_lock, unlock_file, 0, NOT_BY_SELF_PIPE},
    {"lockf", "fcntl", locked_file, run_lockf, unlock_file, 0, NOT_BY_SELF_PIPE},
    {"flock", "flock", flocked_file, run_flock, unflock, 0, NOT_BY_SELF_PIPE},
    {0},
};

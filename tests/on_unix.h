/* What tests ask of the system itself, and of its plain calls: on Unix. on_windows.h has the same functions. */
#ifndef ON_UNIX_H
#define ON_UNIX_H

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The numbers of errors that errno.h has names for: up to which they go, and which are left out. */
enum { LAST_ERROR = 133 };
static inline int is_no_error(int number) { return number == 41 || number == 58; }

/* --- Threads as the system sees them ----------------------------------------------------------------------------------------- */

/* The calling thread's number, as polite_thread_inspect tells it. */
static inline uint64_t my_system_id(void) { return (uint64_t)syscall(SYS_gettid); }

/* Whether a thread is asleep in the kernel, in whatever call: for calls and threads that are not polite's. */
static inline int system_thread_sleeps(uint64_t system_id) {
  char name[64], line[256], *end;
  snprintf(name, sizeof name, "/proc/self/task/%llu/stat", (unsigned long long)system_id);
  FILE *file = fopen(name, "r");
  if (!file) return 0;
  int asleep = fgets(line, sizeof line, file) && (end = strrchr(line, ')')) && end[2] == 'S';
  fclose(file);
  return asleep;
}

/* What the system says of a thread of its number: what stands after `field` (proc(5), status); 0 if it has ended. Unix's alone. */
static inline uint64_t in_status(uint64_t system_id, const char *field, int base) {
  char path[64], line[128];
  uint64_t number = 0;
  size_t length = strlen(field);
  snprintf(path, sizeof path, "/proc/self/task/%llu/status", (unsigned long long)system_id);
  FILE *file = fopen(path, "r");
  while (file && fgets(line, sizeof line, file))
    if (strncmp(line, field, length) == 0 && line[length] == ':') number = strtoull(line + length + 1, NULL, base);
  if (file) fclose(file);
  return number;
}

/* The calling thread's name and the size of its stack. */
static inline void my_name(char *name, size_t size) { assert_int_equal(pthread_getname_np(pthread_self(), name, size), 0); }
static inline size_t my_stack_size(void) {
  pthread_attr_t attributes;
  size_t size;
  pthread_getattr_np(pthread_self(), &attributes);
  pthread_attr_getstacksize(&attributes, &size);
  pthread_attr_destroy(&attributes);
  return size;
}
enum { LEAST_STACK = 16384 }; /* PTHREAD_STACK_MIN */

/* Ends the calling thread by a call that polite knows nothing of, with a result; and as much of it as the system keeps. */
static inline void end_thread_by_system(void *result) { pthread_exit(result); }
static inline void *kept_by_system(void *result) { return result; }

/* Whether a thread that has not been joined is still there. */
static inline int has_not_ended(pthread_t thread) { return pthread_tryjoin_np(thread, NULL) == EBUSY; }

/* Thread-specific data, whose destructors run at a thread's end: in so many rounds, if they set it again and again. Polite ends in the last
 * round but one (src/posix/thread.cpp). */
typedef pthread_key_t data_key_t;
static inline void make_key(data_key_t *key, void (*destructor)(void *)) { assert_int_equal(pthread_key_create(key, destructor), 0); }
static inline void set_data(data_key_t key, void *value) { pthread_setspecific(key, value); }
static inline void delete_key(data_key_t key) { pthread_key_delete(key); }
#if UNDER_TSAN /* which takes its threads apart in the last round */
enum { ROUNDS = 3 };
#else
enum { ROUNDS = 4 }; /* PTHREAD_DESTRUCTOR_ITERATIONS */
#endif
enum { ROUNDS_ATTACHED = 2 };

/* --- Pipes, by plain calls --------------------------------------------------------------------------------------------------- */

static inline void make_pipe(polite_fd ends[2]) { assert_int_equal(pipe(ends), 0); }
static inline long plain_write(polite_fd fd, const void *bytes, size_t length) { return write(fd, bytes, length); }
static inline long plain_read(polite_fd fd, void *bytes, size_t length) { return read(fd, bytes, length); }
static inline void plain_close(polite_fd fd) { close(fd); }
/* Waits, by a plain call, until there is something to read; whether that was all that happened. */
static inline int wait_plainly(polite_fd fd) {
  struct pollfd readable = {fd, POLLIN, 0};
  return poll(&readable, 1, -1) == 1;
}

static inline int is_open(polite_fd fd) { return fcntl(fd, F_GETFD) != -1; }

/* --- Bytes in two boxes, of which a thread waits for either ------------------------------------------------------------------- */

typedef struct box {
  int ends[2];
} box_t;

static inline void open_box(box_t *box) { make_pipe(box->ends); }
static inline void close_box(box_t *box) {
  close(box->ends[0]);
  close(box->ends[1]);
}

/* Whether it was put in. Async-signal-safe. */
static inline int put_into(box_t *box, char byte) { return write(box->ends[1], &byte, 1) == 1; }

/* Waits until there is something in one of them; which, 0 or 1. */
static inline int await_either(box_t *first, box_t *second) {
  struct pollfd fds[2] = {{first->ends[0], POLLIN, 0}, {second->ends[0], POLLIN, 0}};
  while (poll(fds, 2, -1) < 0 && errno == EINTR) {
  }
  return fds[0].revents ? 0 : 1;
}

/* Takes the first byte, or all of them, out of one that is not empty. Whether there was one. */
static inline int take_out(box_t *box, char *byte) { return read(box->ends[0], byte, 1) == 1; }
static inline int empty_box(box_t *box) {
  char bytes[64];
  return read(box->ends[0], bytes, sizeof bytes) > 0;
}

#endif

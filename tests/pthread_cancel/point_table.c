/* One entry for each `there` of points.txt. */
#include <netdb.h>
#include <termios.h>
#include <threads.h>

#include "point_table.h"

#if defined __GLIBC__
#  define HAS_CLOCKWAIT 1 /* musl has none */
#endif

static long or_error(long result) { return result == -1 ? -errno : result; }

/* --- Descriptors ------------------------------------------------------------------------------------------------------------ */

static char byte_of[1]; /* where what is read goes; nobody looks */

static long run_read(scene_t *s) { return or_error(read(s->here, byte_of, 1)); }
static long run_readv(scene_t *s) { return or_error(readv(s->here, &(struct iovec){byte_of, 1}, 1)); }
static long run_recv(scene_t *s) { return or_error(recv(s->here, byte_of, 1, 0)); }
static long run_recvfrom(scene_t *s) { return or_error(recvfrom(s->here, byte_of, 1, 0, NULL, NULL)); }
static long run_recvmsg(scene_t *s) {
  struct iovec piece = {byte_of, 1};
  return or_error(recvmsg(s->here, &(struct msghdr){.msg_iov = &piece, .msg_iovlen = 1}, 0));
}
static long run_write(scene_t *s) { return or_error(write(s->here, "x", 1)); }
static long run_writev(scene_t *s) { return or_error(writev(s->here, &(struct iovec){(void *)"x", 1}, 1)); }
static long run_send(scene_t *s) { return or_error(send(s->here, "x", 1, 0)); }
static long run_sendto(scene_t *s) { return or_error(sendto(s->here, "x", 1, 0, NULL, 0)); }
static long run_sendmsg(scene_t *s) {
  struct iovec piece = {(void *)"x", 1};
  return or_error(sendmsg(s->here, &(struct msghdr){.msg_iov = &piece, .msg_iovlen = 1}, 0));
}
static long run_poll(scene_t *s) { return or_error(poll(&(struct pollfd){s->here, POLLIN, 0}, 1, -1)); }
static long run_ppoll(scene_t *s) {
  sigset_t all;
  sigfillset(&all);
  return or_error(ppoll(&(struct pollfd){s->here, POLLIN, 0}, 1, &(struct timespec){3600, 0}, &all));
}
static long run_pselect(scene_t *s) {
  fd_set set;
  sigset_t all;
  FD_ZERO(&set);
  FD_SET(s->here, &set);
  sigfillset(&all);
  return or_error(pselect(s->here + 1, &set, NULL, NULL, &(struct timespec){3600, 0}, &all));
}
static long run_select(scene_t *s) {
  fd_set set;
  FD_ZERO(&set);
  FD_SET(s->here, &set);
  return or_error(select(s->here + 1, &set, NULL, NULL, NULL));
}

/* --- Files ------------------------------------------------------------------------------------------------------------------ */

static long run_pread(scene_t *s) { return or_error(pread(s->here, byte_of, 1, 1)); }
static long run_pwrite(scene_t *s) { return or_error(pwrite(s->here, "z", 1, 1)); }

static long run_fsync(scene_t *s) { return or_error(fsync(s->here)); }
static long run_fdatasync(scene_t *s) { return or_error(fdatasync(s->here)); }

static long run_msync(scene_t *s) { return or_error(msync(s->memory, 4096, MS_SYNC)); }

static long run_tcdrain(scene_t *s) { return or_error(tcdrain(s->here)); }

static long run_fcntl(scene_t *s) {
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  return or_error(fcntl(s->here, F_SETLKW, &lock));
}

static long run_lockf(scene_t *s) { return or_error(lockf(s->here, F_LOCK, 0)); }

static long run_open(scene_t *s) { return or_error(open(s->name, O_RDONLY | O_CLOEXEC)); }
static long run_openat(scene_t *s) { return or_error(openat(AT_FDCWD, s->name, O_WRONLY)); }
static long run_creat(scene_t *s) { return or_error(creat(s->name, 0600)); }

/* --- Connections ------------------------------------------------------------------------------------------------------------ */

static long run_accept(scene_t *s) { return or_error(accept(s->here, NULL, NULL)); }
static long run_accept4(scene_t *s) { return or_error(accept4(s->here, NULL, NULL, SOCK_CLOEXEC)); }

static long run_connect(scene_t *s) { return or_error(connect(s->here, (struct sockaddr *)&s->address, sizeof s->address)); }

/* --- Queues ----------------------------------------------------------------------------------------------------------------- */

static long run_mq_receive(scene_t *s) {
  char message[8];
  return or_error(mq_receive(s->here, message, 8, NULL));
}
static long run_mq_timedreceive(scene_t *s) {
  char message[8];
  struct timespec hour = in_seconds(CLOCK_REALTIME, 3600);
  return or_error(mq_timedreceive(s->here, message, 8, NULL, &hour));
}
static long run_mq_send(scene_t *s) { return or_error(mq_send(s->here, "x", 1, 0)); }
static long run_mq_timedsend(scene_t *s) {
  struct timespec hour = in_seconds(CLOCK_REALTIME, 3600);
  return or_error(mq_timedsend(s->here, "x", 1, 0, &hour));
}

static long run_msgrcv(scene_t *s) { return or_error(msgrcv(s->messages, &(message_t){0, ""}, 8, 0, 0)); }
static long run_msgsnd(scene_t *s) { return or_error(msgsnd(s->messages, &(message_t){1, "x"}, 8, 0)); }

/* --- Time, signals, children ------------------------------------------------------------------------------------------------ */

enum { SECOND = 1000000000 };
static long run_nanosleep(scene_t *s) {
  struct timespec time = {s->sleep / SECOND, s->sleep % SECOND};
  return or_error(nanosleep(&time, NULL));
}
static long run_clock_nanosleep(scene_t *s) {
  struct timespec time = {s->sleep / SECOND, s->sleep % SECOND};
  return clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL);
}
static long run_sleep(scene_t *s) { return sleep((unsigned)(s->sleep / SECOND)); }
static long run_usleep(scene_t *s) { return or_error(usleep((useconds_t)(s->sleep / 1000))); }

static void handle(int signal) { (void)signal; }
static void default_signal(scene_t *s) {
  (void)s;
  signal(SIGUSR1, SIG_DFL);
}
static void handled_signal(scene_t *s) {
  struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};
  s->end = default_signal;
  sigemptyset(&action.sa_mask);
  sigaction(SIGUSR1, &action, NULL);
}
static void send_handled_signal(scene_t *s) { assert_int_equal(pthread_kill(s->thread, SIGUSR1), 0); }
static long run_pause(scene_t *s) {
  (void)s;
  return or_error(pause());
}

static long run_sigsuspend(scene_t *s) {
  sigset_t all_but_one;
  (void)s;
  sigfillset(&all_but_one);
  sigdelset(&all_but_one, SIGUSR1);
  return or_error(sigsuspend(&all_but_one));
}

static long run_sigwait(scene_t *s) {
  sigset_t all;
  int signal = 0;
  (void)s;
  sigfillset(&all);
  int result = sigwait(&all, &signal);
  CHECK(result != 0 || signal == SIGUSR2);
  return result;
}

static long run_sigwaitinfo(scene_t *s) {
  sigset_t all;
  siginfo_t info;
  (void)s;
  sigfillset(&all);
  return or_error(sigwaitinfo(&all, &info));
}
static long run_sigtimedwait(scene_t *s) {
  sigset_t all;
  (void)s;
  sigfillset(&all);
  return or_error(sigtimedwait(&all, NULL, &(struct timespec){3600, 0}));
}

static long run_wait(scene_t *s) {
  int status = 77;
  pid_t child = wait(&status);
  return child == s->child && WIFEXITED(status) && WEXITSTATUS(status) == 7 ? SOME_CHILD : or_error(child);
}
static long run_waitpid(scene_t *s) {
  int status = 77;
  pid_t child = waitpid(s->child, &status, 0);
  return child == s->child && WIFEXITED(status) && WEXITSTATUS(status) == 7 ? SOME_CHILD : or_error(child);
}

static long run_waitid(scene_t *s) {
  siginfo_t info = {0};
  int result = waitid(P_PID, (id_t)s->child, &info, WEXITED);
  return result == 0 && info.si_pid == s->child && info.si_status == 7 ? SOME_CHILD : or_error(result);
}

static void awaited_line(scene_t *s) {
  lonely_fifo(s);
  open_other_end(s);
}
static void write_line(scene_t *s) { assert_int_equal(write(s->there, "line\n", 5), 5); }
static long run_system(scene_t *s) {
  char command[128];
  snprintf(command, sizeof command, "read line <%s && exit 7", s->name);
  int status = system(command);
  return status == -1 ? -errno : WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static long run_getaddrinfo(scene_t *s) {
  struct addrinfo *list = NULL;
  (void)s;
  int result = getaddrinfo("127.0.0.1", "7", NULL, &list);
  if (result == 0) freeaddrinfo(list);
  return result;
}
static long run_getnameinfo(scene_t *s) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  char node[16];
  (void)s;
  return getnameinfo((struct sockaddr *)&address, sizeof address, node, sizeof node, NULL, 0, NI_NUMERICHOST);
}

/* --- Threads, condition variables, semaphores ------------------------------------------------------------------------------- */

static void *wait_to_be_let_go(void *argument) {
  scene_t *s = argument;
  while (!s->let_go) usleep(100);
  return s;
}
static void living_thread(scene_t *s) { assert_int_equal(pthread_create(&s->thread, NULL, wait_to_be_let_go, s), 0); }
static void let_thread_go(scene_t *s) { s->let_go = 1; }
static long run_join(scene_t *s) {
  void *value = NULL;
  int result = pthread_join(s->thread, &value);
  CHECK(result != 0 || value == s);
  return result;
}
static long run_testcancel(scene_t *s) {
  (void)s;
  pthread_testcancel();
  return 0;
}

static void destroy_condition(scene_t *s) {
  assert_int_equal(pthread_cond_destroy(&s->condition), 0);
  assert_int_equal(pthread_mutex_trylock(&s->mutex), 0); /* whoever was cancelled has unlocked it */
  pthread_mutex_unlock(&s->mutex);
  pthread_mutex_destroy(&s->mutex);
}
static void new_condition(scene_t *s) {
  s->end = destroy_condition;
  pthread_mutex_init(&s->mutex, NULL);
  assert_int_equal(pthread_cond_init(&s->condition, NULL), 0);
}
static void signal_condition(scene_t *s) { assert_int_equal(pthread_cond_signal(&s->condition), 0); }
static void unlock_mutex(void *mutex) { CHECK(pthread_mutex_unlock(mutex) == 0); }
static long wait_with_mutex(scene_t *s, int clock) {
  long result;
  struct timespec hour = in_seconds(clock < 0 ? CLOCK_REALTIME : clock, 3600);
  CHECK(pthread_mutex_lock(&s->mutex) == 0);
  pthread_cleanup_push(unlock_mutex, &s->mutex);
#if defined HAS_CLOCKWAIT
  if (clock == CLOCK_MONOTONIC) result = pthread_cond_clockwait(&s->condition, &s->mutex, clock, &hour);
  else
#endif
    result = clock < 0 ? pthread_cond_wait(&s->condition, &s->mutex) : pthread_cond_timedwait(&s->condition, &s->mutex, &hour);
  pthread_cleanup_pop(1);
  return result;
}
static long run_cond_wait(scene_t *s) { return wait_with_mutex(s, -1); }
static long run_cond_timedwait(scene_t *s) { return wait_with_mutex(s, CLOCK_REALTIME); }
#if defined HAS_CLOCKWAIT
static long run_cond_clockwait(scene_t *s) { return wait_with_mutex(s, CLOCK_MONOTONIC); }
#endif

static void destroy_semaphore(scene_t *s) { assert_int_equal(sem_destroy(&s->semaphore), 0); }
static void new_semaphore(scene_t *s) {
  assert_int_equal(sem_init(&s->semaphore, 0, 0), 0);
  s->end = destroy_semaphore;
}
static void post(scene_t *s) { assert_int_equal(sem_post(&s->semaphore), 0); }
static long run_sem_wait(scene_t *s) { return or_error(sem_wait(&s->semaphore)); }
static long run_sem_timedwait(scene_t *s) {
  struct timespec hour = in_seconds(CLOCK_REALTIME, 3600);
  return or_error(sem_timedwait(&s->semaphore, &hour));
}
#if defined HAS_CLOCKWAIT
static long run_sem_clockwait(scene_t *s) {
  struct timespec hour = in_seconds(CLOCK_MONOTONIC, 3600);
  return or_error(sem_clockwait(&s->semaphore, CLOCK_MONOTONIC, &hour));
}
#endif

/* --- C11's ------------------------------------------------------------------------------------------------------------------ */

static int be_let_go(void *scene) { return wait_to_be_let_go(scene) == scene ? 7 : 0; }
static void living_c11_thread(scene_t *s) {
  thrd_t thread;
  assert_int_equal(thrd_create(&thread, be_let_go, s), thrd_success);
  s->thread = thread;
}
static long run_thrd_join(scene_t *s) {
  int value = 0;
  int result = thrd_join(s->thread, &value);
  return result == thrd_success ? value : -result;
}

static long run_thrd_sleep(scene_t *s) {
  struct timespec time = {s->sleep / SECOND, s->sleep % SECOND};
  return thrd_sleep(&time, NULL);
}

static cnd_t c11_condition;
static mtx_t c11_mutex;
static void destroy_c11_condition(scene_t *s) {
  (void)s;
  cnd_destroy(&c11_condition);
  assert_int_equal(mtx_trylock(&c11_mutex), thrd_success);
  mtx_unlock(&c11_mutex);
  mtx_destroy(&c11_mutex);
}
static void new_c11_condition(scene_t *s) {
  s->end = destroy_c11_condition;
  assert_int_equal(mtx_init(&c11_mutex, mtx_plain), thrd_success);
  assert_int_equal(cnd_init(&c11_condition), thrd_success);
}
static void signal_c11_condition(scene_t *s) {
  (void)s;
  assert_int_equal(cnd_signal(&c11_condition), thrd_success);
}
static void unlock_c11_mutex(void *mutex) { CHECK(mtx_unlock(mutex) == thrd_success); }
static long run_cnd(const struct timespec *until) {
  long result;
  CHECK(mtx_lock(&c11_mutex) == thrd_success);
  pthread_cleanup_push(unlock_c11_mutex, &c11_mutex);
  result = until ? cnd_timedwait(&c11_condition, &c11_mutex, until) : cnd_wait(&c11_condition, &c11_mutex);
  pthread_cleanup_pop(1);
  return result;
}
static long run_cnd_wait(scene_t *s) {
  (void)s;
  return run_cnd(NULL);
}
static long run_cnd_timedwait(scene_t *s) {
  struct timespec hour = in_seconds(CLOCK_REALTIME, 3600);
  (void)s;
  return run_cnd(&hour);
}

/* --- The table -------------------------------------------------------------------------------------------------------------- */

enum { ALL = BLOCKS | WAKES | LASTS };

const point_t points[] = {
    {"accept", "accept", idle_listener, run_accept, knock, SOME_DESCRIPTOR, ALL},
    {"accept4", "accept4", idle_listener, run_accept4, knock, SOME_DESCRIPTOR, ALL},
    {"clock_nanosleep", "nanosleep", long_sleep, run_clock_nanosleep, short_sleep, 0, BLOCKS | LASTS},
    {"cnd_timedwait", "cond_timedwait", new_c11_condition, run_cnd_timedwait, signal_c11_condition, 0, BLOCKS | WAKES},
    {"cnd_wait", "cond_wait", new_c11_condition, run_cnd_wait, signal_c11_condition, 0, BLOCKS | WAKES},
    {"connect", "connect", busy_listener, run_connect, make_room, 0, ALL | NOT_BY_SELF_PIPE},
    {"creat", "open", lonely_fifo, run_creat, open_other_end, SOME_DESCRIPTOR, ALL | NOT_BY_SELF_PIPE},
    {"fcntl", "fcntl", locked_file, run_fcntl, unlock_file, 0, ALL | NOT_BY_SELF_PIPE},
    {"fdatasync", "fdatasync", file, run_fdatasync, fill_file, 0, LASTS},
    {"fsync", "fsync", file, run_fsync, fill_file, 0, LASTS},
    {"getaddrinfo", NULL, nothing, run_getaddrinfo, nothing, 0, LASTS},
    {"getnameinfo", NULL, nothing, run_getnameinfo, nothing, 0, LASTS},
    {"lockf", "fcntl", locked_file, run_lockf, unlock_file, 0, ALL | NOT_BY_SELF_PIPE},
    {"mq_receive", "mq_timedreceive", empty_queue, run_mq_receive, send_message, 3, ALL},
    {"mq_send", "mq_timedsend", full_queue, run_mq_send, receive_message, 0, ALL},
    {"mq_timedreceive", "mq_timedreceive", empty_queue, run_mq_timedreceive, send_message, 3, ALL},
    {"mq_timedsend", "mq_timedsend", full_queue, run_mq_timedsend, receive_message, 0, ALL},
    {"msgrcv", "msgrcv", empty_queue_of_system_v, run_msgrcv, send_to_system_v, 8, ALL | NOT_BY_SELF_PIPE},
    {"msgsnd", "msgsnd", full_queue_of_system_v, run_msgsnd, receive_from_system_v, 0, ALL | NOT_BY_SELF_PIPE},
    {"msync", "msync", mapped_file, run_msync, write_to_memory, 0, LASTS},
    {"nanosleep", "nanosleep", long_sleep, run_nanosleep, short_sleep, 0, BLOCKS | LASTS},
    {"open", "open", lonely_fifo, run_open, open_other_end, SOME_DESCRIPTOR, ALL | NOT_BY_SELF_PIPE},
    {"openat", "open", lonely_fifo, run_openat, open_other_end, SOME_DESCRIPTOR, ALL | NOT_BY_SELF_PIPE},
    {"pause", "pause", handled_signal, run_pause, send_handled_signal, -EINTR, BLOCKS | WAKES},
    {"poll", "poll", empty_pipe, run_poll, feed, 1, ALL},
    {"ppoll", "ppoll", empty_pipe, run_ppoll, feed, 1, ALL},
    {"pread", "pread", file, run_pread, fill_file, 1, LASTS},
    {"pselect", "select", empty_pipe, run_pselect, feed, 1, ALL},
    {"pthread_cond_timedwait", "cond_timedwait", new_condition, run_cond_timedwait, signal_condition, 0, BLOCKS | WAKES},
    {"pthread_cond_wait", "cond_wait", new_condition, run_cond_wait, signal_condition, 0, BLOCKS | WAKES},
    {"pthread_join", "join", living_thread, run_join, let_thread_go, 0, ALL},
    {"pthread_testcancel", NULL, nothing, run_testcancel, nothing, 0, LASTS},
    {"pwrite", "pwrite", file, run_pwrite, fill_file, 1, LASTS},
    {"read", "read", empty_pipe, run_read, feed, 1, ALL},
    {"readv", "readv", empty_pipe, run_readv, feed, 1, ALL},
    {"recv", "recv", empty_socket, run_recv, feed, 1, ALL},
    {"recvfrom", "recvfrom", empty_socket, run_recvfrom, feed, 1, ALL},
    {"recvmsg", "recvmsg", empty_socket, run_recvmsg, feed, 1, ALL},
    {"select", "select", empty_pipe, run_select, feed, 1, ALL},
    {"sem_timedwait", "sem_timedwait", new_semaphore, run_sem_timedwait, post, 0, ALL},
    {"sem_wait", "sem_wait", new_semaphore, run_sem_wait, post, 0, ALL},
    {"send", "send", full_socket, run_send, drain, 1, ALL},
    {"sendmsg", "sendmsg", full_socket, run_sendmsg, drain, 1, ALL},
    {"sendto", "sendto", full_socket, run_sendto, drain, 1, ALL},
    {"sigsuspend", "sigsuspend", handled_signal, run_sigsuspend, send_handled_signal, -EINTR, BLOCKS | WAKES},
    {"sigtimedwait", "sigtimedwait", nothing, run_sigtimedwait, send_blocked_signal, SIGUSR2, ALL},
    {"sigwait", "sigwait", nothing, run_sigwait, send_blocked_signal, 0, ALL},
    {"sigwaitinfo", "sigtimedwait", nothing, run_sigwaitinfo, send_blocked_signal, SIGUSR2, ALL},
    {"sleep", "nanosleep", long_sleep, run_sleep, short_sleep, 0, BLOCKS | LASTS},
    {"system", "waitpid", awaited_line, run_system, write_line, 7, BLOCKS | WAKES},
    {"tcdrain", "tcdrain", terminal, run_tcdrain, write_to_terminal, 0, LASTS},
    {"thrd_join", "join", living_c11_thread, run_thrd_join, let_thread_go, 7, ALL},
    {"thrd_sleep", "nanosleep", long_sleep, run_thrd_sleep, short_sleep, 0, BLOCKS | LASTS},
    {"usleep", "nanosleep", long_sleep, run_usleep, short_sleep, 0, BLOCKS | LASTS},
    {"wait", "waitpid", living_child, run_wait, end_child, SOME_CHILD, ALL | NOT_BY_SELF_PIPE},
    {"waitid", "waitid", living_child, run_waitid, end_child, SOME_CHILD, ALL},
    {"waitpid", "waitpid", living_child, run_waitpid, end_child, SOME_CHILD, ALL},
    {"write", "write", full_pipe, run_write, drain, 1, ALL},
    {"writev", "writev", full_pipe, run_writev, drain, 1, ALL},
#if defined HAS_CLOCKWAIT
    {"pthread_cond_clockwait", "cond_timedwait", new_condition, run_cond_clockwait, signal_condition, 0, BLOCKS | WAKES},
    {"sem_clockwait", "sem_timedwait", new_semaphore, run_sem_clockwait, post, 0, ALL},
#endif
};
const int point_count = sizeof points / sizeof *points;

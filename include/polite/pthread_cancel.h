/* Deferred cancellation by the names of POSIX, without libc's: for programs that were written for pthread_cancel.
 *
 * A C file that includes this header has its threads made, joined and canceled by polite, and its calls to
 *
 *     read  readv  pread   recv  recvfrom  recvmsg   accept  accept4  connect   poll  ppoll  select   open  openat  creat
 *     write writev pwrite  send  sendto    sendmsg   sleep  usleep  nanosleep   clock_nanosleep       pselect
 *     wait  waitpid waitid                           pause  sigwait  sigsuspend   sigwaitinfo         sigtimedwait
 *     fsync fdatasync msync tcdrain                  fcntl (F_SETLKW, F_OFD_SETLKW)  lockf (F_LOCK)
 *     mq_receive mq_timedreceive mq_send mq_timedsend    msgrcv msgsnd    sem_wait  sem_timedwait  sem_clockwait
 *     cnd_wait  cnd_timedwait  thrd_join  thrd_sleep     getaddrinfo  getnameinfo  system
 *     pthread_cond_wait  pthread_cond_timedwait  pthread_cond_clockwait      pthread_join  pthread_testcancel
 *
 * are cancellation points: one to which a cancel is delivered runs the thread's cleanup handlers, latest first, and ends the
 * thread with PTHREAD_CANCELED. All other results and errors are those of the plain calls. What a call had done, or made, when
 * the cancel came is never lost: the call returns that, and the cancel stays pending for the next point. That is what libc's
 * own does not do (glibc). Nothing of a program needs to be changed; cc -include polite/pthread_cancel.h does it, too.
 *
 *   - How to build: cc -D_GNU_SOURCE= -include polite/pthread_cancel.h program.c -lpolite -pthread, with the includes and libraries
 *     that pkg-config --cflags --libs polite names. Where libraries stand before the program's own files: -lpolite -lpolite_names. Or
 *     the header among the file's own includes, and its macros before them.
 *   - One signal is polite's (polite_wake_signal, SIGURG unless told otherwise): the program neither gets nor waits for it. A thread
 *     that blocks every signal is canceled all the same: pthread_sigmask and sigprocmask leave that one out. Where it is blocked
 *     by other means a thread in a call is canceled only when that ends. sigaction and signal put it into the mask of the program's handlers,
 *     so a thread that blocks in a handler is canceled when the handler returns (polite/dropin_functions.h says more).
 *   - pthread_t, mutexes, semaphores, keys and attributes are libc's, and so is all that is not named here: pthread_equal,
 *     pthread_kill, …
 *   - pthread_cancel finds threads that were made through this header, and others once they are attached: by polite_self, or by
 *     pthread_self in a file with this header, if its result is used. It returns ESRCH for a thread that has ended, and for one that nobody attached.
 *   - All files that use a condition variable must include this header: pthread_cond_… and cnd_… are polite's here, in libc's memory.
 *     Likewise all that make, join, detach or exit a thread that has cleanup handlers or may be canceled.
 *   - C11's threads (thrd_create) are the same ones: canceled by pthread_cancel, whose pthread_t is their thrd_t. thrd_join says -1 of one
 *     that was. A mtx_t is libc's.
 *   - The cancelability type is PTHREAD_CANCEL_DEFERRED. PTHREAD_CANCEL_ASYNCHRONOUS is refused with ENOTSUP.
 *     PTHREAD_CANCEL_DISABLE is a shield (polite/interrupt.h); handlers, and thread-specific data destructors at the thread's
 *     end, run in one.
 *   - close always closes, and is no cancellation point. Nor are the functions of stdio and others that POSIX leaves free to be
 *     one: a thread that waits in fgets is canceled when it comes to a point behind it. Of those that POSIX requires aio_suspend
 *     is not: nothing gets a thread out of libc's that leaves the operations alone.
 *   - A thread with a boundary of its own (polite_call) that is canceled inside of it leaves that boundary, and goes on.
 *     pthread_exit ends the thread.
 *   - Joining a thread that polite did not make, by pthread_join, is libc's and cannot be canceled.
 *   - Where polite cannot wake threads (polite_backend) threads are made all the same, and cannot be canceled.
 *   - It is for C: a cancel skips the functions on the stack as longjmp does, and runs no destructor. In C++ the error returns of
 *     polite are made into exceptions. A pair of pthread_cleanup_push and pop must not be left by a jump
 *     of the program's own.
 *   - Where to include it, feature-test macros, _FORTIFY_SOURCE, _FILE_OFFSET_BITS: as polite/dropin.h says, for pread and pwrite
 *     as well as open, openat, creat, fcntl and lockf. With -include, define feature-test macros by -D.
 *   - Since 0.1. Linux, glibc and musl; gcc and clang. */
#ifndef POLITE_PTHREAD_CANCEL_H
#define POLITE_PTHREAD_CANCEL_H

#if defined POLITE_DROPIN_H
#  error "a file includes polite/dropin.h, or polite/pthread_cancel.h: they bind the same names"
#endif
#if !defined __linux__ || !defined __GNUC__
#  error "polite/pthread_cancel.h is for Linux, gcc and clang"
#endif
#if defined __cplusplus
#  error "polite/pthread_cancel.h is for C: a cancel runs no destructor"
#endif

#define POLITE_PLAIN_NAME(name) polite_pthread_##name
#define POLITE_PLAIN_PROTOTYPE(result, name, parameters) extern result polite_pthread_##name parameters;
#include "polite/plain_names.h"

#include "polite/cleanup.h"

#include <pthread.h>
#include <semaphore.h>

#pragma GCC diagnostic push
#if !defined __clang__
#  pragma GCC diagnostic ignored "-Wredundant-decls"
#endif

POLITE_PLAIN(int, sem_wait, (sem_t *semaphore))
POLITE_PLAIN(int, sem_timedwait, (sem_t *__restrict semaphore, const struct timespec *__restrict time))
#if defined __GLIBC__ && defined __USE_GNU && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 30)
POLITE_PLAIN(int, sem_clockwait, (sem_t *__restrict semaphore, clockid_t clock, const struct timespec *__restrict time))
#endif

#define POLITE_PLAIN_PTHREAD(result, name, parameters) \
  POLITE_PLAIN_AS(result, pthread_##name, parameters, polite_pthread_##name)

#if defined SIG_BLOCK
POLITE_PLAIN_PTHREAD(int, sigmask, (int how, const sigset_t *__restrict set, sigset_t *__restrict before))
#endif
POLITE_PLAIN_PTHREAD(pthread_t, self, (void))
POLITE_PLAIN_PTHREAD(int, create, (pthread_t *__restrict thread, const pthread_attr_t *__restrict attributes, void *(*fn)(void *),
                                   void *__restrict arg))
POLITE_PLAIN_PTHREAD(int, join, (pthread_t thread, void **result))
POLITE_PLAIN_PTHREAD(int, detach, (pthread_t thread))
POLITE_PLAIN_PTHREAD(__attribute__((__noreturn__)) void, exit, (void *result))
POLITE_PLAIN_PTHREAD(int, cancel, (pthread_t thread))
POLITE_PLAIN_PTHREAD(void, testcancel, (void))
POLITE_PLAIN_PTHREAD(int, setcancelstate, (int state, int *before))
POLITE_PLAIN_PTHREAD(int, setcanceltype, (int type, int *before))

POLITE_PLAIN_PTHREAD(int, cond_init, (pthread_cond_t *__restrict condition, const pthread_condattr_t *__restrict attributes))
POLITE_PLAIN_PTHREAD(int, cond_destroy, (pthread_cond_t *condition))
POLITE_PLAIN_PTHREAD(int, cond_signal, (pthread_cond_t *condition))
POLITE_PLAIN_PTHREAD(int, cond_broadcast, (pthread_cond_t *condition))
POLITE_PLAIN_PTHREAD(int, cond_wait, (pthread_cond_t *__restrict condition, pthread_mutex_t *__restrict mutex))
POLITE_PLAIN_PTHREAD(int, cond_timedwait, (pthread_cond_t *__restrict condition, pthread_mutex_t *__restrict mutex,
                                           const struct timespec *__restrict time))
#if defined __GLIBC__ && defined __USE_GNU && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 30)
POLITE_PLAIN_PTHREAD(int, cond_clockwait, (pthread_cond_t *__restrict condition, pthread_mutex_t *__restrict mutex, clockid_t clock,
                                           const struct timespec *__restrict time))
#endif

#pragma GCC diagnostic pop

/* C11's, without <threads.h>, which makes thread_local a macro, and whose types have no names to declare anything by. In C both
 * compilers take the pragma, before the system's header and after it. */
#pragma redefine_extname thrd_create polite_pthread_thrd_create
#pragma redefine_extname thrd_current polite_pthread_thrd_current
#pragma redefine_extname thrd_join polite_pthread_thrd_join
#pragma redefine_extname thrd_detach polite_pthread_thrd_detach
#pragma redefine_extname thrd_exit polite_pthread_thrd_exit
#pragma redefine_extname thrd_sleep polite_pthread_thrd_sleep
#pragma redefine_extname cnd_init polite_pthread_cnd_init
#pragma redefine_extname cnd_destroy polite_pthread_cnd_destroy
#pragma redefine_extname cnd_signal polite_pthread_cnd_signal
#pragma redefine_extname cnd_broadcast polite_pthread_cnd_broadcast
#pragma redefine_extname cnd_wait polite_pthread_cnd_wait
#pragma redefine_extname cnd_timedwait polite_pthread_cnd_timedwait

/* As POSIX has it they come in pairs, each pair in one block. The node is the block's. */
#undef pthread_cleanup_push
#undef pthread_cleanup_pop
#undef pthread_cleanup_push_defer_np
#undef pthread_cleanup_pop_restore_np
#define pthread_cleanup_push(routine, arg)                                                                            \
  do {                                                                                                                \
    _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wshadow\"") /* pairs nest */                    \
    polite_cleanup_t polite_cleanup_of_block = {{0}};                                                                 \
    _Pragma("GCC diagnostic pop")                                                                                     \
    polite_cleanup_push(&polite_cleanup_of_block, (routine), (arg));
#define pthread_cleanup_pop(execute)                         \
    polite_cleanup_pop(&polite_cleanup_of_block, (execute)); \
  } while (0)

#endif

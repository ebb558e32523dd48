/* Threads as polite sees them: handles, attaching, making and joining them, looking at one, and the signal that wakes one.
 *
 * A thread is *attached* once somebody can name it: it called polite_self, or one of the calls that say here that
 * they attach. A blocking call never attaches; in a thread that is not attached it is the plain call.
 * A thread detaches by itself when it ends. */
#ifndef POLITE_THREAD_H
#define POLITE_THREAD_H

#include "polite/base.h"

POLITE_BEGIN

/* Attaches the calling thread, if it is not attached yet, and returns its handle.
 *
 * Attaching unblocks the wake signal in the calling thread. The first attaching of a process also installs the
 * handler of the wake signal and checks, by one interrupt to itself, that waking works here.
 * A handle stays valid for ever: when its thread has ended it names nobody, and no later thread will have it.
 * In a child of fork(2) the handle of the thread that forked still names that thread; all others name nobody.
 *
 * Returns   the handle, or
 *           0 if the thread cannot be attached: there is no memory, polite cannot wake threads here
 *             (polite_backend says so), or the thread is past its last round of thread-specific destructors.
 *             Such a thread's calls are plain calls, and nobody can interrupt it.
 *
 * At the end of a thread polite detaches it in the last but one round of thread-specific data destructors
 * (POSIX XSH pthread_key_create, PTHREAD_DESTRUCTOR_ITERATIONS), so that other destructors still find it attached.
 * Do not attach for the first time in such a destructor: after the first round polite never learns of the thread's end.
 * Since 0.1. Async-signal-safe in a thread that is attached; not in one that has yet to be. */
POLITE_API polite_thread_t polite_self(void);

/* What polite_thread_create makes. Null in its place, and 0 in each field but `size`, stands for the ordinary. */
typedef struct polite_thread_options {
  uint32_t size;       /* sizeof(polite_thread_options_t) */
  uint32_t flags;      /* POLITE_THREAD_… */
  uint64_t stack_size; /* in bytes; 0: the system's own choice */
  const char *name;    /* for people who look at the process; it is copied; the system may keep only its beginning (Linux: 15 bytes) */
} polite_thread_options_t;

#define POLITE_THREAD_DETACHED 1u /* nobody will join it */
#define POLITE_THREAD_SHIELDED 2u /* it starts in a shield, which it leaves by polite_shield_leave */
#define POLITE_THREAD_SELF_PIPE 4u /* it starts on the self-pipe (polite_use_backend); Windows has none: POLITE_EINVAL */

/* Makes a thread that calls `fn(arg)`, within a boundary (polite/call.h), and gives out its handle in `*thread`, before the thread
 * begins. An interrupt sent before its first instruction is not lost. It starts with the caller's signal mask, the wake signal
 * unblocked. When `fn` has ended, and the cleanup handlers have run, thread-specific data destructors do (POSIX XSH
 * pthread_key_create); they are shielded. It must be joined, or detached, once; between its end and the join its handle is good
 * for nothing else (POLITE_ESRCH). Attaches the caller.
 *
 * Returns   0
 *             POLITE_EINVAL       `thread` or `fn` is null; `options` has a size or flags that this library does not know, or a
 *                                 stack smaller than the system allows
 *             POLITE_EAGAIN       the system does not give us another thread (POSIX XSH pthread_create)
 *             POLITE_ENOMEM       there is no memory
 *             POLITE_UNATTACHED   polite cannot wake threads here (polite_backend)
 *           After an error there is no thread, and `*thread`, if there is such a place, is 0.
 * Since 0.1. Not async-signal-safe. */
POLITE_API int polite_thread_create(polite_thread_t *thread, const polite_thread_options_t *options, void *(*fn)(void *), void *arg);

/* Waits until a thread that polite_thread_create made has ended, its thread-specific data destructors included, and takes its
 * result. An interruption point: the thread is as it was then, and must still be joined.
 *
 * Returns   how it ended: POLITE_RETURNED, POLITE_EXITED or POLITE_UNWOUND (polite/call.h), and `*result` is its result,
 *           POLITE_CANCELED if it was unwound; or
 *             POLITE_INTERRUPTED   an interrupt was delivered to the caller
 *             POLITE_ESRCH         no such thread; it has been joined already, or it was detached and has ended
 *             POLITE_EINVAL        it cannot be joined: it is detached, another thread is joining it, or polite did not make it
 *             POLITE_EDEADLK       it is the caller
 * `result` may be null. Carries on after a handler of the program's own. Since 0.1. Not async-signal-safe. */
POLITE_API int polite_thread_join(polite_thread_t thread, void **result);

/* The same until a moment of polite_now (polite/time.h). A moment in the past tries once.
 *
 * Returns   as polite_thread_join, and
 *             POLITE_ETIMEDOUT     the moment has come, and the thread has not ended
 * Since 0.1. Not async-signal-safe. */
POLITE_API int polite_thread_join_until(polite_thread_t thread, void **result, int64_t deadline);

/* Says that nobody will join a thread that polite_thread_create made: when it ends, nothing is left of it.
 *
 * Returns   0
 *             POLITE_ESRCH     no such thread, or it has been joined already
 *             POLITE_EINVAL    it is detached already, somebody is joining it, or polite did not make it
 * Since 0.1. Not async-signal-safe. */
POLITE_API int polite_thread_detach(polite_thread_t thread);

/* The attached threads, one after the other: the first one after `previous`, or 0 if there is none.
 * Start with 0. `previous` may have ended meanwhile. A thread that attaches or ends during the walk may be seen or not;
 * every other is seen once.
 * Since 0.1. Async-signal-safe. */
POLITE_API polite_thread_t polite_thread_next(polite_thread_t previous);

/* What polite_thread_inspect found. */
enum {
  POLITE_THREAD_RUNNING = 0, /* not in a call of polite, or not begun yet */
  POLITE_THREAD_IN_CALL = 1, /* in a blocking call of polite, and running, or not known to sleep */
  POLITE_THREAD_BLOCKED = 2  /* in a blocking call of polite, asleep in the kernel */
};

typedef struct polite_thread_info {
  uint32_t size;        /* in: sizeof(polite_thread_info_t). The library writes no more than that */
  uint32_t state;       /* POLITE_THREAD_… */
  uint32_t shielded;    /* the depth of shields; 0: interrupts can be delivered */
  uint32_t pending;     /* 1 if an interrupt is pending, else 0 */
  const char *call;     /* the name of the call that the thread is in, such as "read", or of the system's call that does its
                         * work ("fcntl" in polite_lock); null if in none. Lasts for ever */
  int64_t object;       /* the descriptor that the call is about, or the address of the lock, semaphore, … of polite's; -1 if there is none (also
                         * in polite_sem_wait and its like, which wait for libc's) */
  int64_t observed_ns;  /* for how long, in nanoseconds, inspections have seen the thread in this very call: 0 when this is
                         * the first to see it. To the millisecond. A call does not read a clock to be timed, so
                         * what is known of its age is known from the outside */
  uint64_t system_id;   /* the thread's number in the operating system: gettid(2) */
} polite_thread_info_t;

/* Looks at a thread without disturbing it. What it finds may be out of date when it returns, except that a thread that nobody
 * wakes stays POLITE_THREAD_BLOCKED.
 *
 * Returns   0
 *             POLITE_EINVAL   `info` is null, or its size is not one that this library knows
 *             POLITE_ESRCH    no such thread
 * Since 0.1. Async-signal-safe. */
POLITE_API int polite_thread_inspect(polite_thread_t thread, polite_thread_info_t *info);

/* Declares that the calling thread left a blocked call of polite by a jump: to be called where siglongjmp(3) out of a signal
 * handler arrives, before anything else that may block. Without it polite finds out at the thread's next call in nearly
 * all cases, but until then an interrupt may disturb the plain calls of that thread.
 * Not to be called from a handler that will return. A function of polite_blocking calls it before it jumps (polite/blocking.h).
 *
 * Returns   0, also if there was nothing to do
 * Since 0.1. Not async-signal-safe. */
POLITE_API int polite_jumped(void);

/* How blocked threads are woken in this process. */
enum {
  POLITE_BACKEND_NONE = 0,     /* they cannot be: every call is the plain call, polite_self returns 0 */
  POLITE_BACKEND_WINDOW = 1,   /* by a signal whose handler knows the machine instructions around the system call */
  POLITE_BACKEND_SELF_PIPE = 2, /* by a descriptor: the thread blocks only in poll(2), on what its call waits for and on that. No
                                * signal, but more system calls, a descriptor for each thread once it has blocked, and
                                * calls that can block in no other way are not woken (ABI.md lists them): such a call
                                * goes on, and the interrupt is delivered by the next */
  POLITE_BACKEND_EVENT = 3      /* Windows: by an event for which the thread waits as well, and by cancelling its I/O */
};

/* How the calling thread is woken. Attaches it.
 * Since 0.1. Not async-signal-safe. */
POLITE_API int polite_backend(void);

/* Chooses how the calling thread is woken from now on. Threads begin with the window where it works, and otherwise, or if the environment
 * has POLITE_BACKEND=self-pipe (ignored in set-uid programs), with the self-pipe. If all threads do the wake signal is not used at
 * all. Attaches the thread. Pending interrupts stay pending.
 *
 * Returns   0
 *             POLITE_EINVAL       not POLITE_BACKEND_WINDOW or POLITE_BACKEND_SELF_PIPE (Windows: or POLITE_BACKEND_EVENT)
 *             POLITE_ENOTSUP      the window does not work in this process, or was ruled out from the start
 *             POLITE_INSIDE       the caller is a signal handler on top of a blocked call of polite
 *             POLITE_UNATTACHED   the thread cannot be attached (polite_self)
 * Since 0.1. Not async-signal-safe. */
POLITE_API int polite_use_backend(int backend);

#if !defined _WIN32
/* Chooses the signal that wakes threads. It is SIGURG unless this function, or the environment variable POLITE_WAKE_SIGNAL
 * (a decimal number; ignored in set-uid programs, and when it is not a signal that this function would take), says otherwise.
 * From the first attaching on the signal is polite's: a program must not change its action and should not block it. A handler
 * that was there before goes on being called for signals that are not polite's; a default action is not taken any more.
 *
 * Returns   0
 *             POLITE_EINVAL   not a standard signal (1 to 31), or SIGKILL, SIGSTOP, or one that the processor raises
 *                             (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS). Real-time signals are refused because
 *                             sending one fails when the user's signal queue is full (setrlimit(2), RLIMIT_SIGPENDING)
 *             POLITE_EPERM    the calling thread blocks that signal
 *             POLITE_EBUSY    too late: a thread has been attached already
 * Since 0.1. Not async-signal-safe. */
POLITE_API int polite_set_wake_signal(int signal);

/* The signal that wakes threads, or will.
 * Since 0.1. Async-signal-safe. */
POLITE_API int polite_wake_signal(void);
#endif

POLITE_END_C

#endif

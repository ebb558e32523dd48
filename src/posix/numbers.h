// Where a long has 32 bits several system calls are there twice, or under another name. These names then mean the ones with 64 bits for
// times and offsets, which the library speaks everywhere, and no others are made.
#pragma once

#include <sys/syscall.h>

#if __SIZEOF_LONG__ == 4

#undef SYS_clock_nanosleep
#undef SYS_fcntl
#undef SYS_futex
#undef SYS_mmap
#undef SYS_mq_timedreceive
#undef SYS_mq_timedsend
#undef SYS_ppoll
#undef SYS_pselect6
#undef SYS_recvmmsg
#undef SYS_rt_sigtimedwait
#undef SYS_semtimedop
#undef SYS_sendfile
#define SYS_clock_nanosleep SYS_clock_nanosleep_time64
#define SYS_fcntl SYS_fcntl64
#define SYS_futex SYS_futex_time64
#define SYS_mmap SYS_mmap2
#define SYS_mq_timedreceive SYS_mq_timedreceive_time64
#define SYS_mq_timedsend SYS_mq_timedsend_time64
#define SYS_ppoll SYS_ppoll_time64
#define SYS_pselect6 SYS_pselect6_time64
#define SYS_recvmmsg SYS_recvmmsg_time64
#define SYS_rt_sigtimedwait SYS_rt_sigtimedwait_time64
#define SYS_semtimedop SYS_semtimedop_time64
#define SYS_sendfile SYS_sendfile64

// What i386 has by others alone.
#if !defined SYS_accept
#define SYS_accept SYS_accept4
#endif
#if !defined SYS_semop
#define SYS_semop SYS_semtimedop
#endif

#endif

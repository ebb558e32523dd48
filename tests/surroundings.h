/* What a test runs under. Which sanitizer it is built with gcc and clang say in two ways. */
#ifndef SURROUNDINGS_H
#define SURROUNDINGS_H

#if defined __has_feature
#define HAS_FEATURE(name) __has_feature(name)
#else
#define HAS_FEATURE(name) 0
#endif
#if defined __SANITIZE_THREAD__ || HAS_FEATURE(thread_sanitizer)
#define UNDER_TSAN 1
#else
#define UNDER_TSAN 0
#endif
#if defined __SANITIZE_ADDRESS__ || HAS_FEATURE(address_sanitizer)
#define UNDER_ASAN 1
#else
#define UNDER_ASAN 0
#endif

/* qemu's emulation of a processor for one program (7.2) has not all of a system, and what is about the rest cannot be shown there:
 * a fork's child cannot make threads; MADV_WIPEONFORK is granted and not done, so that only fork() itself is noticed; there are no
 * seccomp filters, no limits on memory, no preadv2, pwritev2 and epoll_pwait2; sendfile and splice let signals wait for their end;
 * an interrupted pselect does not say how much time is left; nobody learns that the owner of a robust mutex has died; and a program
 * cannot execute itself. The build says that it is there. */
#ifndef UNDER_QEMU
#define UNDER_QEMU 0
#endif

#endif

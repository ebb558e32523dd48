/* What a test runs under. Which sanitizer it is built with gcc and clang say in two ways. */
#ifndef SANITIZERS_H
#define SANITIZERS_H

#if defined __SANITIZE_THREAD__
#define UNDER_TSAN 1
#elif defined __has_feature
#if __has_feature(thread_sanitizer)
#define UNDER_TSAN 1
#endif
#endif
#ifndef UNDER_TSAN
#define UNDER_TSAN 0
#endif

/* The build says so. */
#ifndef UNDER_QEMU
#define UNDER_QEMU 0
#endif

#endif

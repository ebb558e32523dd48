/* Which sanitizer a test is built with: gcc and clang say so in two ways. */
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

#endif

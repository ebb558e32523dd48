/* What every other header of polite needs: linkage, versions, the basic types. */
#ifndef POLITE_BASE_H
#define POLITE_BASE_H

#include <stddef.h>
#include <stdint.h>

#define POLITE_VERSION_MAJOR 0
#define POLITE_VERSION_MINOR 1
#define POLITE_VERSION_PATCH 0
/* The version as one number, for comparisons: major * 1000000 + minor * 1000 + patch. */
#define POLITE_VERSION 1000

/* In polite's interface times and offsets have 64 bits everywhere; glibc's structures have them so where it is told to. */
#if defined __GLIBC__ && __SIZEOF_LONG__ == 4 && (!defined __TIMESIZE || __TIMESIZE == 32)
#  if !defined __USE_TIME_BITS64 || !defined __USE_FILE_OFFSET64
#    error "on this processor polite wants -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64"
#  endif
#endif

#if defined _WIN32
#  if defined POLITE_STATIC
#    define POLITE_API
#  elif defined POLITE_BUILDING
#    define POLITE_API __declspec(dllexport)
#  else
#    define POLITE_API __declspec(dllimport)
#  endif
#else
#  define POLITE_API __attribute__((visibility("default")))
#endif

/* Objects of polite's begin at a multiple of 8 bytes, as 64 bits do everywhere but on i386. */
#if defined __GNUC__
#  define POLITE_ALIGNED __attribute__((aligned(8)))
#else
#  define POLITE_ALIGNED
#endif

#ifdef __cplusplus
#  define POLITE_BEGIN extern "C" {
#  define POLITE_END_C }
#else
#  define POLITE_BEGIN
#  define POLITE_END_C
#endif

POLITE_BEGIN

/* A thread: a number, never reused, meaningful in this process only. 0 is no thread. */
typedef uint64_t polite_thread_t;

/* A count of bytes, or a negative error code (polite/error.h). */
typedef intptr_t polite_ssize_t;

/* A descriptor and a socket. On Windows they hold the HANDLE or the SOCKET. */
#if defined _WIN32
typedef intptr_t polite_fd;
typedef intptr_t polite_sock;
#else
typedef int polite_fd;
typedef int polite_sock;
#endif

/* A piece of memory, for the calls that take several. Laid out as `struct iovec` on Unix,
 * so that a pointer to one may be passed for a pointer to the other. */
typedef struct polite_iovec {
  void *base;
  size_t len;
} polite_iovec_t;

/* The version of the library that is running, as POLITE_VERSION counts it.
 * Async-signal-safe. Since 0.1. */
POLITE_API int polite_version(void);

POLITE_END_C

#endif

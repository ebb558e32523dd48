/* Threads as libc makes them, for files in which pthread_create is polite's. */
#ifndef PLAIN_THREADS_H
#define PLAIN_THREADS_H

#include <sys/types.h>

int plain_create(pthread_t *thread, void *(*fn)(void *), void *argument);
int plain_join(pthread_t thread, void **result);

#endif

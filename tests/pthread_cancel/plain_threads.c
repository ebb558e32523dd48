#include <pthread.h>

#include "plain_threads.h"

int plain_create(pthread_t *thread, void *(*fn)(void *), void *argument) { return pthread_create(thread, NULL, fn, argument); }
int plain_join(pthread_t thread, void **result) { return pthread_join(thread, result); }

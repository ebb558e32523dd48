#include "bare.h"

extern "C" __attribute__((aligned(64))) long bare_read(int fd, void *buf, size_t len) { return bare_read_inline(fd, buf, len); }

extern "C" __attribute__((aligned(64))) int bare_nothing(void) { return 0; }

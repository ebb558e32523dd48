/* For system_calls.sh: one attached thread reads `count` bytes, one at a time, between two markers (getppid). With "libc", by libc. */
#include <polite.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv) {
  int use_libc = argc > 2 && strcmp(argv[2], "libc") == 0;
  int fd = open("/dev/zero", O_RDONLY);
  char byte;
  if (fd < 0 || argc < 2 || !polite_self()) return 1;
  getppid();
  for (int i = atoi(argv[1]); i > 0; --i)
    if ((use_libc ? read(fd, &byte, 1) : polite_read(fd, &byte, 1)) != 1) return 1;
  getppid();
  return 0;
}

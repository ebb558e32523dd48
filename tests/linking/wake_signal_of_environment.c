/* Prints which signal wakes threads, and whether the system has marked the process as one that must not trust its environment. */
#include <polite.h>

#include <stdio.h>
#include <sys/auxv.h>

int main(void) {
  if (!polite_self()) return 1;
  printf("%d %s\n", polite_wake_signal(), getauxval(AT_SECURE) ? "set-uid" : "ordinary");
  return 0;
}

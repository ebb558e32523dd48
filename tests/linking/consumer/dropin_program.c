/* A program that says read and gets one that can be interrupted. */
#include <polite/dropin.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

int main(void) {
  int ends[2];
  char byte;
  if (pipe(ends) != 0 || polite_interrupt(polite_self()) != 0) abort();
  if (read(ends[0], &byte, 1) != -1 || errno != ECANCELED || !polite_dropin_interrupted()) abort();
  printf("interrupted\n");
  return 0;
}

/* A plugin that carries the static archive: a copy of the library of its own. */
#include "reader.h"

const struct library *plugin(void);

const struct library *plugin(void) {
  static const struct library mine = {polite_self, polite_interrupt, polite_thread_inspect, polite_read};
  return &mine;
}

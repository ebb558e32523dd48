#include "broken.h"

#include "platform.h"

#include <stdlib.h>

namespace polite {

void broken(const char *line) {
  platform::tell(line);
#if !defined NDEBUG
  abort();
#endif
}

}  // namespace polite

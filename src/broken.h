// What the program has broken beyond our repair: told in one line, and a debug build aborts. Whoever calls it goes on as well as
// can be.
#pragma once

namespace polite {

void broken(const char *line);

}  // namespace polite

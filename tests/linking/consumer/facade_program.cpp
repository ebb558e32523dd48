// The same with the facade.
#include <polite.hpp>

#include <cstdlib>
#include <iostream>
#include <unistd.h>

int main() {
  int ends[2];
  if (pipe(ends) != 0) std::abort();
  polite::unique_fd out(ends[0]), in(ends[1]);
  polite::thread thread([&] {
    char byte[1];
    polite::read(out.get(), byte);
  });
  if (!thread.interrupt() || thread.join() != polite::ended::interrupted) std::abort();
  std::cout << "interrupted\n";
}

// The same in C++.
#include <polite.h>

#include <atomic>
#include <cstdlib>
#include <iostream>
#include <thread>
#include <unistd.h>

int main() {
  int ends[2];
  if (pipe(ends) != 0) std::abort();
  std::atomic<polite_thread_t> waiter{0};
  polite_ssize_t result = 0;
  std::thread thread([&] {
    char byte;
    waiter = polite_self();
    result = polite_read(ends[0], &byte, 1);
  });
  while (!waiter) std::this_thread::yield();
  if (polite_interrupt(waiter) < 0) std::abort();
  thread.join();
  if (result != POLITE_INTERRUPTED) std::abort();
  std::cout << "interrupted\n";
}

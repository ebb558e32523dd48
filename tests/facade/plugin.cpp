// A part of a program that is compiled with hidden visibility, as plugins are. What it throws and tells has to be known outside.
#include <polite.hpp>

extern "C" __attribute__((visibility("default"))) void plugin_throws() {
  polite_interrupt_with(polite_self(), 11, 0);
  polite::checkpoint();
}

extern "C" __attribute__((visibility("default"))) void plugin_tells(std::error_code *error) {
  polite_interrupt_with(polite_self(), 12, 0);
  polite::checkpoint(*error);
}

// Whether a destructor, of what is on the stack when an exception is thrown, gets nothing delivered.
extern "C" __attribute__((visibility("default"))) int plugin_unwinds() {
  struct checks {
    ~checks() {
      polite_interrupt(polite_self());
      polite::checkpoint();
    }
  };
  try {
    checks at_the_end;
    throw 1;
  } catch (int) {
    return polite::this_thread::interrupt_clear();
  }
}

// Parts of a program that are loaded while it runs, which share nothing with it but the libraries that both need: test_loaded PLUGIN… APART
#include "scene.hpp"

#include <dlfcn.h>

template <class Function>
static Function *find(void *plugin, const char *name) {
  void *symbol = dlsym(plugin, name);
  CHECK(symbol);
  return reinterpret_cast<Function *>(symbol);
}

int main(int argc, char **argv) {
  CHECK(argc > 1);
  for (int i = 1; i < argc; ++i) {
    std::puts(argv[i]);
    int how = RTLD_NOW | RTLD_LOCAL;
#if defined RTLD_DEEPBIND  // or else it would take the program's C++ runtime instead of its own
    if (i > 1) how |= RTLD_DEEPBIND;
#endif
    void *plugin = dlopen(argv[i], how);
    CHECK(plugin);

    // Each looks at the exceptions of its own C++ runtime.
    CHECK(find<int()>(plugin, "plugin_unwinds")() == 1);

    std::error_code error;
    find<void(std::error_code *)>(plugin, "plugin_tells")(&error);
    CHECK(error == polite::errc::interrupted && polite::errc::interrupted == error && !(error != polite::errc::interrupted));
    CHECK(error != polite::errc::end);
    CHECK(std::error_condition(POLITE_END, polite::category()) == std::error_code(POLITE_END, error.category()));
    if (i == argc - 1 && argc > 2) continue;  // the last has a C++ runtime, and so exceptions and conditions, of its own
    CHECK(error == std::errc::operation_canceled);
    CHECK_THROWS_WHERE(polite::interrupted, find<void()>(plugin, "plugin_throws")(), caught.reason() == 11);
  }
}

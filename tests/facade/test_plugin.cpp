// The exception and the category are one in the process, whatever its parts are compiled with.
#include "scene.hpp"

extern "C" void plugin_throws();
extern "C" void plugin_tells(std::error_code *error);

static void it_is_caught_outside() { CHECK_THROWS_WHERE(polite::interrupted, plugin_throws(), caught.reason() == 11); }

static void the_category_is_the_same() {
  std::error_code error;
  plugin_tells(&error);
  CHECK(error == polite::errc::interrupted && error.category() == polite::category());
}

int main(int argc, char **argv) { return run_tests(argc, argv, {TEST(it_is_caught_outside), TEST(the_category_is_the_same)}); }

// What libpolite.so has for libpolite_names.so, and for nobody else. A declaration that says POLITE_PRIVATE(name) is exported as
// polite_private_<version>_<name>, in a version node of its own. The two libraries are of one build: one that meets another version
// of the other finds no such symbol, and the loader says so before anything has run. (By the symbols' names and not by that of the
// node, which musl does not look at.)
#pragma once

#include "polite/base.h"

#define POLITE_TEXT_OF(number) #number
#define POLITE_VERSION_TEXT(major, minor, patch) POLITE_TEXT_OF(major) "_" POLITE_TEXT_OF(minor) "_" POLITE_TEXT_OF(patch)
#if defined _WIN32  // there is one library there
#define POLITE_PRIVATE(name)
#else
#define POLITE_PRIVATE(name)                                                                                               \
  __asm__("polite_private_" POLITE_VERSION_TEXT(POLITE_VERSION_MAJOR, POLITE_VERSION_MINOR, POLITE_VERSION_PATCH) "_" #name) \
      __attribute__((visibility("default")))
#endif

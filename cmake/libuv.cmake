# libuv as the target `libuv`, where it can be had: built from the source in POLITE_LIBUV_SOURCE, or the system's.

set(POLITE_LIBUV_SOURCE "" CACHE PATH "libuv's source, to build it along; without it, the system's libuv is taken, if there is one")

if(NOT POLITE_LIBUV_SOURCE)
  find_package(PkgConfig QUIET)
  if(PKG_CONFIG_FOUND AND POLITE_GLIBC AND NOT CMAKE_CROSSCOMPILING)  # what is installed is for glibc
    pkg_check_modules(libuv QUIET IMPORTED_TARGET libuv)
  endif()
  if(libuv_FOUND)
    add_library(libuv ALIAS PkgConfig::libuv)
  endif()
  return()
endif()

if(NOT EXISTS ${POLITE_LIBUV_SOURCE}/CMakeLists.txt)
  message(FATAL_ERROR "No source of libuv there. To get it: tools/debian_source.sh libuv1 ${POLITE_LIBUV_SOURCE}")
endif()
set(LIBUV_BUILD_TESTS OFF)
add_subdirectory(${POLITE_LIBUV_SOURCE} ${PROJECT_BINARY_DIR}/libuv EXCLUDE_FROM_ALL)
target_compile_options(uv_a PRIVATE -w)  # it is not ours to mend
add_library(libuv ALIAS uv_a)

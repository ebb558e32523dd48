# cmocka as the target `cmocka`: the system's, or, where that is for another libc, built from the source in POLITE_CMOCKA_SOURCE.

set(POLITE_CMOCKA_SOURCE "" CACHE PATH "cmocka's source, to build it along; without it, the system's cmocka is taken")

if(NOT POLITE_CMOCKA_SOURCE)
  find_library(CMOCKA cmocka REQUIRED)
  add_library(cmocka INTERFACE)
  target_link_libraries(cmocka INTERFACE ${CMOCKA})
  return()
endif()

if(NOT EXISTS ${POLITE_CMOCKA_SOURCE}/src/cmocka.c)
  message(FATAL_ERROR "No source of cmocka there. To get it: tools/debian_source.sh cmocka ${POLITE_CMOCKA_SOURCE}")
endif()

# One file. Not by its own CMakeLists.txt, whose checks cannot be made where only static libraries can be tried.
add_library(cmocka STATIC ${POLITE_CMOCKA_SOURCE}/src/cmocka.c)
target_compile_definitions(cmocka PRIVATE _GNU_SOURCE HAVE_CLOCK_REALTIME HAVE_GCC_THREAD_LOCAL_STORAGE HAVE_INTTYPES_H
  HAVE_MALLOC_H HAVE_SIGLONGJMP HAVE_SIGNAL_H HAVE_STRINGS_H HAVE_STRSIGNAL HAVE_STRUCT_TIMESPEC)
target_compile_options(cmocka PRIVATE -w)  # it is not ours to mend
target_include_directories(cmocka SYSTEM PUBLIC ${POLITE_CMOCKA_SOURCE}/include)

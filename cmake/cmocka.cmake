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
target_compile_definitions(cmocka PRIVATE _GNU_SOURCE HAVE_INTTYPES_H HAVE_MALLOC_H HAVE_SIGNAL_H)
if(MSVC)
  target_compile_definitions(cmocka PRIVATE HAVE_MSVC_THREAD_LOCAL_STORAGE HAVE_SNPRINTF HAVE_VSNPRINTF)
else()
  target_compile_definitions(cmocka PRIVATE HAVE_CLOCK_REALTIME HAVE_GCC_THREAD_LOCAL_STORAGE HAVE_STRINGS_H HAVE_STRUCT_TIMESPEC)
endif()
if(NOT WIN32)
  target_compile_definitions(cmocka PRIVATE HAVE_SIGLONGJMP HAVE_STRSIGNAL)
  target_compile_definitions(cmocka PUBLIC _UINTPTR_T)  # its header would make one of its own, which is not musl's everywhere
elseif(NOT MSVC)
  # Its messages are printed by mingw-w64's printf, as stdio.h's are with _GNU_SOURCE, and not by Windows's, which its header has in mind.
  target_compile_definitions(cmocka INTERFACE __printf__=__gnu_printf__)
endif()
target_compile_options(cmocka PRIVATE -w)  # it is not ours to mend
target_include_directories(cmocka SYSTEM PUBLIC ${POLITE_CMOCKA_SOURCE}/include)

# libpolite: the objects of the library, and what is the same for every system. How they are made into libraries is a system's business:
# library_posix.cmake, library_win32.cmake.

set(POLITE_SANITIZE "" CACHE STRING "Sanitizers to build everything with, as for -fsanitize=")

# What everything in this project is compiled with.
add_library(polite_strict INTERFACE)
if(MSVC)
  target_compile_options(polite_strict INTERFACE /W4 /WX)
else()
  target_compile_options(polite_strict INTERFACE -Wall -Wextra -Wpedantic -Werror -Wno-gnu-zero-variadic-macro-arguments)
endif()
if(POLITE_SANITIZE)
  target_compile_options(polite_strict INTERFACE -fsanitize=${POLITE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(polite_strict INTERFACE -fsanitize=${POLITE_SANITIZE})
endif()

# The names of the system's error codes, out of the header that defines them.
set(error_names ${PROJECT_BINARY_DIR}/generated/error_names.inc)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS include/polite/error.h)
file(STRINGS include/polite/error.h error_lines REGEX "^#define POLITE_E[A-Z0-9]+ +\\(-E")
set(error_text "")
foreach(line IN LISTS error_lines)
  string(REGEX REPLACE "^#define (POLITE_E[A-Z0-9]+) .*" "\\1" code ${line})
  set(condition "defined ${code}")
  if(code STREQUAL "POLITE_ENOTSUP")  # on some systems the same number
    set(condition "POLITE_ENOTSUP != POLITE_EOPNOTSUPP")
  endif()
  string(APPEND error_text "#if ${condition}\nNAMED(${code})\n#endif\n")
endforeach()
file(CONFIGURE OUTPUT ${error_names} CONTENT "${error_text}" @ONLY)

# What is the same on every system. The system's part adds its own.
set(polite_sources
  src/barrier.cpp src/blocking.cpp src/broken.cpp src/call.cpp src/cleanup.cpp src/condition.cpp src/delivery.cpp src/errand.cpp src/error.cpp
  src/inspect.cpp src/made.cpp src/mutex.cpp src/names.cpp src/park.cpp src/permit.cpp src/process.cpp src/record.cpp src/region.cpp src/request.cpp
  src/rwlock.cpp src/semaphore.cpp src/shield.cpp src/thread.cpp src/transfer.cpp src/waitable.cpp)

# polite_objects(NAME SOURCES DEFINITIONS...): the objects of a list of sources, once for the libraries and once more for tests that
# need hooks in them.
function(polite_objects name list)
  list(TRANSFORM ${list} PREPEND ${PROJECT_SOURCE_DIR}/ OUTPUT_VARIABLE sources)
  add_library(${name} OBJECT ${sources})
  target_compile_features(${name} PRIVATE cxx_std_17)
  target_compile_definitions(${name} PRIVATE POLITE_BUILDING ${ARGN})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src
    ${PROJECT_BINARY_DIR}/generated)
  target_link_libraries(${name} PRIVATE polite_system polite_strict)
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ON CXX_EXTENSIONS ON
    CXX_VISIBILITY_PRESET hidden C_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
endfunction()

# Every way of linking the library comes with its headers.
function(polite_headers)
  foreach(library IN LISTS ARGN)
    target_include_directories(${library} PUBLIC
      $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  endforeach()
endfunction()

add_library(polite_system INTERFACE)  # what this system's objects are compiled with
if(WIN32)
  include(${CMAKE_CURRENT_LIST_DIR}/library_win32.cmake)
else()
  include(${CMAKE_CURRENT_LIST_DIR}/library_posix.cmake)
endif()
add_library(polite::polite ALIAS polite)
add_library(polite::static ALIAS polite_static)

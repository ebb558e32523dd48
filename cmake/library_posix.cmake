# libpolite on Unix: two sets of objects, the library and the plain names, made into a shared library each, and one static library.

enable_language(ASM)
include(CheckSymbolExists)
check_symbol_exists(__GLIBC__ features.h POLITE_GLIBC)
include(CheckCXXCompilerFlag)
check_cxx_compiler_flag(-mtls-dialect=gnu2 POLITE_TLS_DIALECT)  # a faster call into libc's, where the compiler has it

# include/polite/base.h asks for these, of programs, too.
if(POLITE_GLIBC AND CMAKE_SIZEOF_VOID_P EQUAL 4)
  set(polite_wide _FILE_OFFSET_BITS=64 _TIME_BITS=64)
  target_compile_definitions(polite_strict INTERFACE ${polite_wide})
  set(POLITE_PLAIN_NAMES_UNBOUND TRUE)  # include/polite/plain_names.h refuses
  set(polite_wide_options " -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64")
endif()

# A fifth of the library. Without them, and without debug information, what walks a stack stops at our C++ functions; the windows have
# theirs always, and an exception of the program's must not cross our frames anyway.
option(POLITE_UNWIND_TABLES "Give a release's C++ functions unwind tables, too" OFF)

list(APPEND polite_sources
  src/posix/calls.cpp src/posix/futex.cpp src/posix/inside_call.cpp src/posix/ipc.cpp src/posix/linux.cpp
  src/posix/process.cpp src/posix/pthread_mutex.cpp src/posix/self_pipe.cpp src/posix/self_pipe_calls.cpp
  src/posix/self_pipe_transfers.cpp src/posix/self_pipe_waits.cpp src/posix/signals_held.cpp
  src/posix/syscall.cpp src/posix/system.cpp src/posix/thread.cpp src/posix/time_limit.cpp src/posix/waiting.cpp
  src/posix/wake_signal.cpp)

# What stands behind plain names (polite/dropin.h, polite/pthread_cancel.h), and calls that are made of others.
set(polite_names_sources
  src/posix/names/c11_threads.cpp src/posix/names/canceling.cpp src/posix/names/condition.cpp src/posix/names/dropin.cpp src/posix/names/masks.cpp
  src/posix/names/pthread_cancel.cpp src/posix/names/resolver.cpp src/posix/names/semaphore.cpp src/posix/names/sleep.cpp
  src/posix/names/spawn.cpp src/posix/names/stream.cpp)

# The window is a processor's. Where there is none, or none is wanted, threads are on the self-pipe.
check_symbol_exists(__x86_64__ features.h POLITE_X86_64)
check_symbol_exists(__aarch64__ features.h POLITE_AARCH64)
check_symbol_exists(__riscv features.h POLITE_RISCV)
if(POLITE_AARCH64)
  set(processor_with_window aarch64)
elseif(POLITE_RISCV)
  set(processor_with_window riscv64)
elseif(POLITE_X86_64)
  set(processor_with_window x86_64)
endif()
include(CMakeDependentOption)
cmake_dependent_option(POLITE_WINDOW "Wake threads through the window; without it, all are on the self-pipe" ON
  "DEFINED processor_with_window" OFF)
if(POLITE_WINDOW)
  list(APPEND polite_sources src/posix/conclude.cpp src/posix/inside_window.cpp src/posix/wake.cpp
    src/posix/window_${processor_with_window}.S)
  list(APPEND polite_names_sources src/posix/names/names_${processor_with_window}.S)
  if(processor_with_window STREQUAL "x86_64")
    set(no_red_zone -mno-red-zone)  # the window is called from inline assembly, which must not find anything below the stack pointer
  endif()
else()
  list(APPEND polite_sources src/posix/no_window.cpp)
  list(APPEND polite_names_sources src/posix/names/names.cpp)
endif()

target_compile_definitions(polite_system INTERFACE _GNU_SOURCE)
target_include_directories(polite_system INTERFACE ${PROJECT_SOURCE_DIR}/src/posix)
# Small: most of what has to be fast is assembly. The rest is below.
target_compile_options(polite_system INTERFACE
  ${no_red_zone} $<$<CONFIG:Release>:-Os> $<$<AND:$<CONFIG:Release>,$<NOT:$<BOOL:${POLITE_UNWIND_TABLES}>>>:-fno-asynchronous-unwind-tables>
  $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions -fno-rtti -fno-threadsafe-statics -fno-semantic-interposition -fno-plt>)
if(POLITE_GLIBC)
  target_compile_options(polite_system INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-ftls-model=initial-exec>)
else()  # src/posix/self.h says why
  target_compile_definitions(polite_system INTERFACE POLITE_TLS_DESCRIPTORS)
  target_compile_options(polite_system INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-ftls-model=global-dynamic $<$<BOOL:${POLITE_TLS_DIALECT}>:-mtls-dialect=gnu2>>)
endif()
set_source_files_properties(src/mutex.cpp src/shield.cpp
  PROPERTIES COMPILE_OPTIONS $<$<CONFIG:Release>:-O2>)

polite_objects(polite_code polite_sources)
polite_objects(polite_names_code polite_names_sources)

# polite_library(TARGET NAME MAP): a shared library of the target's sources.
function(polite_library target name map)
  set_target_properties(${target} PROPERTIES OUTPUT_NAME ${name} VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}
    LINKER_LANGUAGE C LINK_DEPENDS ${PROJECT_SOURCE_DIR}/${map})
  target_link_options(${target} PRIVATE -Wl,--as-needed -Wl,--version-script=${PROJECT_SOURCE_DIR}/${map}
    -Wl,--hash-style=gnu -Wl,-z,nodelete -Wl,-z,defs -Wl,-Bsymbolic-functions -Wl,-z,relro -Wl,-z,now)
  if(POLITE_SANITIZE)
    target_link_options(${target} PRIVATE -fsanitize=${POLITE_SANITIZE} -Wl,-z,undefs)
  endif()
endfunction()

add_library(polite_core SHARED $<TARGET_OBJECTS:polite_code>)
add_library(polite_names SHARED $<TARGET_OBJECTS:polite_names_code>)
add_library(polite_static STATIC $<TARGET_OBJECTS:polite_code> $<TARGET_OBJECTS:polite_names_code>)
polite_library(polite_core polite src/polite.map)
polite_library(polite_names polite_names src/posix/names/names.map)
target_link_libraries(polite_names PRIVATE polite_core)
# Whoever needs the names alone finds the other library beside them: that is not what a program's own run path is for.
set_target_properties(polite_names PROPERTIES EXPORT_NAME names BUILD_WITH_INSTALL_RPATH ON INSTALL_RPATH $ORIGIN)
set_target_properties(polite_core PROPERTIES EXPORT_NAME core)
set_target_properties(polite_static PROPERTIES OUTPUT_NAME polite EXPORT_NAME static LINKER_LANGUAGE C)
polite_headers(polite_core polite_static)
foreach(library polite_core polite_static)
  target_compile_definitions(${library} INTERFACE ${polite_wide})
endforeach()
find_package(Threads REQUIRED)
set(polite_needs Threads::Threads)
target_link_libraries(polite_static INTERFACE ${polite_needs})

# What programs link: the library, and the names if they use any. (One word for the linker, which CMake leaves as it is.)
add_library(polite INTERFACE)
target_link_libraries(polite INTERFACE polite_core
  -Wl,--push-state,--as-needed,$<TARGET_FILE:$<TARGET_NAME:polite_names>>,--pop-state)
add_dependencies(polite polite_names)

# The same for -lpolite: what the linker finds under that name is a script, as libc.so is.
set(polite_linker_script ${PROJECT_BINARY_DIR}/link/libpolite.so)
file(CONFIGURE OUTPUT ${polite_linker_script} @ONLY CONTENT
"/* GNU ld script: the library, and what stands behind plain names if the program uses any. To be loaded: libpolite.so.@PROJECT_VERSION_MAJOR@ */
INPUT(libpolite.so.@PROJECT_VERSION_MAJOR@ AS_NEEDED(libpolite_names.so.@PROJECT_VERSION_MAJOR@))
")

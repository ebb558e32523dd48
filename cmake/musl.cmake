# Builds with musl on a system whose own libc is another: cmake -DCMAKE_TOOLCHAIN_FILE=cmake/musl.cmake
#
# It needs musl's compiler wrapper, musl-gcc, which has no C++ side. The library uses nothing of C++ but the language, so the system's
# C++ compiler does with the wrapper's specs. Programs in C++ cannot be linked.

# (aarch64_musl.cmake has a musl, and compilers, of its own.)

if(NOT musl_specs)
  find_program(MUSL_GCC musl-gcc REQUIRED)
  file(STRINGS ${MUSL_GCC} musl_wrapper REGEX "specs")
  string(REGEX MATCH "/[^ \"]+\\.specs" musl_specs "${musl_wrapper}")
  set(musl_c_compiler gcc)
  set(musl_cxx_compiler g++)
endif()

set(CMAKE_C_COMPILER ${musl_c_compiler} -specs=${musl_specs})
set(CMAKE_ASM_COMPILER ${musl_c_compiler} -specs=${musl_specs})
set(CMAKE_CXX_COMPILER ${musl_cxx_compiler} -specs=${musl_specs} -nostdinc++)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

# Linux's own headers are not musl's to bring, and stand among glibc's, which must not be found. So: a directory with just those.
get_property(within_a_check GLOBAL PROPERTY IN_TRY_COMPILE)
if(NOT within_a_check)
  set(kernel_headers ${CMAKE_BINARY_DIR}/kernel_headers)
  file(WRITE ${kernel_headers}/probe.c "#include <linux/types.h>\n")
  execute_process(COMMAND ${musl_c_compiler} -M ${kernel_headers}/probe.c OUTPUT_VARIABLE found COMMAND_ERROR_IS_FATAL ANY)
  foreach(name linux asm asm-generic)
    string(REGEX MATCH "/[^ ]*/${name}/types\\.h" header "${found}")
    cmake_path(GET header PARENT_PATH directory)
    file(CREATE_LINK ${directory} ${kernel_headers}/${name} SYMBOLIC)
  endforeach()
  foreach(language C CXX ASM)
    set(CMAKE_${language}_FLAGS_INIT "-idirafter ${kernel_headers} ${musl_flags}")
  endforeach()
endif()

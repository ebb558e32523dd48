# Builds for Linux on i386 on an x86-64 machine, with Debian's cross compiler: cmake -DCMAKE_TOOLCHAIN_FILE=cmake/i386.cmake
#
# The kernel runs what has been built. The programs say themselves where their loader and libc are: among the cross compiler's.

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR i686)

set(CMAKE_C_COMPILER i686-linux-gnu-gcc)
set(CMAKE_ASM_COMPILER i686-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER i686-linux-gnu-g++)

set(CMAKE_FIND_ROOT_PATH /usr/i686-linux-gnu)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)

set(i386_libraries ${CMAKE_FIND_ROOT_PATH}/lib)
set(CMAKE_EXE_LINKER_FLAGS_INIT "-Wl,--dynamic-linker=${i386_libraries}/ld-linux.so.2 -Wl,-rpath=${i386_libraries}")

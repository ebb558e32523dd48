# Builds for Windows on x86-64 on another machine, with mingw-w64, and runs what it has built on Wine:
# cmake -DCMAKE_TOOLCHAIN_FILE=cmake/win32.cmake
#
# What Windows keeps on its disk Wine keeps in a directory, its prefix. Ours is beneath the build directory, so that nobody's own is
# touched. tools/on_wine.sh makes it; else Wine does when it first runs something, which takes some seconds.

set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR x86_64)

# With threads of POSIX's, for the tests. The library is the same with either.
find_program(MINGW_GCC NAMES x86_64-w64-mingw32-gcc-posix x86_64-w64-mingw32-gcc REQUIRED)
find_program(MINGW_GXX NAMES x86_64-w64-mingw32-g++-posix x86_64-w64-mingw32-g++ REQUIRED)
set(CMAKE_C_COMPILER ${MINGW_GCC})
set(CMAKE_CXX_COMPILER ${MINGW_GXX})
set(CMAKE_RC_COMPILER x86_64-w64-mingw32-windres)

set(CMAKE_FIND_ROOT_PATH /usr/x86_64-w64-mingw32)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)

# Programs take the compiler's own libraries with them: there is no place on Windows where they would be found.
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)

set(POLITE_WINE_PREFIX ${CMAKE_BINARY_DIR}/wine CACHE PATH "What Wine has for a disk: 700 MB")
# A program that crashes is not to be debugged: behind Wine's debugger it may end with status 0.
find_program(WINE NAMES wine64 wine HINTS /usr/lib/wine REQUIRED)
set(CMAKE_CROSSCOMPILING_EMULATOR env WINEPREFIX=${POLITE_WINE_PREFIX} WINEDEBUG=-all WINEDLLOVERRIDES=winedbg.exe=d
  DISPLAY= ${WINE})

# As aarch64_machine.cmake, with musl, which is where tools/debian_packages.sh has put it for POLITE_MUSL.

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_CROSSCOMPILING_EMULATOR ${CMAKE_CURRENT_LIST_DIR}/../tools/in_machine.sh)
set(POLITE_MACHINE TRUE)

# The wrapper's specs, for musl where it is.
if(POLITE_MUSL)
  file(READ ${POLITE_MUSL}/usr/lib/aarch64-linux-musl/musl-gcc.specs specs)
  string(REPLACE "/usr/" "${POLITE_MUSL}/usr/" specs "${specs}")
  string(REPLACE "-L${POLITE_MUSL}/usr/" "-L${POLITE_MUSL}/lib/aarch64-linux-musl -L${POLITE_MUSL}/usr/" specs "${specs}")  # they need not be one
  file(WRITE ${CMAKE_BINARY_DIR}/musl.specs "${specs}")
endif()
set(musl_c_compiler aarch64-linux-gnu-gcc)
set(musl_cxx_compiler aarch64-linux-gnu-g++)
set(musl_flags -mno-outline-atomics)  # the compiler's own library of them is for glibc
set(musl_specs ${CMAKE_BINARY_DIR}/musl.specs)
include(${CMAKE_CURRENT_LIST_DIR}/musl.cmake)

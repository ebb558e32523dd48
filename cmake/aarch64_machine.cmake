# As aarch64.cmake, but programs are run on a whole machine, with a kernel: that of tools/on_machine.sh, under which CTest has to run.

include(${CMAKE_CURRENT_LIST_DIR}/aarch64.cmake)
set(CMAKE_CROSSCOMPILING_EMULATOR ${CMAKE_CURRENT_LIST_DIR}/../tools/in_machine.sh)
set(POLITE_MACHINE TRUE)

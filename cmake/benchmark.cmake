# Google Benchmark as the target `benchmark::benchmark`: the system's, or, where that is for another system, built from the source in
# POLITE_BENCHMARK_SOURCE.

set(POLITE_BENCHMARK_SOURCE "" CACHE PATH "Google Benchmark's source, to build it along; without it, the system's is taken")

if(NOT POLITE_BENCHMARK_SOURCE)
  find_package(benchmark REQUIRED)
  return()
endif()

if(NOT EXISTS ${POLITE_BENCHMARK_SOURCE}/CMakeLists.txt)
  message(FATAL_ERROR "No source of Google Benchmark there. To get it: tools/debian_source.sh benchmark ${POLITE_BENCHMARK_SOURCE}")
endif()
foreach(what TESTING GTEST_TESTS INSTALL WERROR)
  set(BENCHMARK_ENABLE_${what} OFF)
endforeach()
add_subdirectory(${POLITE_BENCHMARK_SOURCE} ${PROJECT_BINARY_DIR}/benchmark EXCLUDE_FROM_ALL)
target_compile_options(benchmark PRIVATE -w)  # it is not ours to mend

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
# Not by its own CMakeLists.txt, whose checks run programs, and which Debian's packaging tells what to do.
file(GLOB benchmark_sources ${POLITE_BENCHMARK_SOURCE}/src/*.cc)
list(REMOVE_ITEM benchmark_sources ${POLITE_BENCHMARK_SOURCE}/src/benchmark_main.cc)
add_library(benchmark STATIC EXCLUDE_FROM_ALL ${benchmark_sources})
target_compile_features(benchmark PRIVATE cxx_std_17)
target_compile_definitions(benchmark PUBLIC BENCHMARK_STATIC_DEFINE PRIVATE HAVE_STD_REGEX HAVE_STEADY_CLOCK)
target_compile_options(benchmark PRIVATE -w)  # it is not ours to mend
target_include_directories(benchmark SYSTEM PUBLIC ${POLITE_BENCHMARK_SOURCE}/include)
find_package(Threads REQUIRED)
target_link_libraries(benchmark PUBLIC Threads::Threads $<$<BOOL:${WIN32}>:shlwapi>)
add_library(benchmark::benchmark ALIAS benchmark)

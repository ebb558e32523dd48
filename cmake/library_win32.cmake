# libpolite on Windows: a DLL with its import library, and a static library.
#
# A DLL exports what is declared so (POLITE_API), and that is written into the objects. So there are two sets of them: a program with
# the static library in it is not to export polite's functions as its own.

# What the folder holds: it grows from day to day.
file(GLOB win32_sources RELATIVE ${PROJECT_SOURCE_DIR} CONFIGURE_DEPENDS src/win32/*.cpp)
list(APPEND polite_sources ${win32_sources})

# Windows 10 is the oldest that is thought of.
target_compile_definitions(polite_system INTERFACE WIN32_LEAN_AND_MEAN NOMINMAX UNICODE _WIN32_WINNT=0x0A00)
target_include_directories(polite_system INTERFACE ${PROJECT_SOURCE_DIR}/src/win32)
# The C++ library is not ours to use: nothing that would call it.
if(MSVC)
  target_compile_options(polite_system INTERFACE /GR- /EHs-c- /Zc:threadSafeInit-)
else()
  target_compile_options(polite_system INTERFACE -fno-exceptions -fno-rtti -fno-threadsafe-statics $<$<CONFIG:Release>:-Os>)
  set_source_files_properties(src/mutex.cpp src/shield.cpp PROPERTIES COMPILE_OPTIONS $<$<CONFIG:Release>:-O2>)
endif()

polite_objects(polite_code polite_sources)
set(polite_static_definitions POLITE_STATIC)
polite_objects(polite_static_code polite_sources ${polite_static_definitions})
# What stands behind plain names (polite/dropin.h) is part of the program, whose C runtime it calls; it calls polite by names that the DLL's import
# library and the static library both have.
file(GLOB polite_names_sources RELATIVE ${PROJECT_SOURCE_DIR} CONFIGURE_DEPENDS src/win32/names/*.cpp)
polite_objects(polite_names_code polite_names_sources ${polite_static_definitions})
add_library(polite_names STATIC $<TARGET_OBJECTS:polite_names_code>)
add_library(polite_core SHARED $<TARGET_OBJECTS:polite_code>)
add_library(polite_static STATIC $<TARGET_OBJECTS:polite_static_code> $<TARGET_OBJECTS:polite_names_code>)
polite_headers(polite_core polite_static)

# Which of the system's DLLs there are to be: what one of them has that is not used does not make it needed.
set(polite_needs ws2_32 synchronization ntdll)
target_link_libraries(polite_core PRIVATE ${polite_needs})
target_link_libraries(polite_static INTERFACE ${polite_needs})
target_compile_definitions(polite_static INTERFACE ${polite_static_definitions})

# The DLL's number is that of the interface, as in libpolite.so.0.
set_target_properties(polite_core PROPERTIES EXPORT_NAME core LINKER_LANGUAGE C
  RUNTIME_OUTPUT_NAME polite-${PROJECT_VERSION_MAJOR} ARCHIVE_OUTPUT_NAME polite)
set_target_properties(polite_static PROPERTIES EXPORT_NAME static LINKER_LANGUAGE C OUTPUT_NAME polite)
set_target_properties(polite_names PROPERTIES EXPORT_NAME names LINKER_LANGUAGE C)
if(MSVC)  # import libraries are .lib, too
  set_target_properties(polite_static PROPERTIES OUTPUT_NAME polite_static)
else()
  target_link_options(polite_core PRIVATE -static-libgcc)  # Windows has no libgcc of its own
endif()

# What programs link: the library, and the names if they use any.
target_link_libraries(polite_names INTERFACE polite_core ws2_32)
add_library(polite INTERFACE)
target_link_libraries(polite INTERFACE polite_names polite_core)

# A program finds a DLL beside itself. So all that is built goes into one directory.
if(NOT DEFINED CMAKE_RUNTIME_OUTPUT_DIRECTORY AND PROJECT_IS_TOP_LEVEL)
  set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
  set_target_properties(polite_core PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_RUNTIME_OUTPUT_DIRECTORY})
endif()

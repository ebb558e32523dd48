# Installing: the libraries, the headers, and how CMake and pkg-config find them.

include(CMakePackageConfigHelpers)

install(TARGETS polite polite_core polite_static EXPORT polite
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} NAMELINK_SKIP
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
if(TARGET polite_names)
  install(TARGETS polite_names EXPORT polite LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
endif()
if(polite_linker_script)
  install(FILES ${polite_linker_script} DESTINATION ${CMAKE_INSTALL_LIBDIR})
endif()
install(FILES include/polite.h include/polite.hpp DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY include/polite DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/polite)
install(EXPORT polite NAMESPACE polite:: FILE polite-targets.cmake DESTINATION ${package_dir})
configure_package_config_file(cmake/polite-config.cmake.in polite-config.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(polite-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/polite-config.cmake ${PROJECT_BINARY_DIR}/polite-config-version.cmake
  DESTINATION ${package_dir})

if(WIN32)
  set(polite_pc_libs "-lpolite_names -lpolite -lws2_32")
  list(TRANSFORM polite_needs PREPEND -l OUTPUT_VARIABLE polite_pc_private)
  list(JOIN polite_pc_private " " polite_pc_private)
else()
  set(polite_pc_libs -lpolite)
  set(polite_pc_private -pthread)
endif()
file(RELATIVE_PATH pc_to_prefix /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)  # so that `cmake --install --prefix` may put it anywhere
configure_file(cmake/polite.pc.in polite.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/polite.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

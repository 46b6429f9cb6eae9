# Installs the libraries, headers, schemas and CMake functions, so that a user's project says
#   find_package(understudy REQUIRED)
#   understudy_schemas(TARGET my_schemas FILES my.capnp)
#   target_link_libraries(mine PRIVATE understudy::app my_schemas)
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/understudy)
set(header_dir include/understudy)

foreach(library messages runtime live rocks simulator checkers actors app simulation)
  if(TARGET us_${library})
    set_target_properties(us_${library} PROPERTIES EXPORT_NAME ${library})
    list(APPEND package_targets us_${library})
  endif()
endforeach()
foreach(schemas us_schemas us_app_schemas)
  if(TARGET ${schemas})
    list(APPEND package_targets ${schemas})
  endif()
endforeach()

install(TARGETS ${package_targets} EXPORT understudyTargets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
        INCLUDES DESTINATION ${header_dir})
install(EXPORT understudyTargets NAMESPACE understudy:: DESTINATION ${package_dir})

install(DIRECTORY messages runtime actors DESTINATION ${header_dir}
        FILES_MATCHING PATTERN "*.hpp" PATTERN "*.capnp")
install(DIRECTORY ${CMAKE_BINARY_DIR}/schemas/messages ${CMAKE_BINARY_DIR}/schemas/actors
        DESTINATION ${header_dir} FILES_MATCHING PATTERN "*.h")

configure_package_config_file(cmake/understudyConfig.cmake.in
                              ${CMAKE_BINARY_DIR}/understudyConfig.cmake
                              INSTALL_DESTINATION ${package_dir})
# Before 1.0 a minor version may change everything.
write_basic_package_version_file(${CMAKE_BINARY_DIR}/understudyConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/understudyConfig.cmake
              ${CMAKE_BINARY_DIR}/understudyConfigVersion.cmake
              cmake/FindCAF.cmake cmake/UnderstudySchemas.cmake
        DESTINATION ${package_dir})

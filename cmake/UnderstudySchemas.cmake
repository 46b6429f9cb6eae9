# understudy_schemas(TARGET name FILES a.capnp b.capnp ... [IMPORTS dir...])
#
# Compiles Cap'n Proto schemas into the library `name`. Generated headers are
# included as they lie in the source tree: "dir/a.capnp.h", where dir is the
# path of the calling CMakeLists.txt below the project's root.
# Debian's CapnProto package names its tools at a place where they are not, so they are looked up.
find_program(CAPNP_PROGRAM capnp REQUIRED)
find_program(CAPNPC_CXX_PROGRAM capnpc-c++ REQUIRED)

function(understudy_schemas)
  cmake_parse_arguments(arg "" "TARGET" "FILES;IMPORTS" ${ARGN})
  set(root ${CMAKE_BINARY_DIR}/schemas)
  set(sources)
  foreach(file IN LISTS arg_FILES)
    get_filename_component(path ${file} ABSOLUTE)
    file(RELATIVE_PATH relative ${PROJECT_SOURCE_DIR} ${path})
    set(out ${root}/${relative})
    set(imports)
    foreach(dir IN LISTS arg_IMPORTS)
      list(APPEND imports -I${dir})
    endforeach()
    add_custom_command(
      OUTPUT ${out}.c++ ${out}.h
      COMMAND ${CMAKE_COMMAND} -E make_directory ${root}
      COMMAND ${CAPNP_PROGRAM} compile -o${CAPNPC_CXX_PROGRAM}:${root}
              --src-prefix=${PROJECT_SOURCE_DIR} -I${PROJECT_SOURCE_DIR} -I/usr/include ${imports} ${path}
      DEPENDS ${path}
      COMMENT "Schema ${relative}"
      VERBATIM)
    list(APPEND sources ${out}.c++)
  endforeach()
  add_library(${arg_TARGET} STATIC ${sources})
  target_include_directories(${arg_TARGET} SYSTEM PUBLIC $<BUILD_INTERFACE:${root}>)
  target_link_libraries(${arg_TARGET} PUBLIC CapnProto::capnp)
  if(UNDERSTUDY_SANITIZE)
    target_compile_options(${arg_TARGET} PRIVATE -fsanitize=${UNDERSTUDY_SANITIZE})
  endif()
endfunction()

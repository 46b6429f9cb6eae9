# Every target of this project is made here, so that warnings, sanitizers and
# precompiled headers are decided in one place.

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # time_macros and include times: what a precompiled header needs to be cacheable
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE_PROGRAM})
endif()

if(UNDERSTUDY_SANITIZE)
  add_link_options(-fsanitize=${UNDERSTUDY_SANITIZE})
endif()

function(understudy_compile_options target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Werror $<$<CXX_COMPILER_ID:GNU>:-Wshadow=local>
                         $<$<CXX_COMPILER_ID:GNU>:-Wno-error=maybe-uninitialized -fpch-preprocess>)
  if(UNDERSTUDY_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${UNDERSTUDY_SANITIZE}
                           -fno-omit-frame-pointer -fno-sanitize-recover=all -Wno-error)
  endif()
endfunction()

# CAF's headers cost seconds a file: one precompiled header serves every target
# that speaks CAF and nothing else is put into it.
function(understudy_precompile target)
  if(NOT TARGET understudy_pch)
    file(WRITE ${CMAKE_BINARY_DIR}/pch.cpp "")
    add_library(understudy_pch STATIC ${CMAKE_BINARY_DIR}/pch.cpp)
    target_link_libraries(understudy_pch PUBLIC CAF::io CapnProto::capnp)
    understudy_compile_options(understudy_pch)
    target_precompile_headers(understudy_pch PRIVATE <caf/all.hpp> <caf/io/all.hpp>
                              <capnp/message.h> <capnp/serialize.h> <functional> <map> <memory>
                              <optional> <string> <unordered_map> <vector>)
  endif()
  target_precompile_headers(${target} REUSE_FROM understudy_pch)
endfunction()

# understudy_library(messages SOURCES a.cpp LINK x::y): target us_messages, alias understudy::messages
function(understudy_library name)
  cmake_parse_arguments(arg "NO_PCH" "" "SOURCES;LINK;LINK_PRIVATE" ${ARGN})
  add_library(us_${name} STATIC ${arg_SOURCES})
  add_library(understudy::${name} ALIAS us_${name})
  target_include_directories(us_${name} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
                             $<INSTALL_INTERFACE:include/understudy>)
  target_link_libraries(us_${name} PUBLIC ${arg_LINK} PRIVATE ${arg_LINK_PRIVATE})
  target_compile_features(us_${name} PUBLIC cxx_std_20)
  understudy_compile_options(us_${name})
  if(NOT arg_NO_PCH)
    understudy_precompile(us_${name})
  endif()
endfunction()

# Programs allocate with mimalloc: a node's actors all allocate on one thread, which is not the first, and there
# glibc takes a third of a busy leader's time. The libraries do not depend on it; sanitizers bring their own.
# LIBC_ALLOCATOR: not this one, since mimalloc asks for the time now and then.
if(NOT UNDERSTUDY_SANITIZE)
  find_package(mimalloc REQUIRED)
endif()

function(understudy_executable name)
  cmake_parse_arguments(arg "NO_PCH;LIBC_ALLOCATOR" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_LINK})
  if(TARGET mimalloc AND NOT arg_LIBC_ALLOCATOR)
    target_link_libraries(${name} PRIVATE -Wl,--push-state,--no-as-needed mimalloc -Wl,--pop-state)
  endif()
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  understudy_compile_options(${name})
  if(NOT arg_NO_PCH)
    understudy_precompile(${name})
  endif()
endfunction()

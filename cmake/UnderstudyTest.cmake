# understudy_test(name LABEL unit|sim|cluster|net SOURCES ... LINK ... [TIMEOUT s])
# A GoogleTest executable, registered as one ctest test under the label.
find_package(GTest REQUIRED)
function(understudy_test name)
  cmake_parse_arguments(arg "LIBC_ALLOCATOR" "LABEL;TIMEOUT" "SOURCES;LINK;ENVIRONMENT" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  set(allocator)
  if(arg_LIBC_ALLOCATOR)
    set(allocator LIBC_ALLOCATOR)
  endif()
  understudy_executable(${name} ${allocator} SOURCES ${arg_SOURCES} LINK ${arg_LINK} GTest::gmock GTest::gtest_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS ${arg_LABEL} TIMEOUT ${arg_TIMEOUT}
                       ENVIRONMENT
    "ASAN_OPTIONS=quarantine_size_mb=16;TSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/tsan.supp;${arg_ENVIRONMENT}")
endfunction()

# understudy_benchmark(name SOURCES ... LINK ...): built, not run by ctest.
find_package(benchmark REQUIRED)
function(understudy_benchmark name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINK" ${ARGN})
  understudy_executable(${name} SOURCES ${arg_SOURCES} LINK ${arg_LINK})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
endfunction()

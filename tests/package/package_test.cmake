# Installs what was built, builds apps/counter and its test outside of this project's tree, runs the
# test and asks the program for its version.
set(prefix ${BUILD}/package/installed)
set(consumer ${BUILD}/package/consumer)

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output
                  ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${ARGN}\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE ${prefix} ${consumer})
file(MAKE_DIRECTORY ${consumer}/apps)
file(COPY ${SOURCE}/apps/counter DESTINATION ${consumer}/apps)
file(COPY ${SOURCE}/tests/package/consumer/CMakeLists.txt ${SOURCE}/tests/counter/counter_test.cpp
     DESTINATION ${consumer})

run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${prefix})
set(flags)
if(SANITIZE)
  set(flags "-fsanitize=${SANITIZE}")
endif()
run(${CMAKE_COMMAND} -S ${consumer} -B ${consumer}/build -G ${GENERATOR}
    -DCMAKE_BUILD_TYPE=${BUILD_TYPE} -DCMAKE_PREFIX_PATH=${prefix} "-DCMAKE_CXX_FLAGS=${flags}")
run(${CMAKE_COMMAND} --build ${consumer}/build)
run(${consumer}/build/counter_test --gtest_filter=CounterPartition.*)
run(${consumer}/build/counter --version)
message(STATUS "counter built outside of the tree, version ${output}")

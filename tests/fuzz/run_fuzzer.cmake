# cmake -DFUZZER=... -DSEEDS=... -DCORPUS=... -DSECONDS=n -P run_fuzzer.cmake
# A short run from the seeds. What it finds stays in CORPUS, so that the next run goes on from there; an
# input that crashes is written beside it: put it into tests/fuzz/regressions.
file(MAKE_DIRECTORY ${CORPUS} ${CORPUS}-crashes)
execute_process(COMMAND ${FUZZER} -max_total_time=${SECONDS} -timeout=10 -rss_limit_mb=2048 -max_len=4096
                        -print_final_stats=1 -artifact_prefix=${CORPUS}-crashes/ ${CORPUS} ${SEEDS}
                RESULT_VARIABLE failed)
if(failed)
  message(FATAL_ERROR "the fuzzer failed (${failed}); its input is in ${CORPUS}-crashes")
endif()

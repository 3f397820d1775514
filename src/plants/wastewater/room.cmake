sosie_computes(${target})
# A year of the benchmark's plant is two seconds of vectors.
if(NOT SOSIE_CHECKS)
  target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-O3>)
  # A stream that is copied by 16 bytes and read as vectors of 32 waits for its own copy.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
    target_compile_options(${target} PRIVATE
                           $<$<COMPILE_LANGUAGE:CXX>:-mmove-max=256>
                           $<$<COMPILE_LANGUAGE:CXX>:-mstore-max=256>)
  endif()
endif()

# The benchmark's influents are part of the program.
set(data ${folder}/golden/bsm1)
set(influents ${PROJECT_BINARY_DIR}/benchmark_influent.S)
configure_file(${folder}/benchmark_influent.S.in ${influents} @ONLY)
set_source_files_properties(${influents} PROPERTIES OBJECT_DEPENDS
                            "${data}/influent_dry.csv;${data}/weather_modifiers.csv")
target_sources(${target} PRIVATE ${influents})

sosie_computes(${target})
# A year of the benchmark's plant is two seconds of vectors.
if(NOT SOSIE_CHECKS)
  target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-O3>)
endif()

# The benchmark's influents are part of the program.
set(data ${folder}/golden/bsm1)
set(influents ${PROJECT_BINARY_DIR}/benchmark_influent.S)
configure_file(${folder}/benchmark_influent.S.in ${influents} @ONLY)
set_source_files_properties(${influents} PROPERTIES OBJECT_DEPENDS
                            "${data}/influent_dry.csv;${data}/weather_modifiers.csv")
target_sources(${target} PRIVATE ${influents})

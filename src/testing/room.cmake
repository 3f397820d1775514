target_compile_definitions(testing PRIVATE SOSIE_SRC="${PROJECT_SOURCE_DIR}/src")
sosie_computes(${target})

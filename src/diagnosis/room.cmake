# What was learned of causes is part of the program.
set(model ${folder}/verdict.toml)
set(embedded_model ${PROJECT_BINARY_DIR}/verdict.S)
configure_file(${folder}/verdict.S.in ${embedded_model} @ONLY)
set_source_files_properties(${embedded_model} PROPERTIES OBJECT_DEPENDS ${model})
target_sources(${target} PRIVATE ${embedded_model})
sosie_loops(${target})

# A forest of ours as a text, for scikit-learn and shap to check (tests/forest_agreement.sh, bench/run).
add_executable(forest_export EXCLUDE_FROM_ALL ${folder}/golden/export.cc)
target_link_libraries(forest_export PRIVATE detectors_forest statistics core base sosie_warnings)
# How well it does beside its floors: the table of README.md.
add_executable(forest_quality EXCLUDE_FROM_ALL ${folder}/golden/quality.cc)
target_link_libraries(forest_quality PRIVATE detectors_forest statistics core base sosie_warnings)
target_include_directories(forest_quality PRIVATE ${PROJECT_BINARY_DIR}/doors/testing)  # rig.h alone
sosie_computes(${target})
sosie_loops(${target})

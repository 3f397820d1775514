# A forest of ours as a text, for scikit-learn and shap to check (tests/forest_agreement.sh, bench/run).
add_executable(forest_export EXCLUDE_FROM_ALL ${folder}/golden/export.cc)
target_link_libraries(forest_export PRIVATE detectors_forest statistics core base wire_json sosie_warnings)

# Long sums of products over all columns, every row: vectors are worth eight times.
if(NOT SOSIE_CHECKS)
  target_compile_options(${target} PRIVATE -O3)
endif()
sosie_computes(${target})

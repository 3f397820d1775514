# Long sums of products over all columns, every row: vectors are worth eight times.
target_compile_options(${target} PRIVATE -O3)

# simdjson chooses its on-demand code when it is compiled; for AVX2 it also asks for carry-less
# multiplication, which x86-64-v3 does not name though every such machine has it.
if(SOSIE_HAS_AVX2)
  target_compile_options(wire_json PRIVATE -mpclmul)
endif()

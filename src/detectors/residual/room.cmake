sosie_computes(${target})
sosie_loops(${target})

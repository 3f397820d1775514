sosie_computes(${target})

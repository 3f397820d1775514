sosie_loops(${target})

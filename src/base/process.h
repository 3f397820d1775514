#pragma once

#include <cstdint>

namespace sosie {

/// Memory of this process that is in RAM, in bytes; 0 where the system does not tell.
std::int64_t resident_bytes();

/// CPU time all threads of this process have used, in seconds.
double process_cpu_s();

}  // namespace sosie

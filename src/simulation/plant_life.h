#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "core/section.h"

namespace sosie {

constexpr double highest_speed = 100000;
constexpr double highest_fault_rate = 0.5;

/// False for NaN too.
constexpr bool is_between(double x, double low, double high) {
  return x >= low && x <= high;
}

/// How a scenario says that its plant lives, wherever it does: in the program, or by itself (`sosie
/// simulate`).
struct PlantLife {
  std::uint64_t seed = 42;
  double speed = 1;  ///< times real time; 0: as fast as possible
  double fault_rate = 0.02;
  std::string weather = "auto";  ///< whether the plant has such a one, it says itself

  /// Of `[[source]]` with kind "simulator". Errors: a number out of its range.
  static Result<PlantLife> read(Section& section);
};

}  // namespace sosie

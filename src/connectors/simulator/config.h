#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "core/section.h"
#include "simulation/plant.h"
#include "wire/ngsi/publisher.h"

namespace sosie {

constexpr double highest_speed = 100000;
constexpr double highest_fault_rate = 0.5;

/// False for NaN too.
constexpr bool is_between(double x, double low, double high) {
  return x >= low && x <= high;
}

/// `[[source.fault]]`: part of the first life's past, so that there is something to be found.
struct FirstFault {
  FaultOrder order;
  Duration ago{};  ///< before the program's first start
};

/// `[[source]]`, all but the plant's own table.
struct SimulatorConfig {
  std::string kind;  ///< the plant's
  std::uint64_t seed = 42;
  double speed = 1;  ///< 0: as fast as possible
  Duration history = std::chrono::hours(24);
  Duration commissioning = std::chrono::hours(24 * 7);
  double fault_rate = 0.02;
  std::string weather = "auto";
  std::optional<context::Address> send_to;  ///< none: straight into the program
  std::vector<FirstFault> first_faults;     ///< the longest ago first

  static Result<SimulatorConfig> read(Section& section);
  /// `[[source.fault]]`, for the plant that there is by then. Errors: not one of its faults.
  Result<void> read_faults(Section& section, const Plant& plant);
};

}  // namespace sosie

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "core/section.h"
#include "simulation/plant.h"
#include "simulation/plant_life.h"
#include "wire/ngsi/publisher.h"

namespace sosie {

/// `[[source.fault]]`: part of the first life's past, so that there is something to be found.
struct FirstFault {
  FaultOrder order;
  Duration ago{};  ///< before the program's first start
};

/// `[[source]]`, all but the plant's own table.
struct SimulatorConfig : PlantLife {
  std::string kind;  ///< the plant's
  Duration history = std::chrono::hours(24);
  Duration commissioning = std::chrono::hours(24 * 7);
  std::optional<context::Address> send_to;  ///< none: straight into the program
  std::vector<FirstFault> first_faults;     ///< the longest ago first

  static Result<SimulatorConfig> read(Section& section);
  /// `[[source.fault]]`, for the plant that there is by then. Errors: not one of its faults.
  Result<void> read_faults(Section& section, const Plant& plant);
};

}  // namespace sosie

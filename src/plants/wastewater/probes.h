#pragma once

#include <span>
#include <string_view>

#include "plants/wastewater/process.h"

namespace sosie::wastewater {

/// What one sensor of the station looks at: the true value, in the sensor's unit.
struct Probe {
  std::string_view tag;
  double (*look)(const Process&);
};

/// All 127, by tag. The expressions are those of the sensor list's column "model expression".
std::span<const Probe> probes();

/// The probe of `tag`; null if the model has none.
const Probe* find_probe(std::string_view tag);

}  // namespace sosie::wastewater

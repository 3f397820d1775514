#pragma once

#include <optional>
#include <vector>

#include "base/time_text.h"
#include "compliance/config.h"
#include "compliance/deru.h"
#include "compliance/efficiency.h"
#include "simulation/what_if.h"

namespace sosie {

/// What a future leads to, judged by its sensors as the plant would be.
struct Outcome {
  /// Its samples are spans of 24 h from where the futures part. Those of unusual days (the
  /// scenario's reference flow) are judged as the rest, but counted here.
  DeruReport compliance;
  int unusual = 0;
  Efficiency efficiency;
};

struct Outcomes {
  Outcome unchanged;
  Outcome changed;
  int sample_hours = 24;  ///< less where the futures are shorter than a day: no sample by the book
};

/// The sensors of `plant` that compliance, efficiency and energy are computed from, by index.
std::vector<std::size_t> compliance_sensors(const Plant& plant, const ComplianceConfig& config);

/// Of both futures. REQUIRES: `told` is of `plant`, or of one made as it was. A sensor whose course
/// was not kept is as one that nobody measures. None: no parameter has a course.
std::optional<Outcomes> outcomes_of(const WhatIf& told, const Plant& plant,
                                    const ComplianceConfig& config, const Zone& zone);

}  // namespace sosie

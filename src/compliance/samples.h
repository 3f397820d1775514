#pragma once

#include <vector>

#include "compliance/composite.h"
#include "compliance/deru.h"

namespace sosie {

/// What the samples of one end of a plant are made of, both in order of time.
struct EndSamples {
  PerParameter<std::vector<Composite>> concentrations;  ///< mg/l
  std::vector<Composite> volumes;                       ///< m3
};

/// The outlet's samples, each with what the inlet's of the same day says.
PerParameter<std::vector<DaySample>> day_samples(const EndSamples& inlet, const EndSamples& outlet);

}  // namespace sosie

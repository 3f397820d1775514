#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "compliance/config.h"

namespace sosie {

/// Mean concentrations at both ends over the time looked at (flow-weighted: see composite.h).
struct EndMeans {
  std::optional<double> inlet_mg_l;
  std::optional<double> outlet_mg_l;
};

/// Mean electric power of one part of the plant.
struct StagePower {
  std::string stage;
  double kw = 0;
};

struct EfficiencyInput {
  PerParameter<EndMeans> means;
  std::optional<double> flow_m3_per_h;       ///< mean
  std::optional<double> energy_kwh_per_day;  ///< the plant's meter; none: the powers are summed
  std::vector<StagePower> powers;            ///< several of one stage are added up
};

struct Removal {
  Parameter parameter = Parameter::bod5;
  double inlet_mg_l = 0;
  double outlet_mg_l = 0;
  double percent = 0;  ///< 100 (in - out) / in; below 0 where more leaves than comes
};

struct Efficiency {
  std::optional<double>
      overall_percent;            ///< mean of the removals; none: no parameter has both ends
  std::vector<Removal> removals;  ///< of parameters measured at both ends
  std::optional<double> kwh_per_day;
  std::optional<double> kwh_per_m3;
  std::optional<double> flow_m3_per_day;
  std::vector<StagePower> by_stage;  ///< in order of first appearance
};

Efficiency efficiency(const EfficiencyInput& input);

}  // namespace sosie

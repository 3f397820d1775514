#include "compliance/efficiency.h"

#include <algorithm>

namespace sosie {
namespace {

std::vector<Removal> removals_of(const PerParameter<EndMeans>& means) {
  std::vector<Removal> removals;
  for (const Parameter p : all_parameters) {
    const auto& [inlet, outlet] = means[p];
    if (!inlet || !outlet || *inlet <= 0) continue;
    removals.push_back({p, *inlet, *outlet, 100 * (1 - *outlet / *inlet)});
  }
  return removals;
}

std::vector<StagePower> by_stage(std::span<const StagePower> powers) {
  std::vector<StagePower> stages;
  for (const StagePower& power : powers) {
    const auto known = std::ranges::find(stages, power.stage, &StagePower::stage);
    if (known == stages.end()) {
      stages.push_back(power);
    } else {
      known->kw += power.kw;
    }
  }
  return stages;
}

std::optional<double> energy_of(const EfficiencyInput& input) {
  if (input.energy_kwh_per_day) return input.energy_kwh_per_day;
  if (input.powers.empty()) return std::nullopt;
  double kw = 0;
  for (const StagePower& power : input.powers) kw += power.kw;
  return 24 * kw;
}

}  // namespace

Efficiency efficiency(const EfficiencyInput& input) {
  Efficiency result;
  result.removals = removals_of(input.means);
  if (!result.removals.empty()) {
    double sum = 0;
    for (const Removal& removal : result.removals) sum += removal.percent;
    result.overall_percent = sum / static_cast<double>(result.removals.size());
  }
  result.by_stage = by_stage(input.powers);
  result.kwh_per_day = energy_of(input);
  if (input.flow_m3_per_h) result.flow_m3_per_day = 24 * *input.flow_m3_per_h;
  if (result.kwh_per_day && result.flow_m3_per_day && *result.flow_m3_per_day > 0) {
    result.kwh_per_m3 = *result.kwh_per_day / *result.flow_m3_per_day;
  }
  return result;
}

}  // namespace sosie

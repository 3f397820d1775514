#include "compliance/samples.h"

#include <algorithm>
#include <optional>

namespace sosie {
namespace {

std::optional<double> value_of(const std::vector<Composite>& days, std::chrono::local_days day) {
  const auto found = std::ranges::lower_bound(days, day, {}, &Composite::day);
  if (found == days.end() || found->day != day) return std::nullopt;
  return found->value;
}

}  // namespace

PerParameter<std::vector<DaySample>> day_samples(const EndSamples& inlet,
                                                 const EndSamples& outlet) {
  PerParameter<std::vector<DaySample>> samples;
  for (const Parameter parameter : all_parameters) {
    const auto& concentrations = outlet.concentrations[parameter];
    samples[parameter].reserve(concentrations.size());
    for (const auto& [day, value] : concentrations) {
      samples[parameter].push_back({.day = day,
                                    .outlet_mg_l = value,
                                    .inlet_mg_l = value_of(inlet.concentrations[parameter], day),
                                    .inlet_m3 = value_of(inlet.volumes, day),
                                    .outlet_m3 = value_of(outlet.volumes, day)});
    }
  }
  return samples;
}

}  // namespace sosie

#include "engine/what_if_outcome.h"

#include <algorithm>
#include <cmath>

#include "compliance/composite.h"
#include "compliance/samples.h"

namespace sosie {
namespace {

constexpr int whole_sample_h = 24;

/// The plant's sensors as a table: a series' id is its sensor's index.
struct Sensors {
  SeriesTable table;
  ComplianceSources<SeriesId> sources;

  Sensors(const Plant& plant, const ComplianceConfig& config) {
    for (std::size_t i = 0; i < plant.sensor_count(); ++i) table.declare(plant.describe(i));
    sources = resolve(config.sources, table);
  }
};

/// One of the two futures, as hourly means.
class FutureMeans {
 public:
  FutureMeans(const WhatIf& told, std::vector<double> WhatIfCourse::* which)
      : told_(told), which_(which) {}

  std::vector<HourMean> hours(std::optional<SeriesId> series) const;
  std::optional<double> mean(std::optional<SeriesId> series) const {
    return flow_weighted_mean(hours(series), {});
  }

 private:
  const WhatIf& told_;
  std::vector<double> WhatIfCourse::* which_;
};

std::vector<HourMean> FutureMeans::hours(std::optional<SeriesId> series) const {
  std::vector<HourMean> means;
  if (!series) return means;
  const auto course =
      std::ranges::lower_bound(told_.courses, series->index, {}, &WhatIfCourse::sensor);
  if (course == told_.courses.end() || course->sensor != series->index) return means;
  const auto& values = (*course).*which_;
  const auto an_hour =
      std::max<std::size_t>(1, static_cast<std::size_t>(std::chrono::hours(1) / told_.bucket));
  for (std::size_t begin = 0; begin < values.size(); begin += an_hour) {
    double sum = 0;
    int count = 0;
    for (std::size_t i = begin; i < std::min(begin + an_hour, values.size()); ++i) {
      if (std::isnan(values[i])) continue;
      sum += values[i];
      ++count;
    }
    if (count == 0) continue;
    means.push_back({told_.from + static_cast<std::int64_t>(begin) * told_.bucket, sum / count});
  }
  return means;
}

EndSamples sample_end(const FutureMeans& future, const SamplingPoint<SeriesId>& point,
                      const WhatIf& told, const Zone& zone, int min_hours) {
  EndSamples end;
  const auto flow = future.hours(point.flow);
  end.volumes = span_volumes(flow, told.from, zone, min_hours);
  for (const Parameter parameter : all_parameters) {
    end.concentrations[parameter] = span_composites(future.hours(point.parameters[parameter]), flow,
                                                    told.from, zone, min_hours);
  }
  return end;
}

/// Of energy the powers count, which answer at once; a plant's own meter tells of the last day.
Efficiency efficiency_of(const FutureMeans& future, const Sensors& sensors) {
  const auto& sources = sensors.sources;
  EfficiencyInput input;
  const auto flow_in = future.hours(sources.inlet.flow);
  const auto flow_out = future.hours(sources.outlet.flow);
  for (const Parameter parameter : all_parameters) {
    const auto in = future.hours(sources.inlet.parameters[parameter]);
    const auto out = future.hours(sources.outlet.parameters[parameter]);
    input.means[parameter] = {flow_weighted_mean(in, flow_in), flow_weighted_mean(out, flow_out)};
  }
  input.flow_m3_per_h = flow_weighted_mean(flow_in, {});
  for (const SeriesId power : sources.powers) {
    if (const auto kw = future.mean(power)) {
      input.powers.push_back({sensors.table[power].stage, *kw});
    }
  }
  if (input.powers.empty()) input.energy_kwh_per_day = future.mean(sources.energy_per_day);
  return efficiency(input);
}

}  // namespace

std::vector<std::size_t> compliance_sensors(const Plant& plant, const ComplianceConfig& config) {
  const Sensors sensors(plant, config);
  std::vector<std::size_t> all;
  const auto add = [&](const std::optional<SeriesId>& series) {
    if (series) all.push_back(series->index);
  };
  for (const auto* point : {&sensors.sources.inlet, &sensors.sources.outlet}) {
    add(point->flow);
    for (const auto& series : point->parameters.values) add(series);
  }
  add(sensors.sources.energy_per_day);
  for (const SeriesId series : sensors.sources.powers) add(series);
  return all;
}

std::optional<Outcomes> outcomes_of(const WhatIf& told, const Plant& plant,
                                    const ComplianceConfig& config, const Zone& zone) {
  const Sensors sensors(plant, config);
  const auto hours = std::chrono::ceil<std::chrono::hours>(told.ahead).count();
  Outcomes outcomes;
  outcomes.sample_hours = static_cast<int>(std::min<std::int64_t>(hours, whole_sample_h));
  const int min_hours = std::min(outcomes.sample_hours, composite_min_hours);
  ComplianceConfig of_any_day = config;
  of_any_day.reference_flow_m3_per_day.reset();
  const auto judge = [&](std::vector<double> WhatIfCourse::* which) {
    const FutureMeans future(told, which);
    const auto inlet = sample_end(future, sensors.sources.inlet, told, zone, min_hours);
    const auto outlet = sample_end(future, sensors.sources.outlet, told, zone, min_hours);
    const auto unusual = std::ranges::count_if(inlet.volumes, [&](const Composite& day) {
      return config.reference_flow_m3_per_day && day.value > *config.reference_flow_m3_per_day;
    });
    return Outcome{.compliance = deru_report(of_any_day, day_samples(inlet, outlet), {}),
                   .unusual = static_cast<int>(unusual),
                   .efficiency = efficiency_of(future, sensors)};
  };
  outcomes.unchanged = judge(&WhatIfCourse::unchanged);
  outcomes.changed = judge(&WhatIfCourse::changed);
  const bool is_empty = outcomes.unchanged.compliance.parameters.empty() &&
                        outcomes.changed.compliance.parameters.empty();
  if (is_empty) return std::nullopt;
  return outcomes;
}

}  // namespace sosie

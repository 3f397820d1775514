#include "compliance/report.h"

#include <algorithm>
#include <iterator>

namespace sosie {
namespace {

constexpr int days_a_year = 365;

/// Annex I, D.3 (README.md: recalled). A small plant's first year; later 4 may do.
int samples_asked(double population_equivalent) {
  return population_equivalent >= 50'000 ? 24 : 12;
}

std::vector<DaySample> within(const std::vector<DaySample>& all, std::chrono::local_days from,
                              std::chrono::local_days to) {
  std::vector<DaySample> some;
  std::ranges::copy_if(all, std::back_inserter(some), [&](const DaySample& sample) {
    return sample.day >= from && sample.day <= to;
  });
  return some;
}

std::vector<std::chrono::local_days> days_without(const std::vector<DaySample>& samples,
                                                  std::chrono::local_days from,
                                                  std::chrono::local_days to) {
  std::vector<std::chrono::local_days> missing;
  for (auto day = from; day <= to; day += std::chrono::days(1)) {
    if (std::ranges::find(samples, day, &DaySample::day) == samples.end()) missing.push_back(day);
  }
  return missing;
}

}  // namespace

ComplianceReport compliance_report(const ComplianceConfig& plant, const EndSamples& inlet,
                                   const EndSamples& outlet, std::chrono::local_days from,
                                   std::chrono::local_days to, std::chrono::local_days today) {
  auto samples = day_samples(inlet, outlet);
  for (auto& of : samples.values) of = within(of, from, to);
  const auto judged = deru_report(plant, samples, {});

  ComplianceReport report;
  report.from = from;
  report.to = to;
  report.verdict = judged.verdict;
  report.asked_a_year = samples_asked(plant.population_equivalent);
  report.is_whole_year = to - from >= std::chrono::days(days_a_year - 1);
  const auto last_ended = std::min(to, today - std::chrono::days(1));
  for (const Parameter parameter : all_parameters) {
    const auto limit = deru_limit(parameter, plant);
    if (!limit) continue;
    ParameterReport of{.parameter = parameter, .limit = *limit, .verdict = {}, .not_measured = {}};
    of.not_measured = days_without(samples[parameter], from, last_ended);
    of.has_reduction = std::ranges::any_of(
        samples[parameter], [](const DaySample& day) { return day.inlet_mg_l.has_value(); });
    of.unusual = static_cast<int>(std::ranges::count_if(
        samples[parameter], [&](const DaySample& day) { return is_unusual(plant, day); }));
    const auto found =
        std::ranges::find(judged.parameters, parameter, &ParameterVerdict::parameter);
    if (found != judged.parameters.end()) {
      of.gross = static_cast<int>(std::ranges::count_if(
          found->days, [](const SampleVerdict& day) { return day.gross && !day.unusual; }));
      of.verdict = *found;
    }
    report.parameters.push_back(std::move(of));
  }
  return report;
}

}  // namespace sosie

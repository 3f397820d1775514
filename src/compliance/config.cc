#include "compliance/config.h"

#include <utility>

#include <fmt/format.h>

namespace sosie {
namespace {

constexpr std::array<std::string_view, parameter_count> names{"BOD5", "COD", "TSS", "TN", "TP"};
constexpr std::array<std::string_view, 2> directive_names{"91/271/EEC", "2024/3019"};

Result<std::optional<std::string>> read_name(Section& section, std::string_view key) {
  auto name = TRY(section.text(key, ""));
  return name.empty() ? std::nullopt : std::optional(std::move(name));
}

Result<SamplingPoint<std::string>> read_point(Section& compliance, std::string_view key) {
  auto section = TRY(compliance.table(key));
  SamplingPoint<std::string> point;
  point.flow = TRY(read_name(section, "flow"));
  for (const Parameter p : all_parameters) {
    point.parameters[p] = TRY(read_name(section, to_text(p)));
  }
  TRY(section.finish());
  return point;
}

Result<void> read_energy(Section& compliance, ComplianceSources<std::string>& sources) {
  auto section = TRY(compliance.table("energy"));
  sources.energy_per_day = TRY(read_name(section, "meter"));
  sources.powers = TRY(section.texts("powers"));
  return section.finish();
}

Result<ComplianceSources<std::string>> read_sources(Section& compliance) {
  ComplianceSources<std::string> sources;
  sources.inlet = TRY(read_point(compliance, "inlet"));
  sources.outlet = TRY(read_point(compliance, "outlet"));
  TRY(read_energy(compliance, sources));
  return sources;
}

/// A number above 0.
Result<double> read_positive(Section& section, std::string_view key) {
  const double number = TRY(section.number(key));
  if (number > 0) return number;
  return section.wrong(key, fmt::format("is {:g}, expected more than 0", number));
}

std::optional<SeriesId> find(const std::optional<std::string>& name, const SeriesTable& series) {
  return name ? series.find_name(*name) : std::nullopt;
}

SamplingPoint<SeriesId> resolve(const SamplingPoint<std::string>& point,
                                const SeriesTable& series) {
  SamplingPoint<SeriesId> found;
  found.flow = find(point.flow, series);
  for (const Parameter p : all_parameters) {
    found.parameters[p] = find(point.parameters[p], series);
  }
  return found;
}

}  // namespace

std::string_view to_text(Parameter parameter) {
  return names.at(static_cast<std::size_t>(parameter));
}

std::string_view to_text(Directive directive) {
  return directive_names.at(static_cast<std::size_t>(directive));
}

Result<std::optional<ComplianceConfig>> ComplianceConfig::read(Section& scenario) {
  if (!scenario.has("compliance")) return std::optional<ComplianceConfig>{};
  auto section = TRY(scenario.table("compliance"));
  ComplianceConfig config;
  const auto directive = TRY(section.choice("directive", directive_names.front(), directive_names));
  config.directive = directive == directive_names.front() ? Directive::of_1991 : Directive::of_2024;
  config.population_equivalent = TRY(read_positive(section, "population_equivalent"));
  config.sensitive_area = TRY(section.flag("sensitive_area", config.sensitive_area));
  config.suspended_solids = TRY(section.flag("suspended_solids", config.suspended_solids));
  if (section.has("reference_flow_m3_per_day")) {
    config.reference_flow_m3_per_day = TRY(read_positive(section, "reference_flow_m3_per_day"));
  }
  config.sources = TRY(read_sources(section));
  TRY(section.finish());
  return std::optional(std::move(config));
}

ComplianceSources<SeriesId> resolve(const ComplianceSources<std::string>& sources,
                                    const SeriesTable& series) {
  ComplianceSources<SeriesId> found;
  found.inlet = resolve(sources.inlet, series);
  found.outlet = resolve(sources.outlet, series);
  found.energy_per_day = find(sources.energy_per_day, series);
  for (const auto& name : sources.powers) {
    if (const auto id = series.find_name(name)) found.powers.push_back(*id);
  }
  return found;
}

}  // namespace sosie

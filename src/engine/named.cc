#include "engine/named.h"

#include <algorithm>

#include "base/text.h"

namespace sosie {
namespace {

using Names = std::vector<std::string>;

/// The texts at `key`, one or a list of them, are each a pattern or one of `names`.
Result<void> check_at(Section& section, std::string_view key, std::string_view what,
                      const Names& names) {
  const auto read = TRY(section.texts(key));
  for (const auto& name : read) {
    if (name.empty() || name.find_first_of("*?") != std::string::npos) continue;
    if (std::ranges::find(names, name) != names.end()) continue;
    const std::vector<std::string_view> views(names.begin(), names.end());
    return section.wrong_name(key, name, fmt::format("a {} that there is", what), views);
  }
  return {};
}

Result<void> check_compliance(Section& scenario, const Names& series) {
  auto compliance = TRY(scenario.table("compliance"));
  for (const std::string_view part : {"inlet", "outlet", "energy"}) {
    auto section = TRY(compliance.table(part));
    for (const auto& key : section.keys()) {
      TRY(check_at(section, key, "series", series));
    }
  }
  return {};
}

Result<void> check_alarms(Section& scenario, const Names& series, const Names& stages) {
  auto rules = TRY(scenario.tables("alarm"));
  for (auto& rule : rules) {
    TRY(check_at(rule, "series", "series", series));
    TRY(check_at(rule, "stage", "stage", stages));
  }
  return {};
}

Result<void> check_detectors(Section& scenario, const Names& series) {
  auto detectors = TRY(scenario.tables("detector"));
  for (auto& detector : detectors) {
    auto rules = TRY(detector.tables("rule"));
    for (auto& rule : rules) {
      TRY(check_at(rule, "on", "series", series));
    }
  }
  return {};
}

}  // namespace

Result<void> check_names(Section& scenario, std::span<const SeriesInfo> described) {
  Names series;
  Names stages;
  for (const auto& info : described) {
    series.push_back(info.entity);
    series.push_back(info.name());
    if (!info.stage.empty()) stages.push_back(info.stage);
  }
  if (scenario.has("compliance")) {
    TRY(check_compliance(scenario, series));
  }
  TRY(check_alarms(scenario, series, stages));
  return check_detectors(scenario, series);
}

}  // namespace sosie

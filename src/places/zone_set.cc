#include "places/zone_set.h"

#include <algorithm>
#include <fstream>
#include <span>
#include <sstream>

#include <fmt/format.h>

#include "base/log.h"

namespace sosie::places {
namespace {

constexpr std::size_t most_warnings = 20;  // of one file's overlaps

Result<std::shared_ptr<const ZoneSet>> read_zone_set(Section& section) {
  ZoneSet::About about;
  about.name = TRY(section.text("name"));
  if (about.name.empty() || about.name.find_first_of(":/. ") != std::string::npos) {
    return section.wrong("name", "is expected to be a word without ':', '/' or '.'");
  }
  const auto path = TRY(section.path("file"));
  about.keys.id = TRY(section.text("id", about.keys.id));
  about.keys.label = TRY(section.text("label", about.keys.label));
  about.attribution = TRY(section.text("attribution", ""));
  TRY(section.finish());
  const std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) {
    return section.wrong("file", fmt::format("'{}' cannot be read", path));
  }
  about.geojson = std::move(text).str();
  auto zones = Zones::of_geojson(about.geojson, about.keys);
  if (!zones) return section.wrong("file", fmt::format("'{}': {}", path, zones.error().what));
  for (const auto& [zone, why] : zones->left_out()) {
    log::warning("zones", "'{}': {} {}; it is left out", path, zone, why);
  }
  for (const auto& sentence : overlaps_told(*zones)) {
    log::warning("zones", "'{}': {}", path, sentence);
  }
  if (!zones->rest().empty()) about.geojson = zones->rest();
  return std::make_shared<const ZoneSet>(std::move(about), std::move(zones).value());
}

}  // namespace

std::vector<std::string> overlaps_told(const Zones& zones) {
  std::vector<std::string> told;
  const auto& all = zones.overlaps();
  for (const Overlap& one : std::span(all).first(std::min(all.size(), most_warnings))) {
    const auto& first = zones[one.first].id;
    const auto& second = zones[one.second].id;
    if (one.share > 1 - least_overlap) {
      told.push_back(
          fmt::format("zone '{}' lies in '{}', which stands before it and has all its "
                      "places: nothing is ever in '{}'",
                      second, first, second));
    } else {
      told.push_back(fmt::format(
          "{:.2g} % of zone '{}' lie in '{}', which stands before it and has these places",
          100 * one.share, second, first));
    }
  }
  if (all.size() > most_warnings) {
    told.push_back(fmt::format("{} more zones overlap", all.size() - most_warnings));
  }
  return told;
}

Result<ZoneSets> read_zones(Section& scenario) {
  ZoneSets all;
  auto sections = TRY(scenario.tables("zones"));
  for (Section& section : sections) {
    auto made = TRY(read_zone_set(section));
    if (std::ranges::any_of(all, [&](const auto& set) { return set->name() == made->name(); })) {
      return section.wrong("name",
                           fmt::format("is \"{}\", and so is that of other zones", made->name()));
    }
    all.push_back(std::move(made));
  }
  return all;
}

}  // namespace sosie::places

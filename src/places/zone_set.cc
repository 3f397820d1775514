#include "places/zone_set.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "base/log.h"

namespace sosie::places {
namespace {

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
  if (!zones->rest().empty()) about.geojson = zones->rest();
  return std::make_shared<const ZoneSet>(std::move(about), std::move(zones).value());
}

}  // namespace

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

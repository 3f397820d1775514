#include "web/map_file.h"

#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "wire/json/value.h"

namespace sosie::web {

Result<MapFile> read_map_file(Section& scenario) {
  MapFile map;
  if (!scenario.has("map")) return map;
  auto section = TRY(scenario.table("map"));
  const auto path = TRY(section.path("file"));
  map.attribution = TRY(section.text("attribution", ""));
  TRY(section.finish());
  const std::ifstream file(path, std::ios::binary);
  if (!file) return section.wrong("file", fmt::format("'{}' cannot be read", path));
  std::ostringstream text;
  text << file.rdbuf();
  map.geojson = text.str();
  const auto parsed = json::parse(map.geojson);
  if (!parsed) return section.wrong("file", fmt::format("'{}': {}", path, parsed.error().what));
  const auto* type = parsed->find("type");
  if (type == nullptr || type->text() == nullptr || *type->text() != "FeatureCollection") {
    return section.wrong("file", fmt::format("'{}' is no GeoJSON FeatureCollection", path));
  }
  const auto* said = parsed->find("attribution");
  if (map.attribution.empty() && said != nullptr && said->text() != nullptr) {
    map.attribution = *said->text();
  }
  if (map.attribution.empty()) {
    return section.wrong("attribution", "is missing, and the file does not say whose data it is");
  }
  return map;
}

}  // namespace sosie::web

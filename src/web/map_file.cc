#include "web/map_file.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>
#include <string_view>

#include <fmt/format.h>

#include "wire/json/value.h"

namespace sosie::web {
namespace {

/// It becomes part of a header and of a page: nothing in it may end either.
bool is_tile_url(std::string_view url) {
  constexpr std::array<std::string_view, 3> numbers{"{z}", "{x}", "{y}"};
  const bool is_web = url.starts_with("https://") || url.starts_with("http://");
  return is_web &&
         std::ranges::all_of(
             numbers, [url](auto number) { return url.find(number) != std::string_view::npos; }) &&
         url.find_first_of(" \t\r\n;,'\"<>") == std::string_view::npos;
}

Result<void> read_file(Section& section, MapFile& map) {
  const auto path = TRY(section.path("file"));
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
  return {};
}

Result<void> read_tiles(Section& section, MapFile& map) {
  map.tiles = TRY(section.text("tiles"));
  map.tiles_attribution = TRY(section.text("tiles_attribution", ""));
  if (!is_tile_url(map.tiles)) {
    return section.wrong("tiles", "is expected to be like \"https://host/{z}/{x}/{y}.png\"");
  }
  if (map.tiles_attribution.empty()) {
    return section.wrong("tiles_attribution", "is missing: whose pictures are they?");
  }
  return {};
}

}  // namespace

std::string MapFile::tiles_origin() const {
  constexpr std::string_view sign = "://";
  const auto host = tiles.find(sign);
  if (host == std::string::npos) return {};
  return tiles.substr(0, tiles.find('/', host + sign.size()));
}

Result<MapFile> read_map_file(Section& scenario) {
  MapFile map;
  if (!scenario.has("map")) return map;
  auto section = TRY(scenario.table("map"));
  map.attribution = TRY(section.text("attribution", ""));
  const bool has_tiles = section.has("tiles");
  if (has_tiles) {
    TRY(read_tiles(section, map));
  }
  if (!has_tiles || section.has("file")) {
    TRY(read_file(section, map));
  }
  TRY(section.finish());
  return map;
}

}  // namespace sosie::web

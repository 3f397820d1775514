#include "places/zones.h"

#include <unordered_map>

#include <fmt/format.h>

#include "wire/json/file.h"

namespace sosie::places {
namespace {

constexpr std::size_t most_bytes = std::size_t{32} << 20U;  ///< of a file
constexpr std::size_t most_zones = 10'000;

/// A text, or a number as it is written.
std::optional<std::string> property(const json::Value& feature, std::string_view key) {
  const auto* const properties = feature.find("properties");
  const auto* const value = properties == nullptr ? nullptr : properties->find(key);
  if (value == nullptr) return std::nullopt;
  if (value->text() != nullptr) return *value->text();
  if (const auto number = value->number()) return fmt::format("{}", *number);
  return std::nullopt;
}

Result<Zoning::Named> read_names(const json::Value& feature, const ZoneKeys& keys) {
  Zoning::Named named;
  auto id = property(feature, keys.id);
  if (!id || id->empty()) {
    return Error{Errc::invalid, fmt::format("has no property '{}' that could be its id", keys.id)};
  }
  named.id = std::move(*id);
  named.label = property(feature, keys.label).value_or(named.id);
  return named;
}

Result<std::vector<Polygon>> read_shape(const json::Value& feature) {
  const auto* const geometry = feature.find("geometry");
  if (geometry != nullptr && geometry->object() != nullptr) {
    auto polygons = TRY(read_polygons(*geometry, Closing::needed));
    if (!polygons.empty()) return polygons;
  }
  return Error{Errc::invalid, "is empty; expected a Polygon or MultiPolygon"};
}

}  // namespace

Result<Zones> Zones::of_geojson(std::string_view text, const ZoneKeys& keys) {
  const auto value = TRY(json::parse_file(text, most_bytes));
  const auto* const features = value.find("features");
  if (features == nullptr || features->list() == nullptr) {
    return not_geojson("a FeatureCollection");
  }
  if (features->list()->empty()) return Error{Errc::invalid, "has no zones"};
  if (features->list()->size() > most_zones) {
    return Error{Errc::invalid, fmt::format("has {} zones; expected at most {}",
                                            features->list()->size(), most_zones)};
  }
  std::vector<Zoning::Named> named;
  std::vector<std::vector<Polygon>> shapes;
  std::unordered_map<std::string, std::size_t> by_id;
  for (const auto& feature : *features->list()) {
    const std::size_t number = named.size() + 1;
    auto names = read_names(feature, keys);
    if (!names) return std::move(names).error().in(fmt::format("feature {}", number));
    const auto [first, is_new] = by_id.emplace(names->id, number);
    if (!is_new) {
      return Error{Errc::invalid, fmt::format("features {} and {} have the same id '{}'",
                                              first->second, number, names->id)};
    }
    auto shape = read_shape(feature);
    if (!shape) return std::move(shape).error().in(fmt::format("zone '{}'", names->id));
    named.push_back(std::move(*names));
    shapes.push_back(std::move(*shape));
  }
  return Zones(std::move(named), shapes);
}

}  // namespace sosie::places

#include "places/zones.h"

#include <unordered_map>

#include <fmt/format.h>

#include "wire/json/file.h"
#include "wire/json/writer.h"

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

void write_ring(json::Writer& out, const Ring& ring) {
  out.begin_array();
  for (const Place& place : ring) {
    out.begin_array();
    out.value(place.longitude);
    out.value(place.latitude);
    out.end_array();
  }
  out.end_array();
}

void write_feature(json::Writer& out, const Zoning::Named& named, const ZoneKeys& keys,
                   const std::vector<Polygon>& polygons) {
  out.begin_object();
  out.member("type", "Feature");
  out.key("properties");
  out.begin_object();
  out.member(keys.id, named.id);
  if (keys.label != keys.id) out.member(keys.label, named.label);
  out.end_object();
  out.key("geometry");
  out.begin_object();
  out.member("type", "MultiPolygon");
  out.key("coordinates");
  out.begin_array();
  for (const Polygon& polygon : polygons) {
    out.begin_array();
    write_ring(out, polygon.border);
    for (const Ring& hole : polygon.holes) write_ring(out, hole);
    out.end_array();
  }
  out.end_array();
  out.end_object();
  out.end_object();
}

/// What is found in a file, one Feature after the other.
struct Found {
  std::vector<Zoning::Named> named;
  std::vector<std::vector<Polygon>> shapes;
  std::vector<Zones::LeftOut> left_out;
  std::unordered_map<std::string, std::size_t> by_id;  ///< whose, by its number

  void take(const json::Value& feature, std::size_t number, const ZoneKeys& keys) {
    auto names = read_names(feature, keys);
    if (!names) {
      left_out.push_back({fmt::format("feature {}", number), std::move(names).error().what});
      return;
    }
    if (const auto other = by_id.find(names->id); other != by_id.end()) {
      left_out.push_back(
          {fmt::format("feature {}", number),
           fmt::format("has the same id '{}' as feature {}", names->id, other->second)});
      return;
    }
    auto shape = read_shape(feature);
    if (!shape) {
      left_out.push_back({fmt::format("zone '{}'", names->id), std::move(shape).error().what});
      return;
    }
    by_id.emplace(names->id, number);
    named.push_back(std::move(*names));
    shapes.push_back(std::move(*shape));
  }

  std::string as_geojson(const ZoneKeys& keys) const {
    json::Writer out;
    out.begin_object();
    out.member("type", "FeatureCollection");
    out.key("features");
    out.begin_array();
    for (std::size_t i = 0; i < named.size(); ++i) write_feature(out, named[i], keys, shapes[i]);
    out.end_array();
    out.end_object();
    return out.take();
  }
};

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
  Found found;
  std::size_t number = 0;
  for (const auto& feature : *features->list()) found.take(feature, ++number, keys);
  if (found.named.empty()) {
    const auto& [zone, why] = found.left_out.front();
    return Error{Errc::invalid, fmt::format("has no zone that can be one: {}: {}", zone, why)};
  }
  auto rest = found.left_out.empty() ? std::string() : found.as_geojson(keys);
  return Zones(std::move(found.named), found.shapes, std::move(found.left_out), std::move(rest));
}

}  // namespace sosie::places

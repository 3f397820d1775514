#include "plants/city/districts.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>
#include <utility>

#include <fmt/format.h>

#include "plants/city/chance.h"
#include "wire/json/value.h"

namespace sosie::city {
namespace {

constexpr double hectare_m2 = 1e4;
constexpr double m_per_degree = 111195;
constexpr int placing_attempts = 64;  // to hit a district within its box
constexpr std::array<std::string_view, 7> day_names{"dimanche", "lundi",    "mardi", "mercredi",
                                                    "jeudi",    "vendredi", "samedi"};

Result<std::string> whole_file(const std::string& path) {
  const std::ifstream file(path);
  if (!file) return Error{Errc::not_found, path + ": cannot be read"};
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

std::optional<Place> place_from(const json::Value& value) {
  const auto* const pair = value.list();
  if (pair == nullptr || pair->size() < 2) return std::nullopt;
  const auto lon = (*pair)[0].number();
  const auto lat = (*pair)[1].number();
  if (!lon || !lat || std::abs(*lon) > 180 || std::abs(*lat) > 85) return std::nullopt;
  return Place{*lon, *lat};
}

std::string text_at(const json::Value& feature, std::initializer_list<std::string_view> paths) {
  for (const auto path : paths) {
    const auto* const found = feature.find(path);
    if (found != nullptr && found->text() != nullptr) return *found->text();
  }
  return {};
}

/// A share: a property, by its largest usual value.
float share_at(const json::Value& feature, std::string_view path, double whole, float otherwise) {
  const auto* const found = feature.find(path);
  const auto number = found == nullptr ? std::nullopt : found->number();
  if (!number) return otherwise;
  return static_cast<float>(std::clamp(*number / whole, 0.0, 1.0));
}

std::uint8_t days_from(std::string_view text) {
  if (text == "tous les jours") return 0b1111110;  // no market is every day: not on Sundays
  std::uint8_t days = 0;
  for (std::size_t i = 0; i < day_names.size(); ++i) {
    if (text.find(day_names.at(i)) == text.npos) continue;
    days = static_cast<std::uint8_t>(days | (1U << i));
  }
  return days;
}

/// Twice the area within a ring, in square degrees.
double doubled_area(const std::vector<Place>& ring) {
  double sum = 0;
  for (std::size_t i = 0; i + 1 < ring.size(); ++i) {
    sum += ring[i].lon * ring[i + 1].lat - ring[i + 1].lon * ring[i].lat;
  }
  return sum;
}

Result<void> add_polygon(const json::Value& polygon, District& to) {
  const auto* const rings = polygon.list();
  if (rings == nullptr || rings->empty()) return Error{Errc::invalid, "has no ring"};
  for (const auto& ring : *rings) {
    std::vector<Place> line;
    if (const auto* const points = ring.list(); points != nullptr) {
      for (const auto& point : *points) {
        const auto at = place_from(point);
        if (!at) return Error{Errc::invalid, "has a point that is not [longitude, latitude]"};
        line.push_back(*at);
      }
    }
    if (line.size() < 4 || line.front() != line.back()) {
      return Error{Errc::invalid, "has a ring that is not closed or has less than four points"};
    }
    const double area = std::abs(doubled_area(line)) / 2;
    to.area += to.rings.empty() || &ring == rings->data() ? area : -area;
    to.rings.push_back(std::move(line));
  }
  return {};
}

void enclose(District& district) {
  district.low = district.high = district.rings.front().front();
  for (const auto& ring : district.rings) {
    for (const Place& at : ring) {
      district.low = {std::min(district.low.lon, at.lon), std::min(district.low.lat, at.lat)};
      district.high = {std::max(district.high.lon, at.lon), std::max(district.high.lat, at.lat)};
    }
  }
}

Result<District> district_from(const json::Value& feature) {
  District made;
  const auto* const type = feature.find("geometry.type");
  const auto* const shape = feature.find("geometry.coordinates");
  const bool is_shape = type != nullptr && type->text() != nullptr && shape != nullptr;
  if (is_shape && *type->text() == "Polygon") {
    TRY(add_polygon(*shape, made));
  } else if (is_shape && *type->text() == "MultiPolygon" && shape->list() != nullptr) {
    for (const auto& polygon : *shape->list()) {
      TRY(add_polygon(polygon, made));
    }
  }
  if (made.rings.empty() || !(made.area > 0)) {
    return Error{Errc::invalid, "is no Polygon nor MultiPolygon with an area"};
  }
  enclose(made);
  made.code = text_at(feature, {"properties.code_quartier", "properties.code"});
  made.name = text_at(feature, {"properties.libelle_quartier", "properties.libelle",
                                "properties.nom", "properties.name"});
  const double hectares = made.area * m_per_degree * m_per_degree *
                          std::cos(made.low.lat * 3.14159265358979 / 180) / hectare_m2;
  made.homes = share_at(feature, "properties.habitants", 120 * hectares, made.homes);
  made.offices = share_at(feature, "properties.emplois", 94 * hectares, made.offices);
  made.going_out = share_at(feature, "properties.part_sorties", 1, made.going_out);
  made.green = share_at(feature, "properties.part_verdure", 1, made.green);
  made.traffic = share_at(feature, "properties.part_trafic", 1, made.traffic);
  made.flown_over = share_at(feature, "properties.part_survol", 1, made.flown_over);
  made.market_days = days_from(text_at(feature, {"properties.jours_marche"}));
  return made;
}

const json::Value* features_of(const json::Value& collection) {
  const auto* const features = collection.find("features");
  return features != nullptr && features->list() != nullptr ? features : nullptr;
}

/// How many objects of a kind there are in a district, by its area.
float density(ObjectKind kind, const District& of) {
  switch (kind) {
    case ObjectKind::noise:
      return 0.2F + of.homes + of.going_out;
    case ObjectKind::garage:
      return 0.02F + of.offices * of.offices + of.going_out * of.going_out;
    case ObjectKind::spot:
      return 0.1F + of.homes + of.offices;
    case ObjectKind::bikes:
      return 0.1F + of.homes + of.offices + of.going_out;
    case ObjectKind::traffic:
      return 0.2F + of.traffic;
    case ObjectKind::bin:
      return 0.1F + of.homes;
    case ObjectKind::air:
    case ObjectKind::weather:
    case ObjectKind::heat:
      break;
  }
  return 0.5F + of.offices;
}

}  // namespace

/// Even-odd (Shimrat, 1962), over all rings: so holes are outside.
bool District::contains(const Place& at) const {
  if (at.lon < low.lon || at.lon > high.lon || at.lat < low.lat || at.lat > high.lat) return false;
  bool inside = false;
  for (const auto& ring : rings) {
    for (std::size_t i = 0; i + 1 < ring.size(); ++i) {
      const Place& a = ring[i];
      const Place& b = ring[i + 1];
      if ((a.lat > at.lat) == (b.lat > at.lat)) continue;
      if (at.lon < a.lon + (at.lat - a.lat) / (b.lat - a.lat) * (b.lon - a.lon)) inside = !inside;
    }
  }
  return inside;
}

Result<Map> Map::read_text(std::string_view districts) {
  const auto value = TRY(json::parse(districts));
  const auto* const features = features_of(value);
  if (features == nullptr) return Error{Errc::invalid, "is no GeoJSON FeatureCollection"};
  Map map;
  for (const auto& feature : *features->list()) {
    auto made = district_from(feature);
    const auto number = map.districts_.size() + 1;
    if (!made) return std::move(made).error().in(fmt::format("feature {}", number));
    if (number > most_districts) return Error{Errc::invalid, "has more than 4096 districts"};
    if (made->code.empty()) made->code = fmt::format("Q{:02}", number);
    if (made->name.empty()) made->name = made->code;
    map.districts_.push_back(std::move(*made));
  }
  if (map.districts_.empty()) return Error{Errc::invalid, "has no districts"};
  map.weigh();
  return map;
}

Result<Map> Map::read_file(const std::string& path) {
  const auto text = TRY(whole_file(path));
  return read_text(text);
}

Result<void> Map::add_positions_file(const std::string& path) {
  const auto text = TRY(whole_file(path));
  return add_positions(text);
}

Result<void> Map::add_positions(std::string_view geojson) {
  const auto value = TRY(json::parse(geojson));
  const auto* const features = features_of(value);
  if (features == nullptr) return Error{Errc::invalid, "is no GeoJSON FeatureCollection"};
  std::size_t number = 0;
  for (const auto& feature : *features->list()) {
    ++number;
    const auto kind_name = text_at(feature, {"properties.type_objet"});
    const auto* const kind = std::ranges::find(traits, kind_name, &Traits::name);
    if (kind == traits.end()) {
      return Error{Errc::invalid, fmt::format("feature {}: type_objet is '{}', expected one of {}",
                                              number, kind_name,
                                              "noise, air, weather, heat, garage, spot, bikes, "
                                              "traffic, bin")};
    }
    const auto* const point = feature.find("geometry.coordinates");
    const auto at = point == nullptr ? std::nullopt : place_from(*point);
    const auto district = at ? district_at(*at) : std::nullopt;
    if (!district) {
      return Error{Errc::invalid, fmt::format("feature {}: its point lies in no district", number)};
    }
    const auto* const places = feature.find("properties.nb_places");
    const auto count = places == nullptr ? std::nullopt : places->number();
    positions_[static_cast<std::size_t>(kind - traits.begin())].push_back(
        {*at, *district, static_cast<std::uint16_t>(std::clamp(count.value_or(0), 0.0, 10000.0))});
  }
  return {};
}

std::optional<std::uint16_t> Map::district_at(const Place& at) const {
  const auto found =
      std::ranges::find_if(districts_, [&](const District& one) { return one.contains(at); });
  if (found == districts_.end()) return std::nullopt;
  return static_cast<std::uint16_t>(found - districts_.begin());
}

std::optional<std::uint16_t> Map::named(std::string_view name) const {
  const auto found = std::ranges::find_if(
      districts_, [&](const District& one) { return one.code == name || one.name == name; });
  if (found == districts_.end()) return std::nullopt;
  return static_cast<std::uint16_t>(found - districts_.begin());
}

void Map::weigh() {
  for (std::size_t kind = 0; kind < kinds; ++kind) {
    float sum = 0;
    for (const District& one : districts_) {
      sum += static_cast<float>(one.area * 1e4) * density(static_cast<ObjectKind>(kind), one);
      weight_so_far_.at(kind).push_back(sum);
    }
  }
}

Position Map::place(ObjectKind kind, std::size_t number) const {
  const auto& known = positions(kind);
  if (number < known.size()) return known[number];
  const auto own = static_cast<std::uint64_t>(kind) + 1;
  const auto& weights = weight_so_far_[static_cast<std::size_t>(kind)];
  const float at = share(hashed(own, number, 0), 1) * weights.back();
  const auto found = std::ranges::upper_bound(weights, at);
  const auto district = std::min(found - weights.begin(), std::ssize(weights) - 1);
  const District& in = districts_[static_cast<std::size_t>(district)];
  Place where = in.rings.front().front();
  for (int i = 1; i <= placing_attempts; ++i) {
    const auto bits = hashed(own, number, static_cast<std::uint64_t>(i));
    const double east = static_cast<double>(bits >> 40U) * 0x1p-24;
    const double north = static_cast<double>(bits & 0xffffffU) * 0x1p-24;
    where = {in.low.lon + east * (in.high.lon - in.low.lon),
             in.low.lat + north * (in.high.lat - in.low.lat)};
    if (in.contains(where)) break;
  }
  return {where, static_cast<std::uint16_t>(district), 0};
}

}  // namespace sosie::city

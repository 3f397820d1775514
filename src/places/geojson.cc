#include "places/geojson.h"

#include <string>

#include <fmt/format.h>

#include "places/boost_polygon.h"

namespace sosie::places {
namespace {

Result<Ring> read_ring(const json::Value& value, Closing closing) {
  const auto* const places = value.list();
  if (places == nullptr) return not_geojson("a ring is a list of positions");
  Ring ring;
  ring.reserve(places->size());
  for (const auto& place : *places) {
    const auto* const numbers = place.list();
    if (numbers == nullptr || numbers->size() < 2 || !(*numbers)[0].number() ||
        !(*numbers)[1].number()) {
      return not_geojson("a position is [longitude, latitude]");
    }
    ring.push_back({*(*numbers)[0].number(), *(*numbers)[1].number()});
  }
  const bool is_closed = !ring.empty() && ring.front() == ring.back();
  if (closing == Closing::needed && ring.size() >= 3 && !is_closed) {
    return Error{Errc::invalid,
                 fmt::format("has a ring that is not closed: it begins at [{:g}, {:g}] and ends at "
                             "[{:g}, {:g}]",
                             ring.front().longitude, ring.front().latitude, ring.back().longitude,
                             ring.back().latitude)};
  }
  return ring;
}

Result<Polygon> read_polygon(const json::Value& value, Closing closing) {
  const auto* const rings = value.list();
  if (rings == nullptr) return not_geojson("a Polygon is a list of rings");
  if (rings->empty()) return Error{Errc::invalid, "is empty: it has no border"};
  Polygon polygon;
  polygon.border = TRY(read_ring(rings->front(), closing));
  for (std::size_t i = 1; i < rings->size(); ++i) {
    auto hole = TRY(read_ring((*rings)[i], closing));
    polygon.holes.push_back(std::move(hole));
  }
  return made_valid(polygon);
}

const std::string* type_of(const json::Value& value) {
  const auto* const type = value.find("type");
  return type == nullptr ? nullptr : type->text();
}

Result<void> read_geometry(const json::Value& value, Closing closing, std::vector<Polygon>& all) {
  const auto* const type = type_of(value);
  const auto* const coordinates = value.find("coordinates");
  if (type == nullptr || coordinates == nullptr) return {};  // a point on the map, a line: no area
  if (*type == "Polygon") {
    auto polygon = TRY(read_polygon(*coordinates, closing));
    all.push_back(std::move(polygon));
    return {};
  }
  if (*type != "MultiPolygon") return {};
  if (coordinates->list() == nullptr) return not_geojson("a MultiPolygon is a list of polygons");
  for (const auto& each : *coordinates->list()) {
    auto polygon = TRY(read_polygon(each, closing));
    all.push_back(std::move(polygon));
  }
  return {};
}

Result<void> read_object(const json::Value& value, Closing closing, std::vector<Polygon>& all) {
  const auto* const type = type_of(value);
  if (type == nullptr) return not_geojson("an object with a type");
  if (*type == "Feature") {
    const auto* const geometry = value.find("geometry");
    return geometry == nullptr ? Result<void>() : read_geometry(*geometry, closing, all);
  }
  if (*type != "FeatureCollection") return read_geometry(value, closing, all);
  const auto* const features = value.find("features");
  if (features == nullptr || features->list() == nullptr) {
    return not_geojson("a FeatureCollection has features");
  }
  for (const auto& feature : *features->list()) {
    const auto* const geometry = feature.find("geometry");
    if (geometry == nullptr) continue;
    TRY(read_geometry(*geometry, closing, all));
  }
  return {};
}

bool is_swapped(const Ring& ring) {
  for (const Place& place : ring) {
    if (!Place{place.latitude, place.longitude}.is_on_earth()) return false;
  }
  return true;
}

Result<void> check_places(const Ring& ring) {
  for (const Place& place : ring) {
    if (place.is_on_earth()) continue;
    return Error{Errc::invalid,
                 fmt::format("has the place [{:g}, {:g}]; expected [longitude, latitude] in degrees"
                             "{}",
                             place.longitude, place.latitude,
                             is_swapped(ring) ? ": are they swapped?" : "")};
  }
  return {};
}

/// "[2.05, 43.05]" of Boost's words, where they name a place.
std::string place_in(const std::string& words) {
  const auto from = words.find(" (");
  const auto to = words.find(')', from);
  if (from == std::string::npos || to == std::string::npos) return "";
  return fmt::format(" at [{}]", words.substr(from + 2, to - from - 2));
}

/// Why Boost does not take it, for people.
std::string why_invalid(boost::geometry::validity_failure_type failure, const std::string& words) {
  using boost::geometry::validity_failure_type;
  switch (failure) {
    case validity_failure_type::failure_self_intersections:
    case validity_failure_type::failure_wrong_orientation:  // it was put right: so it has two sides
      return "has a border that crosses itself" + place_in(words);
    case validity_failure_type::failure_spikes:
      return "has a border that goes there and back on the same line" + place_in(words);
    case validity_failure_type::failure_interior_rings_outside:
      return "has a hole that lies outside of its border";
    case validity_failure_type::failure_nested_interior_rings:
      return "has a hole within a hole";
    case validity_failure_type::failure_disconnected_interior:
      return "has holes that cut it into pieces";
    case validity_failure_type::failure_few_points:
    case validity_failure_type::failure_wrong_topological_dimension:
      return "has a border of fewer than three places";
    default:
      return "is no area: " + words;
  }
}

void take_ring(const BoostPolygon::ring_type& from, Ring& to) {
  to.clear();
  for (const BoostPoint& point : from) to.push_back({point.x(), point.y()});
}

}  // namespace

Error not_geojson(std::string_view what) {
  return Error{Errc::invalid, fmt::format("expected GeoJSON: {}", what)};
}

Result<std::vector<Polygon>> read_polygons(const json::Value& object, Closing closing) {
  std::vector<Polygon> all;
  TRY(read_object(object, closing, all));
  return all;
}

Result<Polygon> made_valid(const Polygon& polygon) {
  TRY(check_places(polygon.border));
  for (const Ring& hole : polygon.holes) {
    TRY(check_places(hole));
  }
  BoostPolygon shape = to_boost(polygon);
  boost::geometry::correct(shape);
  if (shape.outer().size() < 4) {
    return Error{Errc::invalid, "has a border of fewer than three places"};
  }
  boost::geometry::validity_failure_type failure{};
  if (!boost::geometry::is_valid(shape, failure)) {
    std::string words;
    boost::geometry::is_valid(shape, words);
    return Error{Errc::invalid, why_invalid(failure, words)};
  }
  Polygon made;
  take_ring(shape.outer(), made.border);
  made.holes.resize(shape.inners().size());
  for (std::size_t i = 0; i < made.holes.size(); ++i) take_ring(shape.inners()[i], made.holes[i]);
  return made;
}

}  // namespace sosie::places

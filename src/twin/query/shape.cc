#include "twin/query/shape.h"

#include <cmath>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/result.h"
#include "base/text.h"
#include "twin/model/geojson.h"

namespace sosie::ngsi {

namespace {

NgsiError format_error(std::string_view what) {
  return bad_request(fmt::format("geo coordinates format error [see Orion user manual]: {}", what));
}

bool is_on_earth(Position at) {
  return std::abs(at.lat) <= 90 && std::abs(at.lon) <= 180;
}

Checked<void> check_ring(const std::vector<Position>& ring) {
  if (ring.size() < 4) return bad_request("geo:polygon uses at least 4 coordinates");
  if (ring.front() != ring.back()) {
    return bad_request("geo:polygon first and last coordinates must match");
  }
  return {};
}

Shape box(Position a, Position b) {
  return {.kind = ShapeKind::polygon,
          .rings = {{a, {.lat = a.lat, .lon = b.lon}, b, {.lat = b.lat, .lon = a.lon}, a}}};
}

Checked<Position> read_geojson_position(const Value& value) {
  const Array* numbers = value.array();
  if (numbers == nullptr || numbers->size() < 2 || numbers->size() > 3) {
    return bad_request("geo:json: a position is an array of two or three numbers");
  }
  for (const Value& number : *numbers) {
    if (number.number() == nullptr) return bad_request("geo:json: a coordinate is no number");
  }
  const Position at{.lat = *(*numbers)[1].number(), .lon = *(*numbers)[0].number()};
  if (!is_on_earth(at)) return bad_request("geo:json: longitude or latitude is out of bounds");
  return at;
}

Checked<std::vector<Position>> read_geojson_line(const Value& value) {
  const Array* items = value.array();
  if (items == nullptr) return bad_request("geo:json: coordinates are no array of positions");
  std::vector<Position> line;
  line.reserve(items->size());
  for (const Value& item : *items) {
    const auto at = TRY(read_geojson_position(item));
    line.push_back(at);
  }
  return line;
}

Checked<Shape> read_one_point(const Value& value) {
  const auto at = TRY(read_geojson_position(value));
  return Shape{.kind = ShapeKind::point, .rings = {{at}}};
}

Checked<Shape> read_one_line(const Value& value) {
  auto line = TRY(read_geojson_line(value));
  if (line.size() < 2) return bad_request("geo:json: a line needs two points at least");
  return make_shape("line", std::move(line));
}

Checked<Shape> read_one_polygon(const Value& value) {
  const Array* rings = value.array();
  if (rings == nullptr || rings->empty()) return bad_request("geo:json: a polygon has no rings");
  Shape polygon{.kind = ShapeKind::polygon, .rings = {}};
  for (const Value& item : *rings) {
    auto ring = TRY(read_geojson_line(item));
    if (!check_ring(ring)) {
      return bad_request("geo:json: a ring needs four points at least, the last one as the first");
    }
    polygon.rings.push_back(std::move(ring));
  }
  return polygon;
}

using ReadOne = Checked<Shape> (*)(const Value&);

Checked<std::vector<Shape>> read_many(const Value& value, ReadOne read_one) {
  const Array* items = value.array();
  if (items == nullptr || items->empty()) return bad_request("geo:json: no coordinates");
  std::vector<Shape> shapes;
  for (const Value& item : *items) {
    auto shape = TRY(read_one(item));
    shapes.push_back(std::move(shape));
  }
  return shapes;
}

Checked<std::vector<Shape>> read_alone(const Value& value, ReadOne read_one) {
  auto shape = TRY(read_one(value));
  return std::vector<Shape>{std::move(shape)};
}

Checked<std::vector<Shape>> read_geojson(const Value& value) {
  if (value.object() == nullptr) return bad_request("geo:json needs an object or null as value");
  const Value* geometry = geometry_of(value);
  if (geometry == nullptr) return bad_request("geo:json: a Feature must have one geometry");
  const Value* type = geometry->find("type");
  const Value* coordinates = geometry->find("coordinates");
  if (type == nullptr || type->text() == nullptr) return bad_request("geo:json: type is missing");
  if (coordinates == nullptr) return bad_request("geo:json: coordinates are missing");
  const std::string_view name = *type->text();
  if (name == "Point") return read_alone(*coordinates, read_one_point);
  if (name == "LineString") return read_alone(*coordinates, read_one_line);
  if (name == "Polygon") return read_alone(*coordinates, read_one_polygon);
  if (name == "MultiPoint") return read_many(*coordinates, read_one_point);
  if (name == "MultiLineString") return read_many(*coordinates, read_one_line);
  if (name == "MultiPolygon") return read_many(*coordinates, read_one_polygon);
  return bad_request(fmt::format("geo:json: type {} is not supported", name));
}

Checked<std::vector<Position>> read_positions(const Value& value) {
  const Array* items = value.array();
  if (items == nullptr) {
    return bad_request("geo:line, geo:box and geo:polygon needs array of strings as value");
  }
  std::vector<Position> positions;
  for (const Value& item : *items) {
    if (item.text() == nullptr) {
      return bad_request(
          "geo:line, geo:box and geo:polygon needs array of strings but some element is not a "
          "string");
    }
    const auto at = TRY(read_position(*item.text()));
    positions.push_back(at);
  }
  return positions;
}

}  // namespace

Checked<Position> read_position(std::string_view text) {
  const auto parts = split(text, ',');
  if (parts.size() != 2) return format_error(text);
  const auto lat = to_number(trim(parts[0]));
  const auto lon = to_number(trim(parts[1]));
  if (!lat || !lon || !is_on_earth({.lat = *lat, .lon = *lon})) return format_error(text);
  return Position{.lat = *lat, .lon = *lon};
}

Checked<Shape> make_shape(std::string_view geometry, std::vector<Position> positions) {
  if (geometry == "point") {
    if (positions.size() != 1) return bad_request("a point has one pair of coordinates");
    return Shape{.kind = ShapeKind::point, .rings = {std::move(positions)}};
  }
  if (geometry == "line") {
    if (positions.size() < 2) return bad_request("geo:line uses at least 2 coordinates");
    return Shape{.kind = ShapeKind::line, .rings = {std::move(positions)}};
  }
  if (geometry == "box") {
    if (positions.size() != 2) return bad_request("geo:box uses exactly 2 coordinates");
    const bool is_flat =
        positions[0].lat == positions[1].lat || positions[0].lon == positions[1].lon;
    if (is_flat) return bad_request("geo:box coordinates are not defining an actual box");
    return box(positions[0], positions[1]);
  }
  TRY(check_ring(positions));
  return Shape{.kind = ShapeKind::polygon, .rings = {std::move(positions)}};
}

Checked<std::vector<Shape>> read_place(const Value& value, std::string_view type) {
  if (type == "geo:json") return read_geojson(value);
  std::vector<Position> positions;
  if (type == "geo:point") {
    if (value.text() == nullptr) return format_error({});
    const auto at = TRY(read_position(*value.text()));
    positions.push_back(at);
  } else {
    positions = TRY(read_positions(value));
  }
  auto shape = TRY(make_shape(type.substr(type.find(':') + 1), std::move(positions)));
  return std::vector<Shape>{std::move(shape)};
}

}  // namespace sosie::ngsi

#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "twin/model/error.h"
#include "twin/model/value.h"

namespace sosie::ngsi {

/// A place on the earth, in degrees.
struct Position {
  double lat = 0;
  double lon = 0;
  bool operator==(const Position&) const = default;
};

enum class ShapeKind : std::uint8_t { point, line, polygon };

/// One simple shape: a point has one ring of one position, a line one of two or more; a polygon's
/// rings are closed, the first is its border and the others are holes.
struct Shape {
  ShapeKind kind = ShapeKind::point;
  std::vector<std::vector<Position>> rings{};
  bool operator==(const Shape&) const = default;
};

/// The shapes that an attribute's value is: several for the Multi… of GeoJSON. `type` is one of
/// geo:point, geo:line, geo:box, geo:polygon, geo:json. 400 if the value is not of that form.
Checked<std::vector<Shape>> read_place(const Value& value, std::string_view type);

/// "lat,lon"
Checked<Position> read_position(std::string_view text);

/// From positions in the order of the simple formats. `geometry`: point, line, box or polygon.
Checked<Shape> make_shape(std::string_view geometry, std::vector<Position> positions);

}  // namespace sosie::ngsi

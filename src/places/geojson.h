#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "places/place.h"
#include "wire/json/value.h"

namespace sosie::places {

/// A border, with or without its first place again as its last.
using Ring = std::vector<Place>;

/// One polygon: its border, and those of its holes.
struct Polygon {
  Ring border;
  std::vector<Ring> holes;
};

/// Whether a ring of GeoJSON must end where it began, as RFC 7946, 3.1.6 wants it.
enum class Closing : std::uint8_t { needed, made };

/// The Polygons and MultiPolygons of a geometry, a Feature, or a FeatureCollection; none: there is
/// none. Errors: not GeoJSON; a ring of fewer than three places; a place off the earth; one that
/// crosses itself.
Result<std::vector<Polygon>> read_polygons(const json::Value& object, Closing closing);

/// Closed, turned as Boost wants them (a border clockwise, holes against it), and valid. Errors as
/// above.
Result<Polygon> made_valid(const Polygon& polygon);

Error not_geojson(std::string_view what);

}  // namespace sosie::places

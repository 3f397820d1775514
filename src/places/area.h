#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "places/place.h"

namespace sosie::places {

/// One or more polygons, with holes, on the plane of longitude and latitude: their sides are
/// straight there (RFC 7946, 3.1.1), and none crosses the antimeridian.
class Area {
 public:
  /// A ring is a border without holes; its last place may repeat its first. Errors: fewer than
  /// three places, a place off the earth, a border that crosses itself.
  static Result<std::shared_ptr<const Area>> of_ring(const std::vector<Place>& ring);

  /// The Polygons and MultiPolygons of a GeoJSON text: a geometry, a Feature, or a
  /// FeatureCollection (all of it together). Errors: as above; no polygon in it; not GeoJSON.
  static Result<std::shared_ptr<const Area>> of_geojson(std::string_view text);

  /// A place on a border is inside.
  bool covers(const Place& place) const;

  ~Area();
  Area(const Area&) = delete;
  Area& operator=(const Area&) = delete;

 private:
  struct Shapes;
  explicit Area(std::unique_ptr<Shapes> shapes);
  std::unique_ptr<Shapes> shapes_;
};

}  // namespace sosie::places

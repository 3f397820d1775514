#include "places/overlaps.h"

#include <algorithm>
#include <exception>

#include "places/boost_polygon.h"

namespace sosie::places {
namespace {

using Many = boost::geometry::model::multi_polygon<BoostPolygon>;

struct Extent {
  Place south_west{180, 90};
  Place north_east{-180, -90};

  bool overlaps(const Extent& other) const {
    return south_west.longitude < other.north_east.longitude &&
           other.south_west.longitude < north_east.longitude &&
           south_west.latitude < other.north_east.latitude &&
           other.south_west.latitude < north_east.latitude;
  }
};

Extent extent_of(const std::vector<Polygon>& polygons) {
  Extent extent;
  for (const Polygon& polygon : polygons) {
    for (const Place& place : polygon.border) {
      extent.south_west.longitude = std::min(extent.south_west.longitude, place.longitude);
      extent.south_west.latitude = std::min(extent.south_west.latitude, place.latitude);
      extent.north_east.longitude = std::max(extent.north_east.longitude, place.longitude);
      extent.north_east.latitude = std::max(extent.north_east.latitude, place.latitude);
    }
  }
  return extent;
}

Many shape_of(const std::vector<Polygon>& polygons) {
  Many shape;
  for (const Polygon& polygon : polygons) shape.push_back(to_boost(polygon));
  return shape;
}

/// 0 where Boost cannot say it.
double common_area(const Many& a, const Many& b) {
  Many common;
  try {
    boost::geometry::intersection(a, b, common);
  } catch (const std::exception&) {
    return 0;
  }
  return boost::geometry::area(common);
}

}  // namespace

std::vector<Overlap> find_overlaps(const std::vector<std::vector<Polygon>>& zones,
                                   std::size_t most_pairs) {
  std::vector<Extent> extents;
  std::vector<Many> shapes;
  extents.reserve(zones.size());
  shapes.reserve(zones.size());
  for (const auto& polygons : zones) {
    extents.push_back(extent_of(polygons));
    shapes.push_back(shape_of(polygons));
  }
  std::vector<Overlap> found;
  std::size_t pairs = 0;
  for (std::uint32_t second = 1; second < zones.size(); ++second) {
    for (std::uint32_t first = 0; first < second; ++first) {
      if (!extents[first].overlaps(extents[second])) continue;
      if (++pairs > most_pairs) return found;
      const double common = common_area(shapes[first], shapes[second]);
      const double of_first = boost::geometry::area(shapes[first]);
      const double of_second = boost::geometry::area(shapes[second]);
      if (common < least_overlap * std::min(of_first, of_second)) continue;
      found.push_back({first, second, std::min(1.0, common / of_second)});
    }
  }
  return found;
}

}  // namespace sosie::places

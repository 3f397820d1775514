#include "places/area.h"

#include <algorithm>

#include "places/boost_polygon.h"
#include "wire/json/value.h"

namespace sosie::places {
namespace {

struct Box {
  double west = 180;
  double east = -180;
  double south = 90;
  double north = -90;

  static Box around(const Ring& border) {
    Box box;
    for (const Place& place : border) {
      box.west = std::min(box.west, place.longitude);
      box.east = std::max(box.east, place.longitude);
      box.south = std::min(box.south, place.latitude);
      box.north = std::max(box.north, place.latitude);
    }
    return box;
  }
  bool covers(const Place& place) const {
    return place.longitude >= west && place.longitude <= east && place.latitude >= south &&
           place.latitude <= north;
  }
};

}  // namespace

struct Area::Shapes {
  std::vector<BoostPolygon> polygons;
  std::vector<Box> boxes;  ///< of each: most places are in none

  explicit Shapes(const std::vector<Polygon>& all) {
    for (const auto& polygon : all) {
      polygons.push_back(to_boost(polygon));
      boxes.push_back(Box::around(polygon.border));
    }
  }
};

Area::Area(std::unique_ptr<Shapes> shapes) : shapes_(std::move(shapes)) {}
Area::~Area() = default;

Result<std::shared_ptr<const Area>> Area::of_ring(const std::vector<Place>& ring) {
  const auto polygon = TRY(made_valid(Polygon{ring, {}}));
  return std::shared_ptr<const Area>(new Area(std::make_unique<Shapes>(std::vector{polygon})));
}

Result<std::shared_ptr<const Area>> Area::of_geojson(std::string_view text) {
  const auto value = TRY(json::parse(text));
  const auto all = TRY(read_polygons(value, Closing::made));
  if (all.empty()) return not_geojson("it has no Polygon or MultiPolygon");
  return std::shared_ptr<const Area>(new Area(std::make_unique<Shapes>(all)));
}

bool Area::covers(const Place& place) const {
  const BoostPoint point(place.longitude, place.latitude);
  for (std::size_t i = 0; i < shapes_->boxes.size(); ++i) {
    if (shapes_->boxes[i].covers(place) &&
        boost::geometry::covered_by(point, shapes_->polygons[i])) {
      return true;
    }
  }
  return false;
}

}  // namespace sosie::places

#include "rules/area.h"

#include <algorithm>
#include <cmath>

#include <boost/geometry.hpp>
#include <boost/geometry/geometries/multi_polygon.hpp>
#include <boost/geometry/geometries/point_xy.hpp>
#include <boost/geometry/geometries/polygon.hpp>

#include "wire/json/value.h"

namespace sosie::rules {
namespace {

namespace bg = boost::geometry;
using Point = bg::model::d2::point_xy<double>;
using Polygon = bg::model::polygon<Point>;
using Polygons = bg::model::multi_polygon<Polygon>;

struct Box {
  double west = 180;
  double east = -180;
  double south = 90;
  double north = -90;

  static Box around(const Polygon& polygon) {
    Box box;
    for (const Point& point : polygon.outer()) {
      box.west = std::min(box.west, point.x());
      box.east = std::max(box.east, point.x());
      box.south = std::min(box.south, point.y());
      box.north = std::max(box.north, point.y());
    }
    return box;
  }
  bool covers(const Place& place) const {
    return place.longitude >= west && place.longitude <= east && place.latitude >= south &&
           place.latitude <= north;
  }
};

Error not_geojson(std::string_view what) {
  return Error{Errc::invalid, fmt::format("expected GeoJSON: {}", what)};
}

Result<void> add_place(const Place& place, Polygon::ring_type& ring) {
  if (std::abs(place.longitude) > 180 || std::abs(place.latitude) > 90) {
    return Error{
        Errc::invalid,
        fmt::format("has the place [{:g}, {:g}]; expected [longitude, latitude] in degrees",
                    place.longitude, place.latitude)};
  }
  ring.emplace_back(place.longitude, place.latitude);
  return {};
}

Result<void> add_polygon(Polygon polygon, Polygons& all) {
  bg::correct(polygon);  // closes rings and turns them the way Boost wants them
  if (polygon.outer().size() < 4) {
    return Error{Errc::invalid, "has a border of fewer than three places"};
  }
  std::string why;
  if (!bg::is_valid(polygon, why)) return Error{Errc::invalid, "is no area: " + why};
  all.push_back(std::move(polygon));
  return {};
}

Result<void> read_ring(const json::Value& value, Polygon::ring_type& ring) {
  const auto* const places = value.list();
  if (places == nullptr) return not_geojson("a ring is a list of positions");
  for (const auto& place : *places) {
    const auto* const numbers = place.list();
    if (numbers == nullptr || numbers->size() < 2 || !(*numbers)[0].number() ||
        !(*numbers)[1].number()) {
      return not_geojson("a position is [longitude, latitude]");
    }
    TRY(add_place({*(*numbers)[0].number(), *(*numbers)[1].number()}, ring));
  }
  return {};
}

Result<void> read_polygon(const json::Value& value, Polygons& all) {
  const auto* const rings = value.list();
  if (rings == nullptr || rings->empty()) return not_geojson("a Polygon is a list of rings");
  Polygon polygon;
  TRY(read_ring(rings->front(), polygon.outer()));
  polygon.inners().resize(rings->size() - 1);
  for (std::size_t i = 1; i < rings->size(); ++i) {
    TRY(read_ring((*rings)[i], polygon.inners()[i - 1]));
  }
  return add_polygon(std::move(polygon), all);
}

const std::string* type_of(const json::Value& value) {
  const auto* const type = value.find("type");
  return type == nullptr ? nullptr : type->text();
}

Result<void> read_geometry(const json::Value& value, Polygons& all) {
  const auto* const type = type_of(value);
  const auto* const coordinates = value.find("coordinates");
  if (type == nullptr || coordinates == nullptr) return {};  // a point on the map, a line: no area
  if (*type == "Polygon") return read_polygon(*coordinates, all);
  if (*type != "MultiPolygon") return {};
  if (coordinates->list() == nullptr) return not_geojson("a MultiPolygon is a list of polygons");
  for (const auto& polygon : *coordinates->list()) {
    TRY(read_polygon(polygon, all));
  }
  return {};
}

Result<void> read_object(const json::Value& value, Polygons& all) {
  const auto* const type = type_of(value);
  if (type == nullptr) return not_geojson("an object with a type");
  if (*type == "Feature") {
    const auto* const geometry = value.find("geometry");
    return geometry == nullptr ? Result<void>() : read_geometry(*geometry, all);
  }
  if (*type != "FeatureCollection") return read_geometry(value, all);
  const auto* const features = value.find("features");
  if (features == nullptr || features->list() == nullptr) {
    return not_geojson("a FeatureCollection has features");
  }
  for (const auto& feature : *features->list()) {
    const auto* const geometry = feature.find("geometry");
    if (geometry == nullptr) continue;
    TRY(read_geometry(*geometry, all));
  }
  return {};
}

}  // namespace

struct Area::Shapes {
  Polygons polygons;
  std::vector<Box> boxes;  ///< of each: most places are in none

  explicit Shapes(Polygons all) : polygons(std::move(all)) {
    for (const auto& polygon : polygons) boxes.push_back(Box::around(polygon));
  }
};

Area::Area(std::unique_ptr<Shapes> shapes) : shapes_(std::move(shapes)) {}
Area::~Area() = default;

Result<std::shared_ptr<const Area>> Area::of_ring(const std::vector<Place>& ring) {
  Polygon polygon;
  for (const Place& place : ring) {
    TRY(add_place(place, polygon.outer()));
  }
  Polygons all;
  TRY(add_polygon(std::move(polygon), all));
  return std::shared_ptr<const Area>(new Area(std::make_unique<Shapes>(std::move(all))));
}

Result<std::shared_ptr<const Area>> Area::of_geojson(std::string_view text) {
  const auto value = TRY(json::parse(text));
  Polygons all;
  TRY(read_object(value, all));
  if (all.empty()) return not_geojson("it has no Polygon or MultiPolygon");
  return std::shared_ptr<const Area>(new Area(std::make_unique<Shapes>(std::move(all))));
}

bool Area::covers(const Place& place) const {
  const Point point(place.longitude, place.latitude);
  for (std::size_t i = 0; i < shapes_->boxes.size(); ++i) {
    if (shapes_->boxes[i].covers(place) && bg::covered_by(point, shapes_->polygons[i])) {
      return true;
    }
  }
  return false;
}

}  // namespace sosie::rules

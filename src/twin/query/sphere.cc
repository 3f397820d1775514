#include "twin/query/sphere.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>
#include <variant>

#include <boost/geometry.hpp>
#include <boost/geometry/geometries/geometries.hpp>

namespace sosie::ngsi {

namespace {

namespace bg = boost::geometry;
using Point = bg::model::point<double, 2, bg::cs::spherical_equatorial<bg::degree>>;
using Line = bg::model::linestring<Point>;
using Polygon = bg::model::polygon<Point>;
using AnyGeometry = std::variant<Point, Line, Polygon>;

Point to_point(Position at) {
  return {at.lon, at.lat};
}

template <class Ring>
void fill(Ring& ring, const std::vector<Position>& positions) {
  for (const Position at : positions) bg::append(ring, to_point(at));
}

AnyGeometry to_geometry(const Shape& shape) {
  if (shape.kind == ShapeKind::point) return to_point(shape.rings[0][0]);
  if (shape.kind == ShapeKind::line) {
    Line line;
    fill(line, shape.rings[0]);
    return line;
  }
  Polygon polygon;
  fill(polygon.outer(), shape.rings[0]);
  for (std::size_t i = 1; i < shape.rings.size(); ++i) {
    fill(polygon.inners().emplace_back(), shape.rings[i]);
  }
  bg::correct(polygon);
  return polygon;
}

/// Boost.Geometry throws where a shape crosses itself in a way it cannot follow. Such a shape has
/// no inside, so the answer is no.
template <class Ask>
bool ask(Ask question) {
  try {
    return question();
  } catch (const bg::exception&) {
    return false;
  }
}

using PlanePoint = bg::model::point<double, 2, bg::cs::cartesian>;
using PlanePolygon = bg::model::polygon<PlanePoint>;

/// Degrees on a plane, where borders of some centimetres can still be told apart. Longitudes go on
/// beyond 180 rather than jump.
PlanePolygon on_plane(const Polygon& polygon) {
  constexpr double turn = 360;
  PlanePolygon flat;
  double lon = bg::get<0>(polygon.outer().front());
  const auto copy = [&](const auto& from, auto& to) {
    for (const Point& at : from) {
      lon += std::remainder(bg::get<0>(at) - lon, turn);
      bg::append(to, PlanePoint(lon, bg::get<1>(at)));
    }
  };
  copy(polygon.outer(), flat.outer());
  for (const auto& inner : polygon.inners()) copy(inner, flat.inners().emplace_back());
  bg::correct(flat);
  return flat;
}

/// What has more dimensions than the area cannot lie in it.
template <class Inner, class Area>
// NOLINTBEGIN(misc-redundant-expression): they differ between instances
constexpr bool fits = std::is_same_v<Inner, Point> || std::is_same_v<Area, Polygon> ||
                      (std::is_same_v<Inner, Line> && std::is_same_v<Area, Line>);
// NOLINTEND(misc-redundant-expression)

}  // namespace

struct SphericalShape::Geometry {
  AnyGeometry any;
};

SphericalShape::SphericalShape(const Shape& shape)
    : geometry_(std::make_shared<const Geometry>(Geometry{to_geometry(shape)})) {}

bool SphericalShape::is_simple() const {
  if (const auto* line = std::get_if<Line>(&geometry_->any)) {
    return std::ranges::any_of(*line, [&](const Point& one) {
      return bg::get<0>(one) != bg::get<0>(line->front()) ||
             bg::get<1>(one) != bg::get<1>(line->front());
    });
  }
  const auto* polygon = std::get_if<Polygon>(&geometry_->any);
  return polygon == nullptr || ask([&] { return bg::is_valid(on_plane(*polygon)); }) ||
         ask([&] { return bg::is_valid(*polygon); });
}

bool SphericalShape::is_covered_by(const SphericalShape& area) const {
  return std::visit(
      []<class Inner, class Area>(const Inner& inner, const Area& outer) {
        if constexpr (fits<Inner, Area>) {
          return ask([&] { return bg::covered_by(inner, outer); });
        } else {
          return false;
        }
      },
      geometry_->any, area.geometry_->any);
}

bool SphericalShape::intersects(const SphericalShape& other) const {
  return std::visit(
      [](const auto& a, const auto& b) { return ask([&] { return bg::intersects(a, b); }); },
      geometry_->any, other.geometry_->any);
}

double SphericalShape::distance_rad(const SphericalShape& from) const {
  const Point* point = std::get_if<Point>(&from.geometry_->any);
  return std::visit(
      [point](const auto& geometry) { return static_cast<double>(bg::distance(*point, geometry)); },
      geometry_->any);
}

}  // namespace sosie::ngsi

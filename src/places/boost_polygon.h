#pragma once

#include <boost/geometry.hpp>
#include <boost/geometry/geometries/multi_polygon.hpp>
#include <boost/geometry/geometries/point_xy.hpp>
#include <boost/geometry/geometries/polygon.hpp>

#include "places/geojson.h"

namespace sosie::places {

/// What Boost.Geometry calculates with: heavy, so only where it is needed.
using BoostPoint = boost::geometry::model::d2::point_xy<double>;
using BoostPolygon = boost::geometry::model::polygon<BoostPoint>;

inline BoostPolygon to_boost(const Polygon& polygon) {
  const auto add = [](const Ring& from, BoostPolygon::ring_type& to) {
    for (const Place& place : from) to.emplace_back(place.longitude, place.latitude);
  };
  BoostPolygon made;
  add(polygon.border, made.outer());
  made.inners().resize(polygon.holes.size());
  for (std::size_t i = 0; i < polygon.holes.size(); ++i) add(polygon.holes[i], made.inners()[i]);
  return made;
}

}  // namespace sosie::places

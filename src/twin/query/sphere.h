#pragma once

#include <memory>

#include "twin/query/shape.h"

namespace sosie::ngsi {

/// A shape on the unit sphere, ready to be compared with others. Edges are great circles; of the
/// two sides of a polygon's border the smaller one is inside.
class SphericalShape {
 public:
  explicit SphericalShape(const Shape& shape);

  /// Whether it has a shape: a line two different points, a polygon a border that neither crosses
  /// nor touches itself and holes inside of it.
  bool is_simple() const;

  /// Whether all of this lies in `area`, its border included.
  bool is_covered_by(const SphericalShape& area) const;
  bool intersects(const SphericalShape& other) const;

  /// Least distance between the two in radians, 0 where they meet. REQUIRES: `from` is a point.
  double distance_rad(const SphericalShape& from) const;

 private:
  struct Geometry;
  std::shared_ptr<const Geometry> geometry_;  ///< never null; shared: it is never changed
};

}  // namespace sosie::ngsi

#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "twin/model/entity.h"
#include "twin/model/error.h"

namespace sosie::ngsi {

/// Radius of the sphere on which distances are taken, in metres: MongoDB's (WGS 84's equator).
inline constexpr double earth_radius_m = 6378137.0;

/// Whether a type says that the value is a place: geo:point, geo:line, geo:box, geo:polygon or
/// geo:json.
bool is_geo_type(std::string_view type);

/// Whether it may be its entity's place: of a geo type, without metadata `ignoreType: true` and
/// with a value that is not null.
bool is_location(const Attribute& attribute);

/// The attribute that is the entity's place. An update may make a second one: the place is what was
/// written last. Null if there is none.
const Attribute* location_of(const Entity& entity);

/// An attribute of a geo type holds a place in that type's format; others hold what they like.
/// 400 "geo coordinates format error [see Orion user manual]: …" and the like, behind `whose`
/// ("error parsing location attribute: ") where Orion says so: not of geo:json.
Checked<void> check_place(const Attribute& attribute, std::string_view whose = {});

/// What is said of a second location where there must be one: 413 NoResourcesAvailable.
NgsiError second_location();

/// A geographical query: `georel`, `geometry` and `coords`, as in a URL or an expression.
///
/// near, coveredBy, intersects, disjoint and equals as MongoDB has them: a sphere of
/// `earth_radius_m`, edges are great circles; equals is of coordinates.
///
/// Threads: any, after creation. Copies share the shape.
class GeoQuery {
 public:
  /// 400 with Orion's words, without those that it puts before them in a URL or in an expression,
  /// if one is missing (empty) or wrong, or where Orion does not know the combination: near with
  /// anything but a point, coveredBy with a point or a line.
  static Checked<GeoQuery> create(std::string_view georel, std::string_view geometry,
                                  std::string_view coords);

  /// False for an entity without a location.
  bool matches(const Entity& entity) const;

  /// From the reference to the entity's location, in metres, 0 inside; none without a location.
  std::optional<double> distance_m(const Entity& entity) const;

  /// Whether answers come nearest first where no other order is asked: georel near.
  bool is_near() const;

 private:
  struct Question;
  explicit GeoQuery(std::shared_ptr<const Question> question) : question_(std::move(question)) {}
  std::shared_ptr<const Question> question_;  ///< never null
};

}  // namespace sosie::ngsi

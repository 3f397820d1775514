#include "twin/query/geo.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/result.h"
#include "base/text.h"
#include "twin/query/shape.h"
#include "twin/query/sphere.h"

namespace sosie::ngsi {

namespace {

enum class Relation : std::uint8_t { near, covered_by, intersects, disjoint, equals };

/// A `georel`, read.
struct Georel {
  Relation relation = Relation::near;
  double min_m = 0;
  double max_m = std::numeric_limits<double>::infinity();
};

NgsiError bad_selector() {
  return bad_request("Invalid selector in georel specification");
}

std::optional<Relation> to_relation(std::string_view word) {
  if (word == "near") return Relation::near;
  if (word == "coveredBy") return Relation::covered_by;
  if (word == "intersects") return Relation::intersects;
  if (word == "disjoint") return Relation::disjoint;
  if (word == "equals") return Relation::equals;
  return std::nullopt;
}

Checked<void> read_modifier(std::string_view text, Georel& georel) {
  const auto parts = split(text, ':');
  if (parts.size() != 2) return bad_selector();
  const auto distance = to_number(parts[1]);
  if (!distance || *distance < 0) return bad_selector();
  if (parts[0] == "minDistance") {
    georel.min_m = *distance;
  } else if (parts[0] == "maxDistance") {
    georel.max_m = *distance;
  } else {
    return bad_selector();
  }
  return {};
}

Checked<Georel> read_georel(std::string_view text) {
  const auto words = split(text, ';');
  const auto relation = to_relation(words[0]);
  if (!relation) return bad_selector();
  Georel georel{.relation = *relation};
  if (*relation != Relation::near && words.size() > 1) return bad_selector();
  if (*relation == Relation::near && words.size() == 1) {
    return bad_request("georel /near/ without either minDistance nor maxDistance");
  }
  for (std::size_t i = 1; i < words.size(); ++i) {
    TRY(read_modifier(words[i], georel));
  }
  return georel;
}

Checked<Shape> read_reference(std::string_view geometry, std::string_view coords) {
  if (geometry != "point" && geometry != "line" && geometry != "box" && geometry != "polygon") {
    return bad_request("Invalid selector in geometry specification");
  }
  std::vector<Position> positions;
  for (const std::string_view pair : split(coords, ';')) {
    const auto at = TRY(read_position(pair));
    positions.push_back(at);
  }
  return make_shape(geometry, std::move(positions));
}

Checked<void> check_combination(Relation relation, std::string_view geometry) {
  if (relation == Relation::near && geometry != "point") {
    return bad_request("georel /near/ used with geometry different than point");
  }
  if (relation == Relation::covered_by && (geometry == "point" || geometry == "line")) {
    return NgsiError{
        .status = 422,
        .error = "NotSupportedQuery",
        .description = fmt::format(
            "Query not supported: {} geometry cannot be used with coveredBy georel", geometry)};
  }
  return {};
}

bool is_ignored(const Attribute& attribute) {
  const Metadata* mark = attribute.find_metadata("ignoreType");
  return mark != nullptr && mark->value == Value(true);
}

bool is_location(const Attribute& attribute) {
  return is_geo_type(attribute.type) && !attribute.value.is_null() && !is_ignored(attribute);
}

std::vector<Shape> shapes_of(const Entity& entity) {
  const Attribute* location = location_of(entity);
  if (location == nullptr) return {};
  auto shapes = read_place(location->value, location->type);
  return shapes ? std::move(shapes).value() : std::vector<Shape>{};
}

}  // namespace

bool is_geo_type(std::string_view type) {
  return type == "geo:point" || type == "geo:json" || type == "geo:line" || type == "geo:box" ||
         type == "geo:polygon";
}

const Attribute* location_of(const Entity& entity) {
  const auto found = std::ranges::find_if(entity.attributes, is_location);
  return found == entity.attributes.end() ? nullptr : &*found;
}

Checked<void> check_place(const Attribute& attribute) {
  if (!is_location(attribute)) return {};
  const auto shapes = TRY(read_place(attribute.value, attribute.type));
  const bool are_simple = std::ranges::all_of(
      shapes, [](const Shape& shape) { return SphericalShape(shape).is_simple(); });
  if (!are_simple) return bad_request("Wrong GeoJson: a line or a polygon that has no shape");
  return {};
}

Checked<void> check_one_location(const Entity& entity) {
  if (std::ranges::count_if(entity.attributes, is_location) <= 1) return {};
  return NgsiError{.status = 413,
                   .error = "NoResourcesAvailable",
                   .description =
                       "You cannot use more than one geo location attribute when "
                       "creating an entity [see Orion user manual]"};
}

struct GeoQuery::Question {
  Georel georel;
  Shape reference;
  SphericalShape on_sphere;
};

Checked<GeoQuery> GeoQuery::create(std::string_view georel, std::string_view geometry,
                                   std::string_view coords) {
  if (georel.empty() || geometry.empty() || coords.empty()) {
    return bad_request(
        "partial geo expression: geometry, georel and coords have to be provided together");
  }
  const auto asked = TRY(read_georel(georel));
  TRY(check_combination(asked.relation, geometry));
  auto reference = TRY(read_reference(geometry, coords));
  SphericalShape on_sphere(reference);
  return GeoQuery(std::make_shared<const Question>(
      Question{asked, std::move(reference), std::move(on_sphere)}));
}

bool GeoQuery::matches(const Entity& entity) const {
  const auto shapes = shapes_of(entity);
  if (shapes.empty()) return false;
  const auto is_touched = [&](const Shape& shape) {
    return SphericalShape(shape).intersects(question_->on_sphere);
  };
  switch (question_->georel.relation) {
    case Relation::near: {
      const auto distance = distance_m(entity);
      return distance && *distance >= question_->georel.min_m &&
             *distance <= question_->georel.max_m;
    }
    case Relation::covered_by:
      return std::ranges::all_of(shapes, [&](const Shape& shape) {
        return SphericalShape(shape).is_covered_by(question_->on_sphere);
      });
    case Relation::intersects:
      return std::ranges::any_of(shapes, is_touched);
    case Relation::disjoint:
      return std::ranges::none_of(shapes, is_touched);
    case Relation::equals:
      return shapes.size() == 1 && shapes[0] == question_->reference;
  }
  return false;
}

std::optional<double> GeoQuery::distance_m(const Entity& entity) const {
  if (question_->reference.kind != ShapeKind::point) return std::nullopt;
  std::optional<double> least;
  for (const Shape& shape : shapes_of(entity)) {
    const double distance = SphericalShape(shape).distance_rad(question_->on_sphere);
    least = least ? std::min(*least, distance) : distance;
  }
  return least ? std::optional(*least * earth_radius_m) : std::nullopt;
}

bool GeoQuery::is_near() const {
  return question_->georel.relation == Relation::near;
}

}  // namespace sosie::ngsi

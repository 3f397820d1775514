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

std::optional<Relation> to_relation(std::string_view word) {
  if (word == "near") return Relation::near;
  if (word == "coveredBy") return Relation::covered_by;
  if (word == "intersects") return Relation::intersects;
  if (word == "disjoint") return Relation::disjoint;
  if (word == "equals") return Relation::equals;
  return std::nullopt;
}

/// One distance of a `georel`; none: not said.
using Distance = std::optional<double>;

/// Reads `word` into `distance` if it is "name:metres". False: it is something else.
Checked<bool> read_distance(std::string_view word, std::string_view name, Distance& distance) {
  if (!word.starts_with(name) || !word.substr(name.size()).starts_with(':')) return false;
  if (distance) return bad_request(fmt::format("{} present more than once", name));
  distance = to_number(word.substr(name.size() + 1));
  if (!distance || *distance < 0) return bad_request(fmt::format("invalid number for {}", name));
  return true;
}

/// The words of a `georel`, in whatever order.
struct GeorelWords {
  std::string_view name{};
  std::optional<Relation> relation{};
  Distance max_m{};
  Distance min_m{};

  Checked<void> read(std::string_view word) {
    if (const auto known = to_relation(word)) {
      if (relation) return bad_request("georel type present more than once");
      relation = known;
      name = word;
      return {};
    }
    const bool is_max = TRY(read_distance(word, "maxDistance", max_m));
    const bool is_min = TRY(read_distance(word, "minDistance", min_m));
    if (!is_max && !is_min) return bad_request("Invalid modifier in georel parameter");
    return {};
  }

  Checked<void> check() const {
    if (relation == Relation::near) {
      if (max_m || min_m) return {};
      return bad_request("georel /near/ without either minDistance nor maxDistance");
    }
    if (!max_m && !min_m) return {};
    return bad_request(fmt::format("{} erroneously used with georel /{}/",
                                   max_m ? "maxDistance" : "minDistance", name));
  }
};

Checked<Georel> read_georel(std::string_view text) {
  GeorelWords words;
  for (const auto word : split(text, ';')) {
    TRY(words.read(word));
  }
  TRY(words.check());
  Georel georel{.relation = *words.relation};
  georel.min_m = words.min_m.value_or(georel.min_m);
  georel.max_m = words.max_m.value_or(georel.max_m);
  return georel;
}

Checked<void> check_geometry(std::string_view geometry) {
  if (geometry == "point" || geometry == "line" || geometry == "box" || geometry == "polygon") {
    return {};
  }
  return bad_request("error parsing geometry: Invalid selector in geometry specification");
}

Checked<Position> read_reference_point(std::string_view text) {
  if (split(text, ',').size() != 2) return bad_request("invalid point in URI param /coords/");
  const auto at = read_position(text);
  if (!at) return bad_request("invalid coordinates");
  return *at;
}

/// Orion's words for what is no reference: those for a place in an entity are others.
Checked<void> check_reference(std::string_view geometry, const std::vector<Position>& positions) {
  const std::size_t size = positions.size();
  if (geometry == "polygon") {
    if (size < 4) return bad_request("Too few coordinates for polygon");
    if (positions.front() == positions.back()) return {};
    return bad_request("First and last point in polygon not the same");
  }
  const bool is_right = geometry == "line" ? size >= 2 : size == (geometry == "box" ? 2 : 1);
  if (!is_right) {
    return bad_request(fmt::format("invalid number of coordinates for /{}/", geometry));
  }
  return {};
}

Checked<Shape> read_reference(std::string_view geometry, std::string_view coords) {
  std::vector<Position> positions;
  for (const std::string_view pair : split(coords, ';')) {
    const auto at = TRY(read_reference_point(pair));
    positions.push_back(at);
  }
  TRY(check_reference(geometry, positions));
  auto shape = make_shape(geometry, std::move(positions));
  if (!shape) return bad_request("box coordinates are not defining an actual box");
  return std::move(*shape);
}

Checked<void> check_combination(Relation relation, std::string_view geometry) {
  if (relation == Relation::covered_by && (geometry == "point" || geometry == "line")) {
    return bad_request(fmt::format("{} geometry cannot be used with coveredBy georel", geometry));
  }
  if (relation == Relation::near && geometry != "point") {
    return bad_request("georel /near/ used with geometry different than point");
  }
  return {};
}

bool is_ignored(const Attribute& attribute) {
  const Metadata* mark = attribute.find_metadata("ignoreType");
  return mark != nullptr && mark->value == Value(true);
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

bool is_location(const Attribute& attribute) {
  return is_geo_type(attribute.type) && !attribute.value.is_null() && !is_ignored(attribute);
}

const Attribute* location_of(const Entity& entity) {
  const Attribute* location = nullptr;
  for (const auto& attribute : entity.attributes) {
    if (!is_location(attribute)) continue;
    if (location == nullptr || attribute.modified >= location->modified) location = &attribute;
  }
  return location;
}

Checked<void> check_place(const Attribute& attribute, std::string_view whose) {
  if (!is_location(attribute)) return {};
  const auto shapes = read_place(attribute.value, attribute.type);
  if (!shapes) {
    const std::string_view words = attribute.type == "geo:json" ? std::string_view() : whose;
    return bad_request(fmt::format("{}{}", words, shapes.error().description));
  }
  const bool are_simple = std::ranges::all_of(
      *shapes, [](const Shape& shape) { return SphericalShape(shape).is_simple(); });
  if (!are_simple) return bad_request("Wrong GeoJson: a line or a polygon that has no shape");
  return {};
}

NgsiError second_location() {
  return {.status = 413,
          .error = "NoResourcesAvailable",
          .description =
              "You cannot use more than one geo location attribute when creating an entity. Use "
              "ignoreType metadata if you want to add additional informative locations."};
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
  TRY(check_geometry(geometry));
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

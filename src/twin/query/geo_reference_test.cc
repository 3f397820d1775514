#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/random.h"
#include "twin/model/parse.h"
#include "twin/query/geo.h"

// Random shapes and places in a square degree at the equator, where the sphere is as good as flat,
// against plane geometry that knows nothing of ours: each figure is many points, and whether a
// point is inside is found by walking round it.

namespace sosie::ngsi {
namespace {

struct Point {
  double x = 0;  ///< longitude
  double y = 0;  ///< latitude
};
using Ring = std::vector<Point>;

/// Nearer than this to a border nobody is asked: on the sphere it runs a little beside the plane's.
constexpr double margin = 0.002;

double distance_to_segment(Point p, Point a, Point b) {
  const double length2 = (b.x - a.x) * (b.x - a.x) + (b.y - a.y) * (b.y - a.y);
  const double along =
      length2 == 0 ? 0 : ((p.x - a.x) * (b.x - a.x) + (p.y - a.y) * (b.y - a.y)) / length2;
  const double t = std::clamp(along, 0.0, 1.0);
  return std::hypot(p.x - a.x - t * (b.x - a.x), p.y - a.y - t * (b.y - a.y));
}

double distance_to_line(Point p, const Ring& line) {
  double least = 1e9;
  for (std::size_t i = 0; i + 1 < line.size(); ++i) {
    least = std::min(least, distance_to_segment(p, line[i], line[i + 1]));
  }
  return least;
}

/// The angle under which the ring is seen turns once round a point inside, and not at all else.
bool is_inside(Point p, const Ring& ring) {
  double turn = 0;
  for (std::size_t i = 0; i + 1 < ring.size(); ++i) {
    const double a = std::atan2(ring[i].y - p.y, ring[i].x - p.x);
    const double b = std::atan2(ring[i + 1].y - p.y, ring[i + 1].x - p.x);
    turn += std::remainder(b - a, 2 * 3.14159265358979323846);
  }
  return std::abs(turn) > 3;
}

/// Points all along a line.
std::vector<Point> walked(const Ring& line) {
  constexpr int steps = 400;
  std::vector<Point> points;
  for (std::size_t i = 0; i + 1 < line.size(); ++i) {
    for (int s = 0; s <= steps; ++s) {
      const double t = static_cast<double>(s) / steps;
      points.push_back({line[i].x + t * (line[i + 1].x - line[i].x),
                        line[i].y + t * (line[i + 1].y - line[i].y)});
    }
  }
  return points;
}

Point random_point(Random& random) {
  return {random.uniform(), random.uniform()};
}

/// Three to six corners in order round a middle, at any distance from it: often a dented ring.
Ring random_ring(Random& random) {
  const Point middle{random.uniform(0.3, 0.7), random.uniform(0.3, 0.7)};
  const auto corners = 3 + random.below(4);
  Ring ring;
  for (std::uint64_t i = 0; i < corners; ++i) {
    const double angle = (static_cast<double>(i) + random.uniform(0, 0.8)) * 2 *
                         3.14159265358979323846 / static_cast<double>(corners);
    const double radius = random.uniform(0.1, 0.3);
    ring.push_back({middle.x + radius * std::cos(angle), middle.y + radius * std::sin(angle)});
  }
  ring.push_back(ring.front());
  return ring;
}

/// From any place; short ones, which may be inside of a ring, as often as long ones.
Ring random_line(Random& random) {
  const double reach = random.below(2) == 0 ? 0.05 : 1;
  Ring line{random_point(random)};
  for (auto n = 1 + random.below(3); n > 0; --n) {
    const Point last = line.back();
    line.push_back(
        {last.x + reach * random.uniform(-1, 1), last.y + reach * random.uniform(-1, 1)});
  }
  return line;
}

std::string coords_of(const Ring& ring) {
  std::string out;
  for (const Point& p : ring) out += fmt::format("{}{},{}", out.empty() ? "" : ";", p.y, p.x);
  return out;
}

Entity at(const Ring& line, std::string_view type) {
  std::string positions;
  for (const Point& p : line) {
    positions += fmt::format("{}[{},{}]", positions.empty() ? "" : ",", p.x, p.y);
  }
  if (type == "Polygon") positions = "[" + positions + "]";
  const std::string brackets = type == "Point" ? positions : "[" + positions + "]";
  const auto value = parse_json(fmt::format(R"({{"type":"{}","coordinates":{}}})", type, brackets));
  REQUIRE(value);
  return {.id = "E", .type = "T", .attributes = {{"location", Text("geo:json"), *value}}};
}

bool answers(std::string_view georel, std::string_view geometry, const Ring& reference,
             const Entity& entity) {
  const auto query = GeoQuery::create(georel, geometry, coords_of(reference));
  REQUIRE(query);
  return query->matches(entity);
}

TEST_CASE("geo: points and polygons as plane geometry has them" * doctest::test_suite("long")) {
  Random random(21);
  int inside_count = 0;
  for (int i = 0; i < 4000; ++i) {
    const Ring ring = random_ring(random);
    const Point p = random_point(random);
    if (distance_to_line(p, ring) < margin) continue;
    const bool inside = is_inside(p, ring);
    inside_count += inside ? 1 : 0;
    const Entity there = at({p}, "Point");
    CAPTURE(coords_of(ring));
    CAPTURE(coords_of({p}));
    CHECK(answers("coveredBy", "polygon", ring, there) == inside);
    CHECK(answers("intersects", "polygon", ring, there) == inside);
    CHECK(answers("disjoint", "polygon", ring, there) != inside);
    CHECK(answers("intersects", "point", {p}, at(ring, "Polygon")) == inside);
  }
  CHECK(inside_count > 200);
}

TEST_CASE("geo: lines and polygons as plane geometry has them" * doctest::test_suite("long")) {
  Random random(22);
  int touched_count = 0;
  int covered_count = 0;
  for (int i = 0; i < 1500; ++i) {
    const Ring ring = random_ring(random);
    const Ring line = random_line(random);
    int inside = 0;
    int outside = 0;
    int unclear = 0;
    for (const Point& p : walked(line)) {
      const bool is_clear = distance_to_line(p, ring) >= margin;
      ++(!is_clear ? unclear : is_inside(p, ring) ? inside : outside);
    }
    // What is seen on a few points only may be a corner that is just cut.
    if ((inside > 0 && inside < 10) || (outside > 0 && outside < 10)) continue;
    const Entity there = at(line, "LineString");
    const bool is_touched = inside > 0;
    const bool is_covered = outside == 0;
    if (!is_touched && unclear > 0) continue;
    touched_count += is_touched ? 1 : 0;
    covered_count += is_covered && unclear == 0 ? 1 : 0;
    CAPTURE(coords_of(ring));
    CAPTURE(coords_of(line));
    CHECK(answers("intersects", "polygon", ring, there) == is_touched);
    CHECK(answers("disjoint", "polygon", ring, there) != is_touched);
    CHECK(answers("intersects", "line", line, at(ring, "Polygon")) == is_touched);
    if (!is_covered || unclear == 0) {
      CHECK(answers("coveredBy", "polygon", ring, there) == is_covered);
    }
  }
  CHECK(touched_count > 150);
  CHECK(covered_count > 5);
}

TEST_CASE("geo: lines that cross lines as plane geometry has them" * doctest::test_suite("long")) {
  Random random(23);
  int crossing_count = 0;
  for (int i = 0; i < 1500; ++i) {
    const Ring a{random_point(random), random_point(random)};
    const Ring b{random_point(random), random_point(random)};
    // Each one's ends on either side of the other.
    const auto side = [](const Ring& line, Point p) {
      return (line[1].x - line[0].x) * (p.y - line[0].y) -
             (line[1].y - line[0].y) * (p.x - line[0].x);
    };
    const bool is_near_miss =
        std::min({distance_to_line(a[0], b), distance_to_line(a[1], b), distance_to_line(b[0], a),
                  distance_to_line(b[1], a)}) < margin;
    if (is_near_miss) continue;
    const bool is_crossing = side(a, b[0]) * side(a, b[1]) < 0 && side(b, a[0]) * side(b, a[1]) < 0;
    crossing_count += is_crossing ? 1 : 0;
    const Entity there = at(b, "LineString");
    CAPTURE(coords_of(a));
    CAPTURE(coords_of(b));
    CHECK(answers("intersects", "line", a, there) == is_crossing);
    CHECK(answers("disjoint", "line", a, there) != is_crossing);
  }
  CHECK(crossing_count > 100);
}

}  // namespace
}  // namespace sosie::ngsi

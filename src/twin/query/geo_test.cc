#include "twin/query/geo.h"

#include <cmath>
#include <numbers>
#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/random.h"
#include "twin/model/parse.h"

namespace sosie::ngsi {
namespace {

Attribute place(std::string_view type, std::string_view json) {
  const auto parsed = parse_json(json);
  REQUIRE(parsed);
  return {"location", Text(type), *parsed};
}

Entity at(std::string_view type, std::string_view json) {
  return {.id = "E", .type = "T", .attributes = {place(type, json)}};
}

std::string said(const Checked<void>& checked) {
  return checked ? "" : checked.error().description;
}

GeoQuery query(std::string_view georel, std::string_view geometry, std::string_view coords) {
  auto made = GeoQuery::create(georel, geometry, coords);
  if (!made) FAIL(made.error().description);
  return *made;
}

constexpr std::string_view square = "0,0;0,10;10,10;10,0;0,0";  // lat,lon

struct GeoCase {
  std::string_view georel;
  std::string_view geometry;
  std::string_view coords;
  std::string_view type;
  std::string_view value;
  bool matches;
};

TEST_CASE("geo: how places lie to each other") {
  const char* const inside = R"({"type":"Point","coordinates":[5,6]})";
  const char* const outside = R"({"type":"Point","coordinates":[11,6]})";
  const char* const small = R"({"type":"Polygon","coordinates":[[[1,1],[2,1],[2,2],[1,2],[1,1]]]})";
  const char* const clockwise =
      R"({"type":"Polygon","coordinates":[[[1,1],[1,2],[2,2],[2,1],[1,1]]]})";
  const char* const holed =
      R"({"type":"Polygon","coordinates":[[[-20,-20],[30,-20],[30,30],[-20,30],[-20,-20]],[[-10,-10],[20,-10],[20,20],[-10,20],[-10,-10]]]})";
  const char* const crossing = R"({"type":"LineString","coordinates":[[-5,5],[15,5]]})";
  const char* const within = R"({"type":"LineString","coordinates":[[1,5],[9,5]]})";
  const char* const two = R"({"type":"MultiPoint","coordinates":[[5,5],[50,50]]})";
  const char* const polygons =
      R"({"type":"MultiPolygon","coordinates":[[[[1,1],[2,1],[2,2],[1,1]]],[[[3,3],[4,3],[4,4],[3,3]]]]})";
  const char* const lines =
      R"({"type":"MultiLineString","coordinates":[[[1,1],[2,2]],[[40,40],[41,41]]]})";
  const char* const feature =
      R"({"type":"Feature","properties":{"a":1},"geometry":{"type":"Point","coordinates":[5,6]}})";
  const char* const collection =
      R"({"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[5,6]}}]})";
  const GeoCase cases[] = {
      {"coveredBy", "polygon", square, "geo:json", inside, true},
      {"coveredBy", "polygon", square, "geo:json", outside, false},
      {"coveredBy", "polygon", square, "geo:json", small, true},
      {"coveredBy", "polygon", square, "geo:json", clockwise, true},
      {"coveredBy", "polygon", square, "geo:json", crossing, false},
      {"coveredBy", "polygon", square, "geo:json", within, true},
      {"coveredBy", "polygon", square, "geo:json", two, false},
      {"coveredBy", "polygon", square, "geo:json", polygons, true},
      {"coveredBy", "polygon", square, "geo:json", lines, false},
      {"coveredBy", "polygon", square, "geo:json", feature, true},
      {"coveredBy", "polygon", square, "geo:json", collection, true},
      {"coveredBy", "box", "0,0;10,10", "geo:json", inside, true},
      {"coveredBy", "box", "10,10;0,0", "geo:json", inside, true},
      {"coveredBy", "box", "0,0;10,10", "geo:json", outside, false},
      {"coveredBy", "polygon", square, "geo:point", R"("6, 5")", true},
      {"coveredBy", "polygon", square, "geo:point", R"("5, 11")", false},
      {"coveredBy", "polygon", square, "geo:point", R"("0,5")", true},
      {"coveredBy", "polygon", square, "geo:line", R"(["1,1","2,2"])", true},
      {"coveredBy", "polygon", square, "geo:box", R"(["1,1","2,2"])", true},
      {"coveredBy", "polygon", square, "geo:polygon", R"(["1,1","2,1","2,2","1,1"])", true},
      {"intersects", "polygon", square, "geo:json", crossing, true},
      {"intersects", "polygon", square, "geo:json", two, true},
      {"intersects", "polygon", square, "geo:json", lines, true},
      {"intersects", "polygon", square, "geo:json", outside, false},
      {"intersects", "polygon", square, "geo:json", holed, false},
      {"intersects", "point", "25,25", "geo:json", holed, true},
      {"intersects", "line", "5,5;5,-15", "geo:json", holed, true},
      {"intersects", "line", "-5,5;15,5", "geo:json", within, true},
      {"intersects", "point", "6,5", "geo:json", inside, true},
      {"intersects", "box", "1,1;3,3", "geo:json", small, true},
      {"disjoint", "polygon", square, "geo:json", outside, true},
      {"disjoint", "polygon", square, "geo:json", two, false},
      {"disjoint", "polygon", square, "geo:json", holed, true},
      {"equals", "point", "6,5", "geo:json", inside, true},
      {"equals", "point", "6,5", "geo:point", R"("6,5")", true},
      {"equals", "point", "6,5.1", "geo:point", R"("6,5")", false},
      {"equals", "line", "5,1;5,9", "geo:json", within, true},
      {"equals", "polygon", "1,1;1,2;2,2;2,1;1,1", "geo:json", small, true},
      {"equals", "box", "1,1;2,2", "geo:box", R"(["1,1","2,2"])", true},
      {"equals", "point", "5,5", "geo:json", two, false},
      {"near;maxDistance:1000", "point", "6,5", "geo:json", inside, true},
      {"near;maxDistance:120000", "point", "6,6", "geo:json", inside, true},
      {"near;maxDistance:100000", "point", "6,6", "geo:json", inside, false},
      {"near;minDistance:100000", "point", "6,6", "geo:json", inside, true},
      {"near;minDistance:120000", "point", "6,6", "geo:json", inside, false},
      {"near;minDistance:1;maxDistance:200000", "point", "6,6", "geo:json", inside, true},
      {"near;maxDistance:0", "point", "1.5,1.5", "geo:json", small, true},
      {"near;maxDistance:10", "point", "5,5", "geo:json", two, true},
  };
  for (const GeoCase& c : cases) {
    CAPTURE(c.georel);
    CAPTURE(c.geometry);
    CAPTURE(c.value);
    CHECK(query(c.georel, c.geometry, c.coords).matches(at(c.type, c.value)) == c.matches);
  }
}

TEST_CASE("geo: distances are MongoDB's") {
  // A degree of a great circle: 6378137 m * pi / 180.
  const GeoQuery origin = query("near;minDistance:0", "point", "0,0");
  CHECK(*origin.distance_m(at("geo:point", R"("0,1")")) == doctest::Approx(111319.4908));
  CHECK(*origin.distance_m(at("geo:point", R"("0,180")")) ==
        doctest::Approx(earth_radius_m * std::numbers::pi));
  CHECK(*origin.distance_m(at("geo:line", R"(["1,-5","1,5"])")) ==
        doctest::Approx(111742.7).epsilon(0.0001));  // the great circle bulges to the pole
  // Madrid to Barcelona, as haversine has it on this radius.
  const GeoQuery madrid = query("near;minDistance:0", "point", "40.418889,-3.691944");
  CHECK(*madrid.distance_m(at("geo:point", R"("41.383333, 2.183333")")) ==
        doctest::Approx(506032.0).epsilon(0.001));
  CHECK_FALSE(madrid.distance_m(Entity{.id = "E"}));
  CHECK_FALSE(query("intersects", "line", "0,0;1,1").distance_m(at("geo:point", R"("0,1")")));
}

TEST_CASE("geo: across the antimeridian and at the pole") {
  const GeoQuery fiji = query("coveredBy", "polygon", "-20,175;-20,-175;-10,-175;-10,175;-20,175");
  CHECK(fiji.matches(at("geo:point", R"("-15,179.9")")));
  CHECK(fiji.matches(at("geo:point", R"("-15,-179.9")")));
  CHECK_FALSE(fiji.matches(at("geo:point", R"("-15,0")")));
  CHECK(*query("near;maxDistance:1", "point", "0,180").distance_m(at("geo:point", R"("0,-180")")) ==
        doctest::Approx(0));
}

TEST_CASE("geo: points in a circle, against the law of cosines") {
  Random random(11);
  for (int i = 0; i < 2000; ++i) {
    const double lat1 = random.uniform(-89, 89);
    const double lon1 = random.uniform(-179, 179);
    const double lat2 = lat1 + random.uniform(-1, 1);
    const double lon2 = lon1 + random.uniform(-1, 1);
    const double radian = std::numbers::pi / 180;
    const double cosine =
        std::sin(lat1 * radian) * std::sin(lat2 * radian) +
        std::cos(lat1 * radian) * std::cos(lat2 * radian) * std::cos((lon1 - lon2) * radian);
    const double expected = std::acos(std::min(1.0, cosine)) * earth_radius_m;
    const GeoQuery near = query("near;minDistance:0", "point", fmt::format("{},{}", lat1, lon1));
    const auto there =
        at("geo:json", fmt::format(R"({{"type":"Point","coordinates":[{},{}]}})", lon2, lat2));
    CHECK(*near.distance_m(there) == doctest::Approx(expected).epsilon(1e-4));
  }
}

TEST_CASE("geo: random points and boxes, against plain comparison") {
  // Near the equator a small box's great circles are its parallels but for some metres.
  Random random(12);
  int inside_count = 0;
  for (int i = 0; i < 2000; ++i) {
    const double south = random.uniform(-2, 1);
    const double west = random.uniform(-2, 1);
    const double north = south + random.uniform(0.1, 1);
    const double east = west + random.uniform(0.1, 1);
    const double lat = random.uniform(-2, 2);
    const double lon = random.uniform(-2, 2);
    const double margin = std::min(std::min(std::abs(lat - south), std::abs(lat - north)),
                                   std::min(std::abs(lon - west), std::abs(lon - east)));
    if (margin < 0.001) continue;
    const bool inside = lat > south && lat < north && lon > west && lon < east;
    inside_count += inside ? 1 : 0;
    const std::string corners = fmt::format("{},{};{},{}", south, west, north, east);
    const Entity there = at("geo:point", fmt::format(R"("{},{}")", lat, lon));
    CHECK(query("coveredBy", "box", corners).matches(there) == inside);
    CHECK(query("intersects", "box", corners).matches(there) == inside);
    CHECK(query("disjoint", "box", corners).matches(there) != inside);
  }
  CHECK(inside_count > 20);
}

TEST_CASE("geo: queries that are refused") {
  const struct {
    std::string_view georel;
    std::string_view geometry;
    std::string_view coords;
    const char* said;
  } cases[] = {
      {"near;maxDistance:10", "point", "",
       "partial geo expression: geometry, georel and coords have to be provided together"},
      {"", "point", "1,1",
       "partial geo expression: geometry, georel and coords have to be provided together"},
      {"touches", "point", "1,1", "Invalid modifier in georel parameter"},
      {"near", "point", "1,1", "georel /near/ without either minDistance nor maxDistance"},
      {"near;maxDistance", "point", "1,1", "Invalid modifier in georel parameter"},
      {"near;maxDistance:x", "point", "1,1", "invalid number for maxDistance"},
      {"near;minDistance:-1", "point", "1,1", "invalid number for minDistance"},
      {"near;distance:1", "point", "1,1", "Invalid modifier in georel parameter"},
      {"near;near;maxDistance:1", "point", "1,1", "georel type present more than once"},
      {"near;maxDistance:1;maxDistance:2", "point", "1,1", "maxDistance present more than once"},
      {"near;minDistance:1;minDistance:1", "point", "1,1", "minDistance present more than once"},
      {"maxDistance:1", "point", "1,1", "maxDistance erroneously used with georel //"},
      {"intersects;maxDistance:1", "point", "1,1",
       "maxDistance erroneously used with georel /intersects/"},
      {"equals;minDistance:1", "point", "1,1", "minDistance erroneously used with georel /equals/"},
      {"near;maxDistance:1", "line", "1,1;2,2",
       "georel /near/ used with geometry different than point"},
      {"intersects", "circle", "1,1",
       "error parsing geometry: Invalid selector in geometry specification"},
      {"coveredBy", "point", "1,1", "point geometry cannot be used with coveredBy georel"},
      {"coveredBy", "line", "1,1;2,2", "line geometry cannot be used with coveredBy georel"},
      {"intersects", "point", "91,1", "invalid coordinates"},
      {"intersects", "point", "1", "invalid point in URI param /coords/"},
      {"intersects", "point", "1,2,3", "invalid point in URI param /coords/"},
      {"intersects", "point", "1,x", "invalid coordinates"},
      {"intersects", "point", "1,1;2,2", "invalid number of coordinates for /point/"},
      {"intersects", "line", "1,1", "invalid number of coordinates for /line/"},
      {"intersects", "box", "1,1", "invalid number of coordinates for /box/"},
      {"intersects", "box", "1,1;1,2", "box coordinates are not defining an actual box"},
      {"intersects", "polygon", "1,1;2,2;1,1", "Too few coordinates for polygon"},
      {"intersects", "polygon", "1,1;2,2;3,1;1,2", "First and last point in polygon not the same"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.georel);
    CAPTURE(c.coords);
    const auto made = GeoQuery::create(c.georel, c.geometry, c.coords);
    REQUIRE_FALSE(made);
    CHECK(made.error() == bad_request(c.said));
  }
}

TEST_CASE("geo: values that are no places") {
  const struct {
    std::string_view type;
    std::string_view value;
  } cases[] = {
      {"geo:point", "7"},
      {"geo:point", R"("40.418889, 400.1")"},
      {"geo:line", R"("1,1")"},
      {"geo:line", R"(["1,1"])"},
      {"geo:line", "[1,2]"},
      {"geo:box", R"(["1,1","1,2"])"},
      {"geo:polygon", R"(["1,1","2,2","3,1"])"},
      {"geo:json", "7"},
      {"geo:json", "{}"},
      {"geo:json", R"({"type":"Point"})"},
      {"geo:json", R"({"type":"Point","coordinates":[1]})"},
      {"geo:json", R"({"type":"Point","coordinates":[1,2,3,4]})"},
      {"geo:json", R"({"type":"Point","coordinates":["1","2"]})"},
      {"geo:json", R"({"type":"Point","coordinates":[181,2]})"},
      {"geo:json", R"({"type":"Polygon","coordinates":[]})"},
      {"geo:json", R"({"type":"Polygon","coordinates":[[[1,1],[2,2],[1,1]]]})"},
      {"geo:json", R"({"type":"MultiPoint","coordinates":[]})"},
      {"geo:json", R"({"type":"GeometryCollection","geometries":[]})"},
      {"geo:json", R"({"type":"Feature"})"},
      {"geo:json", R"({"type":"FeatureCollection","features":[]})"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.value);
    CHECK(said(check_place(place(c.type, c.value))) != "");
    CHECK_FALSE(query("intersects", "polygon", square).matches(at(c.type, c.value)));
  }
  for (const char* type : {"geo:json", "geo:point", "Text"}) {
    CHECK(said(check_place(place(type, "null"))) == "");
  }
}

TEST_CASE("geo: lines and polygons that have no shape are refused") {
  struct {
    const char* type;
    const char* value;
    bool is_taken;
  } cases[] = {
      {"geo:polygon", R"(["0,0","0,2","2,0","2,2","0,0"])", false},
      {"geo:polygon", R"(["0,0","0,2","2,2","2,0","0,0"])", true},
      {"geo:polygon", R"(["0,0","2,0","2,2","0,2","0,0"])", true},
      {"geo:polygon", R"(["0,0","0,1","0,2","0,0"])", false},
      {"geo:polygon", R"(["0,0","0,2","0,2","2,2","2,0","0,0"])", true},
      {"geo:json", R"({"type":"Polygon","coordinates":[[[0,0],[2,0],[0,2],[2,2],[0,0]]]})", false},
      {"geo:json",
       R"({"type":"Polygon","coordinates":[[[0,0],[9,0],[9,9],[0,9],[0,0]],[[1,1],[2,1],[2,2],[1,1]]]})",
       true},
      {"geo:json",
       R"({"type":"Polygon","coordinates":[[[0,0],[9,0],[9,9],[0,9],[0,0]],[[11,1],[12,1],[12,2],[11,1]]]})",
       false},
      {"geo:json", R"({"type":"LineString","coordinates":[[0,0],[0,0]]})", false},
      {"geo:json", R"({"type":"LineString","coordinates":[[0,0],[0,0],[0,1]]})", true},
      {"geo:polygon", R"(["1,1","1,1.000001","1.0000005,1.0000015","1.000001,1.000001","1,1"])",
       true},
      {"geo:polygon", R"(["0,179","1,-179","2,179","1,177","0,179"])", true},
      {"geo:polygon", R"(["80,0","80,90","80,180","80,-90","80,0"])", true},
      {"geo:line", R"(["1,1","1,1"])", false},
      {"geo:line", R"(["0,0","0,2","2,0","0,1","2,2"])", true},
  };
  for (const auto& c : cases) {
    CAPTURE(c.value);
    CHECK((said(check_place(place(c.type, c.value))) == "") == c.is_taken);
  }
}

TEST_CASE("geo: what is said of values that are no places") {
  const struct {
    std::string_view type;
    std::string_view value;
    const char* said;
  } cases[] = {
      {"geo:point", R"("40.418889, 400.1")",
       "geo coordinates format error [see Orion user manual]: 40.418889, 400.1"},
      {"geo:line", R"("1,1")", "geo:line, geo:box and geo:polygon needs array of strings as value"},
      {"geo:line", R"(["1,1",2])",
       "geo:line, geo:box and geo:polygon needs array of strings but some element is not a string"},
      {"geo:line", R"(["1,1"])", "geo:line uses at least 2 coordinates"},
      {"geo:box", R"(["1,1"])", "geo:box uses exactly 2 coordinates"},
      {"geo:box", R"(["1,1","1,2"])", "geo:box coordinates are not defining an actual box"},
      {"geo:polygon", R"(["1,1","2,2","1,1"])", "geo:polygon uses at least 4 coordinates"},
      {"geo:polygon", R"(["1,1","2,2","3,1","4,4"])",
       "geo:polygon first and last coordinates must match"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.value);
    CHECK(said(check_place(place(c.type, c.value))) == c.said);
    CHECK(said(check_place(place(c.type, c.value), "wrong: ")) == std::string("wrong: ") + c.said);
  }
  CHECK(said(check_place(place("geo:json", "7"), "wrong: ")) ==
        "geo:json needs an object or null as value");
  CHECK(said(check_place(place("geo:json", R"({"type":"LineString","coordinates":[[1,2]]})"))) ==
        "geo:json: a line needs two points at least");
}

TEST_CASE("geo: which attribute is the location") {
  Entity entity = at("geo:point", R"("1,1")");
  CHECK(location_of(entity) == entity.attributes.data());
  entity.attributes.push_back({"other", "geo:point", "2,2", {{"ignoreType", "Boolean", true}}});
  CHECK(location_of(entity) == entity.attributes.data());
  entity.attributes.push_back({"third", "geo:point", "2,2"});
  entity.attributes.front().modified = Timestamp(std::chrono::seconds(2));
  entity.attributes.back().modified = Timestamp(std::chrono::seconds(1));
  CHECK(location_of(entity) == entity.attributes.data());
  entity.attributes.back().modified = Timestamp(std::chrono::seconds(3));
  CHECK(location_of(entity) == &entity.attributes.back());
  CHECK(second_location().status == 413);
  CHECK(location_of({.id = "E"}) == nullptr);
}

TEST_CASE("geo: a polygon that crosses itself answers something") {
  const GeoQuery bow = query("intersects", "polygon", "0,0;0,2;2,0;2,2;0,0");
  const Entity star = at(
      "geo:json", R"({"type":"Polygon","coordinates":[[[0,0],[2,2],[2,0],[0,2],[1,-1],[0,0]]]})");
  CHECK(bow.matches(star) == bow.matches(star));
  CHECK(bow.matches(at("geo:point", R"("60,60")")) == false);
}

}  // namespace
}  // namespace sosie::ngsi

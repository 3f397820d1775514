#include "places/area.h"

#include <doctest/doctest.h>

namespace sosie::places {
namespace {

TEST_CASE("area: GeoJSON with holes and several polygons") {
  const auto area = Area::of_geojson(
      R"({"type":"FeatureCollection","features":[
        {"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":
          [[[0,0],[10,0],[10,10],[0,10],[0,0]],[[4,4],[6,4],[6,6],[4,6],[4,4]]]}},
        {"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[1,1]}},
        {"type":"Feature","properties":{},"geometry":{"type":"MultiPolygon","coordinates":
          [[[[20,0],[21,0],[21,1],[20,0]]],[[[30,0],[31,0],[31,1],[30,0]]]]}}]})");
  REQUIRE(area);
  CHECK((*area)->covers({2, 2}));
  CHECK((*area)->covers({10, 5}));
  CHECK_FALSE((*area)->covers({5, 5}));
  CHECK((*area)->covers({4, 5}));  // the hole's border
  CHECK((*area)->covers({30.9, 0.5}));
  CHECK_FALSE((*area)->covers({25, 0.5}));
  CHECK_FALSE(Area::of_geojson("{\"type\":\"Point\",\"coordinates\":[1,1]}"));
  CHECK_FALSE(Area::of_geojson("[1]"));
  CHECK_FALSE(Area::of_ring({{0, 0}, {1, 1}}));
  CHECK_FALSE(Area::of_ring({{0, 0}, {10, 10}, {10, 0}, {0, 10}}));  // crosses itself
  CHECK_FALSE(Area::of_ring({{0, 0}, {10, 95}, {10, 0}}));
}

}  // namespace
}  // namespace sosie::places

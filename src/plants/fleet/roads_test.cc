#include "plants/fleet/roads.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace sosie::fleet {
namespace {

std::string feature(const std::string& line, const std::string& properties = "") {
  return fmt::format(
      R"({{"type":"Feature","properties":{{{}}},"geometry":{{"type":"LineString","coordinates":[{}]}}}})",
      properties, line);
}

std::string collection(const std::string& features) {
  return R"({"type":"FeatureCollection","features":[)" + features + "]}";
}

/// A square of streets of a hundredth of a degree, and a fast way round three of its sides.
std::string square(const std::string& slow = "30") {
  return collection(feature("[24.0,60.0],[24.01,60.0]", "\"kmh\":" + slow) + "," +
                    feature("[24.01,60.0],[24.01,60.01]", "\"kmh\":80") + "," +
                    feature("[24.01,60.01],[24.0,60.01]", "\"kmh\":80") + "," +
                    feature("[24.0,60.01],[24.0,60.0]", "\"kmh\":80"));
}

TEST_CASE("roads: the quickest way, not the shortest") {
  for (const auto& [slow, arcs] : {std::pair("30", 1), std::pair("5", 3)}) {
    const auto map = RoadMap::read_text(square(slow));
    REQUIRE_MESSAGE(map, (map ? "" : map.error().what));
    CHECK(map->arcs().size() == 8);
    CHECK(map->nodes() == 4);
    CHECK(map->leaving(0) == 2);
    RoadMap::Node at = 0;
    int driven = 0;
    for (; map->towards(1, at) != RoadMap::no_arc; ++driven) {
      const auto& arc = map->arcs()[map->towards(1, at)];
      REQUIRE(arc.from == at);
      at = arc.to;
    }
    CHECK(at == map->place(1));
    CHECK(driven == arcs);
  }
}

TEST_CASE("roads: a place along a road, and back to degrees") {
  const auto map = RoadMap::read_text(square());
  REQUIRE(map);
  const auto& arc = map->arcs()[0];
  CHECK(arc.length_m == doctest::Approx(556).epsilon(0.01));
  CHECK(arc.limit_m_per_s == doctest::Approx(30 / 3.6));
  const Point middle = map->at(0, arc.length_m / 2);
  CHECK(map->longitude_deg(middle.east_m) == doctest::Approx(24.005).epsilon(1e-8));
  CHECK(map->latitude_deg(middle.north_m) == doctest::Approx(60.0).epsilon(1e-8));
  CHECK(map->at(0, 0).east_m == doctest::Approx(-278).epsilon(0.01));
  CHECK(map->at(1, arc.length_m).east_m == doctest::Approx(-278).epsilon(0.01));
}

TEST_CASE("roads: the scenario's own map") {
  const auto map = RoadMap::read_file(SOSIE_ROOT "/scenarios/fleet/data/roads.geojson");
  REQUIRE_MESSAGE(map, (map ? "" : map.error().what));
  CHECK(map->nodes() > 150);
  CHECK(map->places() == RoadMap::most_places);
  double length_m = 0;
  for (const auto& arc : map->arcs()) length_m += arc.length_m;
  CHECK(length_m > 18000);
}

TEST_CASE("roads: what is no map is said") {
  struct Case {
    std::string text;
    std::string expected;
  };
  const Case cases[] = {
      {"{", "JSON"},
      {"{}", "is no GeoJSON FeatureCollection"},
      {collection(""), "has no roads"},
      {collection(feature("[24,60]")), "feature 1: is no LineString"},
      {collection(feature("[24,60],[24]")), "feature 1: has a point that is not"},
      {collection(feature("[24,60],[24,95]")), "feature 1: has a point that is not"},
      {collection(feature("[24,60],[24,60.01]", "\"oneway\":true")), "not every place"},
  };
  for (const auto& c : cases) {
    const auto map = RoadMap::read_text(c.text);
    REQUIRE_FALSE(map);
    CHECK_MESSAGE(map.error().what.find(c.expected) != std::string::npos, map.error().what);
  }
  CHECK_FALSE(RoadMap::read_file("/nowhere/roads.geojson"));
}

}  // namespace
}  // namespace sosie::fleet

#include "plants/city/districts.h"

#include <doctest/doctest.h>

namespace sosie::city {
namespace {

constexpr const char* square =
    R"({"features":[{"geometry":{"type":"Polygon","coordinates":[)"
    R"([[1,43],[1.1,43],[1.1,43.1],[1,43.1],[1,43]],)"
    R"([[1.04,43.04],[1.06,43.04],[1.06,43.06],[1.04,43.06],[1.04,43.04]]]},)"
    R"("properties":{"libelle_quartier":"Milieu","habitants":100,"jours_marche":"mardi samedi"}},)"
    R"({"geometry":{"type":"MultiPolygon","coordinates":[)"
    R"([[[1.1,43],[1.2,43],[1.2,43.1],[1.1,43.1],[1.1,43]]],)"
    R"([[[1.3,43],[1.4,43],[1.4,43.1],[1.3,43.1],[1.3,43]]]]},"properties":{}}]})";

TEST_CASE("city districts: holes are outside, parts are inside, a shared border has one owner") {
  const auto map = Map::read_text(square);
  REQUIRE(map);
  REQUIRE(map->districts().size() == 2);
  CHECK(map->districts()[0].name == "Milieu");
  CHECK(map->districts()[1].name == "Q02");
  CHECK(map->districts()[0].market_days == 0b1000100);
  CHECK(map->district_at({1.02, 43.05}) == 0);
  CHECK_FALSE(map->district_at({1.05, 43.05}));  // the hole
  CHECK(map->district_at({1.15, 43.05}) == 1);
  CHECK(map->district_at({1.35, 43.05}) == 1);
  CHECK_FALSE(map->district_at({1.25, 43.05}));
  CHECK(map->district_at({1.1, 43.05}).has_value());
  CHECK(map->named("Milieu") == 0);
  CHECK(map->named("Q02") == 1);
  CHECK_FALSE(map->named("Nulle part"));
  for (std::size_t i = 0; i < 500; ++i) {
    const auto place = map->place(ObjectKind::spot, i);
    REQUIRE(map->districts()[place.district].contains(place.at));
  }
}

TEST_CASE("city districts: what is wrong in a file is said with the feature's number") {
  struct Case {
    const char* text;
    const char* expected;
  };
  const Case cases[] = {
      {"{", "JSON"},
      {"{}", "is no GeoJSON FeatureCollection"},
      {R"({"features":[]})", "has no districts"},
      {R"({"features":[{"geometry":{"type":"Point","coordinates":[1,2]}}]})",
       "feature 1: is no Polygon nor MultiPolygon"},
      {R"({"features":[{"geometry":{"type":"Polygon","coordinates":[[[1,2],[2,2],[2,3]]]}}]})",
       "feature 1: has a ring that is not closed"},
      {R"({"features":[{"geometry":{"type":"Polygon","coordinates":[[[1,2],[2,2],["x",3],[1,2]]]}}]})",
       "has a point that is not [longitude, latitude]"},
      {R"({"features":[{"geometry":{"type":"Polygon","coordinates":[[[1,2],[2,2],[1,2],[1,2]]]}}]})",
       "with an area"},
  };
  for (const auto& c : cases) {
    const auto answer = Map::read_text(c.text);
    REQUIRE_FALSE(answer);
    CHECK_MESSAGE(answer.error().what.find(c.expected) != std::string::npos, answer.error().what);
  }
}

TEST_CASE("city districts: positions") {
  auto map = Map::read_text(square);
  REQUIRE(map);
  const auto feature = [](const char* kind, const char* at) {
    return std::string(R"({"features":[{"geometry":{"type":"Point","coordinates":)") + at +
           R"(},"properties":{"type_objet":")" + kind + R"(","nb_places":120}}]})";
  };
  REQUIRE(map->add_positions(feature("garage", "[1.15,43.05]")));
  CHECK(map->place(ObjectKind::garage, 0).places == 120);
  CHECK(map->place(ObjectKind::garage, 0).at == Place{1.15, 43.05});
  const auto unknown = map->add_positions(feature("tram", "[1.15,43.05]"));
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().what.find("type_objet is 'tram'") != std::string::npos);
  const auto outside = map->add_positions(feature("bin", "[0,0]"));
  REQUIRE_FALSE(outside);
  CHECK(outside.error().what == "feature 1: its point lies in no district");
}

}  // namespace
}  // namespace sosie::city

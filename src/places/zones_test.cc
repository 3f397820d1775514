#include "places/zones.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

#include "core/section.h"
#include "places/boost_polygon.h"
#include "places/city_test.h"
#include "places/zone_set.h"

namespace sosie::places {
namespace {

/// Boost's answer: the first zone that covers the place.
class SlowZones {
 public:
  explicit SlowZones(const std::vector<std::vector<Polygon>>& zones) {
    for (const auto& polygons : zones) {
      zones_.emplace_back();
      for (const Polygon& polygon : polygons) zones_.back().push_back(to_boost(polygon));
    }
  }
  std::optional<std::uint32_t> zone_of(const Place& place) const {
    const BoostPoint point(place.longitude, place.latitude);
    for (std::uint32_t i = 0; i < zones_.size(); ++i) {
      for (const auto& polygon : zones_[i]) {
        if (boost::geometry::covered_by(point, polygon)) return i;
      }
    }
    return std::nullopt;
  }

 private:
  std::vector<std::vector<BoostPolygon>> zones_;
};

/// On whole numbers, where places on borders are many and exact.
std::vector<std::vector<Polygon>> random_zones(std::mt19937& chance) {
  std::uniform_int_distribution<int> whole(0, 24);
  std::vector<std::vector<Polygon>> zones;
  while (zones.size() < 12) {
    Polygon polygon;
    const int corners = 3 + (whole(chance) % 6);
    for (int i = 0; i < corners; ++i) {
      const double longitude = whole(chance);
      polygon.border.push_back({longitude, static_cast<double>(whole(chance))});
    }
    if (whole(chance) % 2 == 0) {
      const double x = whole(chance);
      const double y = whole(chance);
      polygon.holes.push_back({{x, y}, {x + 2, y}, {x + 1, y + 3}});
    }
    auto valid = made_valid(polygon);
    if (valid) zones.push_back({std::move(valid).value()});
  }
  return zones;
}

std::string error_of(std::string_view features) {
  const auto zones = Zones::of_geojson(
      fmt::format(R"({{"type":"FeatureCollection","features":[{}]}})", features), ZoneKeys());
  return zones ? "" : zones.error().what;
}

std::string feature(std::string_view id, std::string_view ring) {
  return fmt::format(R"({{"type":"Feature","properties":{{"id":"{}"}},)"
                     R"("geometry":{{"type":"Polygon","coordinates":[[{}]]}}}})",
                     id, ring);
}

constexpr std::string_view square = "[0,0],[4,0],[4,4],[0,4],[0,0]";

}  // namespace

TEST_CASE("zones: as Boost says it, on borders, corners and holes too") {
  std::mt19937 chance(7);
  std::uniform_int_distribution<int> half(-4, 54);
  int on_border = 0;
  for (int round = 0; round < 60; ++round) {
    const auto shapes = random_zones(chance);
    const ZoneGrid grid(shapes);
    const SlowZones slow(shapes);
    for (int i = 0; i < 400; ++i) {
      const double longitude = half(chance) / 2.0;
      const Place place{longitude, half(chance) / 2.0};
      CAPTURE(round);
      CAPTURE(place.longitude);
      CAPTURE(place.latitude);
      const auto expected = slow.zone_of(place);
      REQUIRE(grid.zone_of(place) == expected);
      on_border += expected ? 1 : 0;
    }
  }
  CHECK(on_border > 5000);
}

TEST_CASE("zones: a city's districts, as Boost says it, and none of it is nowhere") {
  CityOfDistricts city(6, 10, 12, 3);
  const auto districts = city.districts();
  const ZoneGrid grid(districts);
  const SlowZones slow(districts);
  for (int i = 0; i < 5000; ++i) {
    const Place place = city.anywhere();
    REQUIRE(grid.zone_of(place) == slow.zone_of(place));
  }
  for (const Place& corner : city.corners()) {
    REQUIRE(grid.zone_of(corner) == slow.zone_of(corner));
  }
  for (const auto& polygons : districts) {
    const Ring& border = polygons.front().border;
    for (std::size_t i = 1; i < border.size(); ++i) {
      const Place middle{(border[i - 1].longitude + border[i].longitude) / 2,
                         (border[i - 1].latitude + border[i].latitude) / 2};
      const bool is_rim = middle.longitude <= 1.3501 || middle.longitude >= 1.4999 ||
                          middle.latitude <= 43.5301 || middle.latitude >= 43.6699;
      if (!is_rim) REQUIRE(grid.zone_of(middle));
    }
  }
}

TEST_CASE("zones: on a shared border, the first in the file") {
  const auto text = fmt::format(R"({{"features":[{},{}]}})", feature("b", square),
                                feature("a", "[4,0],[8,0],[8,4],[4,4],[4,0]"));
  const auto zones = Zones::of_geojson(text, ZoneKeys());
  REQUIRE(zones);
  CHECK(zones->size() == 2);
  CHECK((*zones)[0].id == "b");
  CHECK((*zones)[0].label == "b");  // the file has no names
  CHECK(zones->zone_of({4, 2}) == 0U);
  CHECK(zones->zone_of({4.0000001, 2}) == 1U);
  CHECK(zones->zone_of({8, 4}) == 1U);
  CHECK_FALSE(zones->zone_of({8.1, 4}));
  CHECK_FALSE(zones->zone_of({std::nan(""), 4}));
}

TEST_CASE("zones: what overlaps is known, and belongs to the first in the file") {
  struct Case {
    const char* name;
    std::string_view other;
    std::string expected;  ///< "first/second: share of the second"
  };
  const Case cases[] = {
      {"apart", "[8,0],[12,0],[12,4],[8,4],[8,0]", ""},
      {"a border in common", "[4,0],[8,0],[8,4],[4,4],[4,0]", ""},
      {"a corner in common", "[4,4],[8,4],[8,8],[4,8],[4,4]", ""},
      {"a quarter", "[3,0],[7,0],[7,4],[3,4],[3,0]", "0/1: 0.25"},
      {"within", "[1,1],[2,1],[2,2],[1,2],[1,1]", "0/1: 1"},
      {"around", "[-4,-4],[4,-4],[4,4],[-4,4],[-4,-4]", "0/1: 0.25"},
      {"a border that was drawn twice", "[3.9999,0],[8,0],[8,4],[3.9999,4],[3.9999,0]", ""},
      {"a hole is no part", "[-9,-9],[9,-9],[9,9],[-9,9],[-9,-9]],[[0,0],[0,4],[4,4],[4,0],[0,0]",
       ""},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    const auto text =
        fmt::format(R"({{"features":[{},{}]}})", feature("a", square), feature("b", c.other));
    const auto zones = Zones::of_geojson(text, ZoneKeys());
    REQUIRE(zones);
    std::string found;
    for (const auto& one : zones->overlaps()) {
      found += fmt::format("{}/{}: {:.4g}", one.first, one.second, one.share);
    }
    CHECK(found == c.expected);
    if (!c.expected.empty()) CHECK(zones->zone_of({1.5, 1.5}) == 0U);
  }
  CityOfDistricts city(6, 10, 12, 3);
  CHECK(find_overlaps(city.districts()).empty());
}

TEST_CASE("zones: what is wrong is said with the zone's id") {
  CHECK(error_of("") == "has no zones");
  const std::string none = "has no zone that can be one: ";
  CHECK(error_of(feature("a", "[0,0],[4,0],[4,4],[0,4]")) ==
        none + "zone 'a': has a ring that is not closed: it begins at [0, 0] and ends at [0, 4]");
  CHECK(error_of(feature("a", "[0,0],[4,4],[4,0],[0,4],[0,0]"))
            .find(none + "zone 'a': has a border that crosses itself") == 0);
  CHECK(error_of(feature("a", "[0,0],[4,4],[4,0],[0,2],[0,0]"))
            .find(none + "zone 'a': has a border that crosses itself at [") == 0);
  CHECK(error_of(feature("a", "[0,0],[4,0],[4,4],[4,6],[4,4],[0,4],[0,0]")) ==
        none + "zone 'a': has a border that goes there and back on the same line at [4, 6]");
  CHECK(error_of(feature("a", "[0,0],[4,0],[4,4],[0,0]],[[7,7],[8,7],[8,8],[7,7]")) ==
        none + "zone 'a': has a hole that lies outside of its border");
  CHECK(error_of(feature("a", "")) == none + "zone 'a': has a border of fewer than three places");
  CHECK(error_of(R"({"type":"Feature","properties":{"id":1},"geometry":null})") ==
        none + "zone '1': is empty; expected a Polygon or MultiPolygon");
  CHECK(error_of(R"({"type":"Feature","properties":{"id":1},"geometry":)"
                 R"({"type":"Polygon","coordinates":[]}})") ==
        none + "zone '1': is empty: it has no border");
  CHECK(error_of(R"({"type":"Feature","properties":{"nom":"x"},"geometry":null})") ==
        none + "feature 1: has no property 'id' that could be its id");
  CHECK(
      error_of(feature("a", "[43,-120],[44,-120],[44,-121],[43,-120]")).find("are they swapped?") !=
      std::string::npos);
  CHECK_FALSE(Zones::of_geojson("[1]", ZoneKeys()));
  CHECK_FALSE(Zones::of_geojson("no", ZoneKeys()));
}

TEST_CASE("zones: what is none is left out, and the rest goes on") {
  const std::string other = "[8,0],[12,0],[12,4],[8,4],[8,0]";
  const auto text =
      fmt::format(R"({{"features":[{},{},{},{}]}})", feature("a", "[0,0],[4,4],[4,0],[0,4],[0,0]"),
                  feature("b", square), feature("b", other), feature("c", other));
  const auto zones = Zones::of_geojson(text, ZoneKeys());
  REQUIRE(zones);
  REQUIRE(zones->size() == 2);
  CHECK((*zones)[1].id == "c");
  CHECK(zones->zone_of({9, 1}) == 1U);
  REQUIRE(zones->left_out().size() == 2);
  CHECK(zones->left_out()[0].zone == "zone 'a'");
  CHECK(zones->left_out()[1].zone == "feature 3");
  CHECK(zones->left_out()[1].why == "has the same id 'b' as feature 2");
  const auto rest = Zones::of_geojson(zones->rest(), ZoneKeys());
  REQUIRE(rest);
  CHECK(rest->size() == 2);
  CHECK(rest->left_out().empty());
  CHECK(rest->zone_of({9, 1}) == 1U);
  CHECK(rest->rest().empty());
}

TEST_CASE("zones of a scenario") {
  const auto folder = std::filesystem::temp_directory_path() / "sosie-zones-test";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "districts.geojson") << CityOfDistricts(2, 3, 4, 1).geojson();
  const auto read = [&](const std::string& toml) {
    std::ofstream(folder / "s.toml") << toml;
    auto section = Section::read_file((folder / "s.toml").string()).value();
    return read_zones(section);
  };
  const std::string good =
      "[[zones]]\nname = 'districts'\nfile = 'districts.geojson'\nid = 'code'\nlabel = 'nom'\n"
      "attribution = 'us'\n";
  const auto zones = read(good);
  REQUIRE(zones);
  REQUIRE(zones->size() == 1);
  const ZoneSet& set = *zones->front();
  CHECK(set.name() == "districts");
  CHECK(set.size() == 6);
  CHECK(set[4].id == "1.1");
  CHECK(set[4].label == "Quartier 4");
  CHECK(set.about().attribution == "us");
  CHECK(set.about().keys.id == "code");
  CHECK(set.zone_at(1.36, 43.54) == 0U);
  CHECK_FALSE(set.zone_at(43.54, 1.36));

  const auto error = [&](const std::string& toml) {
    const auto made = read(toml);
    return made ? "" : made.error().what;
  };
  CHECK(error(good + good).find("so is that of other zones") != std::string::npos);
  CHECK(error(good + "idd = 1\n").find("'idd'") != std::string::npos);
  CHECK(error("[[zones]]\nname = 'd'\nfile = 'no.geojson'\n").find("cannot be read") !=
        std::string::npos);
  CHECK(error("[[zones]]\nname = 'd:1'\nfile = 'no.geojson'\n").find("a word") !=
        std::string::npos);
  CHECK(read("name = 'x'\n")->empty());
}

TEST_CASE("zones: what overlaps is told with both ids") {
  const auto text = fmt::format(R"({{"features":[{},{},{}]}})", feature("a", square),
                                feature("b", "[3,0],[7,0],[7,4],[3,4],[3,0]"),
                                feature("c", "[1,1],[2,1],[2,2],[1,2],[1,1]"));
  const auto zones = Zones::of_geojson(text, ZoneKeys());
  REQUIRE(zones);
  const auto told = overlaps_told(*zones);
  REQUIRE(told.size() == 2);
  CHECK(told[0] == "25 % of zone 'b' lie in 'a', which stands before it and has these places");
  CHECK(told[1] ==
        "zone 'c' lies in 'a', which stands before it and has all its places: nothing is ever in "
        "'c'");
}

}  // namespace sosie::places

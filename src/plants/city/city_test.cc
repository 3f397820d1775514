#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/time_text.h"
#include "core/catalog.h"
#include "simulation/label_book_test.h"
#include "simulation/plant.h"
#include "simulation/scalable.h"
#include "testing/golden.h"

namespace sosie {

void register_plants_city(Catalog& catalog);

namespace city {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr const char* files =
    "districts = \"" SOSIE_ROOT
    "/scenarios/toulouse/data/districts.geojson\"\npositions = \"" SOSIE_ROOT
    "/scenarios/toulouse/data/positions.geojson\"\n";

Result<std::unique_ptr<Plant>> made(const std::string& toml) {
  Catalog catalog;
  register_plants_city(catalog);
  auto section = Section::read_text(std::string("kind = \"city\"\n") + files + toml, "c.toml");
  REQUIRE(section);
  return catalog.make<Plant>(*section);
}

/// A city whose sensors can be asked for by what they measure and where.
struct Rig {
  explicit Rig(const std::string& toml = "objects = 800\n", double rate = 0,
               const std::string& weather = "auto", std::uint64_t seed = 7,
               const std::string& begins = "2026-06-10T04:00:00Z") {
    auto made_one = made(toml);
    REQUIRE_MESSAGE(made_one, (made_one ? "" : made_one.error().what));
    plant = std::move(made_one).value();
    plant->set_fault_rate(rate);
    REQUIRE(plant->set_weather(weather));
    plant->start(*from_iso8601(begins), seed);
    values.resize(plant->sensor_count());
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto info = plant->describe(i);
      by_name.emplace(info.name(), i);
      by_attribute[info.stage.str() + "." + info.attribute.str()].push_back(i);
      in_district[info.location].push_back(i);
    }
  }
  void step() { now = plant->step(values, labels); }
  void live(Duration time) {
    for (auto left = time / plant->period(); left > 0; --left) step();
  }
  std::uint64_t inject(const std::string& fault, const std::string& target = "",
                       std::optional<double> size = {}, std::optional<Duration> lasts = {}) {
    const auto label = plant->inject({fault, target, size, lasts});
    REQUIRE_MESSAGE(label, (label ? "" : label.error().what));
    return *label;
  }
  const PlantValue& shown(const std::string& series) const { return values[by_name.at(series)]; }

  /// The mean of all sensors "noise.laeq", or of those in one district.
  double mean(const std::string& attribute, const std::string& district = "") const {
    double sum = 0;
    double count = 0;
    for (const auto i : by_attribute.at(attribute)) {
      if (!district.empty() && plant->describe(i).location != district) continue;
      sum += values[i].value;
      ++count;
    }
    REQUIRE(count > 0);
    return sum / count;
  }
  /// The mean of such means over some time.
  double mean_over(Duration time, const std::string& attribute, const std::string& district = "") {
    double sum = 0;
    const auto steps = time / plant->period();
    for (auto left = steps; left > 0; --left) {
      step();
      sum += mean(attribute, district);
    }
    return sum / static_cast<double>(steps);
  }

  std::unique_ptr<Plant> plant;
  std::vector<PlantValue> values;
  std::map<std::string, std::size_t> by_name;
  std::map<std::string, std::vector<std::size_t>> by_attribute;
  std::map<std::string, std::vector<std::size_t>> in_district;
  LabelBook labels;
  Timestamp now;
};

constexpr const char* minutely = "objects = 2000\nperiod = \"1m\"\n";

TEST_CASE("city: a list of objects by the mix, with names for a million") {
  const auto plant = made("objects = 100\n");
  REQUIRE(plant);
  const auto first = (*plant)->describe(0);
  CHECK(first.name() == "noise-0001.laeq");
  CHECK(first.stage == "noise");
  CHECK(first.stage_name.fr == "Bruit");
  CHECK_FALSE(first.location.empty());
  CHECK(first.asset == "city");
  const auto last = (*plant)->describe((*plant)->sensor_count() - 1);
  CHECK(last.entity == "bin-0016");
  CHECK(last.attribute == "longitude");
  std::map<std::string, int> counts;
  std::set<std::string> entities;
  for (const auto& info : sensors_of(**plant)) {
    if (entities.insert(info.entity).second) ++counts[info.stage];
  }
  CHECK(entities.size() == 100);
  CHECK(counts.size() == 9);
  CHECK(counts["spot"] == 24);
  auto* const many = dynamic_cast<Scalable*>(plant->get());
  REQUIRE(many != nullptr);
  CHECK(many->examples().size() == 46);
  REQUIRE(many->scale(2, minutes(1)));
  CHECK(many->examples().back().attribute == "longitude");
  REQUIRE(many->scale(200000, minutes(1)));
  CHECK(many->devices() == 200000);
  CHECK((*plant)->describe(0).entity == "noise-000001");
  CHECK_FALSE(many->scale(0, minutes(1)));
  CHECK_FALSE(many->scale(1000001, minutes(1)));
}

TEST_CASE("city: known objects stand where the file says, the others in their districts") {
  Rig rig("objects = 3000\n");
  rig.step();
  // The first feature of positions.geojson.
  const auto place = rig.plant->describe(rig.by_name.at("noise-0001.laeq")).location;
  CHECK_FALSE(place.empty());
  for (const auto i : rig.by_attribute.at("spot.latitude")) {
    REQUIRE(rig.values[i].value > 43.53);
    REQUIRE(rig.values[i].value < 43.67);
    REQUIRE(rig.values[i + 1].value > 1.35);
    REQUIRE(rig.values[i + 1].value < 1.52);
  }
  CHECK(rig.in_district.size() >= 60);
  const Rig again("objects = 3000\n", 0, "auto", 8);
  CHECK(again.plant->describe(5000) == rig.plant->describe(5000));
}

TEST_CASE("city: a working day, from night to evening") {
  Rig rig(minutely, 0, "clear");  // Wednesday, six in the morning at Toulouse
  struct Hour {
    double laeq, vehicles, speed, no2, o3, spots, bikes_home, bikes_office, warmth;
  };
  std::map<int, Hour> at;
  for (int hour = 6; hour < 30; ++hour) {
    rig.live(hours(1));
    at[hour + 1] = {rig.mean("noise.laeq"),
                    rig.mean("traffic.intensity"),
                    rig.mean("traffic.speed"),
                    rig.mean("air.no2"),
                    rig.mean("air.o3"),
                    rig.mean("spot.occupied"),
                    rig.mean("bikes.bikes", "Minimes"),
                    rig.mean("bikes.bikes", "Capitole"),
                    rig.mean("weather.temperature")};
  }
  std::string table;
  for (const auto& [hour, x] : at) {
    table += fmt::format("{:2} {:.1f} {:.0f} {:.1f} {:.1f} {:.1f} {:.2f} {:.1f} {:.1f} {:.1f}\n",
                         hour, x.laeq, x.vehicles, x.speed, x.no2, x.o3, x.spots, x.bikes_home,
                         x.bikes_office, x.warmth);
  }
  INFO(table);
  CHECK(at[9].laeq > at[28].laeq + 6);
  CHECK(at[9].laeq < 78);
  CHECK(at[28].laeq > 33);
  CHECK(at[9].vehicles > 4 * at[28].vehicles);
  CHECK(at[18].speed < at[28].speed);
  CHECK(at[18].no2 > 1.2 * at[28].no2);
  CHECK(at[18].no2 < 120);
  CHECK(at[13].o3 > 1.3 * at[8].o3);
  CHECK(at[13].o3 < 200);
  CHECK(at[16].warmth > at[28].warmth + 3);
  CHECK(at[13].spots > 0.3);
  CHECK(at[13].spots < 0.95);
  // The tide: from homes to offices.
  CHECK(at[11].bikes_home < at[7].bikes_home);
  CHECK(at[11].bikes_office > at[7].bikes_office);
}

TEST_CASE("city: nights out are louder on Friday, where people go out") {
  Rig tuesday(minutely, 0, "clear", 7, "2026-06-09T21:30:00Z");
  Rig friday(minutely, 0, "clear", 7, "2026-06-12T21:30:00Z");
  const double quiet = tuesday.mean_over(hours(1), "noise.laeq", "Capitole");
  const double loud = friday.mean_over(hours(1), "noise.laeq", "Capitole");
  CHECK(loud > quiet + 1.5);
  CHECK(loud < quiet + 12);
}

TEST_CASE("city: rain washes particles out, wind dilutes, bicycles stay") {
  const std::string begins = "2026-01-14T16:00:00Z";  // an evening in winter: fires and cars
  Rig calm(minutely, 0, "cloudy", 7, begins);
  Rig wet(minutely, 0, "rain", 7, begins);
  Rig windy(minutely, 0, "autan", 7, begins);
  for (Rig* rig : {&calm, &wet, &windy}) rig->live(hours(3));
  CHECK(wet.mean("air.pm10") < 0.98 * calm.mean("air.pm10"));
  CHECK(windy.mean("air.no2") < 0.7 * calm.mean("air.no2"));
  CHECK(wet.mean("weather.rain") > calm.mean("weather.rain") + 0.5);
  CHECK(windy.mean("weather.wind") > 2 * calm.mean("weather.wind"));
  CHECK(windy.plant->weather() == "autan");
  CHECK(wet.plant->weather() == "rain");
}

TEST_CASE("city: the heat island is of clear nights, and of what is built" *
          doctest::test_suite("long")) {
  Rig rig("objects = 400\nperiod = \"1m\"\n[mix]\nweather = 1\n", 0, "clear", 7,
          "2026-07-15T01:00:00Z");
  rig.live(hours(1));
  CHECK(rig.mean("weather.temperature", "Capitole") >
        rig.mean("weather.temperature", "Pouvourville") + 1);
}

TEST_CASE("city: bins fill up and are collected") {
  Rig rig("objects = 200\nperiod = \"5m\"\n[mix]\nbin = 1\n");
  double fullest = 0;
  int emptied = 0;
  std::vector<double> before(200, 0);
  for (int i = 0; i < 7 * 288; ++i) {
    rig.step();
    for (std::size_t b = 0; b < 200; ++b) {
      const double filling = rig.values[b * 5].value;
      REQUIRE(filling >= 0);
      REQUIRE(filling <= 1);
      emptied += filling < before[b] - 0.02 ? 1 : 0;
      fullest = std::max(fullest, filling);
      before[b] = filling;
    }
  }
  CHECK(emptied > 500);  // three times a week
  CHECK(emptied < 650);
  CHECK(fullest > 0.9);
}

TEST_CASE("city: car parks have room for as many as they have places") {
  Rig rig("objects = 200\nperiod = \"1m\"\n[mix]\ngarage = 1\n");
  int full = 0;
  for (int i = 0; i < 24 * 60; ++i) {
    rig.step();
    for (std::size_t g = 0; g < 200; ++g) {
      const double free = rig.values[g * 5].value;
      REQUIRE(free >= 0);
      REQUIRE(free <= rig.values[g * 5 + 1].value);
      full += free == 0 ? 1 : 0;
    }
  }
  CHECK(full > 0);
  CHECK(full < 200 * 24 * 60 / 10);
}

TEST_CASE("city: what a fault does to what a sensor shows, and its label") {
  Rig rig("objects = 200\n");
  rig.live(minutes(5));
  const Rig twin = [] {
    Rig same("objects = 200\n");
    same.live(minutes(5));
    return same;
  }();
  rig.inject("stuck", "noise-0002.laeq");
  rig.inject("drift", "air-0001.no2", 2, minutes(10));
  rig.inject("silence", "spot-0001");
  const auto skewed = rig.inject("clock_skew", "bikes-0001", 600);
  rig.inject("battery", "bin-0001", {}, minutes(10));
  rig.inject("spike", "weather-0001.temperature", 5, minutes(20));
  rig.step();
  const double held = rig.shown("noise-0002.laeq").value;
  int spikes = 0;
  for (int i = 0; i < 57; ++i) {
    rig.step();
    twin.plant->step(const_cast<Rig&>(twin).values, const_cast<Rig&>(twin).labels);
    CHECK(rig.shown("noise-0002.laeq").value == held);
    CHECK_FALSE(rig.shown("spot-0001.occupied").sent);
    CHECK_FALSE(rig.shown("spot-0001.latitude").sent);
    CHECK(std::abs(rig.shown("bikes-0001.bikes").off_ms) > 550000);
    CHECK(rig.shown("bikes-0002.bikes").sent);
    spikes += std::abs(rig.shown("weather-0001.temperature").value - 20) > 30 ? 1 : 0;
  }
  CHECK(spikes > 1);
  CHECK(spikes < 20);
  CHECK(std::abs(rig.shown("air-0001.no2").value - twin.shown("air-0001.no2").value) > 15);
  CHECK_FALSE(rig.shown("bin-0001.filling").sent);  // its battery is empty
  REQUIRE(rig.labels.heard.size() == 6);
  CHECK(rig.labels.heard[0].direct == std::vector<std::string>{"noise-0002.laeq"});
  CHECK(rig.labels.heard[0].kind == Kind::sensor_failure);
  CHECK(rig.labels.heard[2].text.fr == "muet : spot-0001");
  CHECK(rig.labels.heard[2].direct.size() == 4);
  REQUIRE(rig.plant->cancel(skewed));
  rig.step();
  CHECK(std::abs(rig.shown("bikes-0001.bikes").off_ms) < 11000);
  CHECK_FALSE(rig.plant->cancel(skewed));
}

TEST_CASE("city: jams, closed roads, fires, and rounds that do not come") {
  Rig rig("objects = 400\nperiod = \"1m\"\n", 0, "clear", 7, "2026-06-10T06:00:00Z");
  rig.live(minutes(20));
  rig.inject("jam", "traffic-0001", 0.9, hours(2));
  rig.inject("road_closed", "traffic-0002", {}, hours(2));
  rig.inject("bin_fire", "bin-0001", {}, hours(1));
  rig.inject("overflow", "bin-0002", {}, hours(24 * 7));
  rig.live(minutes(40));
  CHECK(rig.shown("traffic-0001.speed").value < 15);
  CHECK(rig.shown("traffic-0001.occupancy").value > 0.4);
  CHECK(rig.shown("traffic-0002.intensity").value == 0);
  CHECK(rig.shown("bin-0001.temperature").value > 150);
  rig.live(hours(3));
  CHECK(rig.shown("bin-0001.temperature").value < 60);
  CHECK(rig.shown("traffic-0002.intensity").value > 0);
  rig.live(hours(24 * 6));
  CHECK(rig.shown("bin-0002.filling").value == 1);
  const Label& first = rig.labels.heard.front();
  CHECK(first.kind == Kind::process_malfunction);
  CHECK(first.direct.front() == "traffic-0001.intensity");
}

TEST_CASE("city: a concert is heard in its district, stagnant air smelt in its own") {
  Rig rig("objects = 800\nperiod = \"1m\"\n", 0, "clear", 7, "2026-06-10T18:00:00Z");
  Rig twin("objects = 800\nperiod = \"1m\"\n", 0, "clear", 7, "2026-06-10T18:00:00Z");
  rig.inject("concert", "Amidonniers", 100, hours(2));
  rig.inject("pollution", "Capitole", 5, hours(5));
  const double loud = rig.mean_over(hours(1), "noise.laeq", "Amidonniers");
  CHECK(loud > twin.mean_over(hours(1), "noise.laeq", "Amidonniers") + 15);
  CHECK(std::abs(rig.mean("noise.laeq", "Rangueil") - twin.mean("noise.laeq", "Rangueil")) < 3);
  CHECK(rig.mean("air.no2", "Capitole") > 1.5 * twin.mean("air.no2", "Capitole"));
  CHECK(rig.mean("air.no2", "Rangueil") == twin.mean("air.no2", "Rangueil"));
  REQUIRE(rig.labels.heard.size() == 2);
  CHECK(rig.labels.heard[0].text.en == "concert (100 dB(A)): Amidonniers");
  CHECK_FALSE(rig.labels.heard[0].direct.empty());
}

TEST_CASE("city: an order that cannot be is refused with the nearest name") {
  Rig rig("objects = 100\n");
  struct Case {
    FaultOrder order;
    std::string expected;
  };
  const Case cases[] = {
      {{"stuk", "", {}, {}}, "did you mean 'stuck'?"},
      {{"stuck", "noise-9999", {}, {}}, "'noise-9999' is no object; expected noise-0001 to "},
      {{"stuck", "noise-0001.battery", {}, {}}, "is no sensor that may fail"},
      {{"jam", "noise-0001", {}, {}}, "'jam' does not befall noise-0001"},
      {{"battery", "traffic-0001", {}, {}}, "'battery' does not befall traffic-0001"},
      {{"concert", "Montmartre", {}, {}}, "'Montmartre' is no district"},
      {{"drift", "", 100, {}}, "size 100 where 0.3 to 2"},
      {{"silence", "", {}, Duration(-1)}, "a duration"},
  };
  for (const auto& c : cases) {
    const auto answer = rig.plant->inject(c.order);
    REQUIRE_FALSE(answer);
    CHECK_MESSAGE(answer.error().what.find(c.expected) != std::string::npos, answer.error().what);
  }
  rig.inject("silence", "noise-0001");
  CHECK_FALSE(rig.plant->inject({"stuck", "noise-0001", {}, {}}));
  rig.inject("concert", "Capitole");
  rig.inject("pollution", "Capitole");
  CHECK_FALSE(rig.plant->inject({"concert", "Q01", {}, {}}));
}

TEST_CASE("city: chance keeps the share of objects under a fault, from the first step") {
  Rig rig("objects = 2000\nperiod = \"1m\"\n", 0.05);
  CHECK(rig.plant->running().size() > 60);
  double sum = 0;
  for (int i = 0; i < 480; ++i) {
    rig.step();
    sum += static_cast<double>(rig.plant->running().size()) / 2000;
  }
  CHECK(sum / 480 == doctest::Approx(0.05).epsilon(0.2));
  std::set<std::string> seen;
  for (const Label& label : rig.labels.heard) seen.insert(label.scenario);
  CHECK(seen.size() >= 10);
}

TEST_CASE("city: the objects' periods end one after the other, or all together") {
  Rig rig("objects = 5\nperiod = \"5s\"\n[mix]\nbin = 1\n");
  rig.step();
  std::vector<int> offs;
  for (std::size_t i = 0; i < 5; ++i) offs.push_back(rig.values[i * 5].off_ms);
  CHECK(offs == std::vector<int>{-4000, -3000, -2000, -1000, 0});
  Rig together("objects = 5\nspread = false\n");
  together.step();
  CHECK(together.values[0].off_ms == 0);
}

TEST_CASE("city: the same seed gives the same readings, another one others, and save goes on") {
  const std::string toml = "objects = 300\nperiod = \"30s\"\n";
  Rig a(toml, 0.1);
  Rig b(toml, 0.1);
  Rig other(toml, 0.1, "auto", 8);
  const auto equal = [](const Rig& x, const Rig& y) {
    return std::ranges::equal(x.values, y.values, [](const PlantValue& p, const PlantValue& q) {
      return p.value == q.value && p.sent == q.sent && p.off_ms == q.off_ms;
    });
  };
  for (Rig* rig : {&a, &b, &other}) rig->live(hours(1));
  CHECK(equal(a, b));
  CHECK_FALSE(equal(a, other));
  auto twin = made(toml);
  REQUIRE(twin);
  b.plant = std::move(*twin);
  REQUIRE(b.plant->load(a.plant->save()));
  CHECK(b.plant->running().size() == a.plant->running().size());
  for (Rig* rig : {&a, &b}) rig->live(hours(1));
  CHECK(equal(a, b));
  CHECK(a.now == b.now);
  CHECK_FALSE(b.plant->load("x"));
  auto state = a.plant->save();
  state.pop_back();
  CHECK_FALSE(b.plant->load(state));
  CHECK_FALSE(other.plant->load(Rig("objects = 30\n").plant->save()));
}

TEST_CASE("city: what is wrong in its table is said with its line") {
  struct Case {
    std::string toml;
    std::string expected;
  };
  const Case cases[] = {
      {"objects = 0\n", "'objects' is 0, expected 1 to 1000000"},
      {"period = \"2h\"\n", "must be from 1ms to 1h"},
      {"zone = \"Europe/Pariss\"\n", "'zone'"},
      {"latitude_deg = 80\n", "'latitude_deg'"},
      {"[mix]\nnoize = 1\n", "did you mean 'noise'?"},
      {"[mix]\nnoise = 0\n", "one weight must be above 0"},
      {"object = 3\n", "did you mean 'objects'?"},
  };
  for (const auto& c : cases) {
    const auto answer = made(c.toml);
    REQUIRE_FALSE(answer);
    CHECK_MESSAGE(answer.error().what.find(c.expected) != std::string::npos, answer.error().what);
    CHECK(answer.error().what.starts_with("c.toml:"));
  }
}

TEST_CASE("city: two hours of an object of each kind") {
  Rig rig(
      "objects = 9\nperiod = \"1m\"\n[mix]\nnoise = 1\nair = 1\nweather = 1\nheat = 1\n"
      "garage = 1\nspot = 1\nbikes = 1\ntraffic = 1\nbin = 1\n");
  std::string text;
  for (int i = 0; i < 121; ++i) {
    if (i == 60) rig.inject("jam", "traffic-0001", 0.9, hours(1));
    rig.step();
    if (i % 15 != 0) continue;
    std::string entity;
    for (std::size_t s = 0; s < rig.values.size(); ++s) {
      const auto info = rig.plant->describe(s);
      if (info.entity != entity) {
        entity = info.entity.str();
        text += fmt::format("\n{} {:12}", to_iso8601(rig.now), entity);
      }
      text += fmt::format(" {}", rig.values[s].value);
    }
  }
  testing::check_golden("plants/city/golden/two_hours.txt", text + "\n");
}

}  // namespace
}  // namespace city
}  // namespace sosie

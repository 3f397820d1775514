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

void register_plants_fleet(Catalog& catalog);

namespace fleet {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

Result<std::unique_ptr<Plant>> made(const std::string& toml) {
  Catalog catalog;
  register_plants_fleet(catalog);
  const std::string roads = "roads = \"" SOSIE_ROOT "/scenarios/fleet/data/roads.geojson\"\n";
  auto section = Section::read_text("kind = \"fleet\"\n" + roads + toml, "f.toml");
  REQUIRE(section);
  return catalog.make<Plant>(*section);
}

constexpr std::size_t temperature = 0;
constexpr std::size_t humidity = 1;
constexpr std::size_t speed = 2;
constexpr std::size_t load = 3;
constexpr std::size_t battery = 4;
constexpr std::size_t latitude = 5;
constexpr std::size_t longitude = 6;
constexpr std::size_t width = 7;

struct Rig {
  explicit Rig(const std::string& toml = "devices = 100\n", double rate = 0,
               const std::string& weather = "auto", std::uint64_t seed = 7,
               const std::string& begins = "2026-06-10T06:00:00Z") {
    auto made_one = made(toml);
    REQUIRE_MESSAGE(made_one, (made_one ? "" : made_one.error().what));
    plant = std::move(made_one).value();
    plant->set_fault_rate(rate);
    REQUIRE(plant->set_weather(weather));
    plant->start(*from_iso8601(begins), seed);
    values.resize(plant->sensor_count());
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
  const PlantValue& shown(std::size_t device, std::size_t quantity) const {
    return values[device * width + quantity];
  }

  std::unique_ptr<Plant> plant;
  std::vector<PlantValue> values;
  LabelBook labels;
  Timestamp now;
};

double metres(double lat_a, double lon_a, double lat_b, double lon_b) {
  return std::hypot((lat_a - lat_b) * 111195, (lon_a - lon_b) * 55300);
}

TEST_CASE("fleet: a list of devices by the mix, with names for a million") {
  const auto plant = made("devices = 20\n");
  REQUIRE(plant);
  REQUIRE((*plant)->sensor_count() == 20 * width);
  CHECK((*plant)->describe(0).name() == "truck-0001.temperature");
  CHECK((*plant)->describe(7 * width).name() == "van-0001.temperature");
  CHECK((*plant)->describe(13 * width + 5).name() == "bus-0001.latitude");
  const auto last = (*plant)->describe(20 * width - 1);
  CHECK(last.name() == "machine-0005.longitude");
  CHECK(last.stage_name.fr == "Machines");
  CHECK(last.asset == "fleet");
  auto* const many = dynamic_cast<Scalable*>(plant->get());
  REQUIRE(many != nullptr);
  REQUIRE(many->scale(1000000, minutes(1)));
  CHECK((*plant)->sensor_count() == 1000000 * width);
  CHECK((*plant)->describe(0).entity == "truck-0000001");
  CHECK_FALSE(many->scale(0, minutes(1)));
  CHECK_FALSE(many->scale(1000001, minutes(1)));
  const auto only = made("devices = 3\n[mix]\nmachine = 1\n");
  REQUIRE(only);
  CHECK((*only)->describe(0).entity == "machine-0001");
}

TEST_CASE("fleet: vehicles keep to the map and near the limits, machines stand still") {
  Rig rig("devices = 200\nperiod = \"1s\"\n");
  rig.step();
  std::vector<PlantValue> before = rig.values;
  double fastest = 0;
  double moved_m = 0;
  std::size_t standing = 0;
  for (int i = 0; i < 1800; ++i) {
    rig.step();
    for (std::size_t d = 0; d < 200; ++d) {
      const double lat = rig.shown(d, latitude).value;
      const double lon = rig.shown(d, longitude).value;
      REQUIRE(lat > 60.163);
      REQUIRE(lat < 60.180);
      REQUIRE(lon > 24.934);
      REQUIRE(lon < 24.955);
      const double way =
          metres(lat, lon, before[d * width + latitude].value, before[d * width + longitude].value);
      REQUIRE(way < 40);  // a step at 42 km/h and what a GPS is off
      if (d < 150) moved_m += rig.shown(d, speed).value / 3.6;
      fastest = std::max(fastest, rig.shown(d, speed).value);
      standing += rig.shown(d, speed).value == 0 ? 1 : 0;
      if (d >= 150) REQUIRE(rig.shown(d, speed).value == 0);
    }
    before = rig.values;
  }
  CHECK(fastest <= 40 * 1.05 + 0.1);
  CHECK(fastest > 30);
  CHECK(moved_m / 150 > 2000);               // in half an hour, with stops
  CHECK(standing > 200U * 1800 * 35 / 100);  // machines, stops, red lights
}

TEST_CASE("fleet: a day of any weather keeps all drives below 80 degrees, and above the air" *
          doctest::test_suite("long")) {
  for (const char* weather : {"auto", "heat", "cold", "cloudy"}) {
    CAPTURE(weather);
    Rig rig("devices = 400\n", 0, weather);
    double hottest = 0;
    double sum = 0;
    std::size_t count = 0;
    for (int i = 0; i < 24 * 720; ++i) {
      rig.step();
      for (std::size_t d = 0; d < 400; ++d) {
        const double c = rig.shown(d, temperature).value;
        hottest = std::max(hottest, c);
        sum += c;
        ++count;
        const double charge = rig.shown(d, battery).value;
        REQUIRE(charge >= 1);
        REQUIRE(charge <= 100);
      }
    }
    CAPTURE(hottest);
    CAPTURE(sum / static_cast<double>(count));
    CHECK(hottest < 80);
    CHECK(hottest > 55);
  }
}

TEST_CASE("fleet: cooling that is lost drives the temperature beyond 80 degrees, and back") {
  Rig rig;
  rig.live(minutes(20));
  std::size_t hot = 0;
  for (std::size_t d = 0; d < 100; d += 4) {
    rig.inject("overheating", rig.plant->describe(d * width).entity, 0.95, hours(2));
  }
  rig.live(hours(2) - minutes(1));
  for (std::size_t d = 0; d < 100; ++d) {
    const double c = rig.shown(d, temperature).value;
    if (d % 4 == 0 && c > 80) ++hot;
    if (d % 4 != 0) CHECK(c < 80);
    CHECK(c < 126);
  }
  CHECK(hot >= 15);  // of 25: those that stood in a depot stay cool
  CHECK(rig.plant->running().size() == 25);
  rig.live(hours(2));
  for (std::size_t d = 0; d < 100; ++d) CHECK(rig.shown(d, temperature).value < 80);
  CHECK(rig.plant->running().empty());
  REQUIRE(rig.labels.heard.size() == 50);
  const Label& first = rig.labels.heard.front();
  CHECK(first.kind == Kind::process_malfunction);
  CHECK(first.scenario == "overheating");
  CHECK(first.direct == std::vector<std::string>{"truck-0001.temperature"});
  CHECK(first.asset == "fleet");
  CHECK_FALSE(first.over);
  CHECK(rig.labels.heard.back().over);
}

TEST_CASE("fleet: what a fault does to what a device shows, and its label") {
  Rig rig;
  rig.live(minutes(5));
  const Rig twin = [] {
    Rig same;
    same.live(minutes(5));
    return same;
  }();
  rig.inject("stuck", "truck-0002.speed");
  rig.inject("gps_jump", "truck-0003", 10);
  rig.inject("silence", "van-0001");
  const auto skewed = rig.inject("clock_skew", "bus-0001", 600);
  rig.step();
  const double held = rig.shown(1, speed).value;
  std::set<double> speeds;
  for (int i = 0; i < 60; ++i) {
    rig.step();
    twin.plant->step(const_cast<Rig&>(twin).values, const_cast<Rig&>(twin).labels);
    CHECK(rig.shown(1, speed).value == held);
    speeds.insert(rig.shown(1, load).value);
    for (std::size_t q = 0; q < width; ++q) {
      CHECK_FALSE(rig.shown(35, q).sent);
      CHECK(std::abs(rig.shown(65, q).off_ms) > 550000);
      CHECK(rig.shown(66, q).sent);
    }
  }
  CHECK(speeds.size() > 5);
  const auto& direct = rig.labels.heard;
  REQUIRE(direct.size() == 4);
  CHECK(direct[0].direct == std::vector<std::string>{"truck-0002.speed"});
  CHECK(direct[1].direct ==
        std::vector<std::string>{"truck-0003.latitude", "truck-0003.longitude"});
  CHECK(direct[2].direct.size() == width);
  CHECK(direct[2].text.fr == "muet : van-0001");
  CHECK(direct[3].id == skewed);
  const double jump =
      metres(rig.shown(2, latitude).value, rig.shown(2, longitude).value, 60.1716, 24.9443);
  CHECK(jump > 8000);
  CHECK(jump < 12000);
  REQUIRE(rig.plant->cancel(skewed));
  rig.step();
  CHECK(std::abs(rig.shown(65, 0).off_ms) < 5000);
  CHECK_FALSE(rig.plant->cancel(skewed));
}

TEST_CASE("fleet: an order that cannot be is refused with the nearest name") {
  Rig rig("devices = 20\n");
  struct Case {
    FaultOrder order;
    std::string expected;
  };
  const Case cases[] = {
      {{"overheatin", "", {}, {}}, "did you mean 'overheating'?"},
      {{"stuck", "truck-0008", {}, {}}, "'truck-0008' is no device; expected truck-0001 to "},
      {{"stuck", "truck-1", {}, {}}, "is no device"},
      {{"stuck", "truck-0001.sped", {}, {}}, "did you mean 'speed'?"},
      {{"gps_jump", "", 100, {}}, "size 100 where 1 to 50 km was expected"},
      {{"silence", "", {}, Duration(-1)}, "a duration"},
  };
  for (const auto& c : cases) {
    const auto answer = rig.plant->inject(c.order);
    REQUIRE_FALSE(answer);
    CHECK_MESSAGE(answer.error().what.find(c.expected) != std::string::npos, answer.error().what);
  }
  rig.inject("silence", "truck-0001");
  CHECK_FALSE(rig.plant->inject({"stuck", "truck-0001", {}, {}}));
}

TEST_CASE("fleet: chance keeps the share of devices under a fault, from the first step") {
  Rig rig("devices = 2000\nperiod = \"30s\"\n", 0.05);
  CHECK(rig.plant->running().size() > 60);
  double sum = 0;
  for (int i = 0; i < 480; ++i) {
    rig.step();
    sum += static_cast<double>(rig.plant->running().size()) / 2000;
  }
  CHECK(sum / 480 == doctest::Approx(0.05).epsilon(0.2));
  std::map<std::string, int> kinds_seen;
  for (const Label& label : rig.labels.heard) ++kinds_seen[label.scenario];
  CHECK(kinds_seen.size() == 5);
  std::size_t hot = 0;
  Rig at_once("devices = 2000\n", 0.05);
  at_once.step();
  for (std::size_t d = 0; d < 2000; ++d) hot += at_once.shown(d, temperature).value > 80 ? 1 : 0;
  CHECK(hot > 3);  // some have been hot for long
}

TEST_CASE("fleet: humidity follows the weather") {
  Rig wet("devices = 50\n", 0, "cloudy");
  Rig dry("devices = 50\n", 0, "heat");
  wet.live(hours(6));
  dry.live(hours(6));
  CHECK(wet.shown(0, humidity).value > dry.shown(0, humidity).value + 20);
}

TEST_CASE("fleet: the devices' periods end one after the other, or all together") {
  Rig rig("devices = 5\nperiod = \"5s\"\n");
  rig.step();
  std::vector<int> offs;
  for (std::size_t d = 0; d < 5; ++d) offs.push_back(rig.shown(d, 0).off_ms);
  CHECK(offs == std::vector<int>{-4000, -3000, -2000, -1000, 0});
  Rig together("devices = 5\nspread = false\n");
  together.step();
  CHECK(together.shown(0, 0).off_ms == 0);
}

TEST_CASE("fleet: the same seed gives the same readings, another one others, and save goes on") {
  Rig a("devices = 300\n", 0.1);
  Rig b("devices = 300\n", 0.1);
  Rig other("devices = 300\n", 0.1, "auto", 8);
  const auto equal = [](const Rig& x, const Rig& y) {
    return std::ranges::equal(x.values, y.values, [](const PlantValue& p, const PlantValue& q) {
      return p.value == q.value && p.sent == q.sent && p.off_ms == q.off_ms;
    });
  };
  for (Rig* rig : {&a, &b, &other}) rig->live(hours(1));
  CHECK(equal(a, b));
  CHECK_FALSE(equal(a, other));
  auto twin = made("devices = 300\n");
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
  CHECK_FALSE(other.plant->load(Rig("devices = 30\n").plant->save()));
}

TEST_CASE("fleet: what is wrong in its table is said with its line") {
  struct Case {
    std::string toml;
    std::string expected;
  };
  const Case cases[] = {
      {"devices = 0\n", "'devices' is 0, expected 1 to 1000000"},
      {"period = \"2m\"\n", "must be from 1ms to 1m"},
      {"zone = \"Europe/Helsinky\"\n", "'zone'"},
      {"latitude_deg = 80\n", "'latitude_deg'"},
      {"[mix]\ntrack = 1\n", "did you mean 'truck'?"},
      {"[mix]\ntruck = 0\n", "one weight must be above 0"},
      {"device = 3\n", "did you mean 'devices'?"},
  };
  for (const auto& c : cases) {
    const auto answer = made(c.toml);
    REQUIRE_FALSE(answer);
    CHECK_MESSAGE(answer.error().what.find(c.expected) != std::string::npos, answer.error().what);
    CHECK(answer.error().what.starts_with("f.toml:"));
  }
}

TEST_CASE("fleet: two hours of five devices") {
  Rig rig("devices = 5\nperiod = \"10s\"\n[mix]\ntruck = 1\nvan = 1\nbus = 1\nmachine = 2\n");
  std::string text;
  for (int i = 0; i < 720; ++i) {
    if (i == 180) rig.inject("overheating", "truck-0001", 0.95, hours(1));
    rig.step();
    if (i % 30 != 0) continue;
    for (std::size_t d = 0; d < 4; ++d) {
      text += fmt::format("{} {:10}", to_iso8601(rig.now), rig.plant->describe(d * width).entity);
      for (std::size_t q = 0; q < width; ++q) text += fmt::format(" {}", rig.shown(d, q).value);
      text += '\n';
    }
  }
  testing::check_golden("plants/fleet/golden/two_hours.txt", text);
}

}  // namespace
}  // namespace fleet
}  // namespace sosie

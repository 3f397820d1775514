#include <algorithm>
#include <memory>
#include <optional>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/time_text.h"
#include "core/catalog.h"
#include "plants/room/thermal.h"
#include "simulation/label_book_test.h"
#include "simulation/plant.h"
#include "testing/golden.h"

namespace sosie {

void register_plants_room(Catalog& catalog);

namespace room {
namespace {

Result<std::unique_ptr<Plant>> made(const std::string& toml) {
  Catalog catalog;
  register_plants_room(catalog);
  auto section = Section::read_text("kind = \"room\"\n" + toml);
  REQUIRE(section);
  return catalog.make<Plant>(*section);
}

struct Rig {
  explicit Rig(const std::string& begins, std::uint64_t seed = 7, double rate = 0,
               const std::string& weather = "auto") {
    auto made_one = made("");
    REQUIRE(made_one);
    plant = std::move(made_one).value();
    plant->set_fault_rate(rate);
    REQUIRE(plant->set_weather(weather));
    plant->start(*from_iso8601(begins), seed);
    values.resize(plant->sensor_count());
  }
  void step() { now = plant->step(values, labels); }
  void live(int steps) {
    for (int i = 0; i < steps; ++i) step();
  }
  double celsius() const { return values.front().value; }

  std::unique_ptr<Plant> plant;
  std::vector<PlantValue> values;
  LabelBook labels;
  Timestamp now;
};

constexpr int steps_an_hour = 360;
constexpr int steps_a_day = 24 * steps_an_hour;

TEST_CASE("room: one long step equals many short ones") {
  Thermal once({}, 31, 18);
  Thermal often({}, 31, 18);
  const Thermal::Inputs inputs{.outside_c = 3, .leak_w_per_k = 70, .air_w = 900, .wall_w = 1400};
  once.advance(inputs, 3600);
  for (int second = 0; second < 3600; ++second) often.advance(inputs, 1);
  CHECK(once.air_c() == doctest::Approx(often.air_c()).epsilon(1e-9));
  CHECK(once.wall_c() == doctest::Approx(often.wall_c()).epsilon(1e-9));
}

TEST_CASE("room: its thermostat can be set, within its range, and the state keeps it") {
  Rig rig("2026-01-12T00:00:00Z");  // a Monday in winter
  rig.live(12 * steps_an_hour);
  const double before = rig.celsius();
  REQUIRE(rig.plant->set_setpoint("day", 17));
  const auto refused = rig.plant->set_setpoint("day", 40);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().what == "setpoint day is 40 where 5 to 30 °C was expected");
  auto twin = rig.plant->blank();
  REQUIRE(twin->load(rig.plant->save()));
  REQUIRE(twin->setpoints().size() == 2);
  CHECK(twin->setpoints()[0].value == 17);
  CHECK(twin->setpoints()[0].usual == 21.5);
  CHECK(twin->setpoints()[1].value == 20.8);
  rig.live(3 * steps_an_hour);
  CHECK(rig.celsius() < before - 1);
}

TEST_CASE("room: heat that goes in either stays or goes out") {
  const Thermal::Body body;
  Thermal room(body, 20, 20);
  const Thermal::Inputs inputs{.outside_c = 5, .leak_w_per_k = 45, .air_w = 1500, .wall_w = 500};
  double out_j = 0;
  for (int i = 0; i < 36000; ++i) {
    const double air = room.air_c();
    const double wall = room.wall_c();
    room.advance(inputs, 1);
    out_j += inputs.leak_w_per_k * ((air + room.air_c()) / 2 - inputs.outside_c) +
             ((wall + room.wall_c()) / 2 - inputs.outside_c) / body.outer_k_per_w;
  }
  const double stored_j =
      body.air_j_per_k * (room.air_c() - 20) + body.wall_j_per_k * (room.wall_c() - 20);
  CHECK(stored_j + out_j == doctest::Approx(2000.0 * 36000).epsilon(1e-6));
}

TEST_CASE("room: a year's readings cover 20 to 40 degrees, and go no further" *
          doctest::test_suite("long")) {
  double low = 100;
  double high = 0;
  for (int month = 1; month <= 12; ++month) {
    Rig rig(fmt::format("2026-{:02}-05T00:00:00Z", month), static_cast<std::uint64_t>(month));
    for (int i = 0; i < 14 * steps_a_day; ++i) {
      rig.step();
      low = std::min(low, rig.celsius());
      high = std::max(high, rig.celsius());
    }
    CAPTURE(month);
    CHECK(low > 20);
    CHECK(high < 40);
  }
  CAPTURE(low);
  CAPTURE(high);
  CHECK(low < 20.7);
  CHECK(high > 38);
}

TEST_CASE("room: a clear spring day goes above 30 degrees and comes back") {
  Rig rig("2026-04-18T00:00:00Z", 7, 0, "clear");
  rig.live(5 * steps_an_hour);
  CHECK(rig.celsius() < 24);
  rig.live(8 * steps_an_hour);
  CHECK(rig.celsius() > 30);
  rig.live(10 * steps_an_hour);
  CHECK(rig.celsius() < 28);
}

TEST_CASE("room: each fault shows") {
  struct Case {
    const char* fault;
    double low;  ///< how the temperature differs at the end of two hours from the room without it
    double high;
  };
  const Case cases[] = {
      {"heater_stuck", 5, 30},    {"heater_dead", -15, -1}, {"window_open", -20, -0.5},
      {"setpoint_change", 5, 30}, {"bias", -5, 5},          {"drift", -8, 8}};
  for (const Case& c : cases) {
    CAPTURE(c.fault);
    Rig sound("2026-01-14T03:00:00Z", 7, 0, "cold");
    Rig faulty("2026-01-14T03:00:00Z", 7, 0, "cold");
    sound.live(30);
    faulty.live(30);
    REQUIRE(faulty.plant->inject({c.fault, "", {}, std::chrono::hours(3)}));
    sound.live(2 * steps_an_hour);
    faulty.live(2 * steps_an_hour);
    const double difference = faulty.celsius() - sound.celsius();
    CHECK(difference >= c.low);
    CHECK(difference <= c.high);
    CHECK(std::abs(difference) > 0.5);
    REQUIRE(faulty.labels.heard.size() == 1);
    CHECK(faulty.labels.heard[0].scenario == c.fault);
    CHECK(faulty.labels.heard[0].direct == std::vector<std::string>{"Room1.temperature"});
  }
}

TEST_CASE("room: orders that cannot be are refused, and cancelled faults end") {
  Rig rig("2026-01-14T01:00:00Z");
  rig.live(5);
  const auto said = [&](const FaultOrder& order) {
    const auto label = rig.plant->inject(order);
    return label ? std::string("taken") : label.error().what;
  };
  CHECK(said({"heater_stuk", "", {}, {}}).ends_with("did you mean 'heater_stuck'?"));
  CHECK(said({"stuck", "Room1.temperatur", {}, {}}).ends_with("'Room1.temperature'?"));
  CHECK(said({"heater_stuck", "window", {}, {}}) ==
        "target 'window' where one of heater was expected");
  CHECK(said({"bias", "temperature", 50, {}}).starts_with("size 50 where 2 to 5 K"));
  CHECK(said({"bias", "temperature", 3, Duration(0)}).starts_with("a duration of 0 h"));
  const auto label = rig.plant->inject({"stuck", "Room1.temperature", {}, {}});
  REQUIRE(label);
  rig.live(3);
  const double shown = rig.celsius();
  rig.live(100);
  CHECK(rig.celsius() == shown);
  CHECK(rig.plant->running().size() == 1);
  REQUIRE(rig.plant->cancel(*label));
  CHECK_FALSE(rig.plant->cancel(*label));
  CHECK(rig.plant->running().empty());
  rig.live(100);
  CHECK(rig.celsius() != shown);
  CHECK(rig.labels.heard.back().over);
}

TEST_CASE("room: chance puts the asked share under a fault" * doctest::test_suite("long")) {
  Rig rig("2026-03-01T00:00:00Z", 3, 0.02);
  rig.live(60 * steps_a_day);
  double labelled_h = 0;
  for (const Label& label : rig.labels.heard) {
    if (!label.over) continue;
    labelled_h += std::chrono::duration<double, std::ratio<3600>>(label.end - label.start).count() *
                  static_cast<double>(label.direct.size());
  }
  CHECK(labelled_h / (3 * 60 * 24) == doctest::Approx(0.02).epsilon(0.1));
}

TEST_CASE("room: loaded in another room it goes on as if nothing had been") {
  Rig a("2026-06-01T00:00:00Z", 11, 0.2);
  Rig b("2020-01-01T00:00:00Z", 99, 0);
  a.live(5 * steps_an_hour);
  REQUIRE(a.plant->inject({"drift", "", {}, {}}));
  a.live(100);
  REQUIRE(b.plant->load(a.plant->save()));
  CHECK(b.plant->save() == a.plant->save());
  bool same = true;
  for (int i = 0; i < 5 * steps_an_hour; ++i) {
    a.step();
    b.step();
    for (std::size_t k = 0; k < a.values.size(); ++k) {
      same = same && a.values[k].value == b.values[k].value && a.values[k].sent == b.values[k].sent;
    }
  }
  CHECK(same);
  const std::string state = a.plant->save();
  for (const std::string& bad :
       {std::string(), std::string("hello"), state.substr(0, state.size() - 1), state + "x"}) {
    CHECK_FALSE(b.plant->load(bad));
  }
}

TEST_CASE("room: two days, hour by hour") {
  Rig rig("2026-04-18T00:00:00Z", 42, 0.02);
  std::string trace = "hour inside outside heating\n";
  for (int hour = 1; hour <= 48; ++hour) {
    if (hour == 30) REQUIRE(rig.plant->inject({"heater_stuck", "", {}, std::chrono::hours(1)}));
    rig.live(steps_an_hour);
    trace += fmt::format("{} {} {} {}\n", hour, rig.values[0].value, rig.values[1].value,
                         rig.values[2].value);
  }
  for (const Label& label : rig.labels.heard) {
    trace += fmt::format("{} {} {} to {}\n", label.over ? "ended" : "began", label.text.en,
                         to_iso8601(label.start), to_iso8601(label.end));
  }
  testing::check_golden("plants/room/golden/two_days.txt", trace);
}

TEST_CASE("room: what is wrong in its table is said") {
  struct Case {
    const char* toml;
    const char* expected;
  };
  const Case cases[] = {{"zone = \"Europe/Pari\"\n", "'zone'"},
                        {"period = \"1h\"\n", "'period'"},
                        {"heater_w = -1\n", "'heater_w'"},
                        {"entiti = \"Room2\"\n", "'entiti'"}};
  for (const Case& c : cases) {
    CAPTURE(c.toml);
    const auto plant = made(c.toml);
    REQUIRE_FALSE(plant);
    CHECK(plant.error().what.find(c.expected) != std::string::npos);
  }
  const auto bare = made("extras = false\nentity = \"Attic\"\n");
  REQUIRE(bare);
  REQUIRE((*bare)->sensor_count() == 1);
  CHECK((*bare)->describe(0).name() == "Attic.temperature");
}

}  // namespace
}  // namespace room
}  // namespace sosie

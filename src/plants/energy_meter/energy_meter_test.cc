#include <algorithm>
#include <memory>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/time_text.h"
#include "core/catalog.h"
#include "plants/energy_meter/machine.h"
#include "simulation/label_book_test.h"
#include "simulation/plant.h"
#include "testing/golden.h"

namespace sosie {

void register_plants_energy_meter(Catalog& catalog);

namespace energy_meter {
namespace {

Result<std::unique_ptr<Plant>> made(const std::string& toml) {
  Catalog catalog;
  register_plants_energy_meter(catalog);
  auto section = Section::read_text("kind = \"energy_meter\"\n" + toml);
  REQUIRE(section);
  return catalog.make<Plant>(*section);
}

struct Rig {
  explicit Rig(const std::string& begins, std::uint64_t seed = 7, double rate = 0,
               const std::string& toml = "") {
    auto made_one = made(toml);
    REQUIRE(made_one);
    plant = std::move(made_one).value();
    plant->set_fault_rate(rate);
    plant->start(*from_iso8601(begins), seed);
  }
  void step() { now = plant->step({&value, 1}, labels); }
  void live(int steps) {
    for (int i = 0; i < steps; ++i) step();
  }
  double kwh() const { return value.value; }

  std::unique_ptr<Plant> plant;
  PlantValue value;
  LabelBook labels;
  Timestamp now;
};

constexpr int steps_an_hour = 1800;
constexpr int steps_a_day = 24 * steps_an_hour;

struct Share {
  int in_band = 0;  ///< 5 to 12
  int above = 0;
  int all = 0;
  double highest = 0;
  double sum = 0;
};

Share measured(Rig& rig, int steps) {
  Share share;
  for (int i = 0; i < steps; ++i) {
    rig.step();
    ++share.all;
    share.in_band += rig.kwh() >= 5 && rig.kwh() <= 12 ? 1 : 0;
    share.above += rig.kwh() > 12 ? 1 : 0;
    share.highest = std::max(share.highest, rig.kwh());
    share.sum += rig.kwh();
  }
  return share;
}

TEST_CASE("energy meter: one long step of a machine equals many short ones") {
  const Machine::Traits traits{.power_kw = 6,
                               .starts_per_hour = 3,
                               .night_share = 0.5,
                               .cycle_min_low = 5,
                               .cycle_min_high = 20,
                               .burst_s = 40,
                               .pause_s = 30,
                               .idle_kw = 0.5};
  const auto begins = *from_iso8601("2026-05-05T08:00:00Z");
  auto zone = Zone::find("Europe/Paris");
  REQUIRE(zone);
  CivilClock clock(*zone);
  Machine once(traits, begins, Random(5));
  Machine often(traits, begins, Random(5));
  double short_kws = 0;
  for (int second = 1; second <= 4 * 3600; ++second) {
    short_kws += often.advance(begins + std::chrono::seconds(second), clock);
  }
  const double long_kws = once.advance(begins + std::chrono::hours(4), clock);
  CHECK(long_kws > 0);
  CHECK(long_kws == doctest::Approx(short_kws).epsilon(1e-9));
  CHECK(once.is_running() == often.is_running());
}

TEST_CASE("energy meter: a week is mostly 5 to 12 kWh, working days peak above" *
          doctest::test_suite("long")) {
  for (const char* month : {"2026-01-12", "2026-04-13", "2026-07-13"}) {
    CAPTURE(month);
    Rig rig(fmt::format("{}T00:00:00Z", month));  // a Monday
    const Share week = measured(rig, 5 * steps_a_day);
    const Share weekend = measured(rig, 2 * steps_a_day);
    CAPTURE(week.highest);
    CAPTURE(week.sum / week.all);
    CAPTURE(static_cast<double>(week.above) / week.all);
    CHECK(week.in_band > 0.9 * week.all);
    CHECK(week.above > 0.002 * week.all);
    CHECK(week.above < 0.1 * week.all);
    CHECK(week.highest < 25);
    CHECK(weekend.above < 0.3 * week.above);
    CHECK(weekend.sum / weekend.all < 0.93 * week.sum / week.all);
  }
}

TEST_CASE("energy meter: uniform, as it was before, by one key") {
  Rig rig("2026-05-05T00:00:00Z", 7, 0, "profile = \"uniform\"\n");
  const Share share = measured(rig, 20000);
  CHECK(share.sum / share.all == doctest::Approx(10).epsilon(0.01));
  CHECK(share.above == doctest::Approx(0.3 * share.all).epsilon(0.05));
  CHECK(share.in_band == doctest::Approx(0.7 * share.all).epsilon(0.05));
  CHECK(share.highest < 15.1);
}

TEST_CASE("energy meter: each fault shows") {
  struct Case {
    const char* fault;
    double size;
    double change;
  };
  for (const Case& c : {Case{"machine_left_on", 20, 5}, Case{"base_load", 8, 2},
                        Case{"under_reporting", 0.5, -3}}) {
    CAPTURE(c.fault);
    Rig sound("2026-05-05T00:00:00Z");
    Rig faulty("2026-05-05T00:00:00Z");
    REQUIRE(faulty.plant->inject({c.fault, "", c.size, std::chrono::hours(1)}));
    sound.live(100);
    faulty.live(100);
    CHECK(faulty.kwh() - sound.kwh() == doctest::Approx(c.change).epsilon(0.2));
    CHECK(faulty.plant->running().size() == 1);
    faulty.live(2 * steps_an_hour);
    CHECK(faulty.plant->running().empty());
    CHECK(faulty.labels.heard.size() == 2);
    CHECK(faulty.labels.heard[0].direct == std::vector<std::string>{"Sensor-LARI-01.energy"});
  }
  Rig silent("2026-05-05T00:00:00Z");
  REQUIRE(silent.plant->inject({"dropout", "Sensor-LARI-01", 1.0, {}}));
  silent.live(5);
  CHECK_FALSE(silent.value.sent);
}

TEST_CASE("energy meter: loaded in another it goes on as if nothing had been") {
  Rig a("2026-06-01T06:00:00Z", 11, 0.2);
  Rig b("2020-01-01T00:00:00Z", 99, 0);
  a.live(3 * steps_an_hour);
  REQUIRE(b.plant->load(a.plant->save()));
  bool same = true;
  for (int i = 0; i < 3 * steps_an_hour; ++i) {
    a.step();
    b.step();
    same = same && a.value.value == b.value.value && a.value.sent == b.value.sent;
  }
  CHECK(same);
  CHECK_FALSE(b.plant->load("hello"));
  CHECK_FALSE(b.plant->load(a.plant->save() + "x"));
}

TEST_CASE("energy meter: two days, hour by hour") {
  Rig rig("2026-05-05T00:00:00Z", 42, 0.02);
  std::string trace = "hour kWh\n";
  for (int hour = 1; hour <= 48; ++hour) {
    if (hour == 30) REQUIRE(rig.plant->inject({"machine_left_on", "", 20, std::chrono::hours(2)}));
    rig.live(steps_an_hour);
    trace += fmt::format("{} {}\n", hour, rig.kwh());
  }
  for (const Label& label : rig.labels.heard) {
    trace += fmt::format("{} {} {} to {}\n", label.over ? "ended" : "began", label.text.en,
                         to_iso8601(label.start), to_iso8601(label.end));
  }
  testing::check_golden("plants/energy_meter/golden/two_days.txt", trace);
}

TEST_CASE("energy meter: what is wrong in its table is said") {
  struct Case {
    const char* toml;
    const char* expected;
  };
  const Case cases[] = {{"profile = \"unifrom\"\n", "did you mean uniform"},
                        {"uniform_high_kwh = 4\n", "'uniform_high_kwh'"},
                        {"period = \"1h\"\n", "'period'"},
                        {"interval = \"1s\"\n", "'interval'"},
                        {"scale = 9\n", "'scale'"},
                        {"locatoin = \"x\"\n", "'locatoin'"}};
  for (const Case& c : cases) {
    CAPTURE(c.toml);
    const auto plant = made(c.toml);
    REQUIRE_FALSE(plant);
    CAPTURE(plant.error().what);
    CHECK(plant.error().what.find(c.expected) != std::string::npos);
  }
}

}  // namespace
}  // namespace energy_meter
}  // namespace sosie

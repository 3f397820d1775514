#include <cmath>
#include <map>

#include <fmt/format.h>

#include "plants/wastewater/design.h"
#include "plants/wastewater/influent.h"
#include "plants/wastewater/rig.h"
#include "plants/wastewater/sensor_list.h"
#include "testing/golden.h"

namespace sosie::wastewater {
namespace {

std::vector<SensorRow> listed() {
  auto rows = read_sensor_list(SOSIE_ROOT "/scenarios/traffeyere/sensors.csv", "traffeyere");
  REQUIRE(rows);
  return std::move(rows).value();
}

TEST_CASE("wastewater: a dry spring week has the station's typical means" *
          doctest::test_suite("long")) {
  // 12 % of the typical value, or this much where the list gives the steady state of a plant whose
  // load never changes (daily peaks of ammonia lift its mean; BSM1's own dry weather mean is 2.5),
  // where the week's wander of nutrients shows, where a pump runs by a timer, and where the list's
  // words give another mean than its typical value: 1.5 mol of iron per mol of phosphate 56 l/h and
  // more, 0.02 kWh/m3 21 kW.
  const std::map<std::string, double> wider{
      {"AIT-309-NH4", 1.0},  {"AIT-408-NH4", 1.0}, {"AIT-810-NH4", 1.0}, {"YS-217", 0.4},
      {"FIT-501", 11},       {"FIT-322", 350},     {"FIT-335", 0.5},     {"YS-510", 0.05},
      {"JIT-511", 3.6},      {"AIT-303-DO", 0.01}, {"AIT-409-NO3", 2},   {"AIT-311-NO3", 2},
      {"AIT-312-NO2", 0.03}, {"AIT-321-PO4", 0.6}, {"AIT-410-PO4", 0.6}, {"AIT-502-PO4", 0.6}};
  Station station;
  station.live(steps_a_day);
  const auto rows = listed();
  std::vector<double> sums(rows.size());
  int count = 0;
  for (int i = 0; i < 7 * steps_a_day; ++i) {
    station.step();
    if (i % 12 != 0) continue;
    ++count;
    for (std::size_t k = 0; k < rows.size(); ++k) sums[k] += station.values[k].value;
  }
  for (std::size_t k = 0; k < rows.size(); ++k) {
    const auto& tag = rows[k].info.entity;
    const auto own = wider.find(tag);
    const double tolerance = own != wider.end() ? own->second : 0.12 * std::abs(rows[k].typical);
    const double mean = sums[k] / count;
    CAPTURE(tag);
    CAPTURE(mean);
    CAPTURE(rows[k].typical);
    CHECK(std::abs(mean - rows[k].typical) <= tolerance);
  }
}

TEST_CASE("wastewater: every value is in its sensor's range, in any weather and season") {
  struct Case {
    const char* begins;
    const char* weather;
  };
  for (const Case& c : {Case{"2026-01-20T00:00:00Z", "dry"},
                        {"2026-07-20T00:00:00Z", "storm"},
                        {"2026-10-24T12:00:00Z", "rain"}}) {  // the clocks change on the 25th
    CAPTURE(c.weather);
    Station station(3, c.begins, 0, c.weather);
    const auto rows = listed();
    int outside = 0;
    for (int i = 0; i < steps_a_day; ++i) {
      station.step();
      for (std::size_t k = 0; k < rows.size(); ++k) {
        const double value = station.values[k].value;
        if (!(value >= *rows[k].info.low && value <= *rows[k].info.high)) ++outside;
      }
    }
    CHECK(outside == 0);
  }
}

TEST_CASE("wastewater: no value, not even a first one, is finer than its sensor shows") {
  Station station;
  const auto rows = listed();
  for (int i = 0; i < 3; ++i) {
    station.step();
    for (std::size_t k = 0; k < rows.size(); ++k) {
      const double ticks = station.values[k].value * rows[k].per_unit;
      CAPTURE(rows[k].info.entity);
      CHECK(ticks == doctest::Approx(std::round(ticks)).epsilon(1e-9));
    }
  }
}

TEST_CASE("wastewater: rain brings flow, and dilutes what the water carries") {
  Station dry(5, "2026-05-05T00:00:00Z", 0, "dry");
  Station rain(5, "2026-05-05T00:00:00Z", 0, "rain");
  dry.live(10 * steps_an_hour);
  rain.live(10 * steps_an_hour);
  CHECK(rain.value("FIT-101") > 1.5 * dry.value("FIT-101"));
  CHECK(rain.value("FIT-801") > 1.4 * dry.value("FIT-801"));
  CHECK(rain.value("AIT-104-COND") < 0.75 * dry.value("AIT-104-COND"));
  CHECK(rain.value("AIT-804-COND") < 0.95 * dry.value("AIT-804-COND"));
  CHECK(rain.value("AIT-109-NH4") < 0.75 * dry.value("AIT-109-NH4"));
  CHECK(rain.value("TIT-103") < dry.value("TIT-103") - 1);
  CHECK(rain.plant->weather() == "rain");
}

double mean_of(Station& station, std::string_view tag, int steps) {
  const std::size_t k = station.index(tag);
  double sum = 0;
  for (int i = 0; i < steps; ++i) {
    station.step();
    sum += station.values[k].value;
  }
  return sum / steps;
}

TEST_CASE("wastewater: a public holiday is a Sunday, and in August part of the town is away") {
  // Two Thursdays of the same spring, the second of them Ascension.
  Station working(5, "2026-05-07T04:00:00Z");
  Station holiday(5, "2026-05-14T04:00:00Z");
  const int day = 16 * steps_an_hour;
  CHECK(mean_of(holiday, "FIT-101", day) < 0.93 * mean_of(working, "FIT-101", day));
  Station june(5, "2026-06-24T04:00:00Z");
  Station august(5, "2026-08-12T04:00:00Z");
  CHECK(mean_of(august, "FIT-101", day) < 0.93 * mean_of(june, "FIT-101", day));
}

TEST_CASE("wastewater: a winter has cold, watery days that no rain explains; a summer has none") {
  struct Seen {
    double most_m3_h = 0;
    double coldest_c = 100;
  };
  const auto sixty_days = [](double first_day) {
    Sky sky(Random(1));
    sky.order(Weather::dry);
    Influent influent(mean_influent_m3_h, Random(3));
    Seen seen;
    LocalTime time;
    for (int day = 0; day < 60; ++day) {
      double flow = 0;
      double celsius = 0;
      for (int i = 0; i < steps_a_day; ++i) {
        time.hour = i * step_h;
        time.day_of_year = first_day + day + time.hour / 24;
        influent.step(time, sky, Disturbance{});
        flow += influent.stream().flow_m3_h / steps_a_day;
        celsius += influent.stream().water[Water::temperature] / steps_a_day;
      }
      seen.most_m3_h = std::max(seen.most_m3_h, flow);
      seen.coldest_c =
          std::min(seen.coldest_c, celsius - 5 * std::sin((time.day_of_year - 124) / 58.1));
    }
    return seen;
  };
  const Seen winter = sixty_days(5);
  const Seen summer = sixty_days(130);
  CHECK(winter.most_m3_h > 1.2 * summer.most_m3_h);
  CHECK(winter.coldest_c < summer.coldest_c - 2);
}

TEST_CASE("wastewater: a storm's first flush is dirty, its second hour is thin") {
  Station station(5, "2026-05-05T00:00:00Z", 0, "dry");
  station.live(6 * steps_an_hour);
  const double before = station.value("AIT-106-TSS");
  REQUIRE(station.plant->set_weather("storm"));
  double peak = 0;
  for (int i = 0; i < 2 * steps_an_hour; ++i) {
    station.step();
    peak = std::max(peak, station.value("AIT-106-TSS"));
  }
  CHECK(peak > 1.5 * before);
  station.live(6 * steps_an_hour);
  CHECK(station.value("AIT-106-TSS") < before);
}

TEST_CASE("wastewater: the same seed gives the same readings, bit for bit; another seed others") {
  Station a(11, "2026-03-28T20:00:00Z", 0.1, "auto");
  Station b(11, "2026-03-28T20:00:00Z", 0.1, "auto");
  Station c(12, "2026-03-28T20:00:00Z", 0.1, "auto");
  bool same = true;
  bool other = false;
  for (int i = 0; i < steps_a_day / 2; ++i) {
    a.step();
    b.step();
    c.step();
    for (std::size_t k = 0; k < a.values.size(); ++k) {
      same = same && a.values[k].value == b.values[k].value && a.values[k].sent == b.values[k].sent;
      other = other || a.values[k].value != c.values[k].value;
    }
  }
  CHECK(same);
  CHECK(other);
  CHECK(a.labels.heard.size() == b.labels.heard.size());
  CHECK(a.labels.heard.size() > 0);
}

TEST_CASE("wastewater: loaded in another plant it goes on as if nothing had been") {
  Station a(11, "2026-06-01T00:00:00Z", 0.2, "auto");
  Station b(99, "2020-01-01T00:00:00Z", 0, "dry");
  a.live(5 * steps_an_hour);
  a.inject("replay", "desinfection");
  a.live(100);
  REQUIRE(b.plant->load(a.plant->save()));
  CHECK(b.plant->save() == a.plant->save());
  CHECK(b.plant->running().size() == a.plant->running().size());
  CHECK(b.plant->fault_rate() == 0.2);
  bool same = true;
  for (int i = 0; i < 5 * steps_an_hour; ++i) {
    a.step();
    b.step();
    for (std::size_t k = 0; k < a.values.size(); ++k) {
      same = same && a.values[k].value == b.values[k].value && a.values[k].sent == b.values[k].sent;
    }
  }
  CHECK(same);
  CHECK(a.now == b.now);
}

TEST_CASE("wastewater: each setpoint moves what it is there for") {
  struct Case {
    const char* name;
    double to;
    const char* tag;
    double less_than;  ///< what the tag then is of what it was, in the mean over six hours
    double more_than;
  };
  for (const Case& c : {Case{"oxygen", 1, "AIT-306-DO", 0.6, 0.4},
                        {"oxygen", 1, "JIT-330", 0.97, 0.5},
                        {"nitrate", 3, "AIT-310-NO3", 4, 1.5},
                        {"return_sludge", 500, "FIT-401", 0.55, 0.4},
                        {"waste_sludge", 60, "FIT-402", 3.2, 2.2},
                        {"ferric", 0.4, "AIT-503-TP", 9, 1.5},
                        {"chlorine", 0.6, "AIT-601-CL2", 2.2, 1.3}}) {
    CAPTURE(c.name);
    Station usual;
    Station set;
    REQUIRE(set.plant->set_setpoint(c.name, c.to));
    usual.live(6 * steps_an_hour);
    set.live(6 * steps_an_hour);
    double before = 0;
    double after = 0;
    for (int i = 0; i < 6 * steps_an_hour; ++i) {
      usual.step();
      set.step();
      before += usual.value(c.tag);
      after += set.value(c.tag);
    }
    CAPTURE(before);
    CAPTURE(after);
    CHECK(after < c.less_than * before);
    CHECK(after > c.more_than * before);
  }
}

TEST_CASE("wastewater: setpoints are of the plant's size, and its state keeps them") {
  Station station;
  REQUIRE(station.plant->set_setpoint("return_sludge", 700));
  const auto refused = station.plant->set_setpoint("oxigen", 2);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().what.find("did you mean 'oxygen'?") != std::string::npos);
  CHECK_FALSE(station.plant->set_setpoint("oxygen", 20));
  auto twin = station.plant->blank();
  REQUIRE(twin->load(station.plant->save()));
  CHECK(twin->save() == station.plant->save());
  for (const Setpoint& one : twin->setpoints()) {
    CAPTURE(one.name);
    CHECK(one.value == doctest::Approx(one.name == "return_sludge" ? 700 : one.usual));
    CHECK(one.low < one.usual);
    CHECK(one.high > one.usual);
    CHECK_FALSE(one.words.fr.empty());
  }
}

TEST_CASE("wastewater: a state that does not fit is refused") {
  Station a;
  const std::string state = a.plant->save();
  for (const std::string& bad :
       {std::string(), std::string("hello"), state.substr(0, state.size() - 1), state + "x",
        "\x7f" + state.substr(1)}) {
    CHECK_FALSE(a.plant->load(bad));
  }
  CHECK(a.plant->load(state));
}

TEST_CASE("wastewater: two days, hour by hour") {
  Station station(42, "2026-11-18T00:00:00Z", 0.02, "dry");
  const std::vector<std::string> tags{"FIT-101",     "AIT-102-PH",  "AIT-104-COND", "AIT-109-NH4",
                                      "AIT-204-TSS", "AIT-306-DO",  "AIT-309-NH4",  "AIT-311-NO3",
                                      "FIT-325",     "AIT-406-TSS", "AIT-503-TP",   "AIT-807-COD",
                                      "JIT-330"};
  std::string trace = "hour";
  for (const auto& tag : tags) trace += " " + tag;
  trace += "\n";
  for (int hour = 1; hour <= 48; ++hour) {
    if (hour == 20) REQUIRE(station.plant->set_weather("storm"));
    if (hour == 24) REQUIRE(station.plant->set_weather("dry"));
    if (hour == 36) {
      station.inject("blower_trip", "", {}, std::chrono::hours(1));
    }
    station.live(steps_an_hour);
    trace += fmt::format("{}", hour);
    for (const auto& tag : tags) trace += fmt::format(" {}", station.value(tag));
    trace += "\n";
  }
  for (const Label& label : station.labels.heard) {
    trace += fmt::format("{} {} {} to {}\n", label.over ? "ended" : "began", label.text.en,
                         to_iso8601(label.start), to_iso8601(label.end));
  }
  testing::check_golden("plants/wastewater/golden/two_days.txt", trace);
}

TEST_CASE("wastewater: what is wrong in its table is said") {
  struct Case {
    std::string name;
    std::string toml;
    std::string expected;
  };
  const std::string sensors = "sensors = \"" SOSIE_ROOT "/scenarios/traffeyere/sensors.csv\"\n";
  const Case cases[] = {
      {"no list", "", "'sensors'"},
      {"zone", sensors + "zone = \"Europe/Pari\"\n", "'zone'"},
      {"size", sensors + "population_equivalent = 10\n", "'population_equivalent'"},
      {"noise", sensors + "noise = \"loud\"\n", "must be \"own\" or \"benchmark\""},
      {"drift", sensors + "drift = 3\n", "'drift'"},
      {"a typo", sensors + "asset_name = \"x\"\n", "'asset_name'"},
  };
  Catalog catalog;
  register_plants_wastewater(catalog);
  for (const auto& c : cases) {
    CAPTURE(c.name);
    auto section = Section::read_text("kind = \"wastewater\"\n" + c.toml);
    REQUIRE(section);
    const auto made = catalog.make<Plant>(*section);
    REQUIRE_FALSE(made);
    CAPTURE(made.error().what);
    CHECK(made.error().what.find(c.expected) != std::string::npos);
  }
}

}  // namespace
}  // namespace sosie::wastewater

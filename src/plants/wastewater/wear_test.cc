#include "plants/wastewater/wear.h"

#include <algorithm>
#include <cmath>

#include "plants/wastewater/rig.h"

namespace sosie::wastewater {
namespace {

LocalTime hour_of_week(int step) {
  LocalTime time;
  time.hour = std::fmod(step * step_h, 24);
  time.weekday = static_cast<int>(step * step_h / 24) % 7;
  return time;
}

TEST_CASE("wear: it grows to when it is due, and is put right in working hours, then begins anew") {
  Wear wear({.every_h = 100, .takes_h = 1}, Random(4));
  double before = wear.share();
  int works = 0;
  int wrong_hours = 0;
  bool was_announced = false;
  bool shrinks = false;
  for (int i = 0; i < 60 * steps_a_day; ++i) {
    const LocalTime time = hour_of_week(i);
    wear.step(time);
    if (wear.is_announced()) {
      const bool at_work = !time.is_weekend() && time.hour >= 8 && time.hour < 16.2;
      wrong_hours += at_work ? 0 : 1;
      works += was_announced ? 0 : 1;
    } else {
      shrinks = shrinks || wear.share() < before;
    }
    was_announced = wear.is_announced();
    before = wear.share();
  }
  CHECK_FALSE(shrinks);
  CHECK(wrong_hours == 0);
  CHECK(works >= 8);  // every 100 h of 1440, and up to three days late
  CHECK(works <= 14);
  CHECK(wear.share() < 2);
}

/// A plant whose diffusers or lamps are due within a day, begun on a Monday.
std::uint64_t soon_due(const Wear Wears::* which, double from) {
  for (std::uint64_t seed = 1; seed < 5000; ++seed) {
    const Wears wears(Random(seed).fork(1).fork(4));
    if ((wears.*which).share() > from) return seed;
  }
  FAIL("no such seed");
  return 0;
}

TEST_CASE("wear: when diffusers or lamps are worked at, their sensors say so") {
  struct Case {
    const Wear Wears::* which;
    double from;
    std::string_view tag;  ///< which nobody else cleans, or changes over
    std::string_view kind;
  };
  for (const Case& c : {Case{&Wears::diffusers, 0.99, "TIT-319", "cleaning"},
                        {&Wears::lamps, 0.9985, "JIT-605", "rotation"}}) {
    CAPTURE(c.tag);
    Station station(soon_due(c.which, c.from), "2026-05-04T00:00:00Z");
    const std::size_t sensor = station.index(c.tag);
    int seen = 0;
    bool is_said = true;
    for (int i = 0; i < 3 * steps_a_day / 2; ++i) {
      station.step();
      for (const Upkeep& one : station.plant->upkeep()) {
        if (one.sensor != sensor || one.kind != c.kind) continue;
        ++seen;
        const auto now = station.plant->confounders();
        const std::string_view confounder = c.kind == "cleaning" ? "N7" : "N8";
        is_said = is_said && station.values[sensor].reason == QualityReason::maintenance &&
                  std::ranges::find(now, confounder) != now.end();
      }
    }
    CHECK(seen > 2 * steps_an_hour);
    CHECK(seen < 4 * steps_an_hour);
    CHECK(is_said);
  }
}

TEST_CASE("wear: foul diffusers lift the air header's pressure, old lamps and dirty sleeves dim") {
  Biology clean(1);
  Biology foul(1);
  const Rotas rotas(Random(1));
  const Disturbance none;
  const Feedback feedback;
  Stream in{1042, {}};
  in.water[Water::temperature] = 15;
  clean.step(in, {}, 15, {none, rotas, 0}, feedback);
  foul.step(in, {}, 15, {none, rotas, 1}, feedback);
  CHECK(foul.header_kpa() - clean.header_kpa() == doctest::Approx(1.5));
  CHECK(foul.blower_kw() > clean.blower_kw());
  CHECK(foul.air_m3_h(5) == clean.air_m3_h(5));

  const auto light = [&](Disinfection::Lamps lamps) {
    Disinfection disinfection(1);
    disinfection.step(in, 0.15, lamps, none, feedback);
    return disinfection.uv_w_m2();
  };
  const double as_new = light({.age = 0, .fouling = 0});
  CHECK(light({.age = 1, .fouling = 0}) == doctest::Approx(0.85 * as_new));
  CHECK(light({.age = 0, .fouling = 1}) == doctest::Approx(0.95 * as_new));
}

}  // namespace
}  // namespace sosie::wastewater

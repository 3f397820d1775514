#include <algorithm>
#include <cmath>
#include <vector>

#include "plants/wastewater/headworks.h"
#include "plants/wastewater/influent.h"
#include "plants/wastewater/primary.h"
#include "plants/wastewater/rig.h"
#include "plants/wastewater/sludge.h"
#include "plants/wastewater/tertiary.h"

namespace sosie::wastewater {
namespace {

Stream sewage(double flow_m3_h) {
  Stream in{flow_m3_h, {}};
  in.water[Water::xs] = 400;
  in.water[Water::xi] = 100;
  in.water[Water::xnd] = 20;
  in.water[Water::po4] = 4;
  in.water[Water::alk] = 7;
  in.water[Water::hydrocarbon] = 2;
  in.water[Water::temperature] = 15;
  return in;
}

TEST_CASE("headworks: after a clogging the rake is soon in step again with a screen without one") {
  Headworks calm(1);
  Headworks struck(1);
  const Rotas rotas(Random(1));
  const Disturbance none;
  Disturbance clogging;
  clogging.screen_clogging = 9;
  double most = 0;
  bool is_in_step = true;
  for (int i = 0; i < 2 * steps_an_hour; ++i) {
    calm.step(sewage(1042), none, rotas.lift_pump);
    struck.step(sewage(1042), i < steps_an_hour ? clogging : none, rotas.lift_pump);
    most = std::max(most, struck.screen_loss_mbar() - calm.screen_loss_mbar());
    if (i > 1.5 * steps_an_hour + 1) {
      is_in_step = is_in_step && struck.screen_loss_mbar() == calm.screen_loss_mbar();
    }
  }
  CHECK(most > 15);
  CHECK(is_in_step);
}

TEST_CASE("headworks: 60 % of the oil goes with the grease, behind the sensor") {
  Headworks headworks(1);
  const Rotas rotas(Random(1));
  for (int i = 0; i < 4 * steps_an_hour; ++i) headworks.step(sewage(1042), {}, rotas.lift_pump);
  CHECK(headworks.chamber()[Water::hydrocarbon] == doctest::Approx(2).epsilon(0.01));
  CHECK(headworks.out().water[Water::hydrocarbon] ==
        doctest::Approx(0.4 * headworks.chamber()[Water::hydrocarbon]));
}

TEST_CASE(
    "primary: sludge is drawn in pulses, 0.7 % of what comes, and no pump gives more than it can") {
  struct Case {
    double flow_m3_h;
    double drawn;
  };
  for (const Case& c : {Case{1042, 0.007}, {1500, 0.007}, {4300, 24.0 / 4300}}) {
    CAPTURE(c.flow_m3_h);
    Primary primary(1);
    double drawn_m3 = 0;
    int pulses = 0;
    int state = primary.pump_state();
    for (int i = 0; i < 6 * steps_an_hour; ++i) {
      primary.step(sewage(c.flow_m3_h), 15);
      drawn_m3 += step_h * primary.sludge().flow_m3_h;
      pulses += primary.pump_state() > state ? 1 : 0;
      state = primary.pump_state();
    }
    CHECK(drawn_m3 == doctest::Approx(6 * c.drawn * c.flow_m3_h).epsilon(0.01));
    CHECK(pulses >= 12);
  }
}

TEST_CASE(
    "tertiary: a clogged filter is washed more often, and again at the hour of the one that is "
    "not") {
  Tertiary calm(1);
  Tertiary struck(1);
  Disturbance clogging;
  clogging.filter_clogging = 10;
  std::vector<int> washes(2);
  bool is_together = true;
  for (int i = 0; i < 48 * steps_an_hour; ++i) {
    const std::array<int, 2> before{calm.wash_pump_state(), struck.wash_pump_state()};
    calm.step(sewage(1000), {}, {});
    struck.step(sewage(1000), i < 12 * steps_an_hour ? clogging : Disturbance{}, {});
    washes[0] += calm.wash_pump_state() > before[0] ? 1 : 0;
    washes[1] += struck.wash_pump_state() > before[1] ? 1 : 0;
    if (i > 36 * steps_an_hour) {
      is_together = is_together && calm.wash_pump_state() == struck.wash_pump_state();
    }
  }
  CHECK(washes[1] > washes[0] + 1);
  CHECK(is_together);
}

TEST_CASE("tertiary: each mol of iron takes three of alkalinity") {
  Tertiary without(1);
  Tertiary with(1);
  Disturbance pump_failed;
  pump_failed.ferric_pump_failed = true;
  for (int i = 0; i < 6 * steps_an_hour; ++i) {
    without.step(sewage(1000), pump_failed, {});
    with.step(sewage(1000), {}, {});
  }
  const double iron_mol_m3 = with.iron_dose_g_m3() / 55.85;
  CHECK(without.coagulated()[Water::alk] - with.coagulated()[Water::alk] ==
        doctest::Approx(3 * iron_mol_m3).epsilon(1e-3));
}

/// Even sludge from a Monday on; the sixth week is looked at.
TEST_CASE("sludge line: reject water comes on the centrifuge's shift, and what waits is taken") {
  SludgeLine line(1);
  SludgeLine::Feed feed;
  feed.primary = sewage(7.3);
  feed.primary.water = with_solids(feed.primary.water, 75);
  feed.waste = sewage(21.7);
  feed.waste.water = with_solids(feed.waste.water, 17);
  double on_shift_g = 0;
  double all_g = 0;
  double digested_g = 0;
  double stands_m3_h = 0;
  bool is_on_time = true;
  for (int i = 0; i < 42 * steps_a_day; ++i) {
    LocalTime time;
    time.hour = std::fmod(i * step_h, 24);
    time.weekday = (1 + i / steps_a_day) % 7;
    line.step(feed, time, 15, {});
    if (i < 35 * steps_a_day) continue;
    const double ammonia_g = step_h * line.returned().flow_m3_h * line.returned().water[Water::snh];
    all_g += ammonia_g;
    digested_g += step_h * line.feed_m3_h() * line.digester()[Water::snh];
    const bool is_shift = !time.is_weekend() && time.hour >= 8 && time.hour < 16.5;
    if (is_shift) on_shift_g += ammonia_g;
    if (time.weekday == 0) stands_m3_h = std::max(stands_m3_h, line.returned().flow_m3_h);
    // It runs up and down within two minutes.
    const bool is_between = std::abs(time.hour - 8.02) < 0.04 || std::abs(time.hour - 16.02) < 0.04;
    const bool should = !time.is_weekend() && time.hour >= 8 && time.hour < 16;
    is_on_time = is_on_time && (is_between || line.has_shift() == should);
  }
  CHECK(is_on_time);
  CHECK(on_shift_g > 0.999 * all_g);
  CHECK(stands_m3_h < 21.7);  // the thickener's overflow alone
  // A week's ammonia, less what the side stream takes.
  CHECK(all_g == doctest::Approx(0.2 * digested_g).epsilon(0.1));
}

TEST_CASE("sludge line: a long holiday's sludge waits, and is caught up with overtime") {
  SludgeLine line(1);
  SludgeLine::Feed feed;
  feed.primary = sewage(30);
  feed.primary.water = with_solids(feed.primary.water, 75);
  LocalTime sunday;
  sunday.weekday = 0;
  int runs = 0;
  for (int i = 0; i < 10 * steps_a_day; ++i) {
    line.step(feed, sunday, 15, {});
    runs += line.has_shift() ? 1 : 0;
  }
  // It holds 1500 m3: full after 40 hours, then emptied to 1000 at 50 m3/h, while 30 come.
  CHECK(runs > 5 * steps_a_day * 0.8);
  CHECK(runs < 10 * steps_a_day * 0.8);
}

TEST_CASE(
    "influent: a first flush has colour beside its solids; all the rain takes 3 degC at most") {
  Sky sky(Random(1));
  sky.order(Weather::dry);
  Influent influent(1042, Random(3));
  LocalTime time;
  time.hour = 9;
  influent.step(time, sky, {});
  const double dry_c = influent.stream().water[Water::temperature];
  CHECK(influent.first_flush_g_m3() == 0);
  sky.order(Weather::storm);
  double most = 0;
  double coldest = 100;
  for (int i = 0; i < 12 * steps_an_hour; ++i) {
    influent.step(time, sky, {});
    most = std::max(most, influent.first_flush_g_m3());
    coldest = std::min(coldest, influent.stream().water[Water::temperature]);
  }
  CHECK(most > 200);
  CHECK(influent.first_flush_g_m3() < 0.2 * most);  // washed out
  CHECK(coldest > dry_c - 4);                       // the day's own wander included
  CHECK(coldest < dry_c - 2);
}

TEST_CASE("water: metals part between water and particles, and none are lost") {
  Water w;
  w[Water::metal_free] = 10;
  w[Water::metal_bound] = 290;
  for (const double solids : {0.0, 12.5, 400.0, 3300.0}) {
    CAPTURE(solids);
    w[Water::xi] = solids / 0.75;
    share_metal(w);
    CHECK(total_metal(w) == doctest::Approx(300));
    CHECK(w[Water::metal_free] == doctest::Approx(300 / (1 + 3e4 * solids * 1e-6)));
  }
  // What settles out of a water in balance leaves it in balance.
  const double free = w[Water::metal_free];
  Water cleared = with_solids(w, 0.1);
  share_metal(cleared);
  CHECK(cleared[Water::metal_free] == doctest::Approx(free));
}

}  // namespace
}  // namespace sosie::wastewater

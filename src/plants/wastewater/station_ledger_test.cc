#include "plants/wastewater/station_ledger.h"

#include <cmath>

#include <doctest/doctest.h>

#include "plants/wastewater/rig.h"

namespace sosie::wastewater {
namespace {

LocalTime local_time(int step) {
  const double hours = step * step_h;
  LocalTime time;
  time.hour = std::fmod(hours, 24);
  time.day_of_year = std::fmod(hours / 24, 365);
  time.weekday = static_cast<int>(hours / 24) % 7;
  return time;
}

/// The process alone, whose loops know the truth, with its books kept.
struct Kept {
  explicit Kept(Weather weather) : process(125000, Random(5)) {
    process.order(weather);
    ledger.begin(process);
  }
  void live(int steps, const Disturbance& disturbance) {
    for (int i = 0; i < steps; ++i) {
      ActivatedSludge::Gas gas;
      process.step(local_time(now++), disturbance, feedback, &gas);
      feedback.do_reactor_5 = process.biology.reactor(5)[Water::so];
      feedback.nitrate_reactor_2 = process.biology.reactor(2)[Water::sno];
      feedback.phosphate_tertiary = process.tertiary.inlet()[Water::po4];
      feedback.chlorine = process.disinfection.residual_chlorine();
      ledger.enter(process, gas);
    }
  }
  void close(double within) const {
    const auto water = ledger.water_m3(process);
    const auto cod = ledger.cod_g(process);
    const auto nitrogen = ledger.nitrogen_g(process);
    MESSAGE("came ", water.came, " m3, ", cod.came, " g COD, ", nitrogen.came,
            " g N; of these is missing ", water.error(), ", ", cod.error(), ", ", nitrogen.error());
    CHECK(std::abs(water.error()) < within);
    CHECK(std::abs(cod.error()) < within);
    CHECK(std::abs(nitrogen.error()) < within);
    CHECK(water.came > 0);
    CHECK(std::abs(cod.stored) > 0);
  }

  Process process;
  Feedback feedback;
  StationLedger ledger;
  int now = 0;
};

TEST_CASE(
    "station ledger: water, COD and nitrogen of the whole station close, storm and faults too") {
  Kept kept(Weather::dry);
  kept.live(6 * steps_an_hour, {});
  Disturbance spill;
  spill.organic_g_m3 = 400;
  spill.toxin = 1;
  spill.acid_mol_m3 = 3;
  spill.hydrocarbon_g_m3 = 20;
  kept.live(2 * steps_an_hour, spill);
  Disturbance broken;
  broken.blower_share_301 = broken.blower_share_302 = 0;
  broken.return_pump_failed = true;
  broken.waste_valve_open = true;
  broken.bulking_ml_g = 140;
  kept.live(4 * steps_an_hour, broken);
  kept.process.order(Weather::storm);
  broken = {};
  broken.flow_factor = 2;
  broken.lift_pump_failed = true;
  kept.live(4 * steps_an_hour, broken);
  kept.process.order(Weather::dry);
  kept.live(8 * steps_an_hour, {});
  kept.close(1e-11);
}

/// Issue 7: to 1e-9, over a year.
TEST_CASE("station ledger: a year of any weather closes to 1e-9" * doctest::test_suite("long")) {
  Kept kept(Weather::automatic);
  kept.live(365 * 24 * steps_an_hour, {});
  kept.close(1e-9);
}

}  // namespace
}  // namespace sosie::wastewater

#include "engine/what_if_outcome.h"

#include <doctest/doctest.h>

#include "core/section.h"
#include "simulation/toy_tank_test.h"

namespace sosie {
namespace {

using std::chrono::hours;

/// As if the tank's level were the outlet's BOD5 (limit 25) and total nitrogen (10), and its inflow
/// the power.
ComplianceConfig tank_limits() {
  auto scenario = Section::read_text(R"(
[compliance]
population_equivalent = 125000
sensitive_area = true
[compliance.inlet]
flow = "flow"
[compliance.outlet]
BOD5 = "level"
TN = "level"
COD = "nobody"
[compliance.energy]
powers = ["flow"]
)");
  auto config = ComplianceConfig::read(*scenario);
  REQUIRE(config);
  REQUIRE(*config);
  return std::move(**config);
}

Outcomes outcome_of(Duration ahead) {
  const ToyTank tank;
  WhatIfQuestion question;
  question.ahead = ahead;
  question.change = {.setpoints = {{"inflow", 4}}, .weather = "wet"};
  const auto told = what_if(tank, question);
  REQUIRE(told);
  const auto outcomes = outcomes_of(*told, tank, tank_limits(), *Zone::find("Europe/Paris"));
  REQUIRE(outcomes);
  return *outcomes;
}

TEST_CASE("what if: the compliance of both futures, by samples from where they part") {
  const auto outcomes = outcome_of(hours(48));
  CHECK(outcomes.sample_hours == 24);
  const auto& before = outcomes.unchanged.compliance;
  const auto& after = outcomes.changed.compliance;
  REQUIRE(before.parameters.size() == 2);  // nobody measures COD
  CHECK(before.parameters[0].parameter == Parameter::bod5);
  CHECK(before.parameters[0].taken == 2);
  CHECK(before.parameters[0].failed == 0);
  CHECK(before.parameters[0].mean_mg_l == doctest::Approx(5).epsilon(0.01));
  CHECK(before.verdict == DeruVerdict::compliant);
  // V = 40 - 35 exp(-t/5 h): the mean of the first day is 32.7, of the second 39.9.
  CHECK(after.parameters[0].days[0].value_mg_l == doctest::Approx(32.7).epsilon(0.02));
  CHECK(after.parameters[0].days[1].value_mg_l == doctest::Approx(39.9).epsilon(0.02));
  CHECK(after.parameters[0].failed == 2);
  CHECK(after.parameters[1].limit.annual_mean);
  CHECK_FALSE(after.parameters[1].ok);
  CHECK(after.verdict == DeruVerdict::not_compliant);
  CHECK(outcomes.unchanged.efficiency.kwh_per_day == doctest::Approx(24).epsilon(0.01));
  CHECK(outcomes.changed.efficiency.kwh_per_day == doctest::Approx(8 * 24).epsilon(0.01));
}

TEST_CASE("what if: less than a day gives a sample of what there is, and says of how much") {
  const auto outcomes = outcome_of(hours(6));
  CHECK(outcomes.sample_hours == 6);
  REQUIRE(outcomes.changed.compliance.parameters.size() == 2);
  CHECK(outcomes.changed.compliance.parameters[0].taken == 1);
}

TEST_CASE("what if: a day of unusual inflow is judged, and said not to count") {
  const ToyTank tank;
  WhatIfQuestion question;
  question.change.weather = "wet";
  const auto told = what_if(tank, question);
  REQUIRE(told);
  auto config = tank_limits();
  config.reference_flow_m3_per_day = 30;  // 24 m3 a day come as it is, 48 then
  const auto outcomes = outcomes_of(*told, tank, config, *Zone::find("Europe/Paris"));
  REQUIRE(outcomes);
  CHECK(outcomes->unchanged.unusual == 0);
  CHECK(outcomes->changed.unusual == 1);
  CHECK(outcomes->changed.compliance.parameters.size() == 2);
}

TEST_CASE("what if: the sensors that compliance asks for") {
  const ToyTank tank;
  CHECK(compliance_sensors(tank, tank_limits()) == std::vector<std::size_t>{1, 0, 0, 1});
}

}  // namespace
}  // namespace sosie

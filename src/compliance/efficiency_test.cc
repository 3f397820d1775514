#include "compliance/efficiency.h"

#include <limits>

#include <doctest/doctest.h>

namespace sosie {
namespace {

double percent_of(const std::optional<double>& value) {
  return value.value_or(std::numeric_limits<double>::quiet_NaN());
}

TEST_CASE("efficiency: removal of what is measured at both ends, and its price") {
  EfficiencyInput input;
  input.means[Parameter::cod] = {.inlet_mg_l = 640, .outlet_mg_l = 32};
  input.means[Parameter::tss] = {.inlet_mg_l = 400, .outlet_mg_l = 4};
  input.means[Parameter::tn] = {.inlet_mg_l = std::nullopt, .outlet_mg_l = 15};
  input.means[Parameter::bod5] = {.inlet_mg_l = 0, .outlet_mg_l = 1};
  input.flow_m3_per_h = 1000;
  input.energy_kwh_per_day = 9480;
  input.powers = {{"a", 35}, {"b", 200}, {"a", 5}};
  const auto result = efficiency(input);
  REQUIRE(result.removals.size() == 2);
  CHECK(result.removals[0].parameter == Parameter::cod);
  CHECK(result.removals[0].percent == doctest::Approx(95));
  CHECK(result.removals[1].percent == doctest::Approx(99));
  CHECK(percent_of(result.overall_percent) == doctest::Approx(97));
  CHECK(percent_of(result.kwh_per_day) == 9480);
  CHECK(percent_of(result.flow_m3_per_day) == 24'000);
  CHECK(percent_of(result.kwh_per_m3) == doctest::Approx(0.395));
  REQUIRE(result.by_stage.size() == 2);
  CHECK(result.by_stage[0].stage == "a");
  CHECK(result.by_stage[0].kw == 40);
  CHECK(result.by_stage[1].kw == 200);
}

TEST_CASE("efficiency: without a meter the powers are the energy") {
  EfficiencyInput input;
  input.powers = {{"a", 35}, {"b", 65}};
  CHECK(percent_of(efficiency(input).kwh_per_day) == 2400);
  CHECK(!efficiency(input).kwh_per_m3);
}

TEST_CASE("efficiency: of nothing is nothing, and no water has no price") {
  CHECK(!efficiency({}).overall_percent);
  CHECK(!efficiency({}).kwh_per_day);
  CHECK(!efficiency({}).flow_m3_per_day);
  EfficiencyInput dry;
  dry.flow_m3_per_h = 0;
  dry.energy_kwh_per_day = 100;
  CHECK(!efficiency(dry).kwh_per_m3);
}

TEST_CASE("efficiency: more out than in is below 0") {
  EfficiencyInput input;
  input.means[Parameter::tn] = {.inlet_mg_l = 10, .outlet_mg_l = 12};
  CHECK(percent_of(efficiency(input).overall_percent) == doctest::Approx(-20));
}

}  // namespace
}  // namespace sosie

#include "compliance/samples.h"

#include <doctest/doctest.h>

namespace sosie {
namespace {

TEST_CASE("samples: the outlet's days, with what the inlet's say of the same") {
  const std::chrono::local_days first{std::chrono::year(2026) / 5 / 1};
  const auto second = first + std::chrono::days(1);
  EndSamples inlet;
  EndSamples outlet;
  inlet.concentrations[Parameter::cod] = {{second, 600}};
  inlet.volumes = {{first, 20000}, {second, 21000}};
  outlet.concentrations[Parameter::cod] = {{first, 40}, {second, 45}};
  outlet.volumes = {{second, 20500}};
  const auto samples = day_samples(inlet, outlet);
  REQUIRE(samples[Parameter::cod].size() == 2);
  const DaySample& one = samples[Parameter::cod][0];
  CHECK(one.outlet_mg_l == 40);
  CHECK_FALSE(one.inlet_mg_l);
  CHECK(one.inlet_m3 == 20000);
  CHECK_FALSE(one.outlet_m3);
  const DaySample& two = samples[Parameter::cod][1];
  CHECK(two.day == second);
  CHECK(two.inlet_mg_l == 600);
  CHECK(two.outlet_m3 == 20500);
  CHECK(samples[Parameter::tss].empty());
}

}  // namespace
}  // namespace sosie

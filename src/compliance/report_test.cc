#include "compliance/report.h"

#include <doctest/doctest.h>

namespace sosie {
namespace {

const std::chrono::local_days first{std::chrono::year(2026) / 3 / 1};

std::chrono::local_days march(int n) {
  return first + std::chrono::days(n);
}

ComplianceConfig reported() {
  ComplianceConfig config;
  config.population_equivalent = 125'000;
  config.sensitive_area = true;
  config.reference_flow_m3_per_day = 40'000;
  return config;
}

/// Twenty days of COD at the outlet: 40 mg/l, but 140, 260 and 300 on three; the fourth day is not
/// measured, and on the 300's day it poured.
ComplianceReport period(int from, int to, int today) {
  EndSamples inlet;
  EndSamples outlet;
  for (int n = 0; n < 20; ++n) {
    const double volume = n == 12 ? 60'000 : 20'000;
    inlet.volumes.push_back({march(n), volume});
    if (n == 3) continue;
    const double value = n == 5 ? 140 : n == 9 ? 260 : n == 12 ? 300 : 40;
    outlet.concentrations[Parameter::cod].push_back({march(n), value});
  }
  return compliance_report(reported(), inlet, outlet, march(from), march(to), march(today));
}

const ParameterReport& cod(const ComplianceReport& of) {
  return of.parameters.at(1);
}

TEST_CASE("compliance report: what was taken, what failed, what may, what was not measured") {
  const auto of = period(0, 19, 30);
  CHECK(of.asked_a_year == 24);
  CHECK_FALSE(of.is_whole_year);
  REQUIRE(of.parameters.size() == 5);  // measured or not: the directive limits them
  CHECK(of.parameters[0].parameter == Parameter::bod5);
  CHECK_FALSE(of.parameters[0].verdict);
  CHECK(of.parameters[0].not_measured.size() == 20);
  const auto& one = cod(of);
  REQUIRE(one.verdict);
  CHECK(one.verdict->taken == 18);
  CHECK(one.verdict->failed == 2);
  CHECK(one.verdict->allowed == 3);
  CHECK(one.gross == 1);  // 260 is above 250; the day on which it poured does not count
  CHECK(one.unusual == 1);
  CHECK_FALSE(one.verdict->ok);
  CHECK(of.verdict == DeruVerdict::not_compliant);
  CHECK(one.not_measured == std::vector{march(3)});
  CHECK_FALSE(one.has_reduction);
  CHECK(one.verdict->mean_mg_l == doctest::Approx((16 * 40 + 140 + 260) / 18.0));
}

TEST_CASE("compliance report: only the period counts, and what has not ended is not missing") {
  const auto before = period(0, 8, 30);
  CHECK(cod(before).verdict->taken == 8);
  CHECK(cod(before).verdict->failed == 1);
  CHECK(before.verdict == DeruVerdict::compliant);
  const auto running = period(15, 25, 21);
  CHECK(cod(running).not_measured == std::vector{march(20)});
  CHECK(period(15, 25, 30).parameters[1].not_measured.size() == 6);
  const auto poured = period(12, 12, 30);
  CHECK_FALSE(cod(poured).verdict);
  CHECK(cod(poured).unusual == 1);
  CHECK(poured.verdict == DeruVerdict::unknown);
}

TEST_CASE("compliance report: by the directive of the scenario") {
  auto config = reported();
  config.directive = Directive::of_2024;
  config.population_equivalent = 150'000;
  EndSamples outlet;
  outlet.concentrations[Parameter::tn] = {{march(0), 9}};
  const auto of = compliance_report(config, {}, outlet, march(0), march(364), march(400));
  CHECK(of.is_whole_year);
  CHECK(of.parameters[3].limit.concentration_mg_l == 8);
  CHECK_FALSE(of.parameters[3].verdict->ok);
}

}  // namespace
}  // namespace sosie

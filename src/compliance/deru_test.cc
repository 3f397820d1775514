#include "compliance/deru.h"

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace sosie {
namespace {

ComplianceConfig plant(double population_equivalent, bool sensitive = true, bool solids = true) {
  ComplianceConfig config;
  config.population_equivalent = population_equivalent;
  config.sensitive_area = sensitive;
  config.suspended_solids = solids;
  return config;
}

std::chrono::local_days day(int n) {
  return std::chrono::local_days{std::chrono::days(20'000 + n)};
}

/// Days of the given outlet values, all with the same inlet value if there is one.
std::vector<DaySample> samples(const std::vector<double>& outlet, std::optional<double> inlet) {
  std::vector<DaySample> days;
  for (const double value : outlet) {
    DaySample sample;
    sample.day = day(static_cast<int>(days.size()));
    sample.outlet_mg_l = value;
    sample.inlet_mg_l = inlet;
    days.push_back(sample);
  }
  return days;
}

/// `good` days of 1 mg/l, then `bad` days of `value`.
std::vector<double> outlet(int good, int bad, double value) {
  std::vector<double> values(static_cast<std::size_t>(good), 1.0);
  values.insert(values.end(), static_cast<std::size_t>(bad), value);
  return values;
}

DeruReport report(Parameter parameter, std::vector<DaySample> days,
                  const ComplianceConfig& of = plant(125'000)) {
  PerParameter<std::vector<DaySample>> all;
  all[parameter] = std::move(days);
  return deru_report(of, all, {});
}

double gap(const std::optional<double>& value) {
  return value.value_or(std::numeric_limits<double>::quiet_NaN());
}

TEST_CASE("deru: limits by plant size and area") {
  struct Case {
    const char* name;
    ComplianceConfig plant;
    Parameter parameter = Parameter::bod5;
    const char* limit;  // "mg/l or %, gross, a: annual mean"
  };
  const Case cases[] = {
      {"BOD5", plant(125'000), Parameter::bod5, "25 70 50"},
      {"COD", plant(125'000), Parameter::cod, "125 75 250"},
      {"TSS, large", plant(125'000), Parameter::tss, "35 90 87.5"},
      {"TSS, 10,000", plant(10'000), Parameter::tss, "60 70 150"},
      {"TSS left out", plant(125'000, true, false), Parameter::tss, "none"},
      {"TN above 100,000", plant(100'001), Parameter::tn, "10 70 0 a"},
      {"TN at 100,000", plant(100'000), Parameter::tn, "15 70 0 a"},
      {"TN at 10,000", plant(10'000), Parameter::tn, "none"},
      {"TN elsewhere", plant(125'000, false), Parameter::tn, "none"},
      {"TP above 100,000", plant(125'000), Parameter::tp, "1 80 0 a"},
      {"TP below", plant(50'000), Parameter::tp, "2 80 0 a"},
      {"TP elsewhere", plant(125'000, false), Parameter::tp, "none"},
      {"a village", plant(1'999), Parameter::bod5, "none"},
      {"the smallest with limits", plant(2'000), Parameter::bod5, "25 70 50"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    const auto limit = deru_limit(c.parameter, c.plant);
    const auto text =
        limit ? fmt::format("{:g} {:g} {:g}{}", limit->concentration_mg_l, limit->min_reduction_pct,
                            limit->gross_mg_l, limit->annual_mean ? " a" : "")
              : "none";
    CHECK(text == c.limit);
  }
}

TEST_CASE("deru: the limits of 2024/3019, where the scenario asks for them") {
  struct Case {
    const char* name;
    ComplianceConfig plant;
    Parameter parameter = Parameter::bod5;
    const char* limit;
  };
  const Case cases[] = {
      {"BOD5", plant(125'000), Parameter::bod5, "25 70"},
      {"COD", plant(1'000), Parameter::cod, "125 75"},
      {"TSS", plant(5'000), Parameter::tss, "35 90"},
      {"a hamlet", plant(999), Parameter::bod5, "none"},
      {"TN at 150,000", plant(150'000, false), Parameter::tn, "8 80"},
      {"TN below", plant(149'999), Parameter::tn, "10 80"},
      {"TN below, elsewhere", plant(149'999, false), Parameter::tn, "none"},
      {"TP at 150,000", plant(150'000), Parameter::tp, "0.5 90"},
      {"TP below", plant(10'000), Parameter::tp, "0.7 87.5"},
      {"TP of a small one", plant(9'999), Parameter::tp, "none"},
  };
  for (auto c : cases) {
    CAPTURE(c.name);
    c.plant.directive = Directive::of_2024;
    const auto limit = deru_limit(c.parameter, c.plant);
    const auto text =
        limit ? fmt::format("{:g} {:g}", limit->concentration_mg_l, limit->min_reduction_pct)
              : "none";
    CHECK(text == c.limit);
  }
}

TEST_CASE("deru: table 3, every line of it") {
  // {first, last, allowed} as the table is printed.
  const std::vector<std::array<int, 3>> lines{
      {0, 3, 0},      {4, 7, 1},      {8, 16, 2},     {17, 28, 3},    {29, 40, 4},
      {41, 53, 5},    {54, 67, 6},    {68, 81, 7},    {82, 95, 8},    {96, 110, 9},
      {111, 125, 10}, {126, 140, 11}, {141, 155, 12}, {156, 171, 13}, {172, 187, 14},
      {188, 203, 15}, {204, 219, 16}, {220, 235, 17}, {236, 251, 18}, {252, 268, 19},
      {269, 284, 20}, {285, 300, 21}, {301, 317, 22}, {318, 334, 23}, {335, 350, 24},
      {351, 366, 25}};
  for (const auto& [first, last, allowed] : lines) {
    for (int n = first; n <= last; ++n) {
      CAPTURE(n);
      CHECK(deru_allowed_failures(n) == allowed);
    }
  }
}

TEST_CASE("deru: sample by sample") {
  struct Case {
    const char* name;
    Parameter parameter;
    std::vector<double> outlet;
    std::optional<double> inlet;
    const char* expected;  // "verdict failed/taken allowed score"
  };
  const Case cases[] = {
      {"at the limit", Parameter::bod5, {25.0}, {}, "compliant 0/1 0 100.0"},
      {"above, of one", Parameter::bod5, {25.1}, {}, "not_compliant 1/1 0 99.6"},
      {"above, but reduced enough", Parameter::bod5, {30.0}, 100.0, "compliant 0/1 0 100.0"},
      {"above, not reduced enough", Parameter::bod5, {30.1}, 100.0, "not_compliant 1/1 0 79.6"},
      {"one of four may", Parameter::cod, outlet(3, 1, 200), {}, "compliant 1/4 1 85.0"},
      {"two of seven may not", Parameter::cod, outlet(5, 2, 200), {}, "not_compliant 2/7 1 82.9"},
      {"two of eight may", Parameter::cod, outlet(6, 2, 200), {}, "compliant 2/8 2 85.0"},
      {"25 of a year may", Parameter::cod, outlet(340, 25, 200), {}, "compliant 25/365 25 95.9"},
      {"26 may not", Parameter::cod, outlet(339, 26, 200), {}, "not_compliant 26/365 25 95.7"},
      {"at twice the limit it is one failure",
       Parameter::cod,
       outlet(364, 1, 250),
       {},
       "compliant 1/365 25 99.7"},
      {"beyond, it is not tolerated",
       Parameter::cod,
       outlet(364, 1, 250.1),
       {},
       "not_compliant 1/365 25 99.7"},
      {"beyond, but reduced enough, it is no failure", Parameter::cod, outlet(364, 1, 250.1),
       1100.0, "compliant 0/365 25 100.0"},
      {"TSS may go to 2.5 times", Parameter::tss, outlet(3, 1, 87.5), {}, "compliant 1/4 1 75.0"},
      {"TSS beyond", Parameter::tss, outlet(3, 1, 87.6), {}, "not_compliant 1/4 1 75.0"},
      {"only the last year counts",
       Parameter::cod,
       outlet(0, 400, 200),
       {},
       "not_compliant 366/366 25 40.0"},
      {"an empty inlet says nothing", Parameter::bod5, {30.0}, 0.0, "not_compliant 1/1 0 80.0"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    const auto result = report(c.parameter, samples(c.outlet, c.inlet));
    REQUIRE(result.parameters.size() == 1);
    const auto& p = result.parameters.front();
    CHECK(fmt::format("{} {}/{} {} {:.1f}", to_text(result.verdict), p.failed, p.taken, p.allowed,
                      p.score) == c.expected);
    CHECK(gap(result.score) == p.score);
  }
}

TEST_CASE("deru: nitrogen and phosphorus by the year's mean") {
  struct Case {
    const char* name;
    Parameter parameter;
    std::vector<double> outlet;
    std::optional<double> inlet;
    const char* expected;  // "verdict mean reduction score"
  };
  const Case cases[] = {
      {"days above, mean below", Parameter::tn, {4, 16}, {}, "compliant 10 nan 100"},
      {"mean above", Parameter::tn, {4, 18}, {}, "not_compliant 11 nan 90"},
      {"mean above, reduced by 70 %", Parameter::tn, {14, 16}, 50.0, "compliant 15 70 100"},
      {"mean above, reduced by less", Parameter::tn, {14, 18}, 50.0, "not_compliant 16 68 40"},
      {"TP by 80 %", Parameter::tp, {1.5, 1.7}, 8.0, "compliant 1.6 80 100"},
      {"TP by 75 %", Parameter::tp, {2.0}, 8.0, "not_compliant 2 75 0"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    const auto result = report(c.parameter, samples(c.outlet, c.inlet));
    REQUIRE(result.parameters.size() == 1);
    const auto& p = result.parameters.front();
    CHECK(fmt::format("{} {:g} {:.4g} {:.4g}", to_text(result.verdict), p.mean_mg_l,
                      gap(p.reduction_pct), p.score) == c.expected);
  }
}

TEST_CASE("deru: a reduction is one of loads where the volumes are known") {
  auto days = samples({30, 30}, 100.0);
  for (auto& d : days) d.inlet_m3 = 1000;
  days[0].outlet_m3 = 900;   // 100 * (1 - 27 / 100)
  days[1].outlet_m3 = 1100;  // 100 * (1 - 33 / 100)
  const auto both = report(Parameter::bod5, days);
  CHECK(gap(both.parameters.front().days[0].reduction_pct) == doctest::Approx(73));
  CHECK(gap(both.parameters.front().days[1].reduction_pct) == doctest::Approx(67));
  CHECK(gap(both.parameters.front().reduction_pct) == doctest::Approx(70));
  CHECK(both.parameters.front().failed == 1);

  days[1].outlet_m3.reset();  // and where one is not, one of concentrations
  const auto one = report(Parameter::bod5, days);
  CHECK(gap(one.parameters.front().days[1].reduction_pct) == doctest::Approx(70));
  CHECK(gap(one.parameters.front().reduction_pct) == doctest::Approx(70));
}

TEST_CASE("deru: days of more than the reference flow count neither way") {
  auto config = plant(125'000);
  config.reference_flow_m3_per_day = 30'000;
  auto days = samples({10, 300, 300}, std::nullopt);
  days[1].inlet_m3 = 30'001;
  days[2].inlet_m3 = 90'000;
  const auto storm = report(Parameter::cod, days, config);
  CHECK(storm.verdict == DeruVerdict::compliant);
  CHECK(storm.parameters.front().taken == 1);
  CHECK(storm.parameters.front().days.size() == 3);
  CHECK(storm.parameters.front().days[1].unusual);
  CHECK(storm.parameters.front().mean_mg_l == 10);

  days[1].inlet_m3 = 30'000;  // not more
  CHECK(report(Parameter::cod, days, config).verdict == DeruVerdict::not_compliant);

  days[0].inlet_m3 = 30'001;
  days[1].inlet_m3 = 30'001;
  CHECK(report(Parameter::cod, days, config).verdict == DeruVerdict::unknown);  // none is left
}

TEST_CASE("deru: the worst parameter is the score; with no sample yet, as it is now") {
  PerParameter<std::vector<DaySample>> days;
  days[Parameter::bod5] = samples({10}, std::nullopt);
  PerParameter<Current> now;
  now[Parameter::bod5] = {.outlet_mg_l = 50,
                          .inlet_mg_l = std::nullopt};  // has a sample: no matter
  now[Parameter::cod] = {.outlet_mg_l = 150, .inlet_mg_l = 300};
  now[Parameter::tp] = {.outlet_mg_l = std::nullopt, .inlet_mg_l = 8};
  now[Parameter::tn] = {.outlet_mg_l = 30, .inlet_mg_l = 40};  // a year's mean is not over it yet
  const auto result = deru_report(plant(125'000), days, now);
  CHECK(result.verdict == DeruVerdict::compliant);
  CHECK(gap(result.score) == doctest::Approx(80));
  REQUIRE(result.now.size() == 3);
  for (const NowVerdict& one : result.now) CHECK(!one.ok);
  CHECK(gap(result.now[1].reduction_pct) == doctest::Approx(50));

  const auto nothing = deru_report(plant(125'000), {}, {});
  CHECK(nothing.verdict == DeruVerdict::unknown);
  CHECK(!nothing.score);
  CHECK(to_text(nothing.verdict) == "unknown");
}

TEST_CASE("deru: the score falls with a failure, never rises") {
  double last = 100;
  for (int value = 25; value < 60; ++value) {
    const auto score =
        gap(report(Parameter::bod5, samples({1, 1, double(value)}, std::nullopt)).score);
    CHECK(score <= last);
    last = score;
  }
  CHECK(last == doctest::Approx(200.0 / 3));
}

}  // namespace
}  // namespace sosie

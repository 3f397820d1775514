#include "evaluation/flags.h"

#include <doctest/doctest.h>

namespace sosie {
namespace {

Timestamp second(int n) {
  return Timestamp(std::chrono::hours(24 * 20000) + std::chrono::seconds(n));
}

std::vector<Reading> readings(std::initializer_list<std::pair<int, double>> of) {
  std::vector<Reading> all;
  for (const auto& [n, value] : of) all.push_back({.at = second(n), .value = value, .series = {}});
  return all;
}

TEST_CASE("flags: what a recording's own flag missed, and what it cried for nothing") {
  const auto values =
      readings({{0, 1}, {2, 18.58}, {4, 14.2}, {6, 12}, {8, 25}, {10, 3}, {12, -1}});
  const auto flags = readings({{0, 0}, {2, 0}, {4, 1}, {6, 1}, {10, 0}, {12, 0}});
  const std::vector<Edge> edges{{"high", 12, true}, {"high_high", 20, true}, {"low", 0, false}};
  const auto report = compare_flags(values, flags, edges);
  CHECK(report.rows == 6);
  CHECK(report.flagged == 2);
  CHECK(report.beyond == 4);
  CHECK(report.missed == 3);
  CHECK(report.wrong == 1);
  REQUIRE(report.listed.size() == 5);
  CHECK(report.listed[0].beyond == "high");
  CHECK_FALSE(report.listed[0].is_flagged);
  CHECK(report.listed[2].beyond.empty());
  CHECK(report.listed[3].beyond == "high_high");
  CHECK(report.listed[4].beyond == "low");
  CHECK(compare_flags({}, flags, edges).beyond == 0);
}

}  // namespace
}  // namespace sosie

#include "scoring/counters.h"

#include <cmath>
#include <limits>
#include <vector>

#include <doctest/doctest.h>

#include "base/random.h"
#include "scoring/stack.h"

namespace sosie::scoring {
namespace {

constexpr double gap = std::numeric_limits<double>::quiet_NaN();

TEST_CASE("counters: what counts, and what only climbs for a while") {
  Random random(3);
  Block block{.columns = 5, .cells = {}};
  double steps = 0;
  for (int i = 0; i < 400; ++i) {
    steps += random.uniform() < 0.2 ? random.uniform() : 0;
    const double settles = std::min(i, 200);
    const double falls = i == 300 ? 0 : i;
    for (const double x : {steps, settles, falls, 7.0, 0.1 * i}) block.cells.push_back(x);
  }
  const Counters counters(block);
  CHECK(counters.has(0));
  CHECK_FALSE(counters.has(1));
  CHECK_FALSE(counters.has(2));
  CHECK_FALSE(counters.has(3));
  CHECK(counters.has(4));
}

TEST_CASE("counters: growth, over gaps, and where one begins anew") {
  Block block{.columns = 1, .cells = {}};
  for (int i = 0; i < 200; ++i) block.cells.push_back(100 + 0.1 * i);
  Counters counters(block);
  struct Case {
    const char* name;
    double count;
    double growth;
  };
  const Case cases[] = {
      {"the first says nothing", 100, gap},
      {"the usual step, to the last digit", 100.1, 0.1},
      {"more", 103.1, 3},
      {"a gap", gap, gap},
      {"its share", 109.1, 3},
      {"a step back is no beginning", 108.1, -1},
      {"a beginning", 2, 2},
  };
  double usual = 0;
  for (const auto& c : cases) {
    CAPTURE(c.name);
    std::vector<double> row{c.count};
    counters.replace(row);
    CHECK(std::isnan(row[0]) == std::isnan(c.growth));
    if (std::isnan(c.growth)) continue;
    CHECK(row[0] == doctest::Approx(c.growth));
    if (c.growth == 0.1) usual = row[0];
  }
  // Without a remainder: what is always the same step must not tremble by its rounding.
  std::vector<double> row{1e6};
  counters.replace(row);
  row[0] = 1e6 + 0.1;
  counters.replace(row);
  CHECK(row[0] == usual);
}

TEST_CASE("stack: a counter that goes on counting is no alarm, one that stands still is") {
  Random random(4);
  double count = 0;
  const auto row = [&](double growth) {
    count += growth * std::abs(1 + 0.2 * random.normal());
    return std::vector{count, random.normal()};
  };
  Block block{.columns = 2, .cells = {}};
  for (int i = 0; i < 1000; ++i) {
    const auto values = row(1);
    block.cells.insert(block.cells.end(), values.begin(), values.end());
  }
  Stack stack(block, 0);
  int calm = 0;
  for (int i = 0; i < 3000; ++i) calm += stack.look(row(1)).flag ? 1 : 0;
  CHECK(calm < 60);
  int still = 0;
  int named = 0;
  for (int i = 0; i < 100; ++i) {
    const auto verdict = stack.look(row(0));
    still += verdict.flag ? 1 : 0;
    named += verdict.flag && verdict.column == 0 ? 1 : 0;
  }
  CHECK(still > 80);
  CHECK(named > 70);
}

}  // namespace
}  // namespace sosie::scoring

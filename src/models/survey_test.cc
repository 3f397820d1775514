#include "models/survey.h"

#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include "base/random.h"
#include "models/level_watch.h"

namespace sosie::models {
namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

Timestamp minute(int number) {
  return Timestamp(std::chrono::hours(24 * 365 * 50) + std::chrono::minutes(number));
}

/// Columns: 0 walks · 1 follows it · 2 noise of its own · 3 constant · 4 as column 2 · 5 mostly
/// missing · 6 joins at half time · 7 in another unit after two thirds.
SurveyFacts surveyed(int rows, std::size_t sample = 2048) {
  Survey survey(8, sample);
  Random chance(7);
  double walk = 0;
  for (int i = 0; i < rows; ++i) {
    walk = 0.95 * walk + chance.normal();
    const double own = chance.normal();
    survey.take(minute(i),
                std::vector<double>{walk, 3 * walk + 0.1 * chance.normal(), own, 4, own,
                                    i % 20 == 0 ? own : missing, 2 * i >= rows ? own : missing,
                                    (10 + own) * (3 * i >= 2 * rows ? 1000 : 1)});
  }
  return survey.finish();
}

TEST_CASE("a survey of what is to be learned from") {
  for (const std::size_t sample : {std::size_t{2048}, std::size_t{300}}) {
    CAPTURE(sample);
    const auto facts = surveyed(3000, sample);
    CHECK(facts.rows == 3000);
    CHECK(facts.period == std::chrono::minutes(1));
    CHECK(facts.gaps == 0);
    const auto& c = facts.columns;
    CHECK(c[3].is_constant);
    CHECK_FALSE(c[0].is_constant);
    CHECK(c[4].same_as == 2);
    CHECK_FALSE(c[2].same_as);
    CHECK(c[5].known == doctest::Approx(0.05));
    CHECK(c[6].joins == minute(1500));
    CHECK_FALSE(c[0].joins);
    REQUIRE(c[7].jump);
    CHECK(c[7].jump->after / c[7].jump->before == doctest::Approx(1000).epsilon(0.05));
    CHECK(std::abs((c[7].jump->at - minute(2000)).count()) < 60e6 * 160);
    CHECK_FALSE(c[0].jump);
    CHECK_FALSE(c[2].jump);
    CHECK(c[1].told_by_others.value() > 0.9);
    CHECK(c[0].told_by_others.value() > 0.9);
    CHECK_FALSE(c[3].told_by_others);
    CHECK(c[2].spread == doctest::Approx(1).epsilon(0.2));
  }
}

/// A sensor around `level` that wanders by `deviation`, 4000 values; from half of them on changed.
template <class Change>
SurveyFacts changed_half_way(std::uint64_t seed, double level, double deviation, double memory,
                             const Change& change) {
  Survey survey(1);
  Random chance(seed);
  double walk = 0;
  for (int i = 0; i < 4000; ++i) {
    walk = memory * walk + std::sqrt(1 - memory * memory) * chance.normal();
    const double value = level + deviation * walk;
    survey.take(minute(i), std::vector{i < 2000 ? value : change(value)});
  }
  return survey.finish();
}

TEST_CASE("a survey: a unit that is changed half-way is seen, however the sensor wanders") {
  using Change = double (*)(double);
  struct Case {
    Change change;
    double factor;
    double offset;
  };
  const Case cases[]{{[](double v) { return 1000 * v; }, 1000, 0},
                     {[](double v) { return 3.6 * v; }, 3.6, 0},
                     {[](double v) { return v / 1000; }, 0.001, 0},
                     {[](double v) { return 1.8 * v + 32; }, 1.8, 32},
                     {[](double v) { return (v - 32) / 1.8; }, 1 / 1.8, -32 / 1.8},
                     {[](double v) { return v + 273.15; }, 1, 273.15}};
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    for (const auto& [change, factor, offset] : cases) {
      for (const double memory : {0.0, 0.95}) {
        CAPTURE(seed);
        CAPTURE(factor);
        CAPTURE(memory);
        const auto facts =
            changed_half_way(seed, 20, 1 + static_cast<double>(seed), memory, change);
        const auto& jump = facts.columns[0].jump;
        REQUIRE(jump);
        CHECK(jump->factor == doctest::Approx(factor));
        CHECK(jump->offset == doctest::Approx(offset));
        CHECK(std::abs((jump->at - minute(2000)).count()) < 60e6 * 30);
        CHECK_FALSE(facts.columns[0].moved);
        const double deviation = (1 + static_cast<double>(seed)) * factor;
        CHECK(facts.columns[0].spread == doctest::Approx(deviation).epsilon(0.3));
      }
    }
  }
}

/// The second of two such sensors is in another unit from half of the rows on.
TEST_CASE("a survey: of a unit that changed, the others tell as much as of the part that is left") {
  int named = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    Survey survey(2);
    Random chance(seed);
    double walk = 0;
    for (int i = 0; i < 6000; ++i) {
      walk = 0.995 * walk + 0.1 * chance.normal();
      const double value = 20 + 2 * walk + 0.1 * chance.normal();
      survey.take(minute(i),
                  std::vector{100 * walk + 5 * chance.normal(), i < 3000 ? value : 3.6 * value});
    }
    const auto facts = survey.finish();
    CHECK_FALSE(facts.columns[0].jump);
    REQUIRE(facts.columns[1].jump);
    named += facts.columns[1].jump->factor == doctest::Approx(3.6) ? 1 : 0;  // not 3.785
    CHECK(facts.columns[1].told_by_others.value() > 0.95);
    CHECK(facts.columns[0].told_by_others.value() > 0.95);
  }
  CHECK(named >= 17);
}

TEST_CASE("a survey: a level that really moved is told, and is no unit") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    for (const double by : {48.0, -30.0}) {
      const auto facts = changed_half_way(seed, 40, 3, 0.9, [&](double v) { return v + by; });
      CHECK_FALSE(facts.columns[0].jump);
      REQUIRE(facts.columns[0].moved);
      CHECK(facts.columns[0].moved->after - facts.columns[0].moved->before ==
            doctest::Approx(by).epsilon(0.1));
    }
  }
}

TEST_CASE("a survey: what wanders, has days, rests or grows noisy has not changed its unit") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    Survey survey(6);
    Random chance(seed);
    double walk = 0;
    double free = 0;
    for (int i = 0; i < 2000; ++i) {
      walk = 0.99 * walk + 0.14 * chance.normal();
      free += 0.2 * chance.normal();
      survey.take(minute(i), std::vector{20 + 5 * walk, 20 + free, std::exp(walk),
                                         20 + 10 * std::sin(i / 80.0) + chance.normal(),
                                         (i / 170) % 2 == 0 ? 1.0 : 10.0,
                                         20 + chance.normal() * (i < 1000 ? 1 : 4)});
    }
    const auto columns = survey.finish().columns;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      CAPTURE(i);
      CHECK_FALSE(columns[i].jump);
      CHECK_FALSE(columns[i].moved);
    }
  }
}

TEST_CASE("a survey of times") {
  Survey survey(1);
  for (int i = 0; i < 300; ++i) survey.take(minute(i), std::vector{1.0});
  for (int i = 0; i < 300; ++i) survey.take(minute(1000 + 5 * i), std::vector{1.0});
  const auto facts = survey.finish();
  CHECK(facts.early_period == std::chrono::minutes(1));
  CHECK(facts.late_period == std::chrono::minutes(5));
  CHECK(facts.longest_gap == std::chrono::minutes(701));
}

TEST_CASE("a survey of nothing, of one row, of fewer rows than sensors") {
  CHECK(Survey(3).finish().rows == 0);
  Survey one(2);
  one.take(minute(0), std::vector{1.0, missing});
  const auto facts = one.finish();
  CHECK(facts.rows == 1);
  CHECK(facts.columns[0].is_constant);
  CHECK(facts.columns[1].known == 0);
  CHECK(surveyed(5).columns[0].told_by_others == std::nullopt);
}

TEST_CASE("levels that moved for good, and those that only went for a walk") {
  using enum Place;
  LevelWatch watch({.memory = std::chrono::hours(10), .moved = 0.5});
  const auto live = [&](int from, int to, std::vector<Place> places) {
    for (int i = from; i < to; i += 10) watch.take(minute(i), places);
  };
  live(0, 1200, {inside, inside, inside});
  CHECK(watch.moved().empty());
  live(1200, 1440, {outside, inside, unknown});  // four hours of rain
  CHECK(watch.moved().empty());
  live(1440, 2400, {inside, outside, unknown});
  CHECK(watch.moved() == std::vector<std::size_t>{1});
  CHECK(watch.share_outside(1) > 0.7);
  CHECK(watch.share_outside(2) == 0);  // under an alarm nothing is ordinary
  watch.reset();
  CHECK(watch.moved().empty());
}

TEST_CASE("a gap says little of levels") {
  LevelWatch watch({.memory = std::chrono::hours(10), .moved = 0.5});
  for (int i = 0; i < 1200; i += 10) watch.take(minute(i), std::vector{Place::inside});
  watch.take(minute(60'000), std::vector{Place::outside});
  CHECK(watch.moved().empty());
}

}  // namespace
}  // namespace sosie::models

#include "scoring/shapes.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include <doctest/doctest.h>

#include "base/random.h"

namespace sosie::scoring {
namespace {

constexpr std::size_t beat = 100;

/// A steep rise and a slow fall, the same each time but for a little noise.
float saw(std::size_t i, Random& random) {
  const auto phase = static_cast<double>(i % beat) / static_cast<double>(beat);
  const double shape = phase < 0.2 ? phase / 0.2 : (1 - phase) / 0.8;
  return static_cast<float>(shape + 0.02 * random.normal());
}

std::vector<float> saws(std::size_t rows, Random& random) {
  std::vector<float> values;
  values.reserve(rows);
  for (std::size_t i = 0; i < rows; ++i) values.push_back(saw(i, random));
  return values;
}

double most(const Shapes::Found& found) {
  return std::ranges::max(found.surprise);
}

/// The most that is said of the rows from `begin` to `end`, which go on where learning ended.
double most_surprise(Shapes& shapes, std::span<const float> values) {
  double surprise = 0;
  for (const float value : values) surprise = std::max(surprise, most(shapes.look({&value, 1})));
  return surprise;
}

TEST_CASE("period: after how many rows a column comes back to the same") {
  Random random(1);
  std::vector<float> values(40'000);
  const auto fill = [&](double period, double noise) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double phase = 2 * std::numbers::pi * static_cast<double>(i) / period;
      values[i] = static_cast<float>(std::sin(phase) + 0.5 * std::sin(2 * phase + 1) +
                                     noise * random.normal());
    }
  };
  struct Case {
    const char* name;
    double period;
    double noise;
    double off;  ///< the most
  };
  const Case cases[] = {
      {"short", 24, 0.1, 1},
      {"as long as is seen row by row", 700, 0.1, 3},
      {"long", 5000, 0.1, 40},
      {"noisy", 100, 0.4, 4},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    fill(c.period, c.noise);
    const auto found = period_of(values);
    CHECK(std::abs(static_cast<double>(found.rows) - c.period) <= c.off);
    CHECK(found.strength > 0.3);
  }
  fill(100, 30);
  CHECK_MESSAGE(period_of(values).rows == 0, "noise that hides it");
  fill(20'000, 0.1);
  CHECK_MESSAGE(period_of(values).rows == 0, "it comes back but twice");
  std::ranges::fill(values, 7.0F);
  CHECK_MESSAGE(period_of(values).rows == 0, "nothing moves");
  std::ranges::fill(values, std::numeric_limits<float>::quiet_NaN());
  CHECK_MESSAGE(period_of(values).rows == 0, "nothing is known");
  CHECK(period_of({}).rows == 0);
}

TEST_CASE("shapes: one that never was is surprising within its usual range, and only while it is") {
  Random random(2);
  const auto learning = saws(3000, random);
  Shapes shapes(learning, 1, {});
  REQUIRE(!shapes.empty());
  CHECK(shapes.take_learned().size() == learning.size());
  CHECK(most_surprise(shapes, saws(500, random)) < 5);
  auto mirrored = saws(beat, random);
  std::ranges::reverse(mirrored);
  CHECK(most_surprise(shapes, mirrored) > 10);
  most_surprise(shapes, saws(beat, random));  // what is behind is half a period at most
  CHECK(most_surprise(shapes, saws(500, random)) < 5);
}

TEST_CASE("shapes: what is known is the whole record of learning, long or short") {
  Random random(3);
  Shapes shapes(saws(10'000, random), 1, {});  // more than is remembered
  REQUIRE(!shapes.empty());
  CHECK(most_surprise(shapes, saws(1000, random)) < 6);
}

TEST_CASE("shapes: noise has none, nor what nothing foretells") {
  Random random(4);
  std::vector<float> values;
  values.reserve(3000);
  double course = 0;
  for (int i = 0; i < 3000; ++i) {
    course = 0.95 * course + random.normal();
    values.push_back(static_cast<float>(course));
  }
  Shapes shapes(values, 1, {});
  CHECK(shapes.empty());
  CHECK(shapes.take_learned().empty());
  CHECK(Shapes({}, 1, {}).empty());
  CHECK(Shapes({}, 0, {}).empty());
}

TEST_CASE("shapes: a fault that is not learned from does not hide the next like it") {
  Random random(5);
  auto learning = saws(3000, random);
  std::vector<std::uint32_t> fault(beat);
  for (std::uint32_t i = 0; i < beat; ++i) fault[i] = 1000 + i;
  std::ranges::reverse(std::span(learning).subspan(1000, beat));
  auto mirrored = saws(beat, random);
  std::ranges::reverse(mirrored);
  Shapes blind(learning, 1, {});
  Shapes shapes(learning, 1, fault);
  CHECK(most_surprise(shapes, mirrored) > 1.5 * most_surprise(blind, mirrored));
}

TEST_CASE("shapes: a shape that stays becomes usual") {
  Random random(6);
  Shapes shapes(saws(3000, random), 1, {});
  auto mirrored = saws(beat, random);
  std::ranges::reverse(mirrored);
  const double first = most_surprise(shapes, mirrored);
  for (int i = 0; i < 20; ++i) most_surprise(shapes, mirrored);
  CHECK(most_surprise(shapes, mirrored) < first / 2);
}

TEST_CASE("shapes: single values that are missing do no harm, and a gap says nothing") {
  constexpr float none = std::numeric_limits<float>::quiet_NaN();
  Random random(7);
  Shapes shapes(saws(3000, random), 1, {});
  auto values = saws(500, random);
  for (std::size_t i = 7; i < values.size(); i += 50) values[i] = none;
  CHECK(most_surprise(shapes, values) < 6);
  const std::vector<float> gap(beat, none);
  most_surprise(shapes, std::span(gap).first(beat / 4));
  CHECK(most_surprise(shapes, std::span(gap).subspan(beat / 4)) == 0);
}

TEST_CASE("shapes: of several columns the strangest is named") {
  constexpr std::size_t rows = 3000;
  Random random(8);
  std::vector<float> cells;
  cells.reserve(3 * rows);
  for (std::size_t i = 0; i < rows; ++i) {
    cells.push_back(static_cast<float>(random.normal()));
    cells.push_back(saw(i, random));
    cells.push_back(saw(i + beat / 3, random));
  }
  Shapes shapes(cells, 3, {});
  Shapes::Found strangest;
  for (std::size_t i = 0; i < beat; ++i) {
    const std::array values{static_cast<float>(random.normal()), saw(i, random),
                            saw(beat - 1 - i, random)};
    const auto found = shapes.look(values);
    if (most(found) > most(strangest)) strangest = found;
  }
  CHECK(most(strangest) > 5);
  const auto k = std::ranges::max_element(strangest.surprise) - strangest.surprise.begin();
  CHECK(strangest.column.at(static_cast<std::size_t>(k)) == 2);
}

}  // namespace
}  // namespace sosie::scoring

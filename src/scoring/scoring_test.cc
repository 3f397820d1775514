#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include "base/random.h"
#include "scoring/features.h"
#include "scoring/profile.h"
#include "scoring/season.h"
#include "scoring/stack.h"
#include "statistics/eigen.h"
#include "statistics/pca.h"
#include "statistics/redundancy.h"
#include "statistics/state_memory.h"

namespace sosie::scoring {
namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

/// Columns that follow two hidden ones, each with noise of its own.
class MadeUp {
 public:
  MadeUp(std::size_t columns, std::uint64_t seed) : random_(seed), columns_(columns) {
    for (std::size_t i = 0; i < 2 * columns; ++i) weights_.push_back(random_.normal());
  }

  std::vector<double> row() {
    for (auto& h : hidden_) h = 0.9 * h + 0.436 * random_.normal();
    std::vector<double> values;
    values.reserve(columns_);
    for (std::size_t c = 0; c < columns_; ++c) {
      values.push_back(20 + weights_[2 * c] * hidden_[0] + weights_[2 * c + 1] * hidden_[1] +
                       0.2 * random_.normal());
    }
    return values;
  }

  Block block(std::size_t rows) {
    Block block{.columns = columns_, .cells = {}};
    for (std::size_t i = 0; i < rows; ++i) {
      const auto values = row();
      block.cells.insert(block.cells.end(), values.begin(), values.end());
    }
    return block;
  }

 private:
  Random random_;
  std::size_t columns_;
  std::vector<double> weights_;
  std::array<double, 2> hidden_{};
};

TEST_CASE("profile: steady, wandering, constant, empty") {
  Random random(1);
  Block block{.columns = 4, .cells = {}};
  double walk = 0;
  for (int i = 0; i < 400; ++i) {
    walk += random.normal();
    for (const double x : {random.normal(), walk, 7.0, nothing}) block.cells.push_back(x);
  }
  const auto profiles = profiles_of(block);
  CHECK_FALSE(profiles[0].is_slow);
  CHECK(profiles[1].is_slow);
  CHECK_FALSE(profiles[1].is_constant);
  CHECK(profiles[2].is_constant);
  CHECK(profiles[2].known == 1);
  CHECK(profiles[3].is_constant);
  CHECK(profiles[3].known == 0);
}

TEST_CASE("features: a course passes over an excursion and accepts a new level") {
  Random random(2);
  std::array<Profile, 1> profiles;
  profiles[0].middle = 5;
  Features features(profiles, {.slow = 100, .quick = 10, .steady = 1000});
  const auto take = [&](double level) {
    const std::array<double, 1> row{level + 0.1 * random.normal()};
    features.take(row, -1, Pace::ordinary);
    return static_cast<double>(features.row()[0]);  // high_long
  };
  for (int i = 0; i < 500; ++i) take(5);
  for (int i = 0; i < 5; ++i) CHECK(take(15) > 9);
  double off = 0;
  for (int i = 0; i < 20; ++i) off += take(5) / 20;
  CHECK(std::abs(off) < 0.3);  // it was not drawn away
  int rows = 0;
  while (take(15) > 1 && rows < 1000) ++rows;
  CHECK(rows > 30);
  CHECK(rows < 400);
}

TEST_CASE("season: a daily course that every day has, and none where days differ") {
  Random random(8);
  std::vector<double> daily;
  std::vector<double> walk;
  std::vector<double> of_day;
  double at = 0;
  for (int i = 0; i < 3 * 288; ++i) {
    of_day.push_back(static_cast<double>(i % 288) / 288);
    at += random.normal();
    walk.push_back(at);
    daily.push_back((of_day.back() > 0.5 ? 80 : 20) + random.normal());
  }
  const auto season = season_of(daily, of_day);
  REQUIRE(season.size() == season_parts);
  CHECK(season[10] == doctest::Approx(20).epsilon(0.1));
  CHECK(season[90] == doctest::Approx(80).epsilon(0.1));
  const auto course = left_out_course(daily, of_day);
  double other_days = 0;  // a quarter of an hour is three rows, two other days have six
  for (const std::size_t i : {288U, 289U, 290U, 576U, 577U, 578U}) other_days += daily[i] / 6;
  CHECK(course[0] == doctest::Approx(other_days));
  CHECK(season_of(walk, of_day).empty());
  CHECK(season_of(std::span(daily).first(288), std::span(of_day).first(288)).empty());
  CHECK(season_of(daily, {}).empty());
}

TEST_CASE("stack: what is usual at its hour is no alarm, and its absence is one") {
  Random random(10);
  Block block{.columns = 1, .cells = {}};
  std::vector<double> of_day;
  const auto usual = [&](int i) { return (i % 288 > 144 ? 80 : 20) + random.normal(); };
  for (int i = 0; i < 3 * 288; ++i) {
    of_day.push_back(static_cast<double>(i % 288) / 288);
    block.cells.push_back(usual(i));
  }
  Stack stack(block, 300, of_day);
  std::size_t flagged = 0;
  for (int i = 0; i < 4 * 288; ++i) {
    const std::array<double, 1> row{usual(i)};
    flagged += stack.look(row, of_day[static_cast<std::size_t>(i % 288)]).flag ? 1 : 0;
  }
  CHECK(flagged < 60);
  std::size_t found = 0;
  for (int i = 0; i < 288; ++i) {
    const std::array<double, 1> row{20 + random.normal()};  // the day does not begin
    found += stack.look(row, of_day[static_cast<std::size_t>(i)]).flag ? 1 : 0;
  }
  CHECK(found > 20);
}

TEST_CASE("stack: ordinary life that goes on takes the doubt of a short learning away") {
  // A fault too small for what 200 rows let expect is told once a few thousand were seen.
  std::size_t early = 0;
  std::size_t late = 0;
  std::size_t needless = 0;
  for (const std::uint64_t seed : {21U, 22U, 23U, 24U, 25U, 26U}) {
    MadeUp source(5, seed);
    const auto block = source.block(200);
    Stack fresh(block, 0);
    Stack old(block, 0);
    for (int i = 0; i < 3000; ++i) needless += old.look(source.row()).flag ? 1 : 0;
    for (int i = 0; i < 60; ++i) {
      auto values = source.row();
      values[3] += 1.2;
      early += fresh.look(values).flag ? 1 : 0;
      late += old.look(values).flag ? 1 : 0;
    }
  }
  CHECK(late > early);
  CHECK(needless < 1800);  // of 18000: 200 rows are few
}

TEST_CASE("stack: change points lie at both edges of a fault") {
  MadeUp source(6, 12);
  Stack stack(source.block(1000), 0);
  std::vector<int> changes;
  for (int i = 0; i < 600; ++i) {
    auto values = source.row();
    if (i >= 200 && i < 400) values[2] += 5;
    if (stack.look(values).change) changes.push_back(i);
  }
  const auto near = [&](int edge) {
    return std::ranges::any_of(changes, [&](int at) { return at >= edge && at < edge + 20; });
  };
  CHECK(near(200));
  CHECK(near(400));
  CHECK(changes.size() <= 5);
}

TEST_CASE("features: missing values are not known, and counted") {
  const std::array<Profile, 1> profiles{};
  Features features(profiles, {});
  features.take(std::array{1.0}, -1, Pace::ordinary);
  features.take(std::array{nothing}, -1, Pace::ordinary);
  features.take(std::array{nothing}, -1, Pace::ordinary);
  CHECK(std::isnan(features.row()[0]));
  CHECK(features.row()[static_cast<std::size_t>(Feature::absent)] == 2);
  features.take(std::array{1.0}, -1, Pace::ordinary);
  CHECK(features.row()[static_cast<std::size_t>(Feature::absent)] == 0);
  CHECK(features.row()[static_cast<std::size_t>(Feature::still)] == 1);
}

TEST_CASE("pca: distances within and off the plane, worked by hand") {
  Matrix covariance(2);  // both columns the same but for noise: eigenvalues 1.9 and 0.1
  covariance.at(0, 0) = covariance.at(1, 1) = 1;
  covariance.at(0, 1) = covariance.at(1, 0) = 0.9;
  Pca pca(std::move(covariance), 0.9);
  REQUIRE(pca.components() == 1);
  const std::vector<float> along{2, 2};
  CHECK(pca.distances(along).t2 == doctest::Approx(8 / 1.9));
  CHECK(pca.distances(along).q == doctest::Approx(0).epsilon(1e-5));
  const std::vector<float> across{1, -1};
  CHECK(pca.distances(across).t2 == doctest::Approx(0).epsilon(1e-5));
  CHECK(pca.distances(across).q == doctest::Approx(2));
}

TEST_CASE("redundancy: the column that leaves the others has the largest residual") {
  Matrix covariance(3);  // three that are the same but for noise
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) covariance.at(i, j) = i == j ? 1 : 0.9;
  }
  Redundancy redundancy(std::move(covariance));
  const std::vector<float> odd{1, 1, -1};
  const auto residuals = redundancy.residuals(odd);
  CHECK(std::abs(residuals[2]) > 1.5 * std::abs(residuals[0]));
  // (1.05 - 0.9) I + 0.9 J has the inverse (I - 0.9/2.85 J) / 0.15.
  CHECK(residuals[0] == doctest::Approx((1 - 0.9 / 2.85) / 0.15));
  CHECK(redundancy.culprit(odd) == 2);
  CHECK(Redundancy(Matrix(1)).is_empty());
}

TEST_CASE("memory: knows two ways to be, and that nothing lies between them") {
  Random random(6);
  std::vector<float> rows;
  for (int i = 0; i < 400; ++i) {
    const double way = i % 2 == 0 ? 3 : -3;
    rows.push_back(static_cast<float>(way + 0.3 * random.normal()));
    rows.push_back(static_cast<float>(way + 0.3 * random.normal()));
  }
  StateMemory memory(rows, 2, 64);
  CHECK(memory.size() == 64);
  CHECK(memory.distance(std::array{3.0F, 3.0F}) < 0.3);
  CHECK(memory.distance(std::array{-3.0F, -3.0F}) < 0.3);
  CHECK(memory.distance(std::array{0.0F, 0.0F}) > 5);  // where the mean of all rows is
  CHECK(memory.distance(std::array{3.0F, -3.0F}) > 15);
  CHECK(StateMemory({}, 2, 64).distance(std::array{1.0F, 1.0F}) == 0);
}

struct Heard {
  std::size_t flagged = 0;
  std::size_t changes = 0;
  std::vector<std::size_t> blamed;
};

Heard judge(Stack& stack, MadeUp& source, std::size_t rows, std::size_t column, double shift) {
  Heard heard;
  for (std::size_t i = 0; i < rows; ++i) {
    auto values = source.row();
    values[column] += shift;
    const auto verdict = stack.look(values);
    CHECK(verdict.score >= 0);
    CHECK(verdict.score <= 1);
    if (verdict.change) ++heard.changes;
    if (!verdict.flag) continue;
    ++heard.flagged;
    heard.blamed.push_back(verdict.column);
  }
  return heard;
}

TEST_CASE("stack: says little of ordinary rows, finds a shift, names the sensor") {
  for (const std::uint64_t seed : {1U, 2U, 3U, 4U, 5U}) {
    CAPTURE(seed);
    MadeUp source(8, seed);
    Stack stack(source.block(1000), 0);
    CHECK(judge(stack, source, 1000, 0, 0).flagged < 100);
    const auto heard = judge(stack, source, 100, 5, 4);
    CHECK(heard.flagged > 80);
    const auto right = std::ranges::count(heard.blamed, 5U);
    CHECK(static_cast<std::size_t>(right) > heard.blamed.size() * 3 / 4);
  }
}

TEST_CASE("stack: the row in which an alarm begins stands above all others") {
  for (const std::size_t learned : {5U, 500U}) {
    CAPTURE(learned);
    MadeUp source(4, 11);
    Stack stack(source.block(learned), 0);
    std::size_t begun = 0;
    bool was_on = false;
    for (std::size_t i = 0; i < 1200; ++i) {
      auto values = source.row();
      if (i % 400 >= 380) values[2] += 50;
      const auto verdict = stack.look(values);
      CHECK((verdict.score > 0.9) == (verdict.flag && !was_on));
      begun += verdict.flag && !was_on ? 1 : 0;
      was_on = verdict.flag;
    }
    CHECK(begun >= 3);
  }
}

TEST_CASE("stack: who learned from a longer record has no more false alarms by the record") {
  constexpr std::size_t learned = 16'000;
  MadeUp source(3, 5);
  Stack stack(source.block(learned), 0);
  std::size_t begun = 0;
  bool was_on = false;
  for (std::size_t i = 0; i < learned; ++i) {
    const bool is_on = stack.look(source.row()).flag;
    begun += is_on && !was_on ? 1 : 0;
    was_on = is_on;
  }
  CHECK(begun < 14);
}

TEST_CASE("stack: what it says of a row does not depend on later ones") {
  MadeUp source(4, 7);
  const auto block = source.block(300);
  Stack once(block, 0);
  Stack other(block, 0);
  for (int i = 0; i < 50; ++i) {
    const auto values = source.row();
    CHECK(once.look(values).score == other.look(values).score);
  }
  other.look(std::array{1e6, 1e6, 1e6, 1e6});
}

TEST_CASE("stack: whatever is wrong with the rows of learning") {
  struct Case {
    const char* name;
    std::size_t columns;
    std::size_t rows;
    double known;
  };
  const Case cases[] = {{"one row", 3, 1, 1},
                        {"no row", 3, 0, 1},
                        {"few rows", 3, 25, 1},
                        {"more columns than rows", 60, 40, 1},
                        {"nine in ten missing", 5, 500, 0.1},
                        {"all missing", 5, 500, 0}};
  for (const auto& c : cases) {
    CAPTURE(c.name);
    Random random(11);
    MadeUp source(c.columns, 3);
    auto block = source.block(c.rows);
    for (auto& cell : block.cells) {
      if (random.uniform() >= c.known) cell = nothing;
    }
    Stack stack(block, 0);
    CHECK(stack.learned_scores().size() == c.rows);
    for (int i = 0; i < 50; ++i) {
      auto values = source.row();
      if (i % 3 == 0) values[0] = nothing;
      if (i == 40) values[1] = 1e300;
      const auto verdict = stack.look(values);
      CHECK(verdict.score >= 0);
      CHECK(verdict.score <= 1);
      CHECK(verdict.column < c.columns);
    }
  }
}

/// Rows flagged while the column is moved by `by`, and in the `after` rows behind.
struct Moved {
  int within = 0;
  int after = 0;
};
Moved move(Stack& stack, MadeUp& source, std::size_t column, double by, int rows, int after) {
  Moved heard;
  for (int i = 0; i < rows + after; ++i) {
    auto values = source.row();
    if (i < rows) values[column] += by;
    (i < rows ? heard.within : heard.after) += stack.look(values).flag ? 1 : 0;
  }
  return heard;
}

TEST_CASE("stack: dirt in the rows of learning hides nothing that comes later") {
  struct Case {
    const char* name;
    void (*spoil)(Block& block, Random& random);
    std::size_t wild;
    bool leaves_rows_out;
  };
  const Case cases[] = {
      {"nothing", [](Block&, Random&) {}, 0, false},
      {"a wild cell", [](Block& block, Random&) { block.cells[500 * 6 + 1] = 1000; }, 1, false},
      {"wild cells in a row, and as many elsewhere",
       [](Block& block, Random&) {
         for (const std::size_t r : {400U, 401U, 402U, 900U}) block.cells[r * 6 + 1] = -9999;
       },
       4, false},
      {"a fault of a twentieth of the rows",
       [](Block& block, Random&) {
         for (std::size_t r = 800; r < 900; ++r) block.cells[r * 6] += 12;
       },
       0, true},
      {"one cell in two hundred is empty",
       [](Block& block, Random& random) {
         for (auto& cell : block.cells) {
           if (random.uniform() < 0.005) cell = nothing;
         }
       },
       0, false}};
  for (const auto& c : cases) {
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
      CAPTURE(c.name);
      CAPTURE(seed);
      MadeUp source(6, seed);
      Random random(seed);
      auto block = source.block(2000);
      c.spoil(block, random);
      Stack stack(block, 0);
      CHECK(stack.wild().cells == c.wild);
      CHECK(stack.left_out().size() <= 250);
      if (c.leaves_rows_out) CHECK(stack.left_out().size() >= 50);
      const auto calm = move(stack, source, 0, 0, 0, 500);
      CHECK(calm.after < 25);
      for (const std::size_t column : {0U, 2U, 4U}) {
        CHECK(move(stack, source, column, 6, 100, 200).within > 50);
      }
    }
  }
}

TEST_CASE("stack: a long tail is no fault") {
  Random random(8);
  const auto row = [&] {
    return std::array{random.normal(), random.normal(), std::exp(1.3 * random.normal())};
  };
  Block block{.columns = 3, .cells = {}};
  for (int i = 0; i < 2000; ++i) {
    const auto values = row();
    block.cells.insert(block.cells.end(), values.begin(), values.end());
  }
  Stack stack(block, 0);
  CHECK(stack.left_out().empty());
  int begun = 0;
  for (int i = 0; i < 2000; ++i) begun += stack.look(row()).score > 0.9 ? 1 : 0;
  CHECK(begun <= 3);
}

TEST_CASE("stack: an alarm ends soon after what it is about") {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    CAPTURE(seed);
    MadeUp source(6, seed);
    Stack stack(source.block(2000), 0);
    const auto shift = move(stack, source, 1, 4, 100, 300);
    CHECK(shift.within > 80);
    CHECK(shift.after < 60);
    const auto spike = move(stack, source, 3, 1e6, 1, 300);
    CHECK(spike.within == 1);
    CHECK(spike.after < 80);
  }
}

TEST_CASE("stack: what has been alarmed for twice as long as was learned is what is usual") {
  MadeUp source(4, 5);
  Stack stack(source.block(300), 0);
  const auto heard = move(stack, source, 1, 8, 2000, 0);
  CHECK(heard.within > 400);
  CHECK(heard.within < 1500);
}

TEST_CASE(
    "stack: one column alone, of many that have nothing to do with it, falls silent or moves") {
  Random random(4);
  const auto row = [&](double resting) {
    return std::array{random.normal(), random.normal(), random.normal(), resting};
  };
  Block block{.columns = 4, .cells = {}};
  for (int i = 0; i < 1000; ++i) {
    const auto values = row(1);
    block.cells.insert(block.cells.end(), values.begin(), values.end());
  }
  Stack stack(block, 0);
  const auto flagged = [&](int rows, std::size_t column, double value) {
    int count = 0;
    for (int i = 0; i < rows; ++i) {
      auto values = row(1);
      if (column < values.size()) values[column] = value;
      const auto verdict = stack.look(values);
      count += verdict.flag && verdict.column == column ? 1 : 0;
    }
    return count;
  };
  CHECK(flagged(20, 1, nothing) == 0);  // not yet
  CHECK(flagged(100, 1, nothing) > 80);
  CHECK(flagged(100, 9, 0) == 0);
  CHECK(flagged(100, 3, 2) > 90);
  CHECK(flagged(100, 9, 0) == 0);
  for (int i = 0; i < 100; ++i) stack.look(std::array{nothing, nothing, nothing, nothing});
  CHECK_FALSE(stack.look(row(1)).flag);  // a gap of the record is nobody's silence
}

TEST_CASE("profile: the rounding of what never moves is no daily course") {
  Block block{.columns = 1, .cells = {}};
  std::vector<double> of_day;
  for (int i = 0; i < 5000; ++i) {
    block.cells.push_back(2.13);
    of_day.push_back(i % 1440 / 1440.0);
  }
  const auto profiles = profiles_of(block, of_day);
  CHECK(profiles[0].is_constant);
  CHECK(profiles[0].season.empty());
  CHECK(profiles[0].middle == 2.13);
  Stack stack(block, 60, of_day);
  CHECK_FALSE(stack.look(std::array{2.13}, 0.5).flag);
  CHECK(stack.look(std::array{2.2}, 0.5).flag);
}

TEST_CASE("stack: few rows of learning say what is far, and alarm seldom") {
  for (const std::uint64_t seed : {1U, 2U, 3U, 4U}) {
    for (const std::size_t rows : {30U, 60U, 120U}) {
      CAPTURE(seed);
      CAPTURE(rows);
      MadeUp source(6, seed);
      Stack stack(source.block(rows), 0);
      CHECK(move(stack, source, 2, 0, 0, 400).after < 40);
      CHECK(move(stack, source, 2, 15, 40, 0).within > 30);
    }
  }
}

TEST_CASE("stack: what is not sure makes an alarm, and is no news") {
  MadeUp source(6, 5);
  Stack stack(source.block(4000), 0);
  int flagged = 0;
  int news = 0;
  for (int i = 0; i < 60; ++i) {
    auto values = source.row();
    values[1] += 0.25;
    const auto verdict = stack.look(values);
    flagged += verdict.flag ? 1 : 0;
    news += verdict.score > 0.9 ? 1 : 0;
  }
  CHECK(flagged > 30);
  CHECK(news == 0);
}

TEST_CASE("stack: what wanders holds no alarm for long") {
  Random random(12);
  double walk = 0;
  const auto row = [&] {
    walk += 0.02 * random.normal();
    return std::array{walk, random.normal(), random.normal()};
  };
  Block block{.columns = 3, .cells = {}};
  for (int i = 0; i < 3000; ++i) {
    const auto values = row();
    block.cells.insert(block.cells.end(), values.begin(), values.end());
  }
  Stack stack(block, 0);
  walk += 3;
  int first = 0;
  int late = 0;
  for (int i = 0; i < 2000; ++i) {
    const bool is_flagged = stack.look(row()).flag;
    (i < 200 ? first : late) += is_flagged ? 1 : 0;
  }
  CHECK(first > 100);
  CHECK(late < 1200);
}

TEST_CASE("profile: what climbs in a line wanders") {
  Random random(3);
  Block block{.columns = 2, .cells = {}};
  for (int i = 0; i < 1000; ++i) {
    const double noise = random.normal();
    block.cells.insert(block.cells.end(), {noise, noise + 0.001 * i});
  }
  const auto profiles = profiles_of(block);
  CHECK_FALSE(profiles[0].is_slow);
  CHECK(profiles[1].is_slow);
}

/// A rain gauge: dry but for showers of an hour or so, more or less heavy.
class Gauge {
 public:
  double next(bool may_rain) {
    if (left_ == 0 && may_rain && random_.uniform() < 0.0006) {
      left_ = 40 + static_cast<int>(60 * random_.uniform());
      heavy_ = 1 + 9 * random_.uniform();
    }
    if (left_ == 0) return 0;
    --left_;
    return std::round(100 * heavy_ * random_.uniform()) / 100;
  }

 private:
  Random random_{5};
  int left_ = 0;
  double heavy_ = 0;
};

TEST_CASE("profile: what is mostly one value rests there") {
  Gauge gauge;
  Random random(2);
  Block block{.columns = 3, .cells = {}};
  for (int i = 0; i < 20000; ++i) {
    const double pump = i / 400 % 2;  // runs half of the time
    block.cells.insert(block.cells.end(), {gauge.next(true), pump, random.normal()});
  }
  const auto profiles = profiles_of(block);
  CHECK(profiles[0].is_resting);
  CHECK_FALSE(profiles[1].is_resting);
  CHECK_FALSE(profiles[2].is_resting);
}

TEST_CASE("stack: after a shower it is dry, and no alarm goes on") {
  Gauge gauge;
  Block block{.columns = 1, .cells = {}};
  // All of its rain fell in four days of fourteen: much of that is taken for a fault.
  for (int i = 0; i < 20000; ++i) block.cells.push_back(gauge.next(i > 8700 && i < 13600));
  Stack stack(block, 0);
  for (int i = 0; i < 60; ++i) stack.look(std::vector{8 + 0.01 * i});
  int flagged = 0;
  for (int i = 0; i < 5000; ++i) flagged += stack.look(std::vector{gauge.next(false)}).flag ? 1 : 0;
  CHECK(flagged < 200);
}

TEST_CASE("stack: constant and identical sensors neither hide a fault nor invent one") {
  MadeUp source(4, 9);
  Block block{.columns = 7, .cells = {}};
  const auto widened = [](std::vector<double> row) {
    row.push_back(3);
    row.push_back(row[0]);
    row.push_back(nothing);
    return row;
  };
  for (int i = 0; i < 600; ++i) {
    const auto row = widened(source.row());
    block.cells.insert(block.cells.end(), row.begin(), row.end());
  }
  Stack stack(block, 0);
  std::size_t flagged = 0;
  for (int i = 0; i < 600; ++i) flagged += stack.look(widened(source.row())).flag ? 1 : 0;
  CHECK(flagged < 60);
  std::size_t found = 0;
  for (int i = 0; i < 60; ++i) {
    auto row = widened(source.row());
    row[5] += 1;  // the twin leaves its twin
    found += stack.look(row).flag ? 1 : 0;
  }
  CHECK(found > 40);
}

}  // namespace
}  // namespace sosie::scoring

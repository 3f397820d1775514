#include "detectors/forest/model.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <doctest/doctest.h>

#include "detectors/forest/made_up.h"
#include "statistics/model_bytes.h"
#include "testing/rig.h"

namespace sosie::forest {
namespace {

using testing::Rig;

constexpr std::size_t sensors = 8;
constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

ColumnNames names() {
  ColumnNames made;
  made.begin(Rig(Rig::plain(sensors)).columns());
  return made;
}

/// `frames` minutes of an asset whose last sensor is never heard.
Reservoir sample(std::size_t frames, std::size_t capacity = 500) {
  MadeUpAsset asset(sensors, 3, std::chrono::minutes(1));
  Reservoir kept(capacity, Random(1));
  kept.widen(sensors * cells_per_column);
  std::vector<double> values(sensors);
  for (std::size_t i = 0; i < frames; ++i) {
    asset.step(values);
    const auto row = kept.place(Timestamp(std::chrono::minutes(i)));
    if (row.empty()) continue;
    for (std::size_t j = 0; j < sensors; ++j) {
      const bool heard = j + 1 < sensors;
      row[2 * j] = static_cast<float>(heard ? values[j] : nothing);
      row[2 * j + 1] = static_cast<float>(heard ? 0.1 * values[j] : nothing);
    }
  }
  return kept;
}

Model model() {
  auto made = Model::train(sample(2000), names(), {.average = std::chrono::hours(1)});
  REQUIRE(made);
  return *made;
}

TEST_CASE("model: there and back") {
  const Model made = model();
  CHECK(made.frames == 2000);
  CHECK(made.to - made.from == std::chrono::minutes(1999));
  CHECK(made.columns[2].name == "S2");
  CHECK(made.columns[2].value.low < made.columns[2].value.median);
  CHECK(made.columns[2].value.median < made.columns[2].value.high);
  const auto again = Model::from_bytes(made.to_bytes());
  REQUIRE(again);
  CHECK(*again == made);
}

TEST_CASE("model: the same frames and seed give the same bytes") {
  CHECK(model().to_bytes() == model().to_bytes());
}

TEST_CASE("model: a damaged byte anywhere is told") {
  const std::string bytes = model().to_bytes();
  for (std::size_t i = 0; i < bytes.size(); i += 97) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    const auto read = Model::from_bytes(damaged);
    REQUIRE_FALSE(read);
    CHECK((read.error().code == Errc::corrupt || read.error().code == Errc::unsupported));
    CHECK_FALSE(Model::from_bytes(std::string_view(bytes).substr(0, i)));
  }
  ModelWriter newer(model_name, model_version + 1);
  newer.text("");
  CHECK(Model::from_bytes(std::move(newer).finish()).error().code == Errc::unsupported);
}

TEST_CASE("model: content that is well sealed but wrong is told") {
  for (const char* const content : {"", "short", "................................"}) {
    ModelWriter file(model_name, model_version);
    file.text(content);
    const auto read = Model::from_bytes(std::move(file).finish());
    REQUIRE_FALSE(read);
    CHECK(read.error().code == Errc::corrupt);
  }
}

TEST_CASE("model: too few frames are told") {
  const auto made = Model::train(sample(40), names(), {});
  REQUIRE_FALSE(made);
  CHECK(made.error().what == "40 frames to learn from, expected at least 100");
}

TEST_CASE("band: oddness is 0 at the median, 1 at the edges, and never infinite") {
  const Band skewed{.low = 8, .median = 10, .high = 20};
  const Band still{.low = 5, .median = 5, .high = 5};
  struct Case {
    Band band;
    double x = 0;
    float expected = 0;
  };
  const Case cases[] = {{skewed, 10, 0},       {skewed, 20, 1},  {skewed, 8, 1},
                        {skewed, 30, 2},       {skewed, 6, 2},   {skewed, nothing, 0},
                        {still, 5, 0},         {still, 6, 2e5F}, {still, 1e300, 1e6F},
                        {skewed, -1e300, 1e6F}};
  for (const Case& c : cases) {
    CAPTURE(c.x);
    CHECK(c.band.oddness(c.x) == doctest::Approx(c.expected));
  }
}

TEST_CASE("reservoir: a fair sample, the same for the same seed, and wider on demand") {
  const auto kept = [](std::uint64_t seed) {
    Reservoir reservoir(100, Random(seed));
    reservoir.widen(1);
    for (int i = 0; i < 10'000; ++i) {
      const auto row = reservoir.place(Timestamp(std::chrono::seconds(i)));
      if (!row.empty()) row[0] = static_cast<float>(i);
    }
    return reservoir;
  };
  Reservoir reservoir = kept(1);
  CHECK(reservoir.rows() == 100);
  CHECK(reservoir.offered() == 10'000);
  CHECK(std::ranges::equal(reservoir.table().cells, kept(1).table().cells));
  CHECK_FALSE(std::ranges::equal(reservoir.table().cells, kept(2).table().cells));
  double sum = 0;
  for (std::size_t i = 0; i < 100; ++i) {
    const float value = reservoir.table().row(i)[0];
    CHECK(reservoir.times()[i] == Timestamp(std::chrono::seconds(static_cast<int>(value))));
    sum += value;
  }
  CHECK(sum / 100 == doctest::Approx(5000).epsilon(0.2));
  const float first = reservoir.table().cells[0];
  const float second = reservoir.table().cells[1];
  reservoir.widen(3);
  CHECK(reservoir.table().row(0)[0] == first);
  CHECK(std::isnan(reservoir.table().row(0)[1]));
  CHECK(reservoir.table().row(1)[0] == second);
}

TEST_CASE("calibration: rarity is the rank, then a tail; confidence is one less the false rate") {
  std::vector<double> scores;
  for (int i = 1; i <= 1000; ++i) scores.push_back(-0.5 + 0.0001 * i);
  const Calibration calibration(scores);
  CHECK(calibration.median() == doctest::Approx(-0.4499));
  CHECK(calibration.rarity(-0.1) == 1);
  CHECK(calibration.rarity(-0.4950001) == doctest::Approx(0.049));
  CHECK(calibration.rarity(-0.4989) == doctest::Approx(0.011));
  double last = 1;
  for (double score = -0.45; score > -0.9; score -= 0.001) {
    CHECK(calibration.rarity(score) <= last);
    last = calibration.rarity(score);
  }
  CHECK(last < 1e-6);
  const double rare = Calibration::rarity_at(0.75, 0.001);
  CHECK(rare == doctest::Approx(1.0 / 2997));
  CHECK(0.001 / (0.001 + 0.999 * rare) == doctest::Approx(0.75));
  CHECK(calibration.confidence(-0.1, 0.001) == doctest::Approx(0.001));
  CHECK(calibration.confidence(-0.9, 0.001) > 0.99);
}

TEST_CASE("calibration: faults in a hundredth of the learning frames change little") {
  Random random(6);
  std::vector<double> clean(4000);
  for (double& score : clean) score = -0.4 - 0.01 * std::abs(random.normal());
  std::vector<double> spoilt = clean;
  for (std::size_t i = 0; i < 30; ++i) spoilt[i] = -0.7;
  const double score = -0.45;
  CHECK(Calibration(clean).confidence(score, 0.001) > 0.9);
  CHECK(Calibration(spoilt).confidence(score, 0.001) > 0.75);
}

}  // namespace
}  // namespace sosie::forest

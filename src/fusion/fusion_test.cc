#include <array>
#include <cmath>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "base/random.h"
#include "fusion/calibration.h"
#include "fusion/combine.h"
#include "fusion/episode.h"
#include "fusion/tail.h"

namespace sosie::fusion {
namespace {

std::vector<double> normal_magnitudes(std::size_t n, std::uint64_t seed) {
  Random random(seed);
  std::vector<double> sample;
  sample.reserve(n);
  for (std::size_t i = 0; i < n; ++i) sample.push_back(std::abs(random.normal()));
  return sample;
}

TEST_CASE("tail: right within the sample, in order beyond it") {
  const auto tail = Tail::fit(normal_magnitudes(10'000, 1));
  CHECK(tail.surprise(0) == 0);
  CHECK(tail.surprise(0.674) == doctest::Approx(0.301).epsilon(0.05));  // one in two
  CHECK(tail.surprise(1.645) == doctest::Approx(1).epsilon(0.05));      // one in ten
  CHECK(tail.surprise(2.576) == doctest::Approx(2).epsilon(0.05));      // one in a hundred
  CHECK(tail.surprise(3.291) < 3.1);  // a normal variable's tail is lighter: never overstated
  double before = -1;
  for (int i = 0; i < 400; ++i) {
    const double x = 0.25 * i;
    CHECK(tail.surprise(x) > before);
    before = tail.surprise(x);
  }
}

TEST_CASE("tail: half a per cent of faults in the sample do not bend it") {
  auto sample = normal_magnitudes(10'000, 2);
  const auto clean = Tail::fit(sample);
  for (std::size_t i = 0; i < 50; ++i) sample[i * 200] = 1000;
  CHECK(Tail::fit(sample).surprise(8) == doctest::Approx(clean.surprise(8)).epsilon(0.15));
}

TEST_CASE("tail: what is nearly always nothing, and what always is") {
  CHECK(Tail::fit({}).surprise(5) == 0);
  const auto never = Tail::fit(std::vector<double>(99, 0.0));
  CHECK(never.surprise(0) == 0);
  CHECK(never.surprise(1e-9) == doctest::Approx(2));  // one in a hundred, however much
  CHECK(never.surprise(1e9) == doctest::Approx(2));
  std::vector<double> seldom(1000, 0.0);
  for (std::size_t i = 0; i < 20; ++i) seldom[i * 50] = 1;
  const auto state = Tail::fit(seldom);  // one in fifty moves by one
  CHECK(state.surprise(1) == doctest::Approx(2));
  CHECK(state.surprise(2) > 3);
  const auto few = Tail::fit({1, 2, 3});
  CHECK(few.surprise(3) == doctest::Approx(1));
  CHECK(few.surprise(30) == doctest::Approx(5));
}

TEST_CASE("combined: the harmonic mean of chances") {
  CHECK(combined({}) == 0);
  CHECK(combined(std::array{3.0, 3.0, 3.0}) == doctest::Approx(3));
  CHECK(combined(std::array{0.0, 4.0}) == doctest::Approx(std::log10((1 + 1e4) / 2)));
  CHECK(std::isfinite(combined(std::array{1e9, 0.0})));
}

TEST_CASE("combined: the mean of the highest") {
  CHECK(mean_of_highest(std::array{1.0, 5.0, 2.0, 3.0}, 2) == doctest::Approx(4));
  CHECK(mean_of_highest(std::array{3.0}, 3) == doctest::Approx(1));
  CHECK(mean_of_highest({}, 3) == 0);
}

TEST_CASE("episode: on, off and hold") {
  Episode episode({.on = 4, .off = 2, .hold = 2});
  std::string heard;
  for (const double x : {3.9, 4.0, 3.0, 1.0, 3.0, 1.0, 1.0, 3.0, 5.0, 0.0, 0.0}) {
    heard += episode.look(x) ? 'R' : '.';
  }
  CHECK(heard == ".RRRRR..RR.");
}

TEST_CASE("rate: Garwood's exact limits") {
  CHECK(rate_of(0, 1).low == 0);
  CHECK(rate_of(0, 1).high == doctest::Approx(3.689).epsilon(0.001));
  CHECK(rate_of(1, 1).low == doctest::Approx(0.0253).epsilon(0.01));
  CHECK(rate_of(1, 1).high == doctest::Approx(5.572).epsilon(0.001));
  CHECK(rate_of(10, 5).per_day == 2);
  CHECK(rate_of(10, 5).low == doctest::Approx(4.795 / 5).epsilon(0.001));
  CHECK(rate_of(10, 5).high == doctest::Approx(18.39 / 5).epsilon(0.001));
  CHECK(rate_of(3, 0).high == 0);  // nothing was looked at
}

/// Two statistics of one trembling course, a look a minute.
std::vector<double> course(std::uint64_t seed, std::size_t looks) {
  Random random(seed);
  std::vector<double> values;
  double level = 0;
  for (std::size_t i = 0; i < looks; ++i) {
    level = 0.8 * level + 0.6 * random.normal();
    values.push_back(std::abs(level));
    values.push_back(std::abs(level + 0.5 * random.normal()));
  }
  return values;
}

std::size_t episodes_in(const Calibration& calibration, std::span<const double> values) {
  Episode episode({.on = calibration.limit.on, .off = 0.8 * calibration.limit.on, .hold = 10});
  std::size_t count = 0;
  std::size_t most = 0;
  for (std::size_t at = 0; at < values.size(); at += 2) {
    const bool was_active = episode.is_active();
    const bool is_active = episode.look(calibration.surprise(values.subspan(at, 2), most));
    count += is_active && !was_active ? 1 : 0;
  }
  return count;
}

TEST_CASE("calibration: keeps to what is allowed, and faults in the sample do not raise it much") {
  constexpr double per_day = 1440;
  auto sample = course(1, 7 * 1440);
  const auto strict = Calibration::fit(sample, 2, per_day, 0.1);
  const auto loose = Calibration::fit(sample, 2, per_day, 2);
  CHECK(loose.limit.on < strict.limit.on);
  const auto later = course(2, 100 * 1440);
  CHECK(episodes_in(strict, later) <= 20);  // of 10 allowed in 100 days
  CHECK(episodes_in(loose, later) <= 250);
  CHECK(episodes_in(loose, later) > episodes_in(strict, later));
  for (std::size_t i = 0; i < 80; ++i) sample[4000 + i] = sample[12'000 + i] = 30;
  const auto with_faults = Calibration::fit(sample, 2, per_day, 0.1);
  CHECK(with_faults.limit.on < 1.6 * strict.limit.on);
  std::size_t most = 0;
  CHECK(with_faults.surprise(std::array{30.0, 0.5}, most) > with_faults.limit.on);
  CHECK(most == 0);
  CHECK(Calibration::fit({}, 2, per_day, 1).is_empty());
}

}  // namespace
}  // namespace sosie::fusion

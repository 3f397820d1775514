#include <array>
#include <cmath>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "base/random.h"
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

}  // namespace
}  // namespace sosie::fusion

#include "models/contradiction.h"

#include <array>
#include <cmath>

#include <doctest/doctest.h>

#include "base/random.h"

namespace sosie::models {
namespace {

constexpr std::size_t sampled = 2000;

/// Six sensors of two hidden drivers that wander over 66 and 17 rows; `change` alters a row.
template <class Change>
std::vector<std::vector<float>> six_sensors(std::uint64_t seed, const Change& change) {
  Random chance(seed);
  const auto wander = [&](double& state, double memory) {
    state = memory * state + std::sqrt(1 - memory * memory) * chance.normal();
  };
  const auto noise = [&](double size) { return size * chance.normal(); };
  std::vector<std::vector<float>> columns(6);
  double a = 0;
  double b = 0;
  double own = 0;
  for (std::size_t r = 0; r < sampled; ++r) {
    wander(a, 0.985);
    wander(b, 0.94);
    wander(own, 0.97);
    std::array<double, 6> row{20 + 2 * a + noise(0.1),
                              7 + 0.3 * a + 0.2 * b + noise(0.03),
                              100 + 10 * b + noise(1),
                              50 + 3 * a - 4 * b + noise(0.5),
                              5 + 0.5 * b + 0.2 * own + noise(0.05),
                              1500 + 100 * a + noise(20)};
    change(r, row);
    for (std::size_t i = 0; i < row.size(); ++i) {
      columns[i].push_back(static_cast<float>(row.at(i)));
    }
  }
  return columns;
}

TEST_CASE("contradictions: none where nothing is wrong") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    const auto found = contradictions(six_sensors(seed, [](std::size_t, auto&) {}));
    for (const auto& of_one : found) CHECK(of_one.empty());
  }
}

TEST_CASE("contradictions: a stretch is found as a whole, of whatever size and length") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    for (const double size : {3.0, 6.0, 12.0}) {
      for (const std::size_t length : {std::size_t{20}, std::size_t{100}, std::size_t{300}}) {
        CAPTURE(seed);
        CAPTURE(size);
        CAPTURE(length);
        const auto found = contradictions(six_sensors(seed, [&](std::size_t r, auto& row) {
          if (r >= 500 && r < 500 + length) row[2] += 10 * size;
        }));
        REQUIRE(found[2].size() == 1);
        CHECK(std::abs(static_cast<double>(found[2][0].from) - 500) <= 2);
        CHECK(std::abs(static_cast<double>(found[2][0].to) - static_cast<double>(500 + length)) <=
              2);
        for (std::size_t i = 0; i < found.size(); ++i) CHECK((i == 2 || found[i].empty()));
      }
    }
  }
}

TEST_CASE(
    "contradictions: of a sensor of its own kind, against what it says else; of two at once") {
  Random chance(5);
  const auto found = contradictions(six_sensors(3, [&](std::size_t r, auto& row) {
    row[5] = 10 + chance.normal() + (r >= 900 && r < 1100 ? 7 : 0);
    if (r >= 1000 && r < 1200) row[0] -= 4;
  }));
  REQUIRE(found[5].size() == 1);
  CHECK(found[5][0].from == doctest::Approx(900).epsilon(0.005));
  REQUIRE(found[0].size() == 1);
  CHECK(found[0][0].to == doctest::Approx(1200).epsilon(0.005));
}

TEST_CASE("contradictions: what is missing, the same in all rows, or too little is none") {
  const auto found = contradictions(six_sensors(4, [](std::size_t r, auto& row) {
    if (r < 1000) row[0] = std::nan("");
    if (r % 10 != 0) row[3] = std::nan("");
    row[4] = 7;
  }));
  for (const auto& of_one : found) CHECK(of_one.empty());
  CHECK(contradictions({}).empty());
  CHECK(contradictions({{1, 2, 3}, {4, 5, 6}}).size() == 2);
}

}  // namespace
}  // namespace sosie::models

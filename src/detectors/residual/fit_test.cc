#include "detectors/residual/fit.h"

#include <array>
#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include "base/random.h"

namespace sosie::residual {
namespace {

constexpr std::size_t six = 6;
constexpr std::size_t table_rows = 5000;
constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

using Row = std::array<double, six>;

/// Six sensors of two hidden drivers that wander over 200 and 50 rows; `change` alters what they
/// say.
template <class Change>
History lived(std::uint64_t seed, const Change& change) {
  Random chance(seed);
  const auto wander = [&](double& state, double memory) {
    state = memory * state + std::sqrt(1 - memory * memory) * chance.normal();
  };
  History history{.columns = six, .cells = {}};
  history.cells.reserve(table_rows * 2 * six);
  double a = 0;
  double b = 0;
  double own = 0;
  Row slow{};
  slow.fill(unknown);
  for (std::size_t r = 0; r < table_rows; ++r) {
    wander(a, 0.995);
    wander(b, 0.98);
    wander(own, 0.99);
    const auto noise = [&](double size) { return size * chance.normal(); };
    Row row{20 + 2 * a + noise(0.1),
            7 + 0.3 * a + 0.2 * b + noise(0.03),
            100 + 10 * b + noise(1),
            50 + 3 * a - 4 * b + noise(0.5),
            5 + 0.5 * b + 0.2 * own + noise(0.05),
            1500 + 100 * a + noise(20)};
    change(r, row);
    for (std::size_t i = 0; i < six; ++i) {
      if (std::isnan(slow[i])) slow[i] = row[i];
      if (!std::isnan(row[i])) slow[i] += 0.025 * (row[i] - slow[i]);
    }
    for (const double value : row) history.cells.push_back(static_cast<float>(value));
    for (const double value : slow) history.cells.push_back(static_cast<float>(value));
  }
  return history;
}

Model fitted(const History& history, const FitConfig& config = {}) {
  const std::array<std::string, six> names{"temp", "ph", "press", "level", "o2", "flow"};
  const std::array<std::uint8_t, six> judged{1, 1, 1, 1, 1, 1};
  const Row least{};
  return fit(history, names, judged, least, config);
}

History from_row(const History& history, std::size_t row) {
  const auto skipped = static_cast<std::ptrdiff_t>(row * 2 * six);
  return {.columns = six, .cells = {history.cells.begin() + skipped, history.cells.end()}};
}

struct Limits {
  double quick = 0;  ///< in the sensor's unit
  double slow = 0;
  double sigma = 0;
};

Limits limits_of(const Model& model, std::size_t column) {
  REQUIRE(column < model.columns.size());
  const auto& c = model.columns[column];
  return {
      .quick = c.fast_limit * c.scale, .slow = c.slow_limit * c.scale, .sigma = c.sigma * c.scale};
}

TEST_CASE("fit: a sensor whose first part is not learned is known as by what is left alone") {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    for (const std::size_t from : {std::size_t{2500}, std::size_t{3500}}) {
      CAPTURE(seed);
      CAPTURE(from);
      const auto all = lived(seed, [](std::size_t, Row&) {});
      const auto blanked = lived(seed, [&](std::size_t r, Row& row) {
        if (r < from) row[0] = unknown;
      });
      const auto model = fitted(blanked);
      const auto alone = fitted(from_row(all, from));
      const auto whole = fitted(all);
      REQUIRE(model.columns.size() == six);
      for (std::size_t i = 0; i < six; ++i) {
        CAPTURE(i);
        const auto& beside = i == 0 ? alone : whole;
        CHECK(limits_of(model, i).quick < 1.4 * limits_of(beside, i).quick);
        CHECK(limits_of(model, i).slow <
              2 * limits_of(beside, i).slow);  // they rest on a few hours
        CHECK(limits_of(model, i).sigma < 1.4 * limits_of(beside, i).sigma);
      }
    }
  }
}

TEST_CASE("fit: a stretch that is not learned makes nobody known worse") {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    CAPTURE(seed);
    const auto whole = fitted(lived(seed, [](std::size_t, Row&) {}));
    const auto model = fitted(lived(seed, [](std::size_t r, Row& row) {
      if (r >= 1500 && r < 2300) row[2] = unknown;
      if (r >= 3000 && r < 3300) row[3] = row[4] = unknown;
    }));
    for (std::size_t i = 0; i < six; ++i) {
      CAPTURE(i);
      CHECK(limits_of(model, i).quick < 1.2 * limits_of(whole, i).quick);
      CHECK(limits_of(model, i).slow < 1.7 * limits_of(whole, i).slow);
      CHECK(limits_of(model, i).sigma == doctest::Approx(limits_of(whole, i).sigma).epsilon(0.1));
    }
  }
}

TEST_CASE("fit: limits keep to a budget on what was held out") {
  const auto history = lived(1, [](std::size_t, Row&) {});
  CHECK(fitted(history).held_out_days == 0);
  for (const double allowed : {0.01, 20.0}) {
    CAPTURE(allowed);
    FitConfig config;
    config.allowed_per_day = allowed;
    config.rows_per_day = 1000;
    const auto model = fitted(history, config);
    CHECK(model.held_out_days == doctest::Approx(5));
    CHECK(static_cast<double>(model.held_out_episodes) <= 5 * allowed + 2);
  }
}

TEST_CASE("fit: too little of a sensor is not learned") {
  const auto model = fitted(lived(1, [](std::size_t r, Row& row) {
    if (r < 4900) row[0] = unknown;
  }));
  CHECK(model.columns.size() == six - 1);
}

}  // namespace
}  // namespace sosie::residual

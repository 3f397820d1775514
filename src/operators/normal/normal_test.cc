#include <cmath>
#include <memory>
#include <random>
#include <string>

#include <doctest/doctest.h>

#include "core/catalog.h"
#include "core/operator.h"
#include "operators/normal/profile.h"

namespace sosie {
void register_operators_normal(Catalog& catalog);
}

namespace sosie::normal {
namespace {

class Town final : public OperatorGround {
 public:
  explicit Town(const std::string& toml) {
    Catalog catalog;
    register_operators_normal(catalog);
    auto section = Section::read_text("[operator]\nkind = 'normal'\n" + toml).value();
    auto own = section.table("operator").value();
    auto made = catalog.make<Operator>(own);
    if (made) {
      it = std::move(made).value();
    } else {
      error = made.error().what;
    }
  }
  void meet() {
    SeriesInfo info;
    info.entity = "D1";
    info.attribute = "noise";
    info.unit = "dB";
    series = table.declare(info);
    it->meet(series, table[series], *this);
  }
  /// NaN: it says nothing.
  double take(Timestamp at, double value) {
    std::vector<Reading> out;
    it->take({at, value, series}, out);
    return out.empty() ? std::nan("") : out.front().value;
  }
  SeriesId declare(const SeriesInfo& info) override { return table.declare(info); }
  bool is_derived(SeriesId id) const override { return id != series; }
  std::optional<Reading> last_known(SeriesId /*id*/) override { return std::nullopt; }

  std::unique_ptr<Operator> it;
  std::string error;
  SeriesTable table;
  SeriesId series{};
};

const Timestamp monday = Timestamp(std::chrono::sys_days{std::chrono::year{2026} / 3 / 2});

/// Loud by day, quiet by night, each with a spread of 1.
double noise_at(Timestamp at, std::mt19937& chance) {
  std::normal_distribution<double> around(0, 1);
  const auto hour = std::chrono::floor<std::chrono::hours>(at).time_since_epoch().count() % 24;
  return (hour >= 8 && hour < 20 ? 65 : 45) + around(chance);
}

void live(Town& town, int days, std::mt19937& chance) {
  for (int i = 0; i < days * 24 * 12; ++i) {
    const Timestamp at = monday + std::chrono::minutes(5) * i;
    town.take(at, noise_at(at, chance));
  }
}

}  // namespace

TEST_CASE("normal: what is usual by day is far off by night") {
  for (const std::string period : {"week", "day"}) {
    Town town("series = '*.noise'\nperiod = '" + period + "'");
    REQUIRE(town.error.empty());
    town.meet();
    std::mt19937 chance(1);
    CHECK(std::isnan(town.take(monday - std::chrono::hours(1), 50)));
    live(town, 28, chance);
    const Timestamp later = monday + std::chrono::hours(24 * 28);
    CHECK(town.take(later + std::chrono::hours(3), 45) == doctest::Approx(0).epsilon(1).scale(0.3));
    CHECK(town.take(later + std::chrono::hours(4), 65) > 12);
    CHECK(town.take(later + std::chrono::hours(12), 65) ==
          doctest::Approx(0).epsilon(1).scale(0.3));
    CHECK(town.take(later + std::chrono::hours(13), 45) < -12);
    CHECK(town.take(later + std::chrono::hours(14), 1e9) == 100);
    CHECK(town.table.find("D1", "noise_deviation"));
  }
}

TEST_CASE("normal: outliers move centre and spread little, and a spread is one deviation") {
  std::mt19937 chance(2);
  std::normal_distribution<double> around(10, 2);
  Usual clean;
  Usual spoilt;
  for (int i = 0; i < 3000; ++i) {
    const double value = around(chance);
    clean.learn(value, 500);
    spoilt.learn(i % 20 == 19 ? 1e6 : value, 500);
  }
  CHECK(clean.spread() == doctest::Approx(2).epsilon(0.1));
  CHECK(std::abs(clean.centre - 10) < 0.3);
  CHECK(std::abs(spoilt.centre - 10) < 1);
  CHECK(spoilt.spread() < 3);
}

TEST_CASE("normal: what was learned comes back, and an amendment is not learned again") {
  Town town("series = '*.noise'");
  town.meet();
  std::mt19937 chance(3);
  live(town, 14, chance);
  Town other("series = '*.noise'");
  REQUIRE(other.it->load(town.it->save()));
  other.meet();
  const Timestamp later = monday + std::chrono::hours((24 * 14) + 3);
  CHECK(other.take(later, 55) == town.take(later, 55));
  const double first = other.take(later + std::chrono::hours(1), 55);
  const double again = other.take(later + std::chrono::hours(1), 55);
  const double third = other.take(later + std::chrono::hours(1), 55);
  CHECK(first > 5);
  CHECK(again == third);
  CHECK(other.it->counts().amended == 2);
  CHECK_FALSE(other.it->load("no"));
}

TEST_CASE("normal: what a scenario may not say") {
  const auto error = [](const std::string& toml) { return Town(toml).error; };
  CHECK(error("").find("'series' is missing") != std::string::npos);
  CHECK(error("series = '*'\nmemory = 1").find("20 to 1000000") != std::string::npos);
  CHECK(error("series = '*'\nzone = 'Mars'").find("'zone'") != std::string::npos);
  CHECK(error("series = '*'\nperiodd = 1").find("'periodd'") != std::string::npos);
}

}  // namespace sosie::normal

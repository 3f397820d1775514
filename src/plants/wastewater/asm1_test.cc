#include "plants/wastewater/asm1.h"

#include <cmath>

#include "plants/wastewater/bsm1_golden_test.h"
#include "plants/wastewater/component_names.h"
#include "plants/wastewater/exp_lanes.h"

namespace sosie::bsm1 {
namespace {

double product(const Mixture& row, const Mixture& content) {
  double sum = 0;
  for (std::size_t c = 0; c < components; ++c) sum += row[c] * content[c];
  return sum;
}

TEST_CASE("asm1: every process conserves COD, nitrogen and charge") {
  const Asm1Parameters p;
  const Petersen matrix = petersen(p);
  // Without oxygen, nitrate becomes N2, which is no component: what leaves with it is known.
  const double n2 = (1 - p.y_h) / (p.cod_of_nitrate * p.y_h);
  for (std::size_t process = 0; process < processes; ++process) {
    CAPTURE(process + 1);
    const double gone = process == 1 ? n2 : 0;
    const double cod = product(matrix[process], cod_content(p));
    CHECK(std::abs(cod - gone * (p.cod_of_ammonia - p.cod_of_nitrate)) < 1e-12);
    CHECK(std::abs(product(matrix[process], nitrogen_content(p)) + gone) < 1e-12);
    CHECK(std::abs(product(matrix[process], charge_content())) < 1e-12);
  }
  CHECK(n2 == doctest::Approx(0.172215844).epsilon(1e-8));  // asm1_petersen_checks.json
}

TEST_CASE("asm1: the matrix is the published one") {
  const Petersen matrix = petersen({});
  int rows = 0;
  for (auto& row : golden_rows("petersen.csv")) {
    if (row["form"] != "numeric") continue;
    const auto process = static_cast<std::size_t>(number_of(row["process"])) - 1;
    for (std::size_t c = 0; c < components; ++c) {
      std::string title(component_names[c].substr(0, 1));
      title += '_';
      title += component_names[c].substr(1);
      CAPTURE(process + 1);
      CAPTURE(title);
      CHECK(matrix[process][c] == doctest::Approx(number_of(row[title])).epsilon(1e-9));
    }
    ++rows;
  }
  CHECK(rows == processes);
}

TEST_CASE("asm1: side by side is the same as the matrix times the rates") {
  const Asm1 model({}, 12);
  Reactors water{};
  std::array<Mixture, 5> each{};
  for (std::size_t r = 0; r < 5; ++r) {
    for (std::size_t c = 0; c < components; ++c) {
      each[r][c] = 0.3 + static_cast<double>((7 * c + 3 * r) % 11);
      if (r == 4 && c == so) each[r][c] = -1e-9;  // counts as none
      water[c][r] = each[r][c];
    }
  }
  Reactors change{};
  model.react(water, change);
  const Petersen matrix = petersen({});
  for (std::size_t r = 0; r < 5; ++r) {
    const auto rates = model.rates(each[r]);
    for (std::size_t c = 0; c < components; ++c) {
      double expected = 0;
      for (std::size_t process = 0; process < processes; ++process) {
        expected += matrix[process][c] * rates[process];
      }
      CHECK(change[c][r] == doctest::Approx(expected).epsilon(1e-12));
    }
  }
  for (std::size_t c = 0; c < components; ++c) CHECK(change[c][5] == 0);  // idle lanes stay empty
}

TEST_CASE("asm1: the cold slows the organisms as published") {
  Mixture water{};
  water.fill(1e6);  // every saturation term is 1, every rate its constant
  water[xbh] = water[xba] = 1;
  water[so] = 1e9;
  const auto warm = Asm1({}, 15).rates(water);
  const auto cold = Asm1({}, 10).rates(water);
  CHECK(warm[0] == doctest::Approx(4).epsilon(1e-4));
  CHECK(cold[0] == doctest::Approx(3).epsilon(1e-4));
  CHECK(cold[2] == doctest::Approx(0.3).epsilon(1e-4));
  CHECK(cold[3] == doctest::Approx(0.2));
  CHECK(cold[4] == doctest::Approx(0.03));
}

TEST_CASE("asm1: parameters that cannot be are refused, by name and value") {
  Asm1Parameters p;
  CHECK(p.check());
  p.y_h = 1.2;
  auto refused = p.check();
  REQUIRE(!refused);
  CHECK(refused.error().what == "ASM1: y_h is 1.2; expected more than 0, 0.99 at most");
  p.y_h = 0.67;
  p.mu_h.at_15c = std::nan("");
  refused = p.check();
  REQUIRE(!refused);
  CHECK(refused.error().what == "ASM1: mu_h at 15 degC is nan; expected more than 0, 100 at most");
}

TEST_CASE("exp_lanes: as the C library has it") {
  for (int step = -1600; step <= 1600; ++step) {
    const double x = 0.37 * step;
    std::array<double, 3> values{x, x / 100, x / 1e4};
    const std::array<double, 3> expected{std::exp(x), std::exp(x / 100), std::exp(x / 1e4)};
    exp_lanes(values);
    for (std::size_t i = 0; i < 3; ++i) {
      CHECK(std::abs(values[i] - expected[i]) <= 2e-15 * expected[i]);
    }
  }
}

}  // namespace
}  // namespace sosie::bsm1

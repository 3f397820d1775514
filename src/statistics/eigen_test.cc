#include "statistics/eigen.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include <doctest/doctest.h>

#include "base/random.h"

namespace sosie {
namespace {

Matrix random_symmetric(std::size_t n, Random& random) {
  Matrix a(n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j <= i; ++j) a.at(i, j) = a.at(j, i) = random.normal();
  }
  return a;
}

/// How far `parts` is from being `a`, and its vectors from being at right angles, in the worst
/// cell.
double worst_cell(const Matrix& a, const Eigen& parts) {
  double worst = 0;
  for (std::size_t i = 0; i < a.size; ++i) {
    for (std::size_t j = 0; j < a.size; ++j) {
      double cell = -a.at(i, j);
      double product = i == j ? -1 : 0;
      for (std::size_t k = 0; k < a.size; ++k) {
        cell += parts.values[k] * parts.vectors.at(k, i) * parts.vectors.at(k, j);
        product += parts.vectors.at(i, k) * parts.vectors.at(j, k);
      }
      worst = std::max({worst, std::abs(cell), std::abs(product)});
    }
  }
  return worst;
}

TEST_CASE("eigen: a matrix is put together again from its parts") {
  Random random(4);
  for (const std::size_t n : {1U, 2U, 3U, 10U, 40U}) {
    CAPTURE(n);
    const auto a = random_symmetric(n, random);
    const auto parts = eigen(a);
    CHECK(std::ranges::is_sorted(parts.values, std::greater{}));
    CHECK(worst_cell(a, parts) < 1e-9);
  }
}

TEST_CASE("eigen: of what is singular, and of nothing") {
  Matrix ones(3);
  for (auto& cell : ones.cells) cell = 1;
  const auto parts = eigen(ones);
  CHECK(parts.values[0] == doctest::Approx(3));
  CHECK(std::abs(parts.values[1]) < 1e-9);
  CHECK(eigen(Matrix(3)).values == std::vector<double>{0, 0, 0});
  CHECK(eigen(Matrix()).values.empty());
}

}  // namespace
}  // namespace sosie

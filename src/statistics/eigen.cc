#include "statistics/eigen.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace sosie {
namespace {

constexpr int most_sweeps = 30;

struct Rotation {
  double cos = 1;
  double sin = 0;
};

/// The rotation of rows and columns p and q after which cell (p, q) is zero.
Rotation zeroing(const Matrix& a, std::size_t p, std::size_t q) {
  const double theta = (a.at(q, q) - a.at(p, p)) / (2 * a.at(p, q));
  const double t = (theta >= 0 ? 1.0 : -1.0) / (std::abs(theta) + std::sqrt(theta * theta + 1));
  const double cos = 1 / std::sqrt(t * t + 1);
  return {.cos = cos, .sin = t * cos};
}

void turn_rows(Matrix& m, std::size_t p, std::size_t q, Rotation r) {
  double* const a = m.row(p);
  double* const b = m.row(q);
  for (std::size_t k = 0; k < m.size; ++k) {
    const double old = a[k];
    a[k] = r.cos * old - r.sin * b[k];
    b[k] = r.sin * old + r.cos * b[k];
  }
}

void turn_columns(Matrix& m, std::size_t p, std::size_t q, Rotation r) {
  for (std::size_t k = 0; k < m.size; ++k) {
    double* const row = m.row(k);
    const double old = row[p];
    row[p] = r.cos * old - r.sin * row[q];
    row[q] = r.sin * old + r.cos * row[q];
  }
}

double off_diagonal(const Matrix& a) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size; ++i) {
    for (std::size_t j = 0; j < i; ++j) sum += a.at(i, j) * a.at(i, j);
  }
  return sum;
}

double diagonal(const Matrix& a) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size; ++i) sum += a.at(i, i) * a.at(i, i);
  return sum;
}

}  // namespace

Eigen eigen(Matrix a) {
  const auto n = a.size;
  Matrix v(n);
  for (std::size_t i = 0; i < n; ++i) v.at(i, i) = 1;
  for (int sweep = 0; sweep < most_sweeps; ++sweep) {
    const double enough = 1e-22 * diagonal(a);
    if (off_diagonal(a) <= enough) break;
    const double negligible = enough / static_cast<double>(n * n);
    for (std::size_t p = 0; p + 1 < n; ++p) {
      for (std::size_t q = p + 1; q < n; ++q) {
        if (a.at(p, q) * a.at(p, q) <= negligible) continue;
        const auto r = zeroing(a, p, q);
        turn_rows(a, p, q, r);
        turn_columns(a, p, q, r);
        turn_rows(v, p, q, r);
      }
    }
  }
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order,
                           [&](std::size_t i, std::size_t j) { return a.at(i, i) > a.at(j, j); });
  Eigen result{.values = {}, .vectors = Matrix(n)};
  result.values.reserve(n);
  for (std::size_t k = 0; k < n; ++k) {
    result.values.push_back(a.at(order[k], order[k]));
    std::copy_n(v.row(order[k]), n, result.vectors.row(k));
  }
  return result;
}

}  // namespace sosie

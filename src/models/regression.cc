#include "models/regression.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace sosie::models {
namespace {

constexpr std::size_t least_rows = 40;
constexpr double ridge = 0.01;  ///< of a standardized column's variance

/// Columns as deviations from their means, 0 where nothing is known.
struct Standard {
  std::size_t rows = 0;
  std::vector<std::size_t> places;          ///< of those that take part
  std::vector<std::vector<double>> values;  ///< one vector a column that takes part
};

bool standardize_column(const std::vector<float>& column, std::vector<double>& into) {
  double sum = 0;
  double squares = 0;
  std::size_t known = 0;
  for (const float value : column) {
    if (std::isnan(value)) continue;
    sum += static_cast<double>(value);
    ++known;
  }
  if (known * 2 < column.size()) return false;
  const double mean = sum / static_cast<double>(known);
  into.resize(column.size());
  for (std::size_t r = 0; r < column.size(); ++r) {
    into[r] = std::isnan(column[r]) ? 0 : static_cast<double>(column[r]) - mean;
    squares += into[r] * into[r];
  }
  const double deviation = std::sqrt(squares / static_cast<double>(known));
  if (!(deviation > 1e-12 * (1 + std::abs(mean)))) return false;
  for (double& value : into) value /= deviation;
  return true;
}

Standard standardized(const std::vector<std::vector<float>>& columns) {
  Standard standard;
  standard.rows = columns.empty() ? 0 : columns.front().size();
  for (std::size_t i = 0; i < columns.size(); ++i) {
    std::vector<double> values;
    if (!standardize_column(columns[i], values)) continue;
    standard.places.push_back(i);
    standard.values.push_back(std::move(values));
  }
  return standard;
}

/// The inverse of a symmetric positive definite matrix of n rows, in its place (Gauss and Jordan;
/// no pivoting is needed for such).
void invert(std::vector<double>& a, std::size_t n) {
  for (std::size_t k = 0; k < n; ++k) {
    const double pivot = 1 / a[k * n + k];
    a[k * n + k] = 1;
    for (std::size_t j = 0; j < n; ++j) a[k * n + j] *= pivot;
    for (std::size_t i = 0; i < n; ++i) {
      if (i == k) continue;
      const double factor = a[i * n + k];
      a[i * n + k] = 0;
      for (std::size_t j = 0; j < n; ++j) a[i * n + j] -= factor * a[k * n + j];
    }
  }
}

/// The ridged correlations of the even rows, inverted.
std::vector<double> precision_of(const Standard& standard) {
  const auto n = standard.places.size();
  std::vector<double> a(n * n);
  const double count = std::ceil(static_cast<double>(standard.rows) / 2);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = 0;
      for (std::size_t r = 0; r < standard.rows; r += 2) {
        sum += standard.values[i][r] * standard.values[j][r];
      }
      a[i * n + j] = a[j * n + i] = sum / count + (i == j ? ridge : 0);
    }
  }
  invert(a, n);
  return a;
}

}  // namespace

std::vector<std::optional<double>> told_by_others(const std::vector<std::vector<float>>& columns) {
  std::vector<std::optional<double>> told(columns.size());
  const auto standard = standardized(columns);
  const auto n = standard.places.size();
  if (standard.rows < least_rows || n == 0) return told;
  const auto precision = precision_of(standard);
  for (std::size_t i = 0; i < n; ++i) {
    double error = 0;
    double variance = 0;
    for (std::size_t r = 1; r < standard.rows; r += 2) {
      // How far column i is from what the rest says of it: (P u)_i / P_ii (Whittaker 1990, 5.7).
      double off = 0;
      for (std::size_t j = 0; j < n; ++j) off += precision[i * n + j] * standard.values[j][r];
      off /= precision[i * n + i];
      error += off * off;
      variance += standard.values[i][r] * standard.values[i][r];
    }
    if (variance > 0) told[standard.places[i]] = std::max(0.0, 1 - error / variance);
  }
  return told;
}

}  // namespace sosie::models

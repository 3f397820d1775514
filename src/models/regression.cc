#include "models/regression.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace sosie::models {
namespace {

constexpr std::size_t least_rows = 40;
constexpr std::size_t often_known = 5;   ///< in more than one row in so many
constexpr std::size_t least_whole = 10;  ///< likewise
constexpr double ridge = 0.01;           ///< of a standardized column's variance

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

}  // namespace

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

namespace {

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

/// How much of column `i` of those that take part the others tell, in the odd rows.
std::optional<double> told(const Standard& standard, const std::vector<double>& precision,
                           std::size_t i) {
  const auto n = standard.places.size();
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
  if (!(variance > 0)) return std::nullopt;
  return std::max(0.0, 1 - error / variance);
}

using Columns = std::vector<std::vector<float>>;

std::size_t known_of(const std::vector<float>& column) {
  return static_cast<std::size_t>(
      std::ranges::count_if(column, [](float value) { return !std::isnan(value); }));
}

bool has_gaps(const std::vector<float>& column) {
  return known_of(column) < column.size();
}

/// The rows in which `wanted` are known.
Columns known_rows(const Columns& columns, const std::vector<std::size_t>& wanted) {
  Columns kept(columns.size());
  const auto rows = columns.empty() ? 0 : columns.front().size();
  for (std::size_t r = 0; r < rows; ++r) {
    if (std::ranges::any_of(wanted, [&](auto i) { return std::isnan(columns[i][r]); })) continue;
    for (std::size_t i = 0; i < columns.size(); ++i) kept[i].push_back(columns[i][r]);
  }
  return kept;
}

/// The rows in which all columns are known that often are, or all rows where these are too few.
Columns whole_rows(const Columns& columns) {
  std::vector<std::size_t> often;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (known_of(columns[i]) * often_known > columns[i].size()) often.push_back(i);
  }
  auto whole = known_rows(columns, often);
  const auto rows = columns.empty() ? 0 : columns.front().size();
  const bool is_enough = !whole.empty() && whole.front().size() >= least_rows &&
                         whole.front().size() * least_whole > rows;
  return is_enough ? whole : columns;
}

/// What is unknown of a column would count as its mean: it is asked in its own rows alone.
std::optional<double> told_in_its_rows(const Columns& columns, std::size_t column) {
  const auto standard = standardized(known_rows(columns, {column}));
  const auto place = std::ranges::find(standard.places, column);
  if (standard.rows < least_rows || place == standard.places.end()) return std::nullopt;
  return told(standard, precision_of(standard),
              static_cast<std::size_t>(place - standard.places.begin()));
}

}  // namespace

std::vector<std::optional<double>> told_by_others(const std::vector<std::vector<float>>& columns) {
  std::vector<std::optional<double>> all(columns.size());
  const auto rows = whole_rows(columns);
  const auto standard = standardized(rows);
  if (standard.rows >= least_rows) {
    const auto precision = precision_of(standard);
    for (std::size_t i = 0; i < standard.places.size(); ++i) {
      if (!has_gaps(rows[standard.places[i]])) {
        all[standard.places[i]] = told(standard, precision, i);
      }
    }
  }
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (has_gaps(rows[i])) all[i] = told_in_its_rows(columns, i);
  }
  return all;
}

}  // namespace sosie::models

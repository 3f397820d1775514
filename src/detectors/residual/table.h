#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "detectors/residual/fit.h"

namespace sosie::residual {

constexpr double unknown_cell = std::numeric_limits<double>::quiet_NaN();
constexpr double clip = 5;  ///< scaled units: one wild value must not bend the covariance

/// The history of the columns that take part, scaled; 2 * columns a row.
struct Table {
  std::size_t width = 0;
  std::vector<double> cells;

  std::size_t rows() const { return width == 0 ? 0 : cells.size() / width; }
  std::span<double> row(std::size_t i) { return std::span(cells).subspan(i * width, width); }
  std::span<const double> row(std::size_t i) const {
    return std::span(cells).subspan(i * width, width);
  }
};

/// The `kept` columns of `history`, scaled as `model.columns` says.
Table scaled(const History& history, const std::vector<std::size_t>& kept, const Model& model);

/// Slow averages of all cells, as they are had while looking; `forget` of the average goes a row.
Table averaged(const Table& table, double forget);

/// What came in the last hours: one average of all cells less a slower one.
Table banded(const Table& table, double quick_forget, double slow_forget);

/// The slow averages anew, after cells were repaired.
void renew_slow(Table& table, double forget);

}  // namespace sosie::residual

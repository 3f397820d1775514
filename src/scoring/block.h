#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace sosie::scoring {

/// Rows of a table of measurements, row by row; NaN: missing.
struct Block {
  std::size_t columns = 0;
  std::vector<double> cells;

  std::size_t rows() const { return columns == 0 ? 0 : cells.size() / columns; }
  std::span<const double> row(std::size_t i) const {
    return std::span(cells).subspan(i * columns, columns);
  }
};

}  // namespace sosie::scoring
